"""`inboxd tickets files`, `play` and `correct`: what came with a ticket, to keep and to hear."""

import re
import shutil
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from inboxd.cli import terminal, ticket_page, timed_words, times
from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.errors import InboxdError, UsageWrong

# What plays a file in a terminal, as the systems have it; the first that is there.
_PLAYERS = (
    ("mpv", "--no-video", "--really-quiet"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("play", "-q"),
    ("paplay",),
    ("pw-play",),
    ("aplay", "-q"),
    ("afplay",),
)
_UNSAFE = re.compile(r"[^\w.@+-]+")
_LONGEST_NAME = 120


@click.command("files", cls=Command)
@click.argument("ref")
@click.option(
    "--save",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write them into DIR, each under its number and name; a picture of its sound beside each recording.",
)
@click.pass_obj
def files(session: Session, ref: str, save: Path | None) -> None:
    """List the files of a ticket: attachments and recordings; --save writes them into a folder.

    Nothing is overwritten. What runs when opened keeps its name with `.dangerous` behind it.
    """
    with session.backend() as backend:
        found = backend.call("tickets.files", {"ref": ref})
        for each in found:
            path = None
            if save is not None:
                save.mkdir(parents=True, exist_ok=True)
                path = _save(save, each, _read(backend, ref, each["number"]))
            shown = {**{name: each[name] for name in each if name != "transcript"}, "path": path and str(path)}
            session.out.show(shown, lambda one: _line(one, session))
    if not found and not session.out.json:
        session.out.text("No files.")


@click.command("play", cls=Command)
@click.argument("ref")
@click.option(
    "--number", metavar="N", type=click.IntRange(min=1), help="The Nth of `tickets files`; default: the last."
)
@click.pass_obj
def play(session: Session, ref: str, number: int | None) -> int:
    """Play a ticket's recording, with its words beside their times.

    Takes the first of mpv, ffplay, play (sox), paplay, pw-play, aplay and afplay that is installed.
    """
    with session.backend() as backend:
        found = [each for each in backend.call("tickets.files", {"ref": ref}) if each["entry"] == "voicemail"]
        chosen = next((each for each in found if each["number"] == number), None) if number else (found or [None])[-1]
        if chosen is None:
            none = (
                f"{ref} holds no call with a recording: `tickets files {ref} --save DIR` writes what mails brought out"
            )
            raise InboxdError(f"{ref} has no such recording" if number else none)
        sound = _read(backend, ref, chosen["number"])
    # The words first: they can be read where nothing plays.
    if not session.out.json:
        session.out.text(_timed(chosen["transcript"] or {}))
    player = next(((shutil.which(name), *options) for name, *options in _PLAYERS if shutil.which(name)), None)
    if player is None:
        names = ", ".join(name for name, *_ in _PLAYERS)
        raise InboxdError(f"nothing here plays sound ({names}): write it out with `tickets files {ref} --save DIR`")
    with TemporaryDirectory(prefix="inboxd-") as folder:
        path = Path(folder) / f"recording{Path(chosen['filename']).suffix}"
        path.write_bytes(sound)
        done = subprocess.run([*map(str, player), str(path)], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise InboxdError(f"{Path(str(player[0])).name} ended with {done.returncode}: it cannot play this recording")
    return 0


@click.command("correct", cls=Command)
@click.argument("ref")
@click.argument("text", required=False)
@click.option("--recording", metavar="N", type=click.IntRange(min=1), help="The Nth recording; default: the last.")
@click.pass_obj
def correct(session: Session, ref: str, text: str | None, recording: int | None) -> None:
    """Put the words of a recording right; the recogniser's version stays beside yours, and the rules decide again.

    Without TEXT from stdin, or in $EDITOR on a terminal, with what was heard to begin from.
    """
    words = text if text is not None else _ask(session, ref)
    if not words.strip():
        raise UsageWrong("the correction is empty; nothing was changed")
    ticket = session.call("tickets.correct", {"ref": ref, "text": words, "entry": recording})
    session.out.show(ticket, ticket_page.headline)


def _ask(session: Session, ref: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    entries = [each for each in session.call("tickets.show", {"ref": ref})["entries"] if each["transcript"]]
    heard = entries[-1]["transcript"]["text"] if entries else ""
    written: str | None = click.edit(heard, extension=".txt")
    return written or ""


def _read(backend: Any, ref: str, number: int) -> bytes:
    data = bytearray()
    while True:
        answer = backend.call("tickets.file", {"ref": ref, "number": number, "offset": len(data)})
        piece = b64decode(answer["data"])
        data += piece
        if not piece or len(data) >= answer["size"]:
            return bytes(data)


def _save(folder: Path, file: dict[str, Any], data: bytes) -> Path:
    # A name is what a stranger wrote: no part of it may lead out of the folder, hide, or run.
    name = _UNSAFE.sub("_", file["filename"] or "file").lstrip(".")[-_LONGEST_NAME:] or "file"
    path = folder / f"{file['number']}-{name}{'.dangerous' if file['dangerous'] else ''}"
    try:
        with path.open("xb") as there:
            there.write(data)
    except FileExistsError:
        raise InboxdError(f"{path} is there already: save into another folder") from None
    if file["entry"] == "voicemail":
        _draw(path)
    return path


def _draw(path: Path) -> None:
    """Put a picture of the sound beside it, where it can be decoded."""
    from transcribe.waveform import draw

    picture = draw(path)
    if picture is not None:
        path.with_suffix(".svg").write_text(picture, "utf-8")


def _line(file: dict[str, Any], session: Session) -> str:
    at = times.shown(file["at"], session.zone())
    danger = "  DANGEROUS" if file["dangerous"] else ""
    where = f"  -> {file['path']}" if file["path"] else ""
    inside = f"  in {file['inside']}" if file.get("inside") else ""
    what = f"{file['filename']}  {file['content_type']}  {file['size']} bytes{inside}{danger}{where}"
    return terminal.one_line(f"{file['number']:>3}  {at}  {what}")


def _timed(transcript: dict[str, Any]) -> str:
    """Write the words beside their times; the text alone where the engine gives no times."""
    return terminal.quoted("\n".join(timed_words.lines(transcript)) or transcript.get("text") or "(no words)")
