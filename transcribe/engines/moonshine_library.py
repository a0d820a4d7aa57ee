"""libmoonshine's C interface, as far as it is used here (moonshine-c-api.h of 0.1.0).

The Python package around it takes sound as a list of Python floats, gigabytes for a long recording, and
imports a download client. The structures below must match the version that `moonshine_model` asks for.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from transcribe.audio import Samples

_HEADER_VERSION = 30_000
_Float = ctypes.c_float
_FloatPointer = ctypes.POINTER(ctypes.c_float)


class _LineC(ctypes.Structure):
    _fields_ = (
        ("text", ctypes.c_char_p),
        ("audio_data", _FloatPointer),
        ("audio_data_count", ctypes.c_size_t),
        ("start_time", _Float),
        ("duration", _Float),
        ("id", ctypes.c_uint64),
        ("is_complete", ctypes.c_int8),
        ("is_updated", ctypes.c_int8),
        ("is_new", ctypes.c_int8),
        ("has_text_changed", ctypes.c_int8),
        ("have_speakers_changed", ctypes.c_int8),
        ("speaker_spans", ctypes.c_void_p),
        ("speaker_span_count", ctypes.c_uint64),
        ("last_transcription_latency_ms", ctypes.c_uint32),
        ("words", ctypes.c_void_p),
        ("word_count", ctypes.c_uint64),
    )


class _TranscriptC(ctypes.Structure):
    _fields_ = (("lines", ctypes.POINTER(_LineC)), ("line_count", ctypes.c_uint64))


class _OptionC(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("value", ctypes.c_char_p))


_TranscriptPointer = ctypes.POINTER(_TranscriptC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the library's transcript; times in seconds."""

    text: str
    start: float
    duration: float


class Library:
    """The shared library; loading it maps 40 MB and starts no thread."""

    def __init__(self, path: Path) -> None:
        """Load it; raises RuntimeError when its version is not the one described here."""
        self._c = ctypes.CDLL(str(path))
        i32, u32, u64 = ctypes.c_int32, ctypes.c_uint32, ctypes.c_uint64
        signatures = {
            "moonshine_get_version": (),
            "moonshine_load_transcriber_from_files": (
                ctypes.c_char_p,
                u32,
                ctypes.POINTER(_OptionC),
                u64,
                i32,
            ),
            "moonshine_create_stream": (i32, u32),
            "moonshine_start_stream": (i32, i32),
            "moonshine_stop_stream": (i32, i32),
            "moonshine_transcribe_add_audio_to_stream": (i32, i32, _FloatPointer, u64, i32, u32),
            "moonshine_transcribe_stream": (i32, i32, u32, ctypes.POINTER(_TranscriptPointer)),
        }
        for name, arguments in signatures.items():
            function = getattr(self._c, name)
            function.argtypes, function.restype = arguments, i32
        version = self._c.moonshine_get_version()
        if version != _HEADER_VERSION:
            raise RuntimeError(f"libmoonshine speaks version {version}, not {_HEADER_VERSION}")

    def load(self, folder: Path, architecture: int, options: Mapping[str, str]) -> int:
        """Load a model, return its handle; raises RuntimeError. The process's end frees it."""
        array = (_OptionC * len(options))(*(_OptionC(name.encode(), value.encode()) for name, value in options.items()))
        return self._ask(
            "load_transcriber_from_files",
            str(folder).encode(),
            architecture,
            array,
            len(options),
            _HEADER_VERSION,
        )

    def open_stream(self, handle: int) -> int:
        """Open and start a stream of sound; returns its handle."""
        stream = self._ask("create_stream", handle, 0)
        self._ask("start_stream", handle, stream)
        return stream

    def feed(self, handle: int, stream: int, samples: Samples, rate: int) -> None:
        """Add sound to a stream, and have it worked on."""
        pointer, length = _pointer(samples)
        self._ask("transcribe_add_audio_to_stream", handle, stream, pointer, length, rate, 0)
        self._stream_lines(handle, stream)

    def finish(self, handle: int, stream: int) -> tuple[Line, ...]:
        """End a stream; returns all of its lines."""
        self._ask("stop_stream", handle, stream)
        return _lines(self._stream_lines(handle, stream))

    def _stream_lines(self, handle: int, stream: int) -> ctypes._Pointer[_TranscriptC]:
        out = _TranscriptPointer()
        self._ask("transcribe_stream", handle, stream, 0, ctypes.byref(out))
        return out

    def _ask(self, function: str, *arguments: object) -> int:
        answer = int(getattr(self._c, f"moonshine_{function}")(*arguments))
        if answer < 0:
            raise RuntimeError(f"libmoonshine: {function} failed with {answer}")
        return answer


def _pointer(samples: Samples) -> tuple[ctypes._Pointer[_Float], int]:
    samples = np.ascontiguousarray(samples, np.float32)  # numpy keeps it alive through the pointer
    return samples.ctypes.data_as(_FloatPointer), len(samples)


def _lines(transcript: ctypes._Pointer[_TranscriptC]) -> tuple[Line, ...]:
    if not transcript:
        return ()
    content = transcript.contents
    return tuple(
        Line(
            # The tokenizer can leave half a character at the end of a line that it cut.
            text=(line.text or b"").decode("utf-8", errors="ignore"),
            start=float(line.start_time),
            duration=float(line.duration),
        )
        for line in content.lines[: content.line_count]
    )
