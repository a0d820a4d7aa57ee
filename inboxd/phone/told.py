"""What webhooks tell, written down: a call, its reference, and the jobs that ask the provider whether it is true.

Each function takes the transaction; told twice, late, or in another order it comes to the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from inboxd import caller_id
from inboxd.call_story.process_call import CALL, LANE, note_recording
from inboxd.intake.door import now_ms
from store import calls, clock, jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What comes with the incoming call alone; the rest is asked of the provider.
_KEPT: Final = ("StirVerstat", "ForwardedFrom", "CallerName")
# A recording may be listed a little after its call has ended.
_SETTLED: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A call as it is greeted: the reference to say, when it was heard of (ms), whether it is turned away."""

    called: str | None
    ref: str | None
    at: int
    blocked: bool


def call(txn: "Connection", fields: Mapping[str, str], *, look_after: timedelta) -> Told:
    """A call comes in. `look_after` is when it is over at the latest."""
    caller = caller_id.read(fields.get("From")).shown
    told = {name: fields[name] for name in _KEPT if fields.get(name)}
    called = fields.get("To") or None
    blocked = caller is not None and calls.blocked(txn, caller, at=now_ms()) is not None
    sid = fields["CallSid"]
    if blocked:
        found, _ = calls.note(txn, sid, caller=caller, called=called, told=told, state="blocked")
        return Told(called=called, ref=None, at=found.at, blocked=True)
    found, new = calls.note(txn, sid, caller=caller, called=called, told=told, with_ref=True)
    if new:
        _look(txn, sid, look_after)
    return Told(called=found.called, ref=found.ref, at=found.at, blocked=False)


def recording(txn: "Connection", fields: Mapping[str, str]) -> Told:
    """A recording was made, or is being made."""
    found, _ = calls.note(txn, fields["CallSid"])
    note_recording(txn, fields["RecordingSid"], fields["CallSid"])
    return Told(called=found.called, ref=found.ref, at=found.at, blocked=found.state == "blocked")


def ended(txn: "Connection", fields: Mapping[str, str]) -> None:
    """A call is over: see what it left."""
    sid = fields["CallSid"]
    before = calls.get(txn, sid)
    if before is not None and ("ended" in before.told or before.state != "told"):
        return
    calls.note(txn, sid, told={"ended": fields.get("CallStatus", "")})
    _look(txn, sid, _SETTLED)


def _look(txn: "Connection", sid: str, after: timedelta) -> None:
    due_at = clock.shared_ms(txn) + round(after.total_seconds() * 1000)
    jobs.add(txn, kind=CALL, lane=LANE, payload={"sid": sid}, due_at=due_at)
