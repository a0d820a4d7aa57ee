"""`inboxd ingest`: files mails and recordings through the very same pipeline as everything else that comes in.

Single files go in as they are given. What holds many (an mbox, a Maildir, a folder) is an import: `import_run`.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from inboxd.cli import files, terminal, times
from inboxd.cli.envelope_options import demand_mailbox, envelope, envelope_options, is_call, to_json
from inboxd.cli.group import Command
from inboxd.cli.progress import progress
from inboxd.cli.session import Session
from inboxd.control.wire import Backend
from inboxd.errors import InboxdError, TryLater, UsageWrong
from inboxd.intake.envelope import Envelope

_AHEAD = 32  # accepted and not yet through: enough to share commits and keep workers busy, few to lose sight of
_WAIT_SECONDS = 5  # one question's patience; asked again until the item is through
_EMPTY = {"intake_id": None, "status": None, "reason": None, "ticket": None, "error": None}

_MANY = {
    "mbox": "is an mbox (it begins with a From line)",
    "maildir": "is a Maildir",
    "folder": "is a directory",
}
_CHOICE = (
    "--history files old mail quietly: closed under its own date, no clock, nothing sent, nobody paged; "
    "--as-new files it as if each came in now: tickets to work on, clocks and all that follows"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Accepted:
    """A path whose bytes are kept under `intake_id`, or that was refused with `error`."""

    path: str
    intake_id: str | None = None
    error: InboxdError | None = None


@click.command("ingest", cls=Command)
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@envelope_options
@click.option(
    "--transcript",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The recording's words, if they are known: no recogniser runs.",
)
@click.option("--received-at", metavar="TIME", help="When it was received (RFC 3339); default now.")
@click.option("--history", is_flag=True, help="Old mail, filed quietly: under its own date, closed, nothing sent.")
@click.option("--as-new", is_flag=True, help="An mbox, Maildir or directory of mail that waits for an answer.")
@click.pass_obj
def command(
    session: Session,
    /,
    paths: tuple[Path, ...],
    transcript: Path | None,
    received_at: str | None,
    history: bool,
    as_new: bool,
    **options: Any,
) -> int:
    """File mails and recordings through the very same pipeline.

    Works with and without a running daemon, and returns when all are through, the recogniser included. The kind of a
    file is told by its content: audio is a voicemail, everything else a mail. With --caller or --called it is a
    voicemail, whatever it holds.

    The same mail again is its duplicate. The same recording again is one where --caller, --called and --received-at are
    the same, too: a job that may run twice should give all three.

    An mbox, a Maildir and a directory (with all below it) need one of --history and --as-new; a single file may have
    one. With either, messages are filed by their own dates, whatever the order of the paths, so that an answer finds
    what it answers, and the same command given again goes on where it stopped: nothing is filed twice. With
    --history, --received-at is for what has no date of its own.
    """
    given = envelope(**options)
    demand_mailbox(session, given)
    if history and as_new:
        raise UsageWrong(f"--history and --as-new exclude each other: {_CHOICE}")
    at = None if received_at is None else times.write(times.read(received_at))
    many = _collection(paths, call=is_call(given))
    if transcript is not None:
        given = replace(given, transcript=_transcript(transcript, paths if many is None else ()))
    if history or as_new:
        from inboxd.cli import import_run

        return import_run.run(session, paths, replace(given, history=history), at)
    if many is not None:
        raise UsageWrong(f"{many}: choose --history or --as-new. {_CHOICE}")
    common: dict[str, Any] = {} if at is None else {"received_at": at}
    failed: list[InboxdError] = []
    with session.backend() as backend, progress(len(paths), "filing") as step:
        for outcome in _outcomes(backend, _accept_all(backend, paths, given, common), failed):
            step(partial(session.out.item, outcome, _line))
    if not failed:
        return 0
    # Where nothing but the moment was wrong, the whole call may be made again: no mail is filed twice.
    return TryLater.exit_code if all(isinstance(error, TryLater) for error in failed) else 1


def _transcript(file: Path, paths: tuple[Path, ...]) -> str:
    if len(paths) != 1:
        raise UsageWrong("--transcript holds the words of one recording: give one PATH with it")
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageWrong(f"--transcript {file}: {files.unreadable(error)}") from error
    except UnicodeDecodeError as error:
        raise UsageWrong(f"--transcript {file}: is not UTF-8 text") from error


def _collection(paths: Iterable[Path], *, call: bool) -> str | None:
    """Return which path holds many messages and what it is, before anything is filed; None where none does."""
    for path in paths:
        try:
            what = _MANY.get(files.kind(path, call=call))
        except InboxdError:
            continue  # reported in its turn; it does not stop the others
        if what is not None:
            return f"{path} {what}"
    return None


def _accept_all(
    backend: Backend, paths: Iterable[Path], given: Envelope, common: dict[str, Any]
) -> Iterator[_Accepted]:
    for path in paths:
        name = str(path)
        try:
            yield _Accepted(path=name, intake_id=_accept(backend, path, given, common))
        except InboxdError as error:
            yield _Accepted(path=name, error=error)


def _accept(backend: Backend, path: Path, given: Envelope, common: dict[str, Any]) -> str:
    kind = files.kind(path, call=is_call(given))
    arguments = {"name": str(path), "kind": kind, "envelope": to_json(given), **common}
    answer = backend.call("ingest.accept", arguments, files.read(path))
    return str(answer["intake_id"])


def _outcomes(backend: Backend, accepted: Iterator[_Accepted], failed: list[InboxdError]) -> Iterator[dict[str, Any]]:
    """Yield the result of each path, in the order of the paths; up to `_AHEAD` are under way at the same time."""
    waiting: deque[_Accepted] = deque()
    for item in accepted:
        waiting.append(item)
        if len(waiting) >= _AHEAD:
            yield _outcome(backend, waiting.popleft(), failed)
    while waiting:
        yield _outcome(backend, waiting.popleft(), failed)


def _outcome(backend: Backend, item: _Accepted, failed: list[InboxdError]) -> dict[str, Any]:
    error = item.error
    if error is None:
        try:
            return {"path": item.path, **_EMPTY, **_wait(backend, item.intake_id)}
        except InboxdError as caught:
            error = caught
    failed.append(error)
    return {"path": item.path, **_EMPTY, "intake_id": item.intake_id, "error": str(error)}


def _wait(backend: Backend, intake_id: str | None) -> dict[str, Any]:
    while True:
        outcome = backend.call("ingest.outcome", {"intake_id": intake_id, "wait_seconds": _WAIT_SECONDS})
        if outcome is not None:
            return dict(outcome)


def _line(result: dict[str, Any]) -> str:
    ticket = result["ticket"]
    place = f" as {ticket['ref']} ({ticket['priority']})" if ticket else ""
    reason = f": {result['reason']}" if result["reason"] else ""
    return terminal.one_line(f"{result['path']}: {result['status']}{place}{reason}")
