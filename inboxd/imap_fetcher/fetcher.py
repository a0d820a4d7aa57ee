"""Serves one mailbox from a thread of its own: connect, look into each folder, wait, look again; for ever."""

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal
from zoneinfo import ZoneInfo

import structlog

from inboxd import logs
from inboxd.imap_fetcher.backoff import Backoff
from inboxd.imap_fetcher.connection import Connection, Refused
from inboxd.imap_fetcher.folder import FolderWatch
from inboxd.imap_fetcher.lease import Lease
from inboxd.imap_fetcher.news import News
from inboxd.imap_fetcher.site import Site, Stopped
from inboxd.imap_fetcher.troubles import trouble_of
from inboxd.intake.door import Intake, now_ms
from inboxd.remote.trouble import Trouble
from inboxd.settings import Mailbox
from inboxd.views import time as shown

if TYPE_CHECKING:
    from inboxd.oauth import TokenSource
    from store.open import Store

log = structlog.get_logger("inboxd.imap_fetcher")

State = Literal["connecting", "idle", "working", "waiting", "elsewhere"]

# A hint may be lost, and a server may forget to give it; and no network device forgets a line that speaks so often.
IDLE_SECONDS: Final = 300.0
# Where the server gives no hints, or there are folders that it gives none of.
POLL_SECONDS: Final = 60.0
# A line that held for so long was a good one when it breaks.
STEADY_SECONDS: Final = 10.0
_LEASE_AGAIN_SECONDS: Final = 15.0
_FRUITLESS_HINTS: Final = 5


class Fetcher:
    """One mailbox. `start` once; `stop` asks, `cut` insists, `join` waits."""

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        store: "Store",
        intake: Intake,
        zone: ZoneInfo,
        tokens: "TokenSource | None" = None,
        lease: Lease | None = None,
    ) -> None:
        self.mailbox = mailbox
        self._tokens = tokens
        self._lease = lease or Lease(store, mailbox.name)
        self._stopping = threading.Event()
        self._urged = threading.Event()
        self._site = Site(
            mailbox=mailbox,
            store=store,
            intake=intake,
            zone=zone,
            news=News(intake.announce),
            stopping=self._stopping,
        )
        self._folders = [FolderWatch(self._site, name) for name in mailbox.folders]
        self._wake, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._line: Connection | None = None
        self._backoff = Backoff()
        self._idle_refused = False
        # Hints in a row after which there was nothing new.
        self._fruitless = 0
        self._state: State = "connecting"
        self._since = now_ms()
        self._trouble: Trouble | None = None
        # The trouble that the log knows of.
        self._said: Trouble | None = None
        self._last_success_at: int | None = None
        self._opened_at: float | None = None
        # A daemon thread: a name server that does not answer must not hold up the end of the process.
        self._thread = threading.Thread(target=self._live, name=f"imap-{mailbox.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, within: float = 5.0) -> None:
        """End: ask, and insist when it takes too long. What is committed is committed, what is not is fetched again."""
        stop_all([self], within)

    def ask_to_stop(self) -> None:
        """Let it end after the step it is in; from any thread."""
        self._stopping.set()
        self.try_again()
        self.look_now()

    def try_again(self) -> None:
        """Let it try at once, if it waits after a failure: somebody has mended what was wrong; from any thread."""
        self._urged.set()

    def look_now(self) -> None:
        """Let it hold all of its folders against the ledger now, if it waits for news; from any thread."""
        with contextlib.suppress(OSError):  # it has ended already; or was asked so often that once more says nothing
            self._waker.send(b"x")

    def cut(self) -> None:
        """End the line under whatever waits on it."""
        line = self._line
        if line is not None:
            line.cut()

    def join(self, seconds: float) -> bool:
        """Wait for its end; False when it has not ended."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        if self._thread.is_alive():
            return False
        self._wake.close()
        self._waker.close()
        return True

    def view(self) -> dict[str, Any]:
        """Say how it stands, as plain data for `status`."""
        trouble = self._trouble
        return {
            "name": self.mailbox.name,
            "state": self._state,
            "trouble": None if trouble is None else str(trouble),
            "since": shown(self._since),
            "last_success_at": None if self._last_success_at is None else shown(self._last_success_at),
            "folders": [folder.view() for folder in self._folders],
        }

    # The thread

    def _live(self) -> None:
        with logs.bound(mailbox=self.mailbox.name):
            while not self._stopping.is_set():
                try:
                    self._serve()
                except Stopped:
                    break
                except Exception as error:  # noqa: BLE001
                    # The thread's boundary: a mailbox without its thread would stand still for good.
                    self._failed(error)
                finally:
                    self._hang_up()
            self._lease.drop()

    def _serve(self) -> None:
        """Serve the mailbox over one line, until that breaks or it is time to stop."""
        while not self._lease.take():
            self._become("elsewhere")
            self._know(None)
            self._sleep(_LEASE_AGAIN_SECONDS)
        self._become("connecting")
        self._line = line = Connection(self.mailbox)
        line.open(self._tokens)
        self._opened_at = time.monotonic()
        log.info("connected", host=self.mailbox.host, port=self.mailbox.port, user=self.mailbox.user)
        for folder in self._folders:
            folder.connected()
        while True:
            self._become("working")
            self._look(line)
            self._become("idle")
            self._know(None)
            self._last_success_at = now_ms()
            self._await_news(line)
            if not self._lease.take():
                log.info("served_elsewhere")
                return

    def _look(self, line: Connection) -> None:
        """Look into every folder, and once nothing is new, at what waits for a look at its header, piece by piece."""
        self._look_into_folders(line)
        while any(folder.has_chores for folder in self._folders):
            for folder in self._folders:
                if folder.has_chores:
                    self._try(folder, line, "chore")
            self._look_into_folders(line)

    def _look_into_folders(self, line: Connection) -> None:
        for folder in self._folders:
            self._try(folder, line, "look")

    def _try(self, folder: FolderWatch, line: Connection, what: Literal["look", "reopen", "chore"]) -> None:
        """Do it; trouble with one folder is no other's."""
        if self._stopping.is_set():
            raise Stopped
        before = folder.trouble
        try:
            if what == "chore":
                folder.chore(line)
            else:
                folder.look(line, unasked=what == "reopen")
        except Refused as refused:
            folder.refused(str(refused))
        if folder.trouble != before:
            self._say(folder.trouble, folder=folder.name)

    @property
    def _stored(self) -> int:
        return sum(folder.stored for folder in self._folders)

    def _await_news(self, line: Connection) -> bool:
        """Wait for a hint of new mail in the first folder, at most until it is time to look without one.

        Gives whether there was a hint.
        """
        if self._fruitless > _FRUITLESS_HINTS:
            # A server that hints without end would have us look without end.
            self._pause(min(0.1 * 2 ** (self._fruitless - _FRUITLESS_HINTS), POLL_SECONDS))
        folder = next((folder for folder in self._folders if folder.usable), None)
        if folder is None or not line.has("IDLE"):
            self._pause(POLL_SECONDS)
            return False
        if not folder.is_open(line):
            # Opening it would tell nothing of what came since the last look.
            self._try(folder, line, "reopen")
            if not folder.usable:
                return False
        often = len(self._folders) > 1 or folder.wants_looks or self._lease.is_needed
        try:
            outcome = line.idle(POLL_SECONDS if often else IDLE_SECONDS, self._wake.fileno())
        except Refused as refused:
            if not self._idle_refused:
                self._idle_refused = True
                log.warning("idle_refused", folder=folder.name, reason=str(refused))
            self._pause(POLL_SECONDS)
            return False
        if outcome == "woken":
            self._pause(0)
        return outcome == "mail"

    def _pause(self, seconds: float) -> None:
        """Wait for somebody who wants a look at once, for so long at most."""
        self._wake.settimeout(max(seconds, 0.001))  # 0 would mean another mode, with another exception
        try:
            self._wake.recv(4096)
        except TimeoutError:
            return
        if self._stopping.is_set():
            raise Stopped
        for folder in self._folders:
            folder.look_at_all()

    def _failed(self, error: Exception) -> None:
        if self._stopping.is_set():
            return  # the line was cut under it
        trouble = trouble_of(error, self.mailbox)
        if trouble is None:
            log.error("mailbox_failed", exc_info=error)
            trouble = Trouble(
                kind="temporary",
                what=f"Something unforeseen went wrong ({type(error).__name__}).",
                advice="The log has the details; please report them.",
                doing="inboxd tries again, at most five minutes apart.",
            )
        # One that breaks each time after the look must not be tried once a second for ever.
        steady = self._opened_at is not None and time.monotonic() - self._opened_at >= STEADY_SECONDS
        if steady:
            self._backoff.reset()
        self._opened_at = None
        seconds = self._backoff.after(trouble.kind)
        self._become("waiting")
        # A server that was there for long is restarted now and then; if it stays away the next try says so.
        self._know(trouble, quietly=steady and trouble.kind == "temporary")
        log.debug("tries_again", seconds=seconds)
        self._urged.clear()  # whoever urged it before this failure has had what they wanted
        # Asked after the clearing: what `ask_to_stop` urged just before must not be slept over.
        if not self._stopping.is_set() and self._urged.wait(seconds):
            self._backoff.reset()

    def _become(self, state: State) -> None:
        if state != self._state:
            self._state, self._since = state, now_ms()

    def _know(self, trouble: Trouble | None, *, quietly: bool = False) -> None:
        self._trouble = trouble
        if quietly and trouble is not None:
            log.info("mailbox_line_lost", what=trouble.what)
        elif trouble != self._said:
            self._said = trouble
            self._say(trouble)

    def _say(self, trouble: Trouble | None, **of: str) -> None:
        """Log a change, not each try."""
        if trouble is None:
            log.info("mailbox_trouble_over", **of)
        else:
            log.error("mailbox_trouble", **of, what=trouble.what, doing=trouble.doing, advice=trouble.advice)

    def _sleep(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Stopped

    def _hang_up(self) -> None:
        line = self._line
        if line is not None:
            line.close()  # it may wait for the server's last word, and `cut` ends that, too
        self._line = None


def stop_all(fetchers: Sequence[Fetcher], within: float = 5.0) -> None:
    """End several side by side: ask all, wait, then cut the lines of those that hang on a server."""
    for fetcher in fetchers:
        fetcher.ask_to_stop()
    asked_at = time.monotonic()
    for share, insist in ((0.6, True), (1.0, False)):
        for fetcher in fetchers:
            fetcher.join(max(0.0, asked_at + within * share - time.monotonic()))
        for fetcher in fetchers:
            if insist:
                fetcher.cut()
    for fetcher in fetchers:
        if not fetcher.join(0):
            # It waits for a name server; its thread ends with the process, and the store takes nothing from it.
            log.warning("fetcher_left_behind", mailbox=fetcher.mailbox.name)
