"""Setting up the phone's lines, and turning callers away."""

from typing import Any

from inboxd import views
from inboxd.caller_id import read
from inboxd.desk.arguments import Time
from inboxd.desk.context import Context, Phone
from inboxd.errors import InboxdError, NoProvider, UsageWrong
from inboxd.intake.door import now_ms
from store import calls


def setup(context: Context, dry_run: bool = False) -> list[dict[str, Any]]:
    """Let each line's calls come here; return what was, or with `dry_run` would be, changed at each number."""
    return _phone(context).setup(dry_run)


def look(context: Context) -> list[dict[str, Any]]:
    """Look at account, numbers and addresses at the provider, and say what needs a person."""
    return _phone(context).look()


def block(context: Context, number: str, until: Time | None = None) -> dict[str, Any]:
    """Turn a caller away, until a time or for good."""
    found = read(number)
    if found.number is None:
        raise UsageWrong(f'"{number}" is no number in E.164: write it like +15550166')
    ends = None if until is None else views.parsed_time(until)
    if ends is not None and ends <= now_ms():
        raise UsageWrong(f"{until} has passed: name a time to come")
    caller = found.number
    context.store.write(lambda txn: calls.block(txn, caller, until=ends, by=context.staff_name))
    return {"number": caller, "until": views.time(ends), "blocked_by": context.staff_name}


def unblock(context: Context, number: str) -> dict[str, Any]:
    """Let a caller through again."""
    caller = read(number).number or number
    if not context.store.write(lambda txn: calls.unblock(txn, caller)):
        raise InboxdError(f"{number} is not blocked")
    return {"number": caller, "until": None, "blocked_by": None}


def blocks(context: Context) -> list[dict[str, Any]]:
    """Return the numbers that are turned away now."""
    with context.store.read() as connection:
        found = calls.blocks(connection, at=now_ms())
    return [{"number": each.number, "until": views.time(each.until), "blocked_by": each.blocked_by} for each in found]


def _phone(context: Context) -> Phone:
    if context.phone is None:
        raise NoProvider
    return context.phone
