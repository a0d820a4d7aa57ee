"""Keeps one folder of a mailbox and the ledger in step."""

import contextlib
import heapq
import time
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from inboxd.errors import Deferred
from inboxd.imap_fetcher import after, fetching
from inboxd.imap_fetcher.connection import SEARCH_AT_ONCE, Connection, Refused, Selected
from inboxd.imap_fetcher.drain import Drain
from inboxd.imap_fetcher.fetching import Wanted
from inboxd.imap_fetcher.retries import Retries
from inboxd.imap_fetcher.site import Site, Stopped
from inboxd.imap_fetcher.survey import AT_ONCE, survey
from inboxd.remote.trouble import Trouble
from store import mailboxes
from store.errors import StoreError
from store.mailboxes import Folder

if TYPE_CHECKING:
    from sqlalchemy import Connection as Transaction

log = structlog.get_logger("inboxd.imap_fetcher")

# How often all UIDs of a folder are held against the ledger, beside each connect: a server may show a mail late.
WHOLE_LOOK_SECONDS: Final = 3600.0


class FolderWatch:
    """One folder. Lives as long as the fetcher; `connected` begins a new line."""

    def __init__(self, site: Site, name: str) -> None:
        self.name = name
        self.trouble: Trouble | None = None
        # Whether it could be opened the last time.
        self.usable = True
        # Mails that were stored, since the start of the fetcher.
        self.stored = 0
        self._site = site
        self._place: Folder | None = None
        # Mails with lower UIDs were held against the ledger.
        self._next = 1
        self._whole_look_at = 0.0
        self._renumbered = False
        # Mails to look at by their headers, when nothing else is to be done.
        self._survey: deque[int] = deque()
        self._retries = Retries()
        self._after_refused: str | None = None
        self._seen: tuple[int, int, int] | None = None

    @property
    def has_chores(self) -> bool:
        """Tell whether mails wait for a look at their headers."""
        return bool(self._survey)

    def view(self) -> dict[str, Any]:
        """Say how it stands, as plain data for `status`."""
        return {
            "folder": self.name,
            "trouble": None if self.trouble is None else str(self.trouble),
            "uidvalidity": None if self._place is None else self._place.uidvalidity,
            "unexamined": len(self._survey),
        }

    def connected(self) -> None:
        """Begin with a new line: everything is compared anew, and what the server would not hand out is asked for."""
        self._whole_look_at = 0.0
        self._seen = None
        self._survey.clear()
        self._retries.all_at_once()

    def look_at_all(self) -> None:
        """Let the next look hold every UID against the ledger."""
        self._whole_look_at = 0.0

    @property
    def wants_looks(self) -> bool:
        """Tell whether something is to be tried again without a hint."""
        return self.trouble is not None or self._retries.are_waiting

    def is_open(self, line: Connection) -> bool:
        """Tell whether it is the folder that is open on the line."""
        return line.selected is not None and line.selected.folder == self.name

    def refused(self, words: str) -> None:
        """Note that the server would not let us in."""
        self.usable = False
        self.trouble = Trouble(
            kind="refused",
            what=f"The folder {self.name} cannot be fetched: {words}.",
            advice="Check that it is there, spelt so, and may be read; or take it out of `folders`.",
            doing="inboxd looks again every minute; other folders do not wait for it.",
        )

    def look(self, line: Connection, *, unasked: bool = False) -> None:
        """Take in what is new. Raises Refused for trouble with this folder, and what a broken line raises.

        `unasked` opens it whether the server speaks of news or not.
        """
        if not unasked and not self._has_news(line):
            return
        with self._all_anew_if_it_fails():
            folder = self._open(line)
            place = self._known_place(folder)
            whole = time.monotonic() >= self._whole_look_at
            if whole or self._after_refused is not None:
                self._do_what_is_owed(line, folder)
            line.forget_news()
            if whole:
                self._learn_unreadable(folder)
            fresh: list[int] = []
            for uid in heapq.merge(self._unknown(line, folder, whole=whole), self._retries.due()):
                if self._renumbered or (uid < place.old_below and self._site.mailbox.start.what != "all"):
                    self._survey.append(uid)
                else:
                    fresh.append(uid)
            self._drain(line, folder, fresh, fetching.sized(line, fresh))
            if whole:
                self._whole_look_at = time.monotonic() + WHOLE_LOOK_SECONDS
            self._end_survey(place)
            self.usable = True
            self.trouble = self._trouble_of_after(folder)

    def chore(self, line: Connection) -> None:
        """Look at the headers of a few mails that wait for it. Raises as `look`."""
        with self._all_anew_if_it_fails():
            folder = self._open(line)
            place = self._known_place(folder)
            some = [self._survey.popleft() for _ in range(min(AT_ONCE, len(self._survey)))]
            wanted = survey(self._site, line, folder, place, some, renumbered=self._renumbered)
            self._drain(line, folder, [mail.uid for mail in wanted], wanted)
            self._end_survey(place)

    @contextlib.contextmanager
    def _all_anew_if_it_fails(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            # What was found and not stored must be found again.
            self._whole_look_at = 0.0
            raise

    def _has_news(self, line: Connection) -> bool:
        """Ask by STATUS, which opens nothing, whether a folder that is not open has changed."""
        if self.is_open(line) or self.trouble is not None:
            return True
        if time.monotonic() >= self._whole_look_at or self._retries.due():
            return True
        seen = line.peek(self.name)
        changed, self._seen = seen != self._seen, seen
        return changed

    def _open(self, line: Connection) -> Selected:
        if line.selected is not None and self.is_open(line):
            return line.selected
        return line.select(self.name, "look" if self._site.mailbox.after.action == "keep" else "change")

    def _known_place(self, folder: Selected) -> Folder:
        if self._place is not None and self._place.uidvalidity == folder.uid_validity:
            return self._place
        mailbox = self._site.mailbox.name
        with self._site.store.read() as connection:
            place = mailboxes.folder(connection, mailbox, self.name)
        if place is None:
            place = self._begin(folder)
        if place.uidvalidity != folder.uid_validity:
            place = self._renumber(folder, place)
        with self._site.store.read() as connection:
            self._renumbered = mailboxes.has_other_numbers(connection, mailbox, self.name, folder.uid_validity)
        self._retries = Retries()
        self._place = place
        return place

    def _begin(self, folder: Selected) -> Folder:
        mailbox = self._site.mailbox
        place = self._site.store.write(
            lambda txn: mailboxes.begin(
                txn, mailbox.name, self.name, uidvalidity=folder.uid_validity, old_below=folder.uid_next
            )
        )
        log.info("folder_begun", mailbox=mailbox.name, folder=self.name, mails=folder.exists, start=mailbox.start.what)
        return place

    def _renumber(self, folder: Selected, place: Folder) -> Folder:
        mailbox = self._site.mailbox.name
        # Once the first look is over everything in the folder is in the ledger: what cannot be found there is new.
        old_below = folder.uid_next if place.surveyed_at is None else 0

        def change(txn: "Transaction") -> Folder:
            mailboxes.renumber(txn, mailbox, self.name, uidvalidity=folder.uid_validity, old_below=old_below)
            found = mailboxes.folder(txn, mailbox, self.name)
            assert found is not None
            return found

        changed = self._site.store.write(change)
        log.warning(
            "folder_renumbered",
            mailbox=mailbox,
            folder=self.name,
            before=place.uidvalidity,
            now=folder.uid_validity,
            mails=folder.exists,
        )
        self._survey.clear()
        self._next = 1
        self._whole_look_at = 0.0
        return changed

    def _unknown(self, line: Connection, folder: Selected, *, whole: bool) -> Iterator[int]:
        """Give the UIDs that do not stand in the ledger, rising."""
        mailbox = self._site.mailbox.name
        if whole:
            self._survey.clear()
        for uids in windows(line, folder) if whole else [line.uids_from(self._next)]:
            if self._site.stopping.is_set():
                raise Stopped
            if not uids:
                continue
            with self._site.store.read() as connection:
                known = mailboxes.known(connection, mailbox, self.name, folder.uid_validity, uids[0], uids[-1])
            self._next = max(self._next, uids[-1] + 1)
            yield from (uid for uid in uids if uid not in known)

    def _learn_unreadable(self, folder: Selected) -> None:
        """Take up mails that another node, or a commit whose success was not heard of, has put down as unreadable."""
        with self._site.store.read() as connection:
            known = mailboxes.unreadable(connection, self._site.mailbox.name, self.name, folder.uid_validity)
        self._retries.learn(known)

    def _drain(self, line: Connection, folder: Selected, uids: list[int], mails: Iterable[Wanted]) -> None:
        if not uids:
            return
        drain = Drain(self._site, line, folder)
        try:
            drain.run(mails, number=len(uids), alone=self._retries.alone)
        except (Refused, Stopped, StoreError, Deferred):
            raise
        except Exception:
            self._line_broke(folder, drain.under_way)
            raise
        finally:
            self._after_refused = drain.after_refused or self._after_refused
            self.stored += drain.stored
            # However it ended: what stands in the ledger as unreadable is found by no look, only by trying it again.
            for uid, reason in drain.unreadable.items():
                if uid not in self._retries:
                    self._say_unreadable(uid, reason)
            self._retries.done(drain.entered, still_refused=drain.unreadable)

    def _line_broke(self, folder: Selected, under_way: tuple[int, ...]) -> None:
        """Remember at which mails; one at which it breaks each time is put down as unreadable, for the rest's sake."""
        uid = self._retries.broke_at(under_way)
        if uid is None:
            return
        reason = "the line breaks each time it is fetched"
        row = mailboxes.Row(
            mailbox=self._site.mailbox.name,
            folder=self.name,
            uidvalidity=folder.uid_validity,
            uid=uid,
            state="unreadable",
            reason=reason,
        )
        self._site.store.write(lambda txn: mailboxes.enter(txn, [row]))
        self._say_unreadable(uid, reason)

    def _say_unreadable(self, uid: int, reason: str) -> None:
        log.warning("mail_unreadable", mailbox=self._site.mailbox.name, folder=self.name, uid=uid, reason=reason)

    def _do_what_is_owed(self, line: Connection, folder: Selected) -> None:
        """Do with mails that are stored what a crash, or the server, kept us from."""
        self._after_refused = None
        action, name = self._site.mailbox.after, self._site.mailbox.name
        while not self._site.stopping.is_set():
            with self._site.store.read() as connection:
                uids = mailboxes.owed(connection, name, self.name, folder.uid_validity, after.AT_ONCE)
            if not uids or (action.action != "keep" and folder.access == "look"):
                return
            try:
                after.act(line, action, uids)
            except Refused as refused:
                self._after_refused = str(refused)
                return
            self._site.store.write(
                partial(mailboxes.settle, mailbox=name, name=self.name, uidvalidity=folder.uid_validity, uids=uids)
            )

    def _end_survey(self, place: Folder) -> None:
        """Note once that all that was there at the first look, or after a new numbering, stands in the ledger."""
        if self._survey:
            return
        self._renumbered = False
        if place.surveyed_at is not None:
            return
        mailbox = self._site.mailbox.name

        def change(txn: "Transaction") -> Folder | None:
            mailboxes.surveyed(txn, mailbox, self.name)
            return mailboxes.folder(txn, mailbox, self.name)

        self._place = self._site.store.write(change)

    def _trouble_of_after(self, folder: Selected) -> Trouble | None:
        """Say why mail is not marked, moved or deleted; it is stored all the same."""
        action = self._site.mailbox.after
        if action.action != "keep" and folder.access == "look":
            what = f"The folder {self.name} may only be read, so mail cannot be treated as `after` says."
            advice = f"Let {self._site.mailbox.user} change it, or use `after: keep`."
        elif self._after_refused is not None:
            what = f"Mail of {self.name} cannot be treated as `after` says: {self._after_refused}."
            advice = (
                f"Look whether the folder {action.folder} is there and has room, and whether mail may be moved."
                if action.action == "move"
                else f"Look what {self._site.mailbox.user} may do in {self.name}."
            )
        else:
            return None
        return Trouble(
            kind="refused",
            what=what,
            advice=advice,
            doing="It is stored and becomes tickets all the same; inboxd tries again every minute.",
        )


def windows(line: Connection, folder: Selected) -> Iterator[list[int]]:
    """Give all UIDs of a folder, in pieces that one answer and our memory hold."""
    if folder.exists <= SEARCH_AT_ONCE:
        yield line.uids(1)
        return
    low, width = 1, SEARCH_AT_ONCE
    while low < folder.uid_next:
        found = line.uids(low, low + width - 1)
        yield found
        low += width
        # Some servers give out UIDs with wide gaps between them.
        width = width * 4 if not found else SEARCH_AT_ONCE
    yield line.uids_from(low)
