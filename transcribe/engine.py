"""What a speech engine is to the rest of the room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from transcribe.transcript import NumberHeard, Segment, Word

if TYPE_CHECKING:  # numpy is for the child process alone
    from transcribe.audio import Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an engine heard in one recording, in order of time; empty when nobody spoke.

    `phrases`: which of the phrases it was asked to listen for it made out, and where, whatever stands in `words` there.
    """

    segments: tuple[Segment, ...]
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    numbers: tuple[NumberHeard, ...] = ()
    phrases: tuple[Segment, ...] = ()


class Engine(Protocol):
    """A recogniser for one recording: built for it, used once, and gone with its process.

    Engines keep state between recordings (adaptation, voice activity), and some share memory between threads;
    so `recognise` is called once in the life of an engine. The blocks come one after another and need not be
    kept; an engine that wants the whole recording has to say in docs/speech.md what memory that costs.
    """

    @property
    def name(self) -> str:
        """The engine's name in settings and transcripts."""
        ...

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    @property
    def language(self) -> str:
        """What it understands, ISO 639-1."""
        ...

    @property
    def sample_rate(self) -> int:
        """The rate in Hz that it wants its samples at."""
        ...

    def recognise(self, blocks: Iterable[Samples]) -> Heard:
        """Hear one recording, given as consecutive blocks at `sample_rate`; raises RuntimeError."""
        ...
