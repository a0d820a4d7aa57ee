"""One message's way to the DNS: so many questions, so many seconds, and no more."""

import time
from typing import TYPE_CHECKING

from inboxd.resolver.answer import Answer, Kind

if TYPE_CHECKING:
    from inboxd.resolver.resolver import Resolver

QUESTIONS_A_MESSAGE = 60
SECONDS_A_MESSAGE = 8.0


class Asker:
    """Asks on behalf of one message, in one thread. Past the budget every answer is a `temperror`."""

    def __init__(
        self, resolver: "Resolver", *, questions: int = QUESTIONS_A_MESSAGE, seconds: float = SECONDS_A_MESSAGE
    ) -> None:
        self._resolver = resolver
        self._questions = questions
        self._seconds = seconds
        self._asked: dict[tuple[str, Kind], Answer] = {}

    def ask(self, name: str, kind: Kind) -> Answer:
        """Return the answer; the same question has the same answer for the whole message. Never raises."""
        question = (name.lower().removesuffix("."), kind)
        if question not in self._asked:
            self._asked[question] = self._ask(question)
        return self._asked[question]

    def _ask(self, question: tuple[str, Kind]) -> Answer:
        if self._questions <= 0:
            return Answer(outcome="temperror", reason="this message asked the DNS more than one message may")
        if self._seconds <= 0:
            return Answer(outcome="temperror", reason="the DNS took longer than one message may wait")
        self._questions -= 1
        started = time.monotonic()
        answer = self._resolver.ask(*question, seconds=self._seconds)
        self._seconds -= time.monotonic() - started
        return answer
