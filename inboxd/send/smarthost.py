"""The carrier of mail: a session with the smarthost, kept for what comes right behind, and one mail at a time in it."""

import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from inboxd.oauth import TokenSource
from inboxd.remote.trouble import Troubled
from inboxd.send.carrier import Begin, Later, Never
from inboxd.send.compose import Attached, ascii_domain, compose
from inboxd.settings import Outgoing
from inboxd.smtp_submission import AnswerLost, Mail, Submission, connect, transfer
from store.outbox import OutboxItem

# A sign-in costs more than a mail. What comes in a burst goes through one session; a server is not kept waiting.
IDLE_SECONDS: Final = 5.0
REFUSED_SECONDS: Final = 900.0
_OK: Final = 250


class Smarthost:
    """Takes mail to the smarthost. Safe to call from several threads; no two share a session at a time."""

    def __init__(
        self,
        outgoing: Outgoing,
        tokens: TokenSource | None,
        *,
        hostname: str,
        from_address: Callable[[OutboxItem], str | None],
        attached: Callable[[OutboxItem], Iterator[Attached]],
    ) -> None:
        """`from_address` is the desk's address that an item is from; `attached` reads the files that go along."""
        self._outgoing = outgoing
        self._tokens = tokens
        self._hostname = hostname
        self._from_address = from_address
        self._attached = attached
        self._idle: list[Submission] = []
        self._busy: set[Submission] = set()
        self._lock = threading.Lock()
        self._closer: threading.Timer | None = None

    def __call__(self, item: OutboxItem, begin: Begin) -> None:
        """Send the mail of an item. Raises Later, Never, Withdrawn."""
        from_address = self._from_address(item)
        if from_address is None:
            raise Never("there is no address that it could be from: set outgoing.from")
        files = tuple(self._attached(item))
        # Written before anything is opened: what cannot be written needs no server.
        first = compose(item, from_address, files, dated_at=item.dated_at or item.created_at)

        def begun() -> bytes:
            as_it_stands = begin()
            dated_at = as_it_stands.dated_at or as_it_stands.created_at
            return compose(as_it_stands, from_address, files, dated_at=dated_at).raw

        mail = Mail(
            sender=self.envelope_sender(item, from_address),
            recipient=ascii_domain(item.to_address),
            raw=first.raw,
            utf8=first.utf8,
        )
        with self._session() as session:
            try:
                transfer(session, self._outgoing, mail, begun)
            except AnswerLost as lost:
                raise Later(str(lost), unknown=True) from lost
            except Troubled as troubled:
                raise _meaning(troubled) from troubled

    def envelope_sender(self, item: OutboxItem, from_address: str) -> str:
        """Return MAIL FROM: the null sender keeps programs from answering programs (RFC 3834 3.3).

        What a person wrote goes out from the desk whatever the configuration says: its bounce has to come back.
        """
        if item.automatic and self._outgoing.envelope == "null":
            return ""
        return ascii_domain(from_address)

    def close(self) -> None:
        """End the sessions that are kept."""
        with self._lock:
            idle, self._idle = self._idle, []
            if self._closer is not None:
                self._closer.cancel()
                self._closer = None
        for session in idle:
            session.close()

    def cut(self) -> None:
        """Cut the lines of what is under way: whoever waits for a server's word hears that there is none."""
        with self._lock:
            busy = list(self._busy)
        for session in busy:
            session.cut()

    @contextmanager
    def _session(self) -> Iterator[Submission]:
        session = self._kept() or self._connected()
        with self._lock:
            self._busy.add(session)
        try:
            yield session
        except BaseException:
            # Whatever ended it, an interrupt included, is told on; where in the dialogue that was nobody knows, so
            # nothing else is said in this session but a farewell.
            session.close()
            raise
        finally:
            with self._lock:
                self._busy.discard(session)
        with self._lock:
            self._idle.append(session)
            if self._closer is not None:
                self._closer.cancel()
            self._closer = threading.Timer(IDLE_SECONDS, self.close)
            self._closer.daemon = True
            self._closer.start()

    def _connected(self) -> Submission:
        try:
            return connect(self._outgoing, self._tokens, hostname=self._hostname)
        except Troubled as troubled:
            # Nobody was asked about this one item yet: whatever is wrong would be wrong with each.
            raise _closed(troubled) from troubled

    def _kept(self) -> Submission | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                session = self._idle.pop()
            try:
                if session.line.rset()[0] == _OK:
                    return session
            except (OSError, smtplib.SMTPException):
                pass  # it ended while nobody needed it; the next one, or a new one, serves
            session.close()


def _meaning(troubled: Troubled) -> Later | Never:
    match troubled.trouble.kind:
        case "refused":
            return Never(str(troubled))
        case "credentials":
            return _closed(troubled)
        case "temporary":
            return Later(str(troubled))


def _closed(troubled: Troubled) -> Later:
    if troubled.trouble.kind == "credentials":
        # A person has to act, and trying often may lock the account (`inboxd reload` tries at once).
        return Later(str(troubled), everyone=True, closed_seconds=REFUSED_SECONDS)
    return Later(str(troubled), everyone=True)
