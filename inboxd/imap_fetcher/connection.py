"""A line to a mailbox: what inboxd asks of an IMAP server, in types, with every wait bounded.

Not safe to use from several threads, but for `cut`.
"""

import contextlib
import imaplib
import ipaddress
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from imapclient.exceptions import ProtocolError

from inboxd.imap_fetcher import tls, uid_sets
from inboxd.imap_fetcher.fetch_reply import LARGEST, Fetched, read
from inboxd.imap_fetcher.sign_in import sign_in
from inboxd.imap_fetcher.troubles import words
from inboxd.imap_fetcher.wire import Client
from inboxd.remote.time_limit import TimeLimit
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import Mailbox

if TYPE_CHECKING:
    from inboxd.oauth import TokenSource

# Under imaplib's limit for a line of 1,000,000 bytes, at eleven for each number.
SEARCH_AT_ONCE: Final = 50_000
# What a server says of one mail when it is asked for UIDs alone: `* 1234567 FETCH (UID 4294967295)`, with room.
_BYTES_OF_A_UID: Final = 64
# A server may say that there are more; it is not believed to the end of our memory.
_MOST_MAILS: Final = 4_000_000

# What a server may take for the whole of an answer without bodies, for those beside, and to let us in: token
# endpoints, which have limits of their own, are asked meanwhile.
ANSWER_SECONDS: Final = 300.0
SLOWEST_BYTES_A_SECOND: Final = 8192
OPENING_SECONDS: Final = 600.0

Access = Literal["look", "change"]


class Refused(Exception):
    """The server said no to one command; the line is as good as before. Holds its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """An open folder. `uid_next`: no mail has this UID yet. `access` is what the server grants."""

    folder: str
    uid_validity: int
    uid_next: int
    exists: int
    access: Access


class Connection:
    """An authenticated line. Its methods raise Refused; and OSError, imaplib's errors and ValueError once it broke."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._client: Client | None = None
        self._socket: socket.socket | None = None
        self._cut = False
        self.selected: Selected | None = None

    @property
    def client(self) -> Client:
        """The line as imapclient has it, for signing in."""
        assert self._client is not None
        return self._client

    def open(self, tokens: "TokenSource | None") -> Self:
        """Connect, secure the line, sign in. Raises Troubled, and what a broken line raises."""
        try:
            with self._within(OPENING_SECONDS):
                self._open(tokens)
        except BaseException:
            # Whatever ends it is told on; no line may stay open behind it.
            self.close()
            raise
        return self

    def _open(self, tokens: "TokenSource | None") -> None:
        mailbox = self._mailbox
        context = None if mailbox.tls == "none" else _context(mailbox)
        self._client = Client(
            mailbox.host,
            mailbox.port,
            context=context if mailbox.tls == "implicit" else None,
            opened=self._opened,
        )
        if mailbox.tls == "starttls":
            assert context is not None
            self._secure(context)
        elif mailbox.tls == "none":
            self._demand_loopback()
        sign_in(self.client, mailbox, tokens)

    def close(self) -> None:
        """Let the line go, with a word to a server that may be gone: it gets two seconds."""
        if self._client is not None:
            with contextlib.suppress(Exception):
                if not self._cut:
                    self._client.socket().settimeout(2)
                    self._client.logout()
            with contextlib.suppress(Exception):
                self._client.shutdown()
            self._client = None
        self.selected = None

    def cut(self) -> None:
        """End whatever waits on the line, now; from any thread."""
        self._cut = True
        line = self._socket
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    # Folders

    def select(self, folder: str, access: Access) -> Selected:
        """Open a folder; `look` changes nothing there, not even what is recent (EXAMINE, RFC 9051 6.3.3)."""
        self.selected = None
        read_only = access == "look"
        try:
            answer = self._run(lambda _: self.client.select_folder(folder, readonly=read_only))
        except imaplib.IMAP4.readonly:
            # imaplib raises this although the folder is open: it may only be looked into.
            read_only = True
            answer = self._run(lambda _: self.client.select_folder(folder, readonly=True))
        validity, following = answer.get(b"UIDVALIDITY"), answer.get(b"UIDNEXT")
        if not validity or not 0 < validity <= LARGEST:
            raise Refused("it gives no UIDVALIDITY that is one, without which no mail can be told from another")
        exists = int(answer.get(b"EXISTS", 0))
        if not following or not 0 < following <= LARGEST:
            # RFC 3501 lets a server keep it back.
            following = max(self._search("UID *"), default=0) + 1
        self.selected = Selected(
            folder=folder,
            uid_validity=int(validity),
            uid_next=int(following),
            exists=exists,
            access="look" if read_only else "change",
        )
        return self.selected

    def forget_news(self) -> None:
        """Take what the server said of new mail up to now as heard: a search follows."""
        self.client.begin()
        self.client.heard_of_mail = False

    def peek(self, folder: str) -> tuple[int, int, int]:
        """Give UIDVALIDITY, UIDNEXT and the number of mails of a folder without opening it."""

        def ask(_: Any) -> tuple[int, int, int]:
            status = self.client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT", "MESSAGES"])
            return int(status.get(b"UIDVALIDITY", 0)), int(status.get(b"UIDNEXT", 0)), int(status.get(b"MESSAGES", 0))

        asked: tuple[int, int, int] = self._run(ask)
        return asked

    def has(self, capability: str) -> bool:
        """Tell whether the server has a capability."""
        return bool(self.client.has_capability(capability))

    def noop(self) -> None:
        """Ask for nothing; an answer proves the line."""
        self._run(lambda imap: imap.noop())

    # Mails

    def uids(self, low: int, high: int | None = None) -> list[int]:
        """Give the UIDs from `low` to `high`, rising; without `high` the caller knows that they are few enough."""
        if high is not None and high - low >= SEARCH_AT_ONCE:
            return self._uids_line_by_line(f"{low}:{high}", low)
        # A search for `n:*` gives the last mail even where its UID is below n (RFC 9051 6.4.8).
        found = self._search(f"UID {low}:{'*' if high is None else high}")
        return sorted({uid for uid in found if uid >= low and (high is None or uid <= high)})

    def uids_from(self, low: int) -> list[int]:
        """Give the UIDs from `low` on, however many they are, rising."""
        return self._uids_line_by_line(f"{low}:*", low)

    def _uids_line_by_line(self, uids: str, low: int) -> list[int]:
        # An answer for each mail: dearer than a search, and not limited by the length of a line.
        mails = min(self.selected.exists if self.selected else 0, _MOST_MAILS)
        answer = self._run(lambda imap: _ok(imap.uid("FETCH", uids, "(UID)")), bodies=mails * _BYTES_OF_A_UID)
        return sorted(uid for uid in read(answer) if uid >= low)

    def fetch(self, uids: Iterable[int], items: str, *, bodies: int = 0) -> dict[int, Fetched]:
        """Ask for items of these mails; `bodies` is how many bytes they may hold together.

        Gives what the server said of them, which may be less than was asked for, and of no others.
        """
        asked = set(uids)
        if not asked:
            return {}
        answer = self._run(lambda imap: _ok(imap.uid("FETCH", uid_sets.of(asked), f"(UID {items})")), bodies=bodies)
        return {uid: one for uid, one in read(answer).items() if uid in asked}

    def mark_seen(self, uids: Iterable[int]) -> None:
        """Mark them as seen."""
        self._run(lambda imap: _ok(imap.uid("STORE", uid_sets.of(uids), "+FLAGS.SILENT", r"(\Seen)")))

    def move(self, uids: Iterable[int], folder: str) -> None:
        """Move mails to a folder (RFC 6851), or copy them there and delete them here."""
        uids = list(uids)
        if self.has("MOVE"):
            self._run(lambda _: self.client.move(uids, folder))
        else:
            self._run(lambda _: self.client.copy(uids, folder))
            self.delete(uids)

    def delete(self, uids: Iterable[int]) -> None:
        """Delete these mails and no others (RFC 4315).

        Without UIDPLUS they only get the flag: EXPUNGE would take along what somebody else flagged.
        """
        uids = list(uids)
        self._run(lambda imap: _ok(imap.uid("STORE", uid_sets.of(uids), "+FLAGS.SILENT", r"(\Deleted)")))
        if self.has("UIDPLUS"):
            self._run(lambda _: self.client.uid_expunge(uids))

    # Waiting

    def idle(self, seconds: float, wake: int) -> Literal["mail", "quiet", "woken"]:
        """Wait in IDLE (RFC 2177) until the server hints at new mail, `wake` can be read, or the time is over."""
        with self._within(seconds + ANSWER_SECONDS):
            return self._idle(seconds, wake)

    def _idle(self, seconds: float, wake: int) -> Literal["mail", "quiet", "woken"]:
        imap = self.client.begin()
        if self.client.heard_of_mail:
            self.client.heard_of_mail = False
            return "mail"
        # Not imapclient's: its idle() calls news before the continuation an error, its idle_check() does not see news
        # that came together with it, and returns at once for ever after the server closed the line.
        tag = imap._command("IDLE")  # noqa: SLF001
        news = self._begin_idle(imap, tag)
        until = time.monotonic() + seconds
        outcome: Literal["mail", "quiet", "woken"] = "mail" if news else "quiet"
        # A server that talks without end is looked at again as if it were silent.
        while outcome == "quiet" and (left := until - time.monotonic()) > 0:
            waited = self._wait(imap, left, wake)
            if waited == "line":
                line = imap._get_line()  # noqa: SLF001
                if line.startswith(tag):
                    imap.tagged_commands.pop(tag, None)
                    raise Refused("it ends IDLE by itself")
                outcome = "mail" if _is_news(line) else "quiet"
            elif waited == "woken":
                outcome = "woken"
        imap.send(b"DONE\r\n")
        imap._command_complete("IDLE", tag)  # noqa: SLF001
        return outcome

    @staticmethod
    def _begin_idle(imap: Any, tag: bytes) -> bool:
        """Read to the continuation, and tell whether there was news before it."""
        news = False
        while not (line := imap._get_line()).startswith(b"+"):  # noqa: SLF001
            if line.startswith(tag):
                imap.tagged_commands.pop(tag, None)
                raise Refused(line[len(tag) + 1 :].decode("utf-8", "replace"))
            news = news or _is_news(line)
        return news

    @staticmethod
    def _wait(imap: Any, seconds: float, wake: int) -> Literal["line", "quiet", "woken"]:
        line = imap.sock
        if _has_buffered(imap):
            return "line"
        poller = select.poll()
        poller.register(line.fileno(), select.POLLIN)
        poller.register(wake, select.POLLIN)
        ready = {number for number, _ in poller.poll(seconds * 1000)}
        if wake in ready:
            return "woken"
        return "line" if ready else "quiet"

    # The inside

    def _opened(self, line: socket.socket) -> None:
        self._socket = line
        if self._cut:
            self.cut()

    def _secure(self, context: ssl.SSLContext) -> None:
        # A server that hides STARTTLS, or somebody between who takes it out, gets no credentials.
        if not self.has("STARTTLS"):
            raise Troubled(
                Trouble(
                    kind="temporary",
                    what=f"{self._mailbox.host}:{self._mailbox.port} offers no STARTTLS.",
                    advice="Use `tls: implicit` (port 993) if the server has it; if it did offer STARTTLS before, "
                    "somebody between may have taken it out.",
                    doing="The password was not sent. inboxd tries again, at most five minutes apart.",
                )
            )
        self.client.secure(context)

    def _demand_loopback(self) -> None:
        peer = self.client.socket().getpeername()[0]
        if not ipaddress.ip_address(peer.partition("%")[0]).is_loopback:
            raise Troubled(
                Trouble(
                    kind="temporary",
                    what=f"With `tls: none` everybody on the way to {peer} could read the password.",
                    advice="Use `tls: implicit` or `tls: starttls`; `none` is for a server on this machine.",
                    doing="The password was not sent.",
                )
            )

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Cut the line where the server takes longer. Raises TimeoutError in place of what a cut line raises."""
        with TimeLimit(seconds, self.cut) as limit:
            try:
                yield
            except (OSError, imaplib.IMAP4.abort) as error:
                if limit.passed:
                    raise TimeoutError(f"no whole answer in {seconds:.0f} seconds") from error
                raise

    def _run(self, command: Callable[[Any], Any], *, bodies: int = 0) -> Any:
        imap = self.client.begin(bodies)
        try:
            with self._within(ANSWER_SECONDS + bodies / SLOWEST_BYTES_A_SECOND):
                return command(imap)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Refused(words(error)) from error
        except (ProtocolError, ValueError, IndexError, KeyError, TypeError) as error:
            # imaplib and imapclient fall over what they cannot read; whatever else the server said is still on its way.
            raise imaplib.IMAP4.abort(f"an answer that cannot be read ({error})") from error

    def _search(self, criteria: str) -> list[int]:
        found = self._run(lambda imap: _ok(imap.uid("SEARCH", criteria)))
        # Several answers, and NIL for none, are all possible.
        numbers = (int(word) for part in found if part for word in part.split() if word.isdigit() and len(word) <= 20)
        return [uid for uid in numbers if uid <= LARGEST]


def connect(mailbox: Mailbox, tokens: "TokenSource | None") -> Connection:
    """Connect and sign in. Raises Troubled; OSError, ssl's and imaplib's errors (`troubles.trouble_of` says them)."""
    return Connection(mailbox).open(tokens)


def _context(mailbox: Mailbox) -> ssl.SSLContext:
    try:
        return tls.context(mailbox.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise Troubled(
            Trouble(
                kind="temporary",
                what=f"ca_file: {mailbox.ca_file} cannot be used: {getattr(error, 'strerror', None) or error}.",
                advice="It must hold certificates in PEM form that inboxd may read.",
            )
        ) from error


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    word, data = answer
    if word != "OK":
        raise imaplib.IMAP4.error(data[0] if data and data[0] else word)
    return data


def _is_news(line: bytes) -> bool:
    """Tell whether an untagged answer says that there is a new mail (RFC 9051 7.4.1). A BYE ends the line."""
    if line[:5].upper() == b"* BYE":
        raise imaplib.IMAP4.abort(line[2:].decode("utf-8", "replace"))
    parts = line.split()
    return len(parts) == 3 and parts[0] == b"*" and parts[2].upper() in {b"EXISTS", b"RECENT"}


def _has_buffered(imap: Any) -> bool:
    """Tell whether something was read from the socket already and waits in a buffer, where poll() does not see it."""
    kept = getattr(imap, "_readbuf", None)  # Python 3.14 and later
    if kept is not None:
        return bool(kept) or (isinstance(imap.sock, ssl.SSLSocket) and imap.sock.pending() > 0)
    timeout = imap.sock.gettimeout()
    imap.sock.settimeout(0)
    try:
        return bool(imap.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        imap.sock.settimeout(timeout)
