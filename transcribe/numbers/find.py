"""Which of the numbers in a message are to be called back, which name a ticket, which an account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from transcribe.numbers import words as w
from transcribe.numbers.spoken import Run, may_announce, runs
from transcribe.numbers.telephone import e164, shortest
from transcribe.transcript import NumberHeard

_SHORTEST_REFERENCE = 6
_SHORTEST_ACCOUNT = 3
_SURE = 0.8
"""A number that the recogniser read with more than this is not taken for a similar one on file."""
_WHOLE = 10
"""Figures of a number with its area, in North America."""
_TELLING = 6
"""Fewer figures are like too many numbers."""
_ALIKE = 2
"""Figures by which a number on file may differ from one that was heard unclearly."""
_APART = 3
"""By how many more figures every other one must differ, where any number on file may be meant."""
_BELIEVED = 0.02
"""A reading with less than this is not offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A number that was said: its `value`, and the words that said it.

    `valid`: it can be what it seems to be, `asked`: it was announced as a number to call, `taken`: it is not what was
    heard first, but on file.
    """

    value: str
    said: str
    valid: bool
    asked: bool = False
    taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What was found, best first, each value once: numbers in E.164, references in full, account numbers."""

    callback: tuple[Spoken, ...] = ()
    references: tuple[Spoken, ...] = ()
    accounts: tuple[Spoken, ...] = ()

    def to_json(self) -> dict[str, list[str]]:
        """Return the values alone."""
        return {
            "callback": [one.value for one in self.callback],
            "references": [one.value for one in self.references],
            "accounts": [one.value for one in self.accounts],
        }


def find(
    words: Sequence[str],
    *,
    heard: Sequence[NumberHeard] = (),
    region: str | None = "US",
    on_file: Collection[str] = (),
    of_others: Collection[str] = (),
    is_reference: Callable[[str], bool] = lambda _: False,
    announced: bool = False,
) -> Numbers:
    """Find the numbers in a message.

    `words`: its text. `heard`: what the recogniser knows of the numbers among them. `region`: where it was left.
    `on_file`: numbers (E.164) that this caller may well give; `of_others`: all that anybody may, of whom nothing else
    is known. `is_reference`: whether digits have a reference's check digit. `announced`: no number counts that is not
    announced as one to call, which spares a text full of numbers.
    """
    callback: list[tuple[int, Spoken]] = []
    references: list[Spoken] = []
    accounts: list[Spoken] = []
    known = on_file, of_others
    if announced and not may_announce(words, w.FOR_CALLS, shortest=shortest(region)):
        return Numbers()
    for run in runs(words):
        if announced and not _is_announced(run):
            continue
        said = " ".join(words[run.first : run.last + 1])
        meanings = _meanings(run, heard)
        about = _about(run)
        if about == "account":
            accounts += _accounts(run, meanings, said)
        elif about not in {"extension", "other"}:
            number = None if about == "reference" or run.letters else _number(run, meanings, region, known, said)
            if number is not None:
                callback.append((0 if number.valid and number.asked else 1 if number.valid else 2, number))
            else:
                references += _references(meanings, is_reference, said, named=about == "reference")
    callback.sort(key=lambda ranked: ranked[0])
    return Numbers(
        callback=_once(number for _, number in callback),
        references=_once(references),
        accounts=_once(accounts),
    )


def nearest(digits: str, numbers: Collection[str], *, apart: int = 1) -> str | None:
    """Return the one number (E.164) that is most like what was said; None where none is.

    None, too, where another one differs by fewer than `apart` figures more.
    """
    if len(digits) < _TELLING:
        return None
    far = _ALIKE + apart
    ranked = sorted((_differ(digits, one, far), one) for one in numbers)[:2]
    if not ranked or ranked[0][0] > _ALIKE or (len(ranked) > 1 and ranked[1][0] < ranked[0][0] + apart):
        return None
    return ranked[0][1]


def distance(one: str, other: str, far: int) -> int:
    """Count the figures to change, drop and add; what differs by more than `far` is only told to."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(last + (a != b), row[j] + 1, row[j - 1] + 1)
        if min(row) > far:
            return far + 1
    return row[-1]


def _meanings(run: Run, heard: Sequence[NumberHeard]) -> list[tuple[str, float]]:
    """Return what a run may mean, with how likely that is, best first: as it is written, then as it may be heard."""
    own = [(digits, 1.0) for digits in run.meanings]
    for number in heard:
        # Where more was said around the number (a prefix, a correction), its readings are not the run's.
        if number.readings[0].digits in run.meanings and number.first <= run.last and run.first <= number.last:
            first = number.readings[0].probability
            others = [(one.digits, one.probability) for one in number.readings[1:] if one.probability >= _BELIEVED]
            return [(digits, first) for digits, _ in own] + others
    return own


def _about(run: Run) -> str | None:
    """Say what the words before a run announce, or "is our customer number" behind it: the nearest of them counts."""
    said_after = run.after[1:] if run.after[:1] in {("is",), ("was",)} else ()
    for word in (*reversed(run.before), *said_after):
        if word in w.FOR_EXTENSIONS:
            return "extension"
        if word in w.FOR_REFERENCES:
            return "reference"
        if word in w.FOR_OTHERS:
            return "other"
        if word in w.FOR_ACCOUNTS:
            return "account"
        if word in w.FOR_CALLS - {"number"}:
            return "call"
    return None


def _is_announced(run: Run) -> bool:
    return not w.FOR_CALLS.isdisjoint(run.before)


def _number(
    run: Run,
    meanings: Sequence[tuple[str, float]],
    region: str | None,
    known: tuple[Collection[str], Collection[str]],
    said: str,
) -> Spoken | None:
    asked = _is_announced(run)
    possible = [
        (*form, share) for digits, share in meanings if (form := e164(digits, region, plus=run.plus)) is not None
    ]
    best = next((one for one in possible if one[1]), possible[0] if possible else None)
    is_clear = best is not None and best[1] and best[2] >= _SURE
    text = _on_file([one[0] for one in possible], meanings[0][0], *known, is_clear=is_clear)
    if text is not None:
        taken = best is None or text != best[0]
        return Spoken(value=text, said=said, valid=True, asked=asked, taken=taken)
    return None if best is None else Spoken(value=best[0], said=said, valid=best[1], asked=asked)


def _on_file(
    read: Sequence[str], digits: str, own: Collection[str], others: Collection[str], *, is_clear: bool
) -> str | None:
    """Return the number on file that was meant; `read` are the readings, likeliest first, `digits` the first of them.

    Among the caller's own few numbers the nearest is meant. Among those of everybody some are always alike, so that
    one of them is only where it stands alone.
    """
    found = next((text for text in read if text in own), None)
    if found is not None or is_clear:
        return found
    if (near := nearest(digits, own)) is not None:
        return near
    among = {text for text in read if text in others}
    if among:
        among |= {text for text in others if _differ(digits, text, _ALIKE) <= _ALIKE}
        return among.pop() if len(among) == 1 else None
    return nearest(digits, others, apart=_APART)


def _differ(digits: str, number: str, far: int) -> int:
    """Count the figures in which a number differs from what was said; people leave out the country."""
    return distance(digits, number.lstrip("+")[-max(_WHOLE, len(digits)) :], far)


def _references(
    meanings: Sequence[tuple[str, float]], is_reference: Callable[[str], bool], said: str, *, named: bool
) -> list[Spoken]:
    found = [
        Spoken(value=f"{digits[:-1]}-{digits[-1]}", said=said, valid=True)
        for digits, _ in meanings
        if len(digits) >= _SHORTEST_REFERENCE and is_reference(digits)
    ]
    # One in ten numbers has a check digit by chance: unless announced, only what was heard first counts.
    return found if named else found[:1] if found and found[0].value.replace("-", "") == meanings[0][0] else []


def _accounts(run: Run, meanings: Sequence[tuple[str, float]], said: str) -> list[Spoken]:
    return [
        Spoken(value=run.letters + digits, said=said, valid=True)
        for digits, _ in meanings
        if len(run.letters + digits) >= _SHORTEST_ACCOUNT
    ]


def _once(found: Iterable[Spoken]) -> tuple[Spoken, ...]:
    values: dict[str, Spoken] = {}
    for one in found:
        values.setdefault(one.value, one)
    return tuple(values.values())
