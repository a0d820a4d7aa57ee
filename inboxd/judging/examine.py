"""A mail out of the intake, read and checked: what a first look and every later one begin with."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inboxd.authentication import Checker, Findings
from inboxd.intake.bytes_of_intake import bytes_of
from inboxd.intake.door import moment
from inboxd.message import Message
from store.intake import Intake

if TYPE_CHECKING:
    from store.open import Store


class Examiner:
    """Reads mails and has their authors checked. Slow (a worker process, the DNS): never inside a transaction."""

    def __init__(self, store: "Store", read: Callable[[bytes | Path], Message], checker: Checker) -> None:
        self._store = store
        self._read = read
        self._checker = checker

    def examine(self, intake: Intake) -> tuple[Message, Findings]:
        """Return what a mail says and what is found about its author, by the time at which it was received."""
        with bytes_of(self._store, intake) as raw:
            message = self._read(raw)
            return message, self._checker.check(raw, message, intake.envelope, moment(intake.received_at))
