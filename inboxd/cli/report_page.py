"""Service levels as one HTML page: no script, nothing to load, charts drawn in it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final

from inboxd.cli import times

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --met: #1a7f37; --late: #cf222e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --met: #3fb950; --late: #f85149 }
}
body { font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: var(--ink); margin: 2rem auto;
  max-width: 72rem; padding: 0 1rem }
h1, h2 { font-weight: 600; line-height: 1.25 } h2 { margin-top: 2.5rem }
p, figcaption { color: var(--dim) } figure { margin: 1rem 0 }
table { border-collapse: collapse; font-size: .9rem; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
svg { width: 100%; height: auto } svg text { font: 13px system-ui, sans-serif; fill: var(--ink) }
.met { fill: var(--met) } .late { fill: var(--late) } .scroll { overflow-x: auto }
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_BAR: Final = 22
_MOST_BARS: Final = 30


def render(rows: Sequence[dict[str, Any]], groups: Sequence[str], *, period: str, now: datetime) -> str:
    """Return the page. `now` is in the desk's zone."""
    names = list(dict.fromkeys(clock["name"] for row in rows for clock in row["clocks"]))
    charts = "\n".join(part for name in names for part in _charts(rows, groups, name))
    tickets = sum(row["tickets"] for row in rows)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Service levels, {now:%Y-%m-%d}</title>
<style>{_STYLE}</style>
<h1>Service levels</h1>
<p>{tickets} tickets, as they stood on {now:%Y-%m-%d %H:%M %Z}. Times are open time: nights, holidays and the time
in which a ticket waited for the customer are left out.</p>
{charts}
<h2>All figures</h2>
<div class="scroll">{_table(rows, groups, period)}</div>
</html>"""


def _charts(rows: Sequence[dict[str, Any]], groups: Sequence[str], name: str) -> Iterator[str]:
    yield f"<h2>{escape(name)}</h2>"
    for dimension in ("period", *groups):
        bars: dict[str, list[int]] = {}
        for row in rows:
            for clock in row["clocks"]:
                if clock["name"] == name:
                    bar = bars.setdefault(_label(row, dimension), [0, 0])
                    bar[0] += clock["met"]
                    bar[1] += clock["breached"]
        ended = {label: bar for label, bar in bars.items() if sum(bar)}
        if ended and not (dimension == "period" and len(ended) == 1):
            yield _chart(f"{name} met, by {dimension}", ended, by_size=dimension != "period")


def _label(row: dict[str, Any], dimension: str) -> str:
    if dimension == "account" and row["account"] is not None:
        return str(row["account_name"] or row["account"])
    return str(row[dimension]) if row[dimension] is not None else "none"


def _chart(title: str, bars: dict[str, list[int]], *, by_size: bool) -> str:
    """A bar for each label: the part that was met, and the part that was breached."""
    ordered = sorted(bars.items(), key=lambda bar: -sum(bar[1])) if by_size else list(bars.items())
    shown = ordered[:_MOST_BARS] if by_size else ordered[-_MOST_BARS:]
    height = len(shown) * (_BAR + 8) + 4
    parts = [f'<svg viewBox="0 0 900 {height}" role="img" aria-label="{escape(title)}">']
    for number, (label, (met, late)) in enumerate(shown):
        top = number * (_BAR + 8) + 2
        share = met / (met + late)
        width = round(520 * share, 1)
        short = label if len(label) <= 32 else label[:31] + "…"
        parts.append(f'<text x="240" y="{top + 16}" text-anchor="end">{escape(short)}</text>')
        parts.append(f'<rect class="met" x="250" y="{top}" width="{width}" height="{_BAR}"/>')
        parts.append(f'<rect class="late" x="{250 + width}" y="{top}" width="{520 - width:.1f}" height="{_BAR}"/>')
        parts.append(f'<text x="780" y="{top + 16}">{100 * share:.1f} % of {met + late}</text>')
    parts.append("</svg>")
    left = len(ordered) - len(shown)
    more = f"; {left} more in the table" if left else ""
    caption = f"{escape(title)}: the green part was met, the red part breached{more}"
    return f"<figure>{''.join(parts)}<figcaption>{caption}</figcaption></figure>"


def _table(rows: Sequence[dict[str, Any]], groups: Sequence[str], period: str) -> str:
    heads = [("from" if period != "all" else "", ""), *((each, "") for each in groups), ("tickets", "n"), ("open", "n")]
    heads += [("clock", ""), ("met", "n"), ("breached", "n"), ("running", "n"), ("met %", "n")]
    heads += [("median", "n"), ("90 %", "n"), ("95 %", "n"), ("longest", "n")]
    lines = ["".join(f'<th class="{kind}">{escape(head)}</th>' for head, kind in heads)]
    for row in rows:
        head = [(row["period"] or "", ""), *((_label(row, each), "") for each in groups)]
        counts = [(row["tickets"], "n"), (row["open"], "n")]
        lines += [_line([*head, *counts, *_clock_cells(clock)]) for clock in row["clocks"]]
        if not row["clocks"]:
            lines.append(_line([*head, *counts, *(("", "") for _ in range(9))]))
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _clock_cells(clock: dict[str, Any]) -> list[tuple[Any, str]]:
    spent = [(times.duration(clock["open_seconds"][name]), "n") for name in ("p50", "p90", "p95", "max")]
    percent = "" if clock["met_percent"] is None else clock["met_percent"]
    counts = [(clock[name], "n") for name in ("met", "breached", "running")]
    return [(clock["name"], ""), *counts, (percent, "n"), *spent]


def _line(cells: Sequence[tuple[Any, str]]) -> str:
    return "".join(f'<td class="{kind}">{escape(str(value))}</td>' for value, kind in cells)
