"""The findings of an audit, the worst first, then the counts."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from inboxd.cli import terminal

_COUNTS = ("on_server", "stored", "old", "partial", "gap")
_HEADERS = ("MAILBOX", "FOLDER", "ON SERVER", "STORED", "OLD", "PARTIAL", "GAP")
_ORDER = ("unknown", "lost", "gap", "owed")
_TITLES = {"unknown": "NOT KNOWN", "lost": "LOST", "gap": "GAP", "owed": "owed"}


def render(lines: list[dict[str, Any]]) -> str:
    """Lay out what the operation `audit` answers."""
    return "\n".join(_page(lines))


def _page(lines: list[dict[str, Any]]) -> Iterator[str]:
    findings = [line for line in lines if line["kind"] in _ORDER]
    for key, group in groupby(sorted(findings, key=_order), _order):
        yield _said(key, list(group))
    if findings:
        yield ""
    counted = [line for line in lines if line["kind"] == "folder"]
    total = next(line for line in lines if line["kind"] == "total")
    if not counted and not findings:
        yield "No mailbox and no phone is configured: there is nothing to compare."
        return
    rows = [[line["mailbox"], line["folder"], *(f"{line[name]:,}" for name in _COUNTS)] for line in counted]
    rows.append(["all", "", *(f"{total[name]:,}" for name in _COUNTS)])
    yield terminal.table(_HEADERS, rows)
    if not any(line["error"] for line in findings):
        yield ""
        yield "No gap: everything on the servers is accounted for."


def _order(line: dict[str, Any]) -> tuple[Any, ...]:
    place = (line["mailbox"], line["folder"] or "", line["uidvalidity"] or 0)
    return (_ORDER.index(line["kind"]), *place, line["what"])


def _said(key: tuple[Any, ...], group: list[dict[str, Any]]) -> str:
    """Say the same of several mails in one line, with all their UIDs."""
    kind, mailbox, folder, _, what = _ORDER[key[0]], *key[1:]
    uids = [line["uid"] for line in group if line["uid"] is not None]
    of = f"{len(uids)} mail{'' if len(uids) == 1 else 's'}, UID {_ranges(uids)}: " if uids else ""
    where = f"{mailbox} {folder}".strip()
    return terminal.one_line(f"{_TITLES[kind]}  {where}: {of}{what}")


def _ranges(uids: Iterable[int]) -> str:
    """Write numbers as IMAP does: `1:3,7`."""
    found: list[list[int]] = []
    for uid in sorted(uids):
        if found and uid == found[-1][1] + 1:
            found[-1][1] = uid
        else:
            found.append([uid, uid])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in found)
