"""The house at a glance, problems first."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from inboxd.cli import terminal, times

_COUNTS = ("stored", "old", "partial", "unreadable", "owed")
_HEADERS = ("MAILBOX", "STATE", "FOLDER", *map(str.upper, _COUNTS), "LAST LOOK")
_STATES = {
    None: "not fetched",
    "elsewhere": "another node's",
    "waiting": "will try again",
}


def render(status: dict[str, Any]) -> str:
    """Lay the answer of the operation `status` out as a page."""
    return "\n".join(_lines(status))


def _lines(status: dict[str, Any]) -> Iterator[str]:
    yield f"inboxd {status['version']}, {_life(status)}"
    yield ""
    yield from _problems(status["problems"])
    yield ""
    for listener in status.get("listeners", ()):
        yield _line("Listens", f"{listener['listener']} at {listener['address']}")
    yield _line("Work", _waiting(status))
    yield _line("Came in", _came_in(status["intake"]))
    yield _line("Outbox", _outbox(status["outbox"]))
    yield _line("Configuration", status["configuration"])
    yield _line("Store", status["store"])
    if status.get("phone"):
        yield _line("Phone", _phone(status["phone"]))
    for each in (status.get("canary") or {}).get("addresses", ()):
        yield _line("Canary", _canary(each))
    if status["mailboxes"]:
        yield ""
        yield terminal.table(_HEADERS, _rows(status["mailboxes"], datetime.now(UTC)))


def _life(status: dict[str, Any]) -> str:
    if not status["running"]:
        return "no daemon is running"
    return f"running for {times.age(status['seconds_up'])} as process {status['pid']}"


def _problems(problems: list[str]) -> Iterator[str]:
    if not problems:
        yield "All is well: nothing needs a person."
        return
    yield f"{len(problems)} {'thing needs' if len(problems) == 1 else 'things need'} a person:"
    for problem in problems:
        yield f"  ! {terminal.one_line(problem)}"


def _waiting(status: dict[str, Any]) -> str:
    waits, planned = [], 0
    for lane, states in status["jobs"].items():
        # A deadline a week ahead is no work that waits.
        ahead = states.get("planned", 0)
        counted = {**states, "later": states["later"] - ahead, "planned": 0}
        planned += ahead
        counts = [f"{count} {state}" for state, count in counted.items() if count]
        if counts:
            waits.append(f"{lane}: {', '.join(counts)}")
    oldest = status["oldest_waiting_seconds"]
    age = f"; the oldest for {times.age(oldest)}" if oldest is not None else ""
    later = f"; {planned:,} planned for later (deadlines and the like)" if planned else ""
    return ("; ".join(waits) or "nothing waits") + age + later


def _came_in(intake: dict[str, int]) -> str:
    parts = [f"{count:,} {word}" for word, count in intake.items() if word != "total" and count]
    return f"{intake['total']:,}" + (f" ({', '.join(parts)})" if parts else "")


def _outbox(outbox: dict[str, Any]) -> str:
    counts = {name: count for name, count in outbox.items() if name not in {"held", "oldest"} and count}
    held = f" ({outbox['held']:,} held until `inboxd outbox release`)" if outbox["held"] else ""
    parts = [f"{count:,} {name}{held if name == 'queued' else ''}" for name, count in counts.items()]
    oldest = outbox["oldest"]
    age = f"; the oldest waits for {times.age(oldest['waiting_seconds'])}" if oldest is not None else ""
    return (", ".join(parts) or "empty") + age


def _phone(phone: dict[str, Any]) -> str:
    counts = ", ".join(f"{count:,} {word}" for word, count in phone["recordings"].items() if count)
    how = "webhooks and polling" if phone["webhooks"] else "polling alone"
    return f"{_STATES.get(phone['state'], phone['state'])}, by {how}; recordings: {counts or 'none'}"


def _canary(of: dict[str, Any]) -> str:
    if of["silent_since"]:
        return f"{of['address']}: silent since {of['silent_since']}"
    if of["came_back_at"] is None:
        return f"{of['address']}: none has come back yet"
    age = (datetime.now(UTC) - times.read(of["came_back_at"])).total_seconds()
    return f"{of['address']}: came back after {of['seconds']} s, {times.age(age)} ago"


def _rows(mailboxes: list[dict[str, Any]], now: datetime) -> Iterator[list[object]]:
    """Give a line for each folder; what is said of the mailbox stands in its first one."""
    for mailbox in mailboxes:
        last = mailbox["last_success_at"]
        seen = (
            f"{times.age((now - times.read(last)).total_seconds())} ago"
            if last
            else "never"
            if mailbox["state"]
            else ""
        )
        head: list[object] = [mailbox["name"], _STATES.get(mailbox["state"], mailbox["state"])]
        for folder in mailbox["folders"]:
            name = f"{folder['folder']} (!)" if folder["trouble"] else folder["folder"]
            yield [*head, name, *(f"{folder[word]:,}" for word in _COUNTS), seen]
            head, seen = ["", ""], ""


def _line(name: str, value: object) -> str:
    return f"{name + ':':<15}{terminal.one_line(value)}"
