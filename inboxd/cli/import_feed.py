"""Hands messages in by the batch and gives what became of each; an answer goes in when what it answers is through.

What is under way is bounded, by number and by bytes: a mailbox of any size needs no more memory than a small one, and
new mail that comes meanwhile waits behind a few others only.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from inboxd.cli import times
from inboxd.cli.envelope_options import to_json
from inboxd.cli.import_plan import Found
from inboxd.control.wire import Backend
from inboxd.errors import InboxdError, TryLater
from inboxd.intake.envelope import Envelope
from inboxd.message import mail_ids

T = TypeVar("T")

UNDER_WAY: Final = 128  # messages handed in and not yet through
_BYTES: Final = 8 * 1024 * 1024  # of messages that wait here for what they answer
_BATCH: Final = 64
_BATCH_BYTES: Final = 1024 * 1024  # what the control socket takes in memory
_WAIT_SECONDS: Final = 1.0
# A daemon that is started again is back in seconds, a full disk in minutes. The same call twice does no harm.
_PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.5

_NOTHING: Final = {"intake_id": None, "status": None, "reason": None, "ticket": None, "error": None}


@dataclass(frozen=True, slots=True, eq=False)
class _Item:
    """One message with its bytes; `answers` are the Message-IDs it names."""

    found: Found
    raw: bytes
    message_id: str | None
    answers: frozenset[str]


@dataclass(slots=True)
class _UnderWay:
    """What was handed in under one queue id: the first is answered as it ends, the others are its duplicates.

    `ours` False: another import that runs beside this one brought it first, and all are duplicates.
    """

    item: _Item
    ours: bool
    twins: list[_Item] = field(default_factory=list)


class Feed:
    """One import. `results` yields an object of `ingest --json` for each message, as they are through."""

    def __init__(
        self,
        backend: Backend,
        envelope: Envelope,
        *,
        received_at: str | None,
        whole: bool,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        """`whole` False: of tickets only the reference is asked for."""
        self._backend = backend
        self._envelope = envelope
        self._received_at = received_at
        self._whole = whole
        self._patience = patience_seconds
        self._began = time.time_ns() // 1_000_000
        self._under_way: dict[str, _UnderWay] = {}
        self._batch: list[_Item] = []
        self._held: list[_Item] = []
        # How many mails under way or in the batch have this Message-ID.
        self._ids: Counter[str] = Counter()

    def results(self, messages: Iterable[Found]) -> Iterator[dict[str, Any]]:
        """Hand everything in. Raises TryLater when whoever files it stays away; what is handed in is not lost."""
        for found in messages:
            try:
                item = _item(found, found.read())
            except InboxdError as error:
                yield {"path": found.path, **_NOTHING, "error": str(error)}
                continue
            self._admit(item)
            if self._full():
                yield from self._hand_in()
            while self._crowded():
                yield from self._hear()
        while self._batch or self._held or self._under_way:
            yield from self._hear()

    def _admit(self, item: _Item) -> None:
        """Put a mail into the batch, or behind the mail it answers."""
        if any(self._ids[each] for each in item.answers) or self._answers_a_held_one(item):
            self._held.append(item)
        else:
            self._enter(item)

    def _answers_a_held_one(self, item: _Item) -> bool:
        return any(held.message_id in item.answers for held in self._held)

    def _enter(self, item: _Item) -> None:
        self._batch.append(item)
        if item.message_id is not None:
            self._ids[item.message_id] += 1

    def _full(self) -> bool:
        return len(self._batch) >= _BATCH or _size(self._batch) >= _BATCH_BYTES

    def _crowded(self) -> bool:
        here = len(self._under_way) + len(self._batch) + len(self._held)
        return here >= UNDER_WAY or _size(self._held) >= _BYTES

    def _hear(self) -> Iterator[dict[str, Any]]:
        """Hand in what waits, then yield what has come to its end meanwhile."""
        yield from self._hand_in()
        if self._under_way:
            arguments = {
                "intake_ids": list(self._under_way),
                # Some are waited for, not one: each question costs as much as the answer to many.
                "enough": max(1, len(self._under_way) // 2),
                "wait_seconds": _WAIT_SECONDS,
                "whole": self._whole,
            }
            ended = self._patiently(lambda: self._backend.call("import.outcomes", arguments))
            for outcome in ended:
                yield from self._through(outcome)
        still = self._held
        self._held = []
        for item in still:
            self._admit(item)

    def _through(self, outcome: dict[str, Any]) -> Iterator[dict[str, Any]]:
        under_way = self._under_way.pop(outcome["intake_id"])
        self._leave(under_way.item)
        if under_way.ours:
            yield {"path": under_way.item.found.path, **_NOTHING, **outcome}
        else:
            yield _again(under_way.item, outcome)
        for twin in under_way.twins:
            self._leave(twin)
            yield _again(twin, outcome)

    def _leave(self, item: _Item) -> None:
        if item.message_id is not None:
            self._ids[item.message_id] -= 1
            if not self._ids[item.message_id]:
                del self._ids[item.message_id]

    def _hand_in(self) -> Iterator[dict[str, Any]]:
        """Commit the batch; yield what was through before this import began, or twice in it."""
        while self._batch:
            batch = self._next_batch()
            arguments = {
                "pieces": [
                    {"kind": each.found.kind, "size": len(each.raw), "kept_at": times.write(each.found.kept_at)}
                    for each in batch
                ],
                "envelope": to_json(self._envelope),
                "received_at": self._received_at,
            }
            payload = b"".join(each.raw for each in batch)
            calls = 0

            def take() -> list[dict[str, Any]]:
                nonlocal calls
                calls += 1
                return list(self._backend.call("import.take", arguments, payload))  # noqa: B023 - called at once

            taken = self._patiently(take)
            before: list[tuple[_Item, str]] = []
            for item, place in zip(batch, taken, strict=True):
                if self._was_there(item, place, repeated=calls > 1):
                    before.append((item, place["intake_id"]))
            yield from self._answer_again(before)

    def _next_batch(self) -> list[_Item]:
        count, size = 0, 0
        for item in self._batch:
            if count and (count >= _BATCH or size + len(item.raw) > _BATCH_BYTES):
                break
            count, size = count + 1, size + len(item.raw)
        batch, self._batch = self._batch[:count], self._batch[count:]
        return batch

    def _was_there(self, item: _Item, place: dict[str, Any], *, repeated: bool) -> bool:
        """Note what is under way now. True: it was through already, before this import or earlier in it."""
        intake_id = place["intake_id"]
        if intake_id in self._under_way:
            self._under_way[intake_id].twins.append(item)
            return False
        meanwhile = place["accepted_at"] >= self._began
        # After a call that was made twice, what the first one had taken is known, and is this import's all the same.
        ours = not place["known"] or (repeated and meanwhile)
        if place["ended"] and not ours:
            self._leave(item)
            return True
        # What an import that was ended half-way had handed in is seen through, and told of, by the one that goes on.
        self._under_way[intake_id] = _UnderWay(item, ours or not meanwhile)
        return False

    def _answer_again(self, before: Sequence[tuple[_Item, str]]) -> Iterator[dict[str, Any]]:
        if not before:
            return
        asked = {"intake_ids": list({intake_id for _, intake_id in before}), "whole": self._whole}
        ended = self._patiently(lambda: self._backend.call("import.outcomes", asked))
        first = {outcome["intake_id"]: outcome for outcome in ended}
        for item, intake_id in before:
            yield _again(item, first[intake_id])

    def _patiently(self, call: Callable[[], Sequence[T] | Any]) -> Any:
        """Make a call; while there is nobody to answer it, or no room, again and again for a while."""
        give_up = time.monotonic() + self._patience
        while True:
            try:
                return call()
            except InboxdError as error:
                if error.exit_code != TryLater.exit_code:
                    raise
                if time.monotonic() >= give_up:
                    raise TryLater(f"{error}; give the same command again: nothing is filed twice by it") from error
                time.sleep(_PAUSE_SECONDS)


def _again(item: _Item, first: dict[str, Any]) -> dict[str, Any]:
    """Say that a message was imported before, and as what."""
    return {
        "path": item.found.path,
        **_NOTHING,
        "intake_id": first["intake_id"],
        "status": "duplicate",
        "reason": f"Imported before as {first['intake_id']}: {first['status']}.",
        "ticket": first["ticket"],
    }


def _item(found: Found, raw: bytes) -> _Item:
    if found.kind == "voicemail":
        return _Item(found, raw, None, frozenset())
    message_id, answers = mail_ids.of(raw)
    return _Item(found, raw, message_id, answers)


def _size(items: Sequence[_Item]) -> int:
    return sum(len(item.raw) for item in items)
