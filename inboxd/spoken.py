"""Numbers in spoken words: a reference that is named, a number that somebody asks to be called at.

A run of digits is one however it is said: `4 8 2`, `four eight two`, `double five`, `oh`. Which digits are meant is as
certain as the words are; what follows from them is somebody else's to decide.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inboxd.phone_numbers import e164
from store import references

_ONES: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS: Final = (
    {"oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "niner": "9"}
    | {word: str(number) for number, word in enumerate(_ONES)}
    | {word: str(number) for number, word in enumerate(_TEENS, 10)}
    | {word: str(number) for number, word in enumerate(_TENS, 2)}  # the nought comes when no other digit does
)
_NOUGHTS: Final = {"hundred": "00", "thousand": "000"}
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}
_JOINS: Final = frozenset({"dash", "hyphen", "-"})
_TOKEN: Final = re.compile(r"\+?\d+|[^\W\d_]+|[-,.;:!?]")
_ASKS: Final = re.compile(
    r"\b(?:call(?:ed)?\s?back|call(?:ing)?|ring|phone|reach(?:ed)?|dial|contact|number|cell|mobile|back)\b[^.;!?]*$",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(r"\b(?:reference|ticket|case|issue)(?:\s+(?:number|no|is|id))*\W*$", re.IGNORECASE)
# "My reference number is …", "the fax number …" are numbers of something else.
_OTHER: Final = re.compile(
    r"\b(?:reference|ticket|case|issue|order|invoice|account|customer|serial|model|version|error|fax)\b[^,.;!?]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Digits that were said in a row; `before` is the text in front of them."""

    digits: str
    before: str


def references_in(text: str) -> tuple[str, ...]:
    """Return the references that the words may hold, bare, in the order they were said: their check digit holds."""
    found = (references.normalise(run.digits) for run in _runs(text))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def called_references_in(text: str) -> tuple[str, ...]:
    """Return what is called a reference in the words, in its form, whether its check digit holds or not."""
    named = (run.digits for run in _runs(text) if _NAMED.search(run.before))
    return tuple(dict.fromkeys(f"{digits[:-1]}-{digits[-1]}" for digits in named if 6 <= len(digits) <= 19))


def callback_in(text: str, *, near: str | None) -> str | None:
    """Return the number that the words ask to be called at, in E.164; the last one counts. `near` as `e164`."""
    asked = [e164(run.digits, near=near) for run in _runs(text) if _is_asked_for(run)]
    return next((each for each in reversed(asked) if each is not None), None)


def _is_asked_for(run: Run) -> bool:
    return (
        len(run.digits.lstrip("+")) >= 7 and _ASKS.search(run.before) is not None and _OTHER.search(run.before) is None
    )


def _runs(text: str) -> Iterator[Run]:
    """Give each run of digits, and those that a pause parts as one run, too."""
    parts: list[Run] = []
    for run, follows in _pieces(text):
        if not follows and parts:
            yield from _alone_and_whole(parts)
            parts = []
        parts.append(run)
    yield from _alone_and_whole(parts)


def _alone_and_whole(parts: list[Run]) -> Iterator[Run]:
    yield from parts
    if len(parts) > 1:
        yield Run(digits="".join(part.digits for part in parts), before=parts[0].before)


def _pieces(text: str) -> Iterator[tuple[Run, bool]]:
    """Give runs without a pause in them, and whether nothing but a pause parts each from the one before."""
    open_ = _Open()
    follows = False
    for match in _TOKEN.finditer(text):
        word = match.group().lower()
        said = word if word.lstrip("+").isdecimal() else _DIGITS.get(word)
        if said is not None:
            if open_.digits and open_.paused:
                yield open_.run(text), follows
                open_, follows = _Open(), True
            open_.take(said, word, match.start())
        elif word in _TIMES:
            open_.times = _TIMES[word]
        elif open_.digits and (word in _NOUGHTS or word in _JOINS or word == ","):
            open_.go_on(word)
        else:
            if open_.digits:
                yield open_.run(text), follows
            open_, follows = _Open(), False
    if open_.digits:
        yield open_.run(text), follows


@dataclass(slots=True)
class _Open:
    """A run that is being read. `times`: how often the next digit counts; `tens`: "fifty", which may be 50 or 5x."""

    digits: str = ""
    start: int = 0
    times: int = 1
    paused: bool = False
    tens: bool = False

    def take(self, said: str, word: str, start: int) -> None:
        """Take the digits of a word."""
        if not self.digits:
            self.start = start
        if self.tens and (len(said) > 1 or said == "0" or word in _TENS):
            self.digits += "0"
        self.digits += said * self.times
        self.tens, self.times, self.paused = word in _TENS, 1, False

    def go_on(self, word: str) -> None:
        """Take a word that ends no run."""
        if word in _NOUGHTS:
            self.digits, self.tens = self._whole() + _NOUGHTS[word], False
        self.paused = word == ","

    def run(self, text: str) -> Run:
        """Return what was read."""
        return Run(digits=self._whole(), before=text[: self.start])

    def _whole(self) -> str:
        return self.digits + "0" if self.tens else self.digits
