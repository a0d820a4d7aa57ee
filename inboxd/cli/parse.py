"""`inboxd parse`: how mails are read; files nothing and needs no configuration."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from inboxd.cli import files, mbox, parse_page
from inboxd.cli.group import Command
from inboxd.cli.progress import progress
from inboxd.cli.session import Session
from inboxd.errors import InboxdError

_FIELDS = (
    "path", "from_addr", "from_name", "from_all", "sender", "reply_to", "to", "cc", "subject", "message_id", "date",
    "in_reply_to", "references", "text", "reply_text", "html", "attachments", "is_auto_reply", "is_bounce", "is_list",
    "bounce", "voicemail", "defects", "error", "bounced_recipients", "is_read_receipt", "is_signed", "is_encrypted",
    "no_autoresponse", "signature",
)  # fmt: skip
_LISTS = frozenset(
    {"from_all", "reply_to", "to", "cc", "in_reply_to", "references", "attachments", "defects", "bounced_recipients"}
)
_NOTHING: dict[str, Any] = {name: [] if name in _LISTS else None for name in _FIELDS}


@click.command("parse", cls=Command)
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def command(session: Session, paths: tuple[Path, ...]) -> int:
    """Show how mails are read; needs no configuration.

    Files nothing. Of an mbox each mail is shown, as FILE#1, FILE#2 and so on; a file named .eml is one mail.
    """
    failed: list[str] = []
    with progress(len(paths), "reading") as step:
        for path in paths:
            step(partial(_show, session, path, failed))
    return 1 if failed else 0


def _show(session: Session, path: Path, failed: list[str]) -> None:
    """Show each mail at `path` as it is read: an mbox may be larger than memory."""
    for read in _read(path):
        if read["error"] is not None:
            failed.append(read["path"])
        session.out.item({key: read[key] for key in _FIELDS}, partial(_page, read))


def _page(read: dict[str, Any], _result: dict[str, Any]) -> str:
    return parse_page.render(read)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what was read of each mail at `path`: one, or each of an mbox as `FILE#1` and so on."""
    from inboxd.message import parse_with_html, to_json

    try:
        for name, raw in _mails(path):
            if isinstance(raw, InboxdError):
                yield {**_NOTHING, "path": name, "error": str(raw)}
            else:
                message, html = parse_with_html(raw)
                yield {"path": name, **to_json(message), "html": html, "error": None}
    except InboxdError as error:
        yield {**_NOTHING, "path": str(path), "error": str(error)}


def _mails(path: Path) -> Iterator[tuple[str, bytes | InboxdError]]:
    # Mail programs leave the From line of an mbox on the one mail that they save: who gives a path for each mail and
    # reads a line for each of them must not fall out of step, whatever stands in one of them.
    if path.suffix.lower() == ".eml" or files.kind(path) != "mbox":
        yield str(path), files.read(path)
        return
    for number, raw in enumerate(mbox.mails(path), start=1):
        yield f"{path}#{number}", raw
