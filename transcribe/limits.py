"""How much one recording may cost."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the child process may take for one recording.

    `audio_seconds`: what is longer is transcribed up to here, and the transcript says so: 11 MB of coded
    silence can stand for 11 hours, so the file's size is no measure. `file_bytes`: larger files are refused.
    `address_space_bytes` bounds mapped memory, which is about twice the resident memory (docs/speech.md has
    the figures). `cpu_seconds` is several times what 15 minutes of speech cost; `wall_seconds` is the same
    for a busy machine.
    """

    audio_seconds: float = 15 * 60.0
    file_bytes: int = 128 * MIB
    address_space_bytes: int = 1024 * MIB
    cpu_seconds: int = 300
    wall_seconds: float = 900.0


DEFAULT_LIMITS = Limits()
