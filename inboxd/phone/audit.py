"""What the provider holds, compared with the store: every recording that is not here is named."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from inboxd.intake.door import milliseconds, moment
from inboxd.phone.poller import BEFORE_FIRST_MS
from inboxd.phone_api import PhoneApi, Recording
from inboxd.remote.trouble import Troubled
from store import recordings

if TYPE_CHECKING:
    from store.open import Store

_OWED_LONG_MS = 15 * 60 * 1000


def audit(api: PhoneApi, store: "Store", account: str, *, now: int) -> Iterator[dict[str, Any]]:
    """Compare; give the fields of a line for each gap, each that is lost or to be deleted, and at the end counts."""
    with store.read() as txn:
        lost = {row.sid: gone for row, gone in recordings.lost(txn)}
        first = recordings.first_seen(txn, account)
        owed = recordings.owed(txn, before=now - _OWED_LONG_MS)
    for sid, gone in lost.items():
        what = "its row in the intake is gone" if gone == "row" else "its bytes are gone"
        yield _line("lost", f"the ledger says that recording {sid} is stored, and {what}", recording=sid)
    for row in owed:
        yield _line("owed", f"recording {row.sid} is stored, and is still to be deleted there", recording=row.sid)
    counts = dict.fromkeys(("on_server", "stored", "old", "partial", "gap"), 0)
    since = moment((now if first is None else first) - BEFORE_FIRST_MS)
    try:
        for each in api.recordings(since):
            finding = _judge(each, store, lost, counts)
            if finding is not None:
                yield finding
    except Troubled as troubled:
        yield _line("unknown", str(troubled))
    yield {"kind": "folder", "folder": "recordings", **counts}


def _judge(
    found: Recording, store: "Store", lost: dict[str | None, str], counts: dict[str, int]
) -> dict[str, Any] | None:
    with store.read() as txn:
        row = recordings.known(txn, [found.sid]).get(found.sid)
    if found.source != "RecordVerb" or found.status == "deleted" or (row is not None and row.state == "foreign"):
        return None  # none of a caller to the desk
    counts["on_server"] += 1
    if found.sid in lost:
        counts["gap"] += 1
        return None
    state = None if row is None else row.state
    if state in ("stored", "absent", "old"):
        counts["old" if state == "old" else "stored"] += 1
        return None
    counts["gap"] += 1
    made = "" if found.created_at is None else f", made at {moment(milliseconds(found.created_at)):%Y-%m-%d %H:%M} UTC"
    if row is None:
        return _line("gap", f"recording {found.sid}{made}, is not in the store", recording=found.sid)
    if state == "unknown":
        return _line("gap", f"recording {found.sid}{made}, was not known at the provider before", recording=found.sid)
    return _line("gap", f"recording {found.sid}{made}, is not fetched yet", recording=found.sid)


def _line(kind: str, what: str, recording: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "what": what, "recording": recording}
