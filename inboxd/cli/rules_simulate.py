"""`inboxd rules simulate`: what changed rules would have decided otherwise. Touches nothing."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from inboxd.cli import files, mbox, rules_file, times
from inboxd.cli.group import Command
from inboxd.cli.rules_page import counted
from inboxd.cli.session import Session
from inboxd.cli.terminal import one_line, table
from inboxd.errors import InboxdError, UsageWrong
from rules.file_tests import as_written

if TYPE_CHECKING:
    from inboxd.control.wire import Backend
    from rules.ruleset import RuleSet

_KEYS: Final = (
    "queue", "type", "priority", "tags", "assignee", "page", "disposal", "acknowledge", "template", "confirm", "tell",
    "notices", "callback_terms", "behind", "actions_allowed",
)  # fmt: skip
_MOST_SHOWN: Final = 200
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@click.command("simulate", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--since", metavar="T", help="What came in since then: 2026-01-13, 12h, 30d (the default), or RFC 3339.")
@click.option("--on", metavar="PATH", type=click.Path(path_type=Path), help="A mail, an mbox or a folder in its place.")
@click.pass_obj
def command(session: Session, file: Path, since: str | None, on: Path | None) -> None:
    """Decide again on what came in, by the rules in FILE, and show what would differ.

    With --since each decision is compared with the one that was taken then. With --on, mails that were never filed are
    decided by the rules of the desk and by those in FILE; their own dates count. Files, sends and changes nothing.
    """
    if since is not None and on is not None:
        raise UsageWrong("--since and --on exclude each other: give one of them")
    rules = rules_file.read(session, file, of_desk=True)
    compare = _Comparison(rules)
    with session.backend() as backend:
        for case in (
            _stored(backend, rules, times.back(since or "30d", datetime.now(UTC), session.zone()))
            if on is None
            else _mails(backend, rules, on)
        ):
            compare.take(case)
    for each in compare.differing:
        if session.out.json:
            session.out.record(each)
    if session.out.json:
        session.out.record({"messages": compare.messages, "differ": len(compare.differing), "error": None})
    else:
        session.out.text(_page(compare, file, session))


def _stored(backend: "Backend", rules: "RuleSet", since: datetime) -> Iterator[dict[str, Any]]:
    arguments = {"since": times.write(since), "looks_back": _asks(rules)}
    after: int | None = None
    while True:
        page = backend.call("rules.decisions", {**arguments, "after": after})
        yield from page["decisions"]
        after = page["after"]
        if after is None:
            return


def _asks(rules: "RuleSet") -> list[tuple[str, str, int]]:
    """Give what the rules ask of what was before: the desk's own, by which the facts were collected, may not."""
    return [(kind, of, int(within.total_seconds())) for (kind, of), within in rules.looks_back.items()]


def _mails(backend: "Backend", rules: "RuleSet", path: Path) -> Iterator[dict[str, Any]]:
    from inboxd.message import parse
    from inboxd.message.own_date import choose

    now = datetime.now(UTC)
    for name, raw in _raw(path):
        message = parse(raw)
        own = choose(date=message.date, received=message.received, kept=now, now=now)
        arguments = {
            "name": name, "kind": "mail", "envelope": {}, "received_at": times.write(own.at),
            "looks_back": _asks(rules),
        }  # fmt: skip
        (body,) = backend.call("why.message", arguments, raw)["trace"]
        yield {
            "intake_id": None, "ref": None, "path": name, "subject": message.subject or "", "at": times.write(own.at),
            "facts": body["facts"], "text": message.text or "", "decision": body["decision"], "quiet": False,
        }  # fmt: skip


def _raw(path: Path) -> Iterator[tuple[str, bytes]]:
    kind = files.kind(path)
    if kind in ("maildir", "folder"):
        for inner in sorted(each for each in path.rglob("*") if each.is_file()):
            yield from _raw(inner)
    elif kind == "mbox" and path.suffix.lower() != ".eml":
        for number, raw in enumerate(mbox.mails(path), start=1):
            if not isinstance(raw, InboxdError):
                yield f"{path}#{number}", raw
    elif kind == "mail" or path.suffix.lower() == ".eml":
        yield str(path), files.read(path)


class _Comparison:
    """What was decided against what would be; of a recording the last decision about it counts."""

    def __init__(self, rules: "RuleSet") -> None:
        self._rules = rules
        self._cases: dict[str, dict[str, Any] | None] = {}

    @property
    def messages(self) -> int:
        return len(self._cases)

    @property
    def differing(self) -> list[dict[str, Any]]:
        return [each for each in self._cases.values() if each is not None]

    def take(self, case: dict[str, Any]) -> None:
        from inboxd.old_mail import quiet
        from rules.decide import decide
        from rules.facts import Facts

        facts = Facts.from_json(case["facts"], text=case["text"])
        found = decide(self._rules, facts)
        would = (quiet(found) if case["quiet"] else found).to_json()
        differences = [
            {"key": key, "was": was, "would_be": now}
            for key, was, now in self._pairs(case["decision"], would)
            if was != now
        ]
        held = [
            f"{rule['rule']} ({rule['file']}:{rule['line']})"
            for section in would["trace"]
            for rule in section["rules"]
            if rule["holds"]
        ]
        key = case["intake_id"] or case["path"]
        self._cases[key] = None
        if differences:
            self._cases[key] = {
                "intake_id": case["intake_id"],
                "path": case.get("path"),
                "ref": case["ref"],
                "subject": case["subject"],
                "received_at": case["at"],
                "channel": facts.channel,
                "differences": differences,
                "rules": held,
                "error": None,
            }

    def _pairs(self, was: dict[str, Any], would: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
        # What an older version decided knew fewer things: those are not compared.
        name = self._rules.scale.name
        for key in _KEYS:
            if key not in was:
                continue
            before, after = was[key], would[key]
            if key == "priority":
                yield key, name(before), name(after)
            elif key in ("page", "disposal"):
                yield key, _one(before), _one(after)
            elif isinstance(before, list):
                yield key, sorted(before), sorted(after)
            else:
                yield key, before, after
        due = [{clock["name"]: clock["due_at"] for clock in each["clocks"]} for each in (was, would)]
        for clock in dict.fromkeys([*due[0], *due[1]]):
            yield clock, due[0].get(clock), due[1].get(clock)


def _one(value: dict[str, Any] | None) -> str | None:
    """A page or an end in few words; that another rule gives the same is no difference."""
    if value is None:
        return None
    return str(value["to"]) if "to" in value else f"{value['kind']}: {value['reason']}"


def _value(value: Any, zone: tzinfo) -> str:
    """A value for the table; times as the people of the desk read them."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        return times.shown(value, zone)[:16]
    return one_line(as_written(value))[:40]


def _page(compare: _Comparison, file: Path, session: Session) -> str:
    differing = compare.differing
    head = f"{counted(compare.messages, 'message')}, {len(differing)} would be decided otherwise by {file}"
    if not differing:
        return head
    zone = session.zone()
    rows = [
        (
            each["ref"] or each["path"] or each["intake_id"],
            times.shown(each["received_at"], zone)[:16],
            one_line(each["subject"])[:40],
            difference["key"],
            _value(difference["was"], zone),
            _value(difference["would_be"], zone),
        )
        for each in differing
        for difference in each["differences"]
    ]
    most = Counter(difference["key"] for each in differing for difference in each["differences"])
    told = ", ".join(f"{key} {number}" for key, number in most.most_common())
    rest = len(rows) - _MOST_SHOWN
    lines = [head, f"  by what differs: {told}", ""]
    lines.append(table(("TICKET", "CAME", "SUBJECT", "WHAT", "WAS", "WOULD BE"), rows[:_MOST_SHOWN]))
    if rest > 0:
        lines.append(f"… and {rest} more differences: --json shows all")
    return "\n".join(lines)
