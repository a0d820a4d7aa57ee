"""`inboxd report`: service levels as a table, as JSON Lines, as CSV, or as a page with charts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from inboxd.cli import terminal, times
from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.errors import UsageWrong

_DIMENSIONS = ("account", "plan", "priority", "type", "queue")
_PERIODS = ("day", "week", "month", "year", "all")
_CLOCK_COLUMNS = ("met", "breached", "running", "met_percent", "p50", "p90", "p95", "max")


@click.command("report", cls=Command)
@click.option("--since", metavar="WHEN", help="Tickets received from then on: 2026-01-13, 30d, or a time.")
@click.option("--until", metavar="WHEN", help="Tickets received before then.")
@click.option(
    "--by",
    metavar="WHAT,…",
    default="account,plan,priority,type",
    show_default=True,
    help="What the groups differ by; `queue` can be one, `none` is one group.",
)
@click.option(
    "--period", type=click.Choice(_PERIODS), default="month", show_default=True, help="How long one row covers."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "csv", "html")),
    default="table",
    show_default=True,
    help="html: a page of its own with charts, for a browser or a mail.",
)
@click.pass_obj
def command(session: Session, /, since: str | None, until: str | None, by: str, period: str, form: str) -> None:
    """Show service levels: tickets, clocks met and breached, and the open time it took.

    Percentiles are of open time, in seconds in JSON and CSV: nights, holidays and the time a ticket waited for the
    customer are left out.
    """
    now, zone = datetime.now(UTC), session.zone()
    first, last = (None if each is None else times.back(each, now, zone) for each in (since, until))
    if first is not None and last is not None and last <= first:
        raise UsageWrong("--until is not after --since: nothing lies between them")
    groups = [] if by == "none" else by.split(",")
    wrong = [each for each in groups if each not in _DIMENSIONS]
    if wrong or len(set(groups)) != len(groups):
        raise UsageWrong(f"--by {by}: name each once of {', '.join(_DIMENSIONS)}, or none")
    asked = {
        "since": None if first is None else times.write(first),
        "until": None if last is None else times.write(last),
    }
    rows = session.call("report", {**asked, "by": groups, "period": period})
    if session.out.json:
        for row in rows:
            session.out.record(row)
    elif form == "csv":
        session.out.document(_csv(rows))
    elif form == "html":
        from inboxd.cli import report_page

        session.out.document(report_page.render(rows, groups, period=period, now=now.astimezone(zone)))
    else:
        session.out.text(_table(rows, groups))


def _table(rows: Sequence[dict[str, Any]], groups: Sequence[str]) -> str:
    if not rows:
        return "No tickets."
    headers = (
        "FROM",
        *(each.upper() for each in groups),
        "TICKETS",
        "OPEN",
        "CLOCK",
        "MET",
        "BREACHED",
        "MEDIAN",
        "90 %",
    )
    lines: list[tuple[object, ...]] = []
    for row in rows:
        head = (row["period"] or "", *(row[each] or "" for each in groups), row["tickets"], row["open"])
        blank = ("",) * len(head)
        for number, clock in enumerate(row["clocks"]):
            percent = "" if clock["met_percent"] is None else f"{clock['met']} ({clock['met_percent']} %)"
            spent = [times.duration(clock["open_seconds"][name]) for name in ("p50", "p90")]
            lines.append((*(blank if number else head), clock["name"], percent, clock["breached"], *spent))
        if not row["clocks"]:
            lines.append((*head, "", "", "", "", ""))
    return terminal.table(headers, lines, limit=terminal.width(), gives=1 if groups else 0)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    """A row for each group and clock; a cell that a spreadsheet would compute is made text."""
    import csv
    import io

    from inboxd.accounts.guard import guarded

    written = io.StringIO()
    fields = ("period", *_DIMENSIONS, "account_name", "tickets", "open")
    lines: list[Sequence[str]] = [(*fields, "clock", *_CLOCK_COLUMNS)]
    for row in rows:
        head = [_cell(row[name]) for name in fields]
        lines += [(*head, clock["name"], *_numbers(clock)) for clock in row["clocks"]]
        if not row["clocks"]:
            lines.append((*head, "", *("" for _ in _CLOCK_COLUMNS)))
    csv.writer(written, lineterminator="\n").writerows([map(guarded, line) for line in lines])
    return written.getvalue().removesuffix("\n")


def _numbers(clock: dict[str, Any]) -> list[str]:
    return [_cell({**clock, **clock["open_seconds"]}[name]) for name in _CLOCK_COLUMNS]


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
