"""The child's answer, read strictly: a hostile recording may have taken the child over.

Whatever the child says is checked for type, length, order and characters before a word of it is believed.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from transcribe.transcript import COLUMNS, AudioFacts, NumberHeard, NumberReading, Peaks, Segment, Transcript, Word

MAX_BYTES = 1024 * 1024
"""15 minutes of fast speech are 20 kB of text; with a time and a confidence for each word, 300 kB."""

_MAX_TEXT = 200_000
_MAX_ITEMS = 50_000


def _printable(text: str) -> str:
    # Control characters would reach terminals, surrogates the store; a transcript needs neither.
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"}:
            raise ValueError(f"holds the character U+{ord(character):04X}")
    return text


def _printable_lines(text: str) -> str:
    _printable(text.replace("\n", "").replace("\t", ""))
    return text


Text = Annotated[str, Field(max_length=_MAX_TEXT), AfterValidator(_printable_lines)]
Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Seconds = Annotated[float, Field(ge=0, le=7 * 24 * 3600, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Timed(_Strict):
    text: Line
    start: Seconds
    end: Seconds

    @model_validator(mode="after")
    def _in_order(self) -> _Timed:
        if self.end < self.start:
            raise ValueError("ends before it starts")
        return self


class WordModel(_Timed):
    """A `Word`."""

    confidence: Share | None


class SegmentModel(_Timed):
    """A `Segment`; its text may be a long sentence."""

    text: Text


class NumberReadingModel(_Strict):
    """A `NumberReading`."""

    digits: Annotated[str, Field(pattern=r"^[0-9]{1,64}$")]
    probability: Share


class NumberModel(_Strict):
    """A `NumberHeard`."""

    first: Annotated[int, Field(ge=0, le=_MAX_ITEMS, strict=True)]
    last: Annotated[int, Field(ge=0, le=_MAX_ITEMS, strict=True)]
    readings: Annotated[tuple[NumberReadingModel, ...], Field(min_length=1, max_length=64)]

    def to_number(self) -> NumberHeard:
        """Return it as the plain value."""
        readings = tuple(NumberReading(**reading.model_dump()) for reading in self.readings)
        return NumberHeard(first=self.first, last=self.last, readings=readings)


class TranscriptModel(_Strict):
    """A `Transcript`."""

    text: Text
    engine: Name
    model: Name
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    confidence: Share | None
    duration: Seconds
    words: Annotated[tuple[WordModel, ...], Field(max_length=_MAX_ITEMS)]
    segments: Annotated[tuple[SegmentModel, ...], Field(max_length=_MAX_ITEMS)]
    # Transcripts that were stored before numbers had readings have none.
    numbers: Annotated[tuple[NumberModel, ...], Field(max_length=_MAX_ITEMS)] = ()
    # Nor had engines been asked to listen for phrases.
    phrases: Annotated[tuple[SegmentModel, ...], Field(max_length=_MAX_ITEMS)] = ()
    note: Line | None

    @model_validator(mode="after")
    def _numbers_are_words(self) -> TranscriptModel:
        if any(not number.first <= number.last < len(self.words) for number in self.numbers):
            raise ValueError("a number stands where no word is")
        return self

    def to_transcript(self) -> Transcript:
        """Return it as the plain value that the rest of the program knows."""
        return Transcript(
            text=self.text,
            engine=self.engine,
            model=self.model,
            language=self.language,
            confidence=self.confidence,
            duration=self.duration,
            words=tuple(Word(**word.model_dump()) for word in self.words),
            segments=tuple(Segment(**segment.model_dump()) for segment in self.segments),
            numbers=tuple(number.to_number() for number in self.numbers),
            phrases=tuple(Segment(**phrase.model_dump()) for phrase in self.phrases),
            note=self.note,
        )


class FactsModel(_Strict):
    """An `AudioFacts`."""

    duration: Seconds
    rate: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    channels: Annotated[int, Field(ge=1, le=1024, strict=True)]
    format: Line

    def to_facts(self) -> AudioFacts:
        """Return it as the plain value that the rest of the program knows."""
        return AudioFacts(**self.model_dump())


class PeaksModel(_Strict):
    """A `Peaks`."""

    duration: Seconds
    heights: Annotated[tuple[Share, ...], Field(min_length=COLUMNS, max_length=COLUMNS)]

    def to_peaks(self) -> Peaks:
        """Return it as the plain value that the rest of the program knows."""
        return Peaks(**self.model_dump())


class Transcribed(_Strict):
    """The recording was heard."""

    outcome: Literal["transcribed"]
    transcript: TranscriptModel


class Probed(_Strict):
    """The recording's header was read."""

    outcome: Literal["probed"]
    facts: FactsModel


class Measured(_Strict):
    """The recording's shape was found."""

    outcome: Literal["measured"]
    peaks: PeaksModel


class Unreadable(_Strict):
    """The recording cannot be read, now or later."""

    outcome: Literal["unreadable"]
    reason: Line


class Unavailable(_Strict):
    """The engine is not there."""

    outcome: Literal["unavailable"]
    reason: Line


Answer = Annotated[Transcribed | Probed | Measured | Unreadable | Unavailable, Field(discriminator="outcome")]
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)


def read(data: bytes) -> Answer:
    """Read the child's answer; raises ValueError (pydantic's) when it is anything but one."""
    return _ANSWER.validate_json(data)


def read_transcript(value: object) -> Transcript:
    """Read what `Transcript.to_json` wrote; raises ValueError (pydantic's) for anything else, be it an unknown key."""
    return TranscriptModel.model_validate(value).to_transcript()
