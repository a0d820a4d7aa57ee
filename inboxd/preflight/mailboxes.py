"""The mailboxes: each is signed in to, each of its folders opened, and what will become of its mail is said."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from inboxd.errors import ConfigurationWrong
from inboxd.imap_fetcher.connection import Connection, Refused
from inboxd.imap_fetcher.troubles import trouble_of, words
from inboxd.preflight.finding import Finding, Level, wrong
from inboxd.remote.trouble import Trouble
from inboxd.settings import Mailbox

if TYPE_CHECKING:
    from inboxd.oauth import TokenSource

# All mailboxes are looked at at the same time, each within this.
WITHIN_SECONDS: Final = 20.0
_NAMES_SHOWN: Final = 5

# What the store knows: when each folder of each mailbox was first looked into (milliseconds since 1970).
Begun = Mapping[tuple[str, str], int]
# Raises Troubled where no token can be had.
TokensOf = Callable[[Mailbox], "TokenSource | None"]


def mailboxes(
    of: tuple[Mailbox, ...], tokens_of: TokensOf, begun: Begun, *, within: float = WITHIN_SECONDS
) -> Iterator[Finding]:
    """Look at all of them at once, and give what was found in the order of the configuration."""
    looks = [_Look(mailbox, tokens_of, begun) for mailbox in of]
    for look in looks:
        look.start()
    until = time.monotonic() + within
    for look in looks:
        yield from look.found(until, within)


class _Look:
    """A look at one mailbox, in a thread of its own."""

    def __init__(self, mailbox: Mailbox, tokens_of: TokensOf, begun: Begun) -> None:
        self._mailbox, self._tokens_of, self._begun = mailbox, tokens_of, begun
        self._place = f"imap.{mailbox.name}"
        self._connection = Connection(mailbox)
        self._findings: list[Finding] = []
        self._error: Exception | None = None
        # A daemon thread: a name server that never answers holds nobody up.
        self._thread = threading.Thread(target=self._run, name=f"check-{mailbox.name}", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def found(self, until: float, within: float) -> Iterator[Finding]:
        """Wait for the end of the look, until that moment at most, and give what it found."""
        self._thread.join(max(0.0, until - time.monotonic()))
        late = self._thread.is_alive()
        self._connection.cut()
        yield from list(self._findings)
        if late:
            what = f"{self._mailbox.host}:{self._mailbox.port} did not answer within {within:.0f} seconds."
            yield self._says("failed", f"{what} Check `host`, `port` and what lies between.")
        elif isinstance(self._error, ConfigurationWrong):
            yield from wrong(self._error, self._place)
        elif self._error is not None:
            trouble = trouble_of(self._error, self._mailbox)
            if trouble is None:
                raise self._error
            yield self._says("failed", _for_a_person(trouble))

    def _run(self) -> None:
        """Look, and keep what was found up to where it ended."""
        try:
            self._connection.open(self._tokens_of(self._mailbox))
            for finding in self._everything():
                self._findings.append(finding)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: `found` says it, or raises it again
            self._error = error
        finally:
            self._connection.close()

    def _says(self, level: Level, what: str, folder: str | None = None) -> Finding:
        return Finding(level=level, what=what, place=self._place if folder is None else f"{self._place} {folder}")

    def _everything(self) -> Iterator[Finding]:
        mailbox = self._mailbox
        yield self._says("ok", f"signed in to {mailbox.host}:{mailbox.port} as {mailbox.user}")
        yield from self._abilities()
        names = [str(name) for _, _, name in self._connection.client.list_folders()]
        for folder in mailbox.folders:
            yield self._folder(folder, names)
        if mailbox.after.action == "move" and mailbox.after.folder is not None:
            yield from self._target(mailbox.after.folder, names)

    def _abilities(self) -> Iterator[Finding]:
        """Say what the server cannot do, and what that means."""
        action, has = self._mailbox.after.action, self._connection.has
        if not has("IDLE"):
            yield self._says("warning", "the server has no IDLE: new mail is found by asking now and then")
        if action == "move" and not has("MOVE"):
            then = "deleted here" if has("UIDPLUS") else "flagged \\Deleted here, for somebody to expunge"
            yield self._says("warning", f"the server has no MOVE: mail is copied to the other folder, then {then}")
        if action == "delete" and not has("UIDPLUS"):
            yield self._says(
                "warning", "the server has no UIDPLUS: mail is flagged \\Deleted only, for somebody to expunge"
            )

    def _folder(self, folder: str, names: list[str]) -> Finding:
        r"""Open one folder as the fetcher will. EXAMINE changes nothing there, SELECT the \Recent flags alone."""
        after = self._mailbox.after
        try:
            selected = self._connection.select(folder, "look" if after.action == "keep" else "change")
        except Refused as refused:
            return self._says("failed", _cannot_open(folder, names, refused), folder)
        if selected.access == "look" and after.action != "keep":
            can = (
                f"`after: {after.action}` cannot be done. Let {self._mailbox.user} change the folder, or `after: keep`."
            )
            return self._says("failed", f"the folder can only be read, and {can}", folder)
        first_at = self._begun.get((self._mailbox.name, folder))
        return self._says("ok", _outlook(self._mailbox, selected.exists, first_at), folder)

    def _target(self, folder: str, names: list[str]) -> Iterator[Finding]:
        if folder in names:
            yield self._says("ok", "is there for the mail that is moved", folder)
        else:
            there = _nearest(folder, names)
            what = f"the folder that mail shall be moved to does not exist. Make it, or name another; there are {there}"
            yield self._says("failed", what, folder)


def _outlook(mailbox: Mailbox, exists: int, first_at: int | None) -> str:
    """Say what lies in a folder, and what becomes of it."""
    lying, are, go = "no mail lies there" if exists == 0 else f"{exists:,} mails lie there", "are", "go"
    if exists == 1:
        lying, are, go = "1 mail lies there", "is", "goes"
    if first_at is not None:
        since = datetime.fromtimestamp(first_at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{lying}; fetched since {since}, so `start` decides nothing any more"
    if exists == 0:
        return lying
    match mailbox.start.what:
        case "now":
            return f"start: now: {lying} and {go} into the ledger only; nothing is filed or answered"
        case "history":
            return f"start: history: {lying} and {are} filed quietly and closed; nothing is answered"
        case "all":
            return f"start: all: {lying} and {are} filed as new mail, with clocks and answers"
        case "date":
            return (
                f"start: {mailbox.start.since}: {lying}; what came since that day is filed as new mail, what is older "
                "goes into the ledger only"
            )


def _cannot_open(folder: str, names: list[str], refused: Refused) -> str:
    if folder in names or folder.upper() == "INBOX":
        return f"the server does not open the folder: {words(refused)}"
    return f"there is no such folder; there are {_nearest(folder, names)}"


def _nearest(folder: str, names: list[str]) -> str:
    """Name the folders that exist, those first that are most like it."""
    like = sorted(names, key=lambda name: (-SequenceMatcher(None, folder.lower(), name.lower()).ratio(), name))
    more = f" and {len(like) - _NAMES_SHOWN} more" if len(like) > _NAMES_SHOWN else ""
    return ", ".join(like[:_NAMES_SHOWN]) + more


def _for_a_person(trouble: Trouble) -> str:
    """Leave out what the daemon would do about it: nothing goes on by itself here."""
    return f"{trouble.what} {trouble.advice}"
