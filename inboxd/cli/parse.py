"""`inboxd parse`: how mails are read; files nothing and needs no configuration."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from inboxd.cli import files, parse_page
from inboxd.cli.group import Command
from inboxd.cli.progress import progress
from inboxd.cli.session import Session
from inboxd.errors import InboxdError

_EMPTY: dict[str, Any] = {
    "from_addr": None,
    "from_name": None,
    "from_all": [],
    "sender": None,
    "reply_to": [],
    "to": [],
    "cc": [],
    "subject": None,
    "message_id": None,
    "date": None,
    "in_reply_to": [],
    "references": [],
    "text": None,
    "reply_text": None,
    "html": None,
    "attachments": [],
    "is_auto_reply": None,
    "is_bounce": None,
    "is_list": None,
    "bounce": None,
    "voicemail": None,
    "defects": [],
    "error": None,
}


@click.command("parse", cls=Command)
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def command(session: Session, paths: tuple[Path, ...]) -> int:
    """Show how mails are read; files nothing and needs no configuration."""
    failed = False
    with progress(len(paths), "reading") as step:
        for path in paths:
            for result in _read(path):
                failed |= result["error"] is not None
                session.out.item(result, parse_page.render)
            step()
    return 1 if failed else 0


def _read(path: Path) -> Iterator[dict[str, Any]]:
    from inboxd.message import parse, to_json

    try:
        raw = files.read(path)
    except InboxdError as error:
        yield {"path": str(path), **_EMPTY, "error": str(error)}
        return
    yield {"path": str(path), **to_json(parse(raw)), "error": None}
