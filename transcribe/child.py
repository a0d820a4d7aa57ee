"""The process that hears one recording and ends: `python -m transcribe.child`.

A request (JSON, see `Request`) comes on standard input, the recording on an inherited descriptor, and one
answer (JSON, see answer.py) goes to standard output. The exit status is 0 when there is an answer. The
process takes limits on itself before it looks at the recording, and may be killed at any moment.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from transcribe import confine
from transcribe.errors import AudioUnreadable, EngineUnavailable
from transcribe.limits import Limits
from transcribe.transcript import NO_SPEECH, Peaks, Transcript

if TYPE_CHECKING:
    from transcribe.audio import Recording

EXIT_NO_MEMORY = 71
EXIT_FAILED = 70


Task = Literal["transcribe", "probe", "measure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the parent asks for: its process id, the recording's descriptor, the model's folder or None.

    `phrases`: what to listen for, where the engine can.
    """

    task: Task
    parent: int
    descriptor: int
    engine: str
    model: str | None
    limits: Limits
    phrases: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """Return the request's form on standard input."""
        return json.dumps(dataclasses.asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Request:
        """Read what the parent wrote; it is trusted."""
        value = json.loads(data)
        return cls(**{**value, "limits": Limits(**value["limits"]), "phrases": tuple(value["phrases"])})


def main() -> int:
    """Answer one request; returns the exit status."""
    answer_to = confine.private_output()
    request = Request.from_json(sys.stdin.buffer.read())
    confine.die_with_parent(request.parent)
    confine.confine(address_space_bytes=request.limits.address_space_bytes, cpu_seconds=request.limits.cpu_seconds)
    confine.shut_in(None if request.model is None else Path(request.model))
    try:
        answer = _answer(request)
    except MemoryError:
        # The limit, most likely; no traceback, which needs memory.
        return EXIT_NO_MEMORY
    except Exception:  # noqa: BLE001 the process's edge: the parent logs what stands on standard error
        traceback.print_exc()
        return EXIT_FAILED
    with os.fdopen(answer_to, "wb") as file:
        file.write(json.dumps(answer, allow_nan=False).encode())
    return 0


def _answer(request: Request) -> dict[str, Any]:
    try:
        if request.task == "probe":
            return {"outcome": "probed", "facts": dataclasses.asdict(_open(request).facts())}
        if request.task == "measure":
            return {"outcome": "measured", "peaks": dataclasses.asdict(_measure(request))}
        return {"outcome": "transcribed", "transcript": _transcribe(request).to_json()}
    except AudioUnreadable as error:
        return {"outcome": "unreadable", "reason": error.reason}
    except EngineUnavailable as error:
        return {"outcome": "unavailable", "reason": error.reason}


def _open(request: Request) -> Recording:
    from transcribe.audio import Recording  # numpy and libsndfile: after the limits stand

    return Recording(request.descriptor, request.limits)


def _measure(request: Request) -> Peaks:
    from transcribe.peaks import peaks

    return peaks(_open(request))


def _transcribe(request: Request) -> Transcript:
    from transcribe.engines import build

    recording = _open(request)  # before the engine: half a second is saved for what cannot be read
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
    # One recording leaves few cycles behind, and to look for them takes a thirtieth of a short one's time.
    gc.disable()
    status = main()
    sys.stderr.flush()
    # The kernel frees it all at once; to take networks apart one by one costs a tenth of a short recording.
    os._exit(status)
