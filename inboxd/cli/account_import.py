"""`inboxd accounts import`: what a file changes, shown before or after it is done."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inboxd.cli import files, terminal
from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.control.wire import MAX_PAYLOAD
from inboxd.errors import InboxdError

if TYPE_CHECKING:
    from inboxd.control.wire import Backend

_SIGNS = {"added": "+", "changed": "~", "removed": "-", "file-rules": "="}


@click.command("import", cls=Command)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--complete", is_flag=True, help="FILE names every account: remove imported ones that it does not name.")
@click.option("--because", metavar="TEXT", help="Why; it stands in the events. Default: import of FILE.")
@click.pass_obj
def import_(session: Session, path: Path, dry_run: bool, complete: bool, because: str | None) -> None:
    """Put the accounts of a file on file: YAML as accounts.yaml, or CSV with one contact in a row.

    The file says the whole of each account it names; other accounts, and contacts that add-contact added, stay. What
    accounts.yaml names stays as it is there. A file with one mistake changes nothing, and every mistake is named (78).
    """
    name, content = _read(path)
    arguments: dict[str, Any] = {"name": name, "complete": complete}
    with session.backend() as backend:
        if dry_run:
            found = backend.call("accounts.preview", arguments, content)
        else:
            found = backend.call("accounts.import", {**arguments, "because": because}, content)
        for item in _items(backend, found["result"]):
            _show(session, item)
    summary = {key: found[key] for key in ("dry_run", "accounts", "changes", "warnings")}
    session.out.show(summary, _summary)


def _read(path: Path) -> tuple[str, bytes]:
    if str(path) == "-":
        return "stdin", sys.stdin.buffer.read(MAX_PAYLOAD + 1)
    try:
        return str(path), files.read(path)
    except InboxdError as error:
        raise InboxdError(f"{path} {error}") from error


def _items(backend: "Backend", result: str | None) -> Iterator[dict[str, Any]]:
    start, more = 0, result is not None
    while more:
        page = backend.call("accounts.differences", {"result": result, "start": start})
        yield from page["items"]
        start, more = start + len(page["items"]), page["more"]


def _show(session: Session, item: dict[str, Any]) -> None:
    if session.out.json:
        session.out.record(item)
    elif "warning" in item:
        session.out.complain(f"warning: {terminal.one_line(item['warning'])}")
    else:
        session.out.text(terminal.one_line(f"{_SIGNS[item['change']]} {item['account']}: {item['said']}"))


def _summary(found: dict[str, Any]) -> str:
    real = {how: count for how, count in found["changes"].items() if how != "file-rules"}
    ruled = found["changes"].get("file-rules", 0)
    did = ", ".join(f"{count} {how}" for how, count in sorted(real.items())) or "nothing changes"
    parts = [f"{found['accounts']} account{'' if found['accounts'] == 1 else 's'} in the file: {did}"]
    if ruled:
        parts.append(f"{ruled} not taken over, because the accounts file rules")
    return "; ".join(parts) + ("; this was a dry run: nothing is changed." if found["dry_run"] else ".")
