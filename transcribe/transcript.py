"""What a recogniser heard, as plain values that travel between processes and into the store."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

NO_SPEECH = "no speech was heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word; times in seconds from the start of the recording.

    `confidence` lies in 0..1, and is None where the engine does not say how sure it is.
    """

    text: str
    start: float
    end: float
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of speech that was recognised in one go; times in seconds from the start of the recording."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberReading:
    """One way to read a dictated number, its digits alone; the readings of one number add up to at most 1."""

    digits: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberHeard:
    """A dictated number: `words[first]` to `words[last]`, inclusive; its readings, likeliest first.

    The first reading is what the words say. A number on file among the others is worth more than the likeliest.
    """

    first: int
    last: int
    readings: tuple[NumberReading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The words of one recording.

    `text` is "" when nobody spoke. `duration` is the length in seconds of the sound that was decoded, and
    `note` is a sentence for a person when that is not the whole story (no speech, cut, damaged). `language`
    is an ISO 639-1 code. `words` is empty and `confidence` None where the engine gives none: nothing is
    made up. `numbers`: what was dictated in digits, with what else it may have been. `phrases`: what the engine
    made out of the phrases that it was asked to listen for, whatever stands in the text there.
    """

    text: str
    engine: str
    model: str
    language: str
    confidence: float | None
    duration: float
    words: tuple[Word, ...] = ()
    segments: tuple[Segment, ...] = ()
    numbers: tuple[NumberHeard, ...] = ()
    phrases: tuple[Segment, ...] = ()
    note: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a dict of JSON values, the form that `answer.read_transcript` reads."""
        value = dataclasses.asdict(self)
        value["words"] = [dict(word) for word in value["words"]]
        value["segments"] = [dict(segment) for segment in value["segments"]]
        value["phrases"] = [dict(phrase) for phrase in value["phrases"]]
        value["numbers"] = [{**number, "readings": list(number["readings"])} for number in value["numbers"]]
        return value


COLUMNS = 600
"""How many `heights` a recording's `Peaks` have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """A recording's shape: its length in seconds; the loudest, 0 to 1, of each of `COLUMNS` equal parts of it."""

    duration: float
    heights: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """What a recording's header says: `duration` in seconds, `rate` in Hz, `format` in words."""

    duration: float
    rate: int
    channels: int
    format: str
