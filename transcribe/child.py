"""The process that hears one recording and ends, and the one that it is forked from: `python -m transcribe.child`.

A request (JSON, see `Request`) comes to the latter with the recording's descriptor (fork_server.py), and the child's
answer (JSON, see answer.py) goes into a pipe. The exit status is 0 when there is an answer. The child takes limits on
itself before it looks at the recording, and may be killed at any moment.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

from transcribe import confine, fork_server
from transcribe.audio import Recording
from transcribe.engines import build, preload
from transcribe.errors import AudioUnreadable, EngineUnavailable
from transcribe.peaks import peaks
from transcribe.request import EXIT_NO_MEMORY, Request
from transcribe.transcript import NO_SPEECH, Transcript


def main(control: int, engine: str, model: str) -> None:
    """Load what each recording needs, and fork a child for each request on a socket; `model` may be empty."""
    # One recording leaves few cycles behind, and to look for them takes a thirtieth of a short one's time.
    gc.disable()
    # What cannot be loaded is missed again by each child, and is said there.
    with contextlib.suppress(Exception):
        preload(engine, Path(model) if model else None)
    fork_server.serve(socket.socket(fileno=control), answer)


def answer(message: bytes, recording: int, answer_to: int) -> int:
    """Answer one request, in a process of its own; returns the exit status."""
    request = Request.from_json(message)
    confine.confine(address_space_bytes=request.limits.address_space_bytes, cpu_seconds=request.limits.cpu_seconds)
    confine.shut_in(None if request.model is None else Path(request.model))
    try:
        reply = _answer(request, recording)
    except MemoryError:
        # The limit, most likely; no traceback, which needs memory.
        return EXIT_NO_MEMORY
    with os.fdopen(answer_to, "wb") as file:
        file.write(json.dumps(reply, allow_nan=False).encode())
    return 0


def _answer(request: Request, recording: int) -> dict[str, Any]:
    try:
        opened = Recording(recording, request.limits)
        if request.task == "probe":
            return {"outcome": "probed", "facts": dataclasses.asdict(opened.facts())}
        if request.task == "measure":
            return {"outcome": "measured", "peaks": dataclasses.asdict(peaks(opened))}
        return {"outcome": "transcribed", "transcript": _transcribe(request, opened).to_json()}
    except AudioUnreadable as error:
        return {"outcome": "unreadable", "reason": error.reason}
    except EngineUnavailable as error:
        return {"outcome": "unavailable", "reason": error.reason}


def _transcribe(request: Request, recording: Recording) -> Transcript:
    engine = build(request.engine, None if request.model is None else Path(request.model), request.phrases)
    heard = engine.recognise(recording.blocks(engine.sample_rate))
    text = " ".join(segment.text for segment in heard.segments)
    return Transcript(
        text=text,
        engine=engine.name,
        model=engine.model,
        language=engine.language,
        confidence=heard.confidence,
        duration=round(recording.seconds, 2),
        words=heard.words,
        segments=heard.segments,
        numbers=heard.numbers,
        phrases=heard.phrases,
        note=_note(recording, text),
    )


def _note(recording: Recording, text: str) -> str | None:
    notes = []
    if not text:
        notes.append(NO_SPEECH)
    if recording.cut:
        notes.append(f"only the first {_clock(recording.seconds)} were transcribed; the recording is longer")
    if recording.damaged:
        notes.append(f"the recording is damaged; only its first {_clock(recording.seconds)} could be read")
    return "; ".join(notes) or None


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d} min" if whole >= 60 else f"{seconds:.1f} s"


if __name__ == "__main__":
    engine, model, control = sys.argv[1:]
    main(int(control), engine, model)
