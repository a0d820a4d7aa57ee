"""An answer on its way to the client: what lies are told in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.harness.lying_imap.command import Command

# After the bytes: go on; close the line at once (RST); say nothing more and keep the line open.
End = Literal["go on", "cut", "hang"]


@dataclass(slots=True)
class Answer:
    """`untagged` responses, whole with their line ends, then the `tagged` line. `end` is what follows them."""

    untagged: list[bytes] = field(default_factory=list)
    tagged: bytes = b""
    end: End = "go on"

    def encoded(self) -> bytes:
        """All of it as bytes."""
        return b"".join(self.untagged) + self.tagged


# A lie stands between a command and its execution: it may leave out the one and change the answer of the other.
Execute = Callable[[], Answer]
Tell = Callable[[Command, Execute], Answer]


@dataclass(slots=True)
class Lie:
    """Told at commands named `at` (holding `text`), after the first `skip` of them, `times` times (None: always)."""

    at: str
    tell: Tell
    times: int | None = 1
    skip: int = 0
    text: bytes = b""
    told: int = 0

    def due(self, command: Command) -> bool:
        """Whether it is told now; counts."""
        if not (command.name == self.at and self.text in command.text.upper()):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None and self.told >= self.times:
            return False
        self.told += 1
        return True
