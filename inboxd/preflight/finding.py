"""What a look at one thing can say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from inboxd.errors import ConfigurationWrong
from rules.mistakes import Mistake

# wrong: a file of ours has to be corrected (78); failed: something else needs a person (1).
Level = Literal["ok", "warning", "wrong", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found at `place`: a file (with line and column for a mistake), an address, a folder, a mailbox."""

    level: Level
    what: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def wrong(error: ConfigurationWrong, place: str) -> Iterator[Finding]:
    """Give a finding for each mistake of `error`; one at `place` where it names none."""
    if error.mistakes:
        yield from mistakes(error.mistakes)
    else:
        yield Finding(level="wrong", what=str(error), place=place)


def mistakes(found: Iterable[Mistake]) -> Iterator[Finding]:
    """Give a finding for each mistake in a file."""
    for mistake in found:
        place = f"{mistake.file}:{mistake.line}:{mistake.column}"
        yield Finding(level="wrong", what=mistake.message, place=place)


def of_configuration(error: ConfigurationWrong, path: Path) -> list[Finding]:
    """Return the findings of a configuration that could not be read."""
    return list(wrong(error, str(path)))
