"""Brings the mails of an open folder into the store: while some are being committed, the next ones are fetched."""

import contextlib
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from inboxd.imap_fetcher import after, fetching, uid_sets
from inboxd.imap_fetcher.connection import Connection, Refused, Selected
from inboxd.imap_fetcher.fetching import Missed, Outcome, Taken, Wanted
from inboxd.imap_fetcher.site import Site, Stopped
from inboxd.intake.door import Arrival, milliseconds, new_queue_ids, now_ms
from inboxd.intake.envelope import Envelope
from store import mailboxes
from store.mailboxes import Row

if TYPE_CHECKING:
    from sqlalchemy import Connection as Transaction

log = structlog.get_logger("inboxd.imap_fetcher")

# Small batches that wait for their commit: one commit then takes several of them along.
MOST_PENDING: Final = 4


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is on its way into the store. `committed` gives the UIDs that are new to the ledger."""

    outcomes: Sequence[Outcome]
    queue_ids: dict[int, str]
    committed: Future[set[int]]

    @property
    def in_memory(self) -> int:
        """Bytes of bodies that are held until it is committed."""
        taken = (outcome.body for outcome in self.outcomes if isinstance(outcome, Taken))
        return sum(len(body) for body in taken if isinstance(body, bytes))


def _too_much(pending: Collection[_Batch]) -> bool:
    """Tell whether too much waits for its commit to fetch more meanwhile."""
    return len(pending) > MOST_PENDING or sum(batch.in_memory for batch in pending) > fetching.MOST_BYTES


class Drain:
    """One go over some mails of one open folder."""

    def __init__(self, site: Site, line: Connection, folder: Selected) -> None:
        self._site = site
        self._line = line
        self._folder = folder
        # At these the line would have broken.
        self.under_way: tuple[int, ...] = ()
        # What the server said when it would not do what `after` asks.
        self.after_refused: str | None = None
        self.stored = 0
        # Mails that stand in the ledger now, whatever ends the go.
        self.entered: set[int] = set()
        # Those of them that the server would not hand out, and why.
        self.unreadable: dict[int, str] = {}

    def run(self, mails: Iterable[Wanted], *, number: int, alone: set[int]) -> None:
        """Store every one of so many mails, or say in the ledger why not. Stopped between two batches.

        When it raises, what was committed stays committed, and the next look finds the rest.
        """
        pending: deque[_Batch] = deque()
        left = number
        try:
            for wanted in fetching.batches(mails, alone=alone, max_size=self._site.mailbox.max_size):
                if self._site.stopping.is_set():
                    raise Stopped
                left -= len(wanted)
                self.under_way = tuple(mail.uid for mail in wanted)
                outcomes = fetching.take(self._line, wanted, self._site.intake, max_size=self._site.mailbox.max_size)
                self.under_way = ()
                # On its way it is `pending` at once: settling the ones before may fail.
                pending.append(self._submit(outcomes))
                while len(pending) > 1 and (pending[0].committed.done() or _too_much(pending)):
                    self._settle(pending.popleft(), more=True)
            while pending:
                self._settle(pending.popleft(), more=left > 0 or bool(pending))
        finally:
            for batch in pending:
                with contextlib.suppress(Exception):
                    self._take_note(batch, more=False)
            self._site.news.tell()

    def _submit(self, outcomes: Sequence[Outcome]) -> _Batch:
        """Put a batch on its way: bodies, first jobs and ledger in one transaction."""
        taken = [outcome for outcome in outcomes if isinstance(outcome, Taken)]
        queue_ids = dict(zip((one.uid for one in taken), new_queue_ids(len(taken)), strict=True))
        rows = [self._row(outcome, queue_ids.get(outcome.uid)) for outcome in outcomes]

        def enter(txn: "Transaction") -> set[int]:
            return mailboxes.enter(txn, rows)

        try:
            committed = self._site.intake.submit_many(
                {one.uid: self._arrival(one, queue_ids[one.uid]) for one in taken}, enter
            )
        except BaseException:
            # Whatever ends it is told on; no body may stay behind it.
            for one in taken:
                one.discard()
            raise
        return _Batch(outcomes, queue_ids, committed)

    def _arrival(self, one: Taken, queue_id: str) -> Arrival:
        folder = self._folder
        envelope = Envelope(
            mailbox=self._site.mailbox.name,
            folder=folder.folder,
            uidvalidity=folder.uid_validity,
            uid=one.uid,
            whole_size=one.whole_size if one.state == "partial" else None,
            history=one.history,
        )
        now = now_ms()
        arrived = now if one.internal_date is None else min(now, milliseconds(one.internal_date))
        return Arrival(queue_id=queue_id, envelope=envelope, body=one.body, received_at=arrived)

    def _row(self, outcome: Outcome, queue_id: str | None) -> Row:
        folder = self._folder
        place = {"mailbox": self._site.mailbox.name, "folder": folder.folder}
        match outcome:
            case Missed():
                return Row(
                    **place,
                    uidvalidity=folder.uid_validity,
                    uid=outcome.uid,
                    state=outcome.state,
                    reason=outcome.reason,
                )
            case Taken():
                return Row(
                    **place,
                    uidvalidity=folder.uid_validity,
                    uid=outcome.uid,
                    state=outcome.state,
                    identity=outcome.identity,
                    intake_id=queue_id,
                    # What was not stored whole stays on the server as it is.
                    after=after.word(self._site.mailbox.after) if outcome.state == "stored" else None,
                )

    def _settle(self, batch: _Batch, *, more: bool) -> None:
        """Wait for the commit, and only then do what is to be done on the server."""
        uids = self._take_note(batch, more=more)
        action = self._site.mailbox.after
        if uids and after.word(action) is not None and self._folder.access == "change" and not self.after_refused:
            try:
                after.act(self._line, action, uids)
            except Refused as refused:
                # It stays owed in the ledger; asking again with each batch would get the same answer.
                self.after_refused = str(refused)
                return
            self._site.store.write(
                lambda txn: mailboxes.settle(
                    txn, self._site.mailbox.name, self._folder.folder, self._folder.uid_validity, uids
                )
            )

    def _take_note(self, batch: _Batch, *, more: bool) -> list[int]:
        """Wait for the commit and give the UIDs with which something is owed on the server now."""
        try:
            new = batch.committed.result()
        finally:
            for outcome in batch.outcomes:
                if isinstance(outcome, Taken):
                    outcome.discard()
        self._site.news.add((batch.queue_ids[uid] for uid in batch.queue_ids if uid in new), more=more)
        self.entered.update(outcome.uid for outcome in batch.outcomes)
        entered = [outcome for outcome in batch.outcomes if outcome.uid in new]
        self._say([outcome for outcome in entered if isinstance(outcome, Taken)], batch)
        for missed in (outcome for outcome in batch.outcomes if isinstance(outcome, Missed)):
            if missed.state == "unreadable":
                self.unreadable[missed.uid] = missed.reason
        return [outcome.uid for outcome in entered if isinstance(outcome, Taken) and outcome.state == "stored"]

    def _say(self, taken: Sequence[Taken], batch: _Batch) -> None:
        self.stored += len(taken)
        if not taken:
            return
        log.info(
            "fetched",
            mailbox=self._site.mailbox.name,
            folder=self._folder.folder,
            mails=len(taken),
            size=sum(one.whole_size for one in taken),
            uids=uid_sets.of(one.uid for one in taken),
            first_queue_id=batch.queue_ids[taken[0].uid],
        )
        for one in taken:
            if one.state == "partial":
                log.warning(
                    "fetched_in_part",
                    mailbox=self._site.mailbox.name,
                    folder=self._folder.folder,
                    uid=one.uid,
                    size=one.whole_size,
                    max_size=self._site.mailbox.max_size,
                    queue_id=batch.queue_ids[one.uid],
                )
