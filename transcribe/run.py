"""Hear a recording: the room's door. Nothing here decodes sound or loads an engine; a child process does.

A stranger's recording can crash or take over the libraries that decode it, and engines keep state between
recordings. So each recording has a process of its own, with limits, and its answer is checked like any input. What all
of them need is loaded once, in the process that they are forked from.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self, assert_never

from transcribe import answer, supervise
from transcribe.engines import why_not_ready
from transcribe.errors import TranscriptionCancelled, TranscriptionFailed
from transcribe.limits import DEFAULT_LIMITS, Limits
from transcribe.request import EXIT_NO_MEMORY, Request, Task
from transcribe.transcript import AudioFacts, Peaks, Transcript

__all__ = [
    "AudioFacts",
    "Limits",
    "Peaks",
    "Recogniser",
    "Transcript",
    "TranscriptionCancelled",
    "TranscriptionFailed",
    "measure",
    "model_ready",
]

_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "PATH": "/usr/bin:/bin",
    # One thread each: on a machine with many cores, stacks and arenas would eat the address-space limit.
    "MALLOC_ARENA_MAX": "1",
    "MOONSHINE_ORT_SINGLE_THREAD": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Since 1.32 onnxruntime reports its use to its maker unless told not to; the child has no network for it anyway.
    "ORT_DISABLE_TELEMETRY": "1",
}
# An interpreter that was built as a shared library may need it to start at all.
_HANDED_ON = ("LD_LIBRARY_PATH",)
_NO_ENGINE = ""

_Found = answer.Transcribed | answer.Probed | answer.Measured


class Recogniser:
    """Hears recordings; threads may share it. `close` it, or use it in a `with`: it keeps a process (125 MB)."""

    def __init__(self, engine: str = "moonshine", model: Path | None = None) -> None:
        """`model` is a model's folder, None the engine's own. Nothing is started before the first recording."""
        self._engine, self._model = engine, None if model is None else str(model.absolute())
        # -P: the current folder must not lend modules. The package's own folder is named, for a checkout.
        root = str(Path(__file__).resolve().parents[1])
        handed_on = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
        self._children = supervise.ForkServer(
            [sys.executable, "-P", "-s", "-m", "transcribe.child", engine, self._model or ""],
            {**_ENVIRONMENT, **handed_on, "PYTHONPATH": root},
        )

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """End its process, and what is heard at this moment."""
        self._children.close()

    def transcribe(
        self,
        path: Path,
        *,
        limits: Limits = DEFAULT_LIMITS,
        cancel: threading.Event | None = None,
        phrases: Sequence[str] = (),
    ) -> Transcript:
        """Return what was said in the recording at `path`.

        `phrases` are listened for where engine and model can, in a second pass: `Transcript.phrases`. Setting
        `cancel` kills the child within a moment.
        Raises TranscriptionFailed: permanent when the recording cannot be read, not permanent for all else; and
        TranscriptionCancelled, which is one. The child also dies with this process.
        """
        reply = self._ask("transcribe", path, limits, cancel, tuple(phrases))
        if not isinstance(reply, answer.Transcribed):
            raise _disbelieved(type(reply).__name__)
        return reply.transcript.to_transcript()

    def probe(self, path: Path, *, limits: Limits = DEFAULT_LIMITS) -> AudioFacts:
        """Return what a recording's header says of it; raises TranscriptionFailed."""
        reply = self._ask("probe", path, limits)
        if not isinstance(reply, answer.Probed):
            raise _disbelieved(type(reply).__name__)
        return reply.facts.to_facts()

    def measure(self, path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Peaks:
        """Return how loud a recording is from its beginning to its end; raises TranscriptionFailed."""
        reply = self._ask("measure", path, limits)
        if not isinstance(reply, answer.Measured):
            raise _disbelieved(type(reply).__name__)
        return reply.peaks.to_peaks()

    def _ask(
        self,
        task: Task,
        path: Path,
        limits: Limits,
        cancel: threading.Event | None = None,
        phrases: tuple[str, ...] = (),
    ) -> _Found:
        if path.is_dir():
            raise TranscriptionFailed(f"{path.name} is a folder", permanent=True)
        try:
            # Not blocking: the path could be a pipe that nobody writes to. The child checks that it is a file.
            recording = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise TranscriptionFailed(f"{path.name} cannot be opened: {error.strerror}", permanent=False) from error
        request = Request(task=task, engine=self._engine, model=self._model, limits=limits, phrases=phrases)
        try:
            ended = self._children.run(
                request.to_json(),
                recording,
                wall_seconds=limits.wall_seconds,
                output_bytes=answer.MAX_BYTES,
                cancel=cancel,
            )
        except OSError as error:
            raise TranscriptionFailed(f"the recogniser did not start: {error}", permanent=False) from error
        finally:
            os.close(recording)
        return _read(ended, limits)


def measure(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Peaks:
    """Return how loud one recording is from its beginning to its end; raises TranscriptionFailed."""
    with Recogniser(_NO_ENGINE) as recogniser:
        return recogniser.measure(path, limits=limits)


def model_ready(engine: str, model: Path | None) -> str | None:
    """Say in a sentence what keeps an engine from working, or None; looks for files, loads nothing."""
    return why_not_ready(engine, model)


def _read(ended: supervise.Ended, limits: Limits) -> _Found:
    match ended.how:
        case "cancelled":
            raise TranscriptionCancelled
        case "timeout":
            raise _failed(f"the recogniser took longer than {limits.wall_seconds:.0f} s", ended)
        case "flooded":
            raise _disbelieved(f"more than {answer.MAX_BYTES} bytes")
        case "exited":
            pass
        case _:
            assert_never(ended.how)
    if ended.status != 0:
        raise _failed(_ending(ended.status, limits), ended)
    try:
        reply = answer.read(ended.output)
    except ValueError as error:  # pydantic's; its text may quote what the child made up, and goes to the log only
        raise _disbelieved(ascii(str(error)[:2000])) from error
    match reply:
        case answer.Unreadable():
            raise TranscriptionFailed(reply.reason, permanent=True)
        case answer.Unavailable():
            raise TranscriptionFailed(reply.reason, permanent=False)
        case answer.Transcribed() | answer.Probed() | answer.Measured():
            return reply
        case _:
            assert_never(reply)


def _ending(status: int, limits: Limits) -> str:
    if status == -signal.SIGXCPU:
        return f"the recogniser used more than {limits.cpu_seconds} s of processor time"
    if status == EXIT_NO_MEMORY:
        return f"the recogniser needed more than {limits.address_space_bytes // 1024**2} MiB of memory"
    if status < 0:
        return f"the recogniser was killed by {signal.Signals(-status).name}"
    return f"the recogniser failed (exit status {status})"


def _failed(reason: str, ended: supervise.Ended) -> TranscriptionFailed:
    return TranscriptionFailed(reason, permanent=False, detail=ended.diagnostics)


def _disbelieved(detail: str) -> TranscriptionFailed:
    return TranscriptionFailed("the recogniser gave no proper answer", permanent=False, detail=detail)
