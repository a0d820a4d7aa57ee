"""`inboxd transcribe`: audio to text; files nothing and needs no configuration."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inboxd.cli import terminal
from inboxd.cli.group import Command
from inboxd.cli.progress import progress
from inboxd.cli.session import Session
from inboxd.spoken import numbers_of

if TYPE_CHECKING:
    from transcribe.run import Recogniser

_EMPTY: dict[str, Any] = {
    "text": None,
    "confidence": None,
    "duration": None,
    "language": None,
    "engine": None,
    "model": None,
    "words": [],
    "numbers": {"callback": [], "references": [], "accounts": []},
    "error": None,
}


@click.command("transcribe", cls=Command)
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def command(session: Session, paths: tuple[Path, ...]) -> int:
    """Turn recordings into text; needs no configuration.

    Files nothing. With -c or $INBOXD_CONFIG the configuration's speech section chooses engine and model, in place of
    the bundled ones, and a number of the accounts file is found even where it was heard unclearly.
    """
    from transcribe.run import Recogniser

    engine, model = _chosen(session)
    of_others = _numbers_on_file(session)
    failed = False
    with Recogniser(engine, model) as recogniser, progress(len(paths), "hearing") as step:
        for path in paths:
            result = _transcribe(path, recogniser, of_others)
            failed |= result["error"] is not None
            step(partial(session.out.item, result, _page))
    return 1 if failed else 0


def _chosen(session: Session) -> tuple[str, Path | None]:
    if session.chosen_config() is None:
        return "moonshine", None
    speech = session.settings().speech
    return speech.engine, speech.model


def _numbers_on_file(session: Session) -> frozenset[str]:
    if session.chosen_config() is None:
        return frozenset()
    from inboxd.accounts.file import load  # the accounts file alone: no store is opened for this

    return load(session.settings().accounts, None).numbers()


def _transcribe(path: Path, recogniser: "Recogniser", of_others: frozenset[str]) -> dict[str, Any]:
    from transcribe.errors import TranscriptionFailed

    try:
        heard = recogniser.transcribe(path)
    except TranscriptionFailed as error:
        return {"path": str(path), **_EMPTY, "error": error.reason.removeprefix(f"{path.name} ")}
    found = {**heard.to_json(), "numbers": numbers_of(heard, of_others=of_others).to_json()}
    return {"path": str(path), **{key: found.get(key, empty) for key, empty in _EMPTY.items()}}


def _page(result: dict[str, Any]) -> str:
    length = f" ({result['duration']:.0f} s)" if result["duration"] is not None else ""
    words = terminal.quoted(result["text"]) if result["text"] else "  (no words)"
    return f"{terminal.one_line(result['path'])}{length}\n{words}"
