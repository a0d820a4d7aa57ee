"""From words to runs of digits, each with the other ways in which it can be meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise, product

from transcribe.numbers import words as w

MOST_MEANINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A number as it was said: words `first` to `last` (inclusive) of the text.

    `meanings`: its digits, the likeliest meaning first ("twenty seven" is 27 or 207). `plus`: an international
    prefix was said. `letters`: what was spelled before it. `before`: a few words in front of it, back
    to the number before; `after`: a few behind it; lower case.
    """

    first: int
    last: int
    meanings: tuple[str, ...]
    plus: bool = False
    letters: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(slots=True)  # not frozen: a mail has thousands, and a frozen one takes more than twice the time to make
class _Atom:
    """A piece of a text: a word, a group of figures or a plus; `at` is the word it comes from.

    `whole`: that word is a telephone number by itself.
    """

    text: str
    at: int
    whole: bool = False


@dataclass(slots=True)
class _Group:
    """Digits said in one go; what is meant is one of `ways`. `replaces`: it was said instead of what came before."""

    ways: list[str]
    replaces: bool = False


@dataclass(slots=True)
class _Open:
    """A run that goes on."""

    first: int
    last: int
    start: int
    plus: bool = False
    letters: str = ""
    groups: list[_Group] = field(default_factory=list)
    area_code: int | None = None
    """Which of the groups came after "area code"."""


_ATOM = re.compile(r"x-ray|[a-z][a-z']*|\d+|\+")
_CONTEXT = 7
_HOMOPHONES_IN_A_ROW = 2
_WHOLE = 10
_LOCAL, _AREA_CODE = 7, 3
"""Figures of a telephone number in North America, and of its parts."""
_FIRST = frozenset({"+", "plus", *w.LETTERS, *w.TIMES, *w.UNITS, *w.TEENS, *w.TENS})
"""A number begins with one of these or with a figure; nearly every word of a text is something else."""
_FIGURES = frozenset({"+", "plus", *w.TIMES, *w.UNITS, *w.TEENS, *w.TENS, *w.ROUND})
"""Three figures at most, each; what is only part of a number between two of these does not count."""
_FARTHEST = 6
"""So many words on is the next figure of a number, at most."""


def runs(words: Sequence[str]) -> list[Run]:
    """Return the numbers in a text, given as its words with their marks, in the order in which they were said."""
    atoms: list[_Atom] = []
    for at, word in enumerate(words):
        whole = len(word) >= _WHOLE and sum(map(str.isdigit, word)) >= _WHOLE
        atoms += [_Atom(piece, at, whole) for piece in _ATOM.findall(word.lower())]
    found: list[Run] = []
    at = last = 0
    while at < len(atoms):
        if atoms[at].text not in _FIRST and not atoms[at].text.isdigit():
            at += 1
            continue
        run, end = _run(atoms, at)
        if run is None:
            at += 1
            continue
        before = tuple(atom.text for atom in atoms[max(last, run.start - _CONTEXT) : run.start])
        after = tuple(atom.text for atom in atoms[end : end + _CONTEXT])
        meanings = tuple(_meanings(_area_code_first(run)))
        found.append(
            Run(
                first=run.first,
                last=run.last,
                meanings=meanings,
                plus=run.plus,
                letters=run.letters,
                before=before,
                after=after,
            )
        )
        at = last = end
    return found


def may_announce(words: Sequence[str], announcing: frozenset[str], *, shortest: int) -> bool:
    """Say whether a text may hold a word that announces numbers, and a number with a plus or of `shortest` figures.

    False is certain (of four figures and more), and known in a tenth of the time that it takes to read all runs.
    """
    pieces = _ATOM.findall(" ".join(words).lower())
    if announcing.isdisjoint(pieces):
        return False
    figures = [at for at, piece in enumerate(pieces) if piece.isdigit() or piece in _FIGURES]
    return any(after - before <= _FARTHEST for before, after in pairwise(figures)) or any(
        len(pieces[at]) >= shortest for at in figures if pieces[at].isdigit()
    )


def _run(atoms: Sequence[_Atom], start: int) -> tuple[_Open | None, int]:
    """Read the run that begins at `start`, if one does; return it and where it ends."""
    at, run = start, _Open(atoms[start].at, atoms[start].at, start)
    at = _spelled(atoms, at, run)
    if at < len(atoms) and atoms[at].text in {"plus", "+"} and _is_digits(atoms, at + 1):
        run.plus, at = True, at + 1
    if not _is_digits(atoms, at) or (atoms[at].text in {"o", "oh"} and not _is_digits(atoms, at + 1)):
        return None, start
    correcting = False
    while at < len(atoms):
        group, end = _group(atoms, at, inside=bool(run.groups))
        if group is not None:
            if run.groups and not (correcting or run.plus) and _stands_alone(atoms, at):
                break
            group.replaces, correcting = correcting, False
            run.groups.append(group)
            run.last, at = atoms[end - 1].at, end
            continue
        beyond, corrects = _over(atoms, at)
        if beyond is None:
            break
        if "area" in (atom.text for atom in atoms[at:beyond]):
            run.area_code = len(run.groups)
        at, correcting = beyond, correcting or corrects
    end = next(i + 1 for i in range(at - 1, -1, -1) if atoms[i].at <= run.last)
    return run, end


def _spelled(atoms: Sequence[_Atom], at: int, run: _Open) -> int:
    """Read letters that are spelled before a number: "T dash", "bravo", "b as in boy"."""
    start = at
    while at < len(atoms) and atoms[at].text in w.LETTERS:
        run.letters += w.LETTERS[atoms[at].text]
        at += 1
        if [atom.text for atom in atoms[at : at + 2]] in (["as", "in"], ["like", "in"]):
            at += 3
        elif at < len(atoms) and atoms[at].text == "for" and not _is_digits(atoms, at + 1):
            at += 2
        while at < len(atoms) and atoms[at].text in {"dash", "hyphen"}:
            at += 1
    if run.letters and not _is_digits(atoms, at):
        run.letters = ""
        return start
    return at


def _over(atoms: Sequence[_Atom], at: int) -> tuple[int | None, bool]:
    """Step over what is said within a number; return where it goes on (None: nowhere), and whether it corrects."""
    corrects = around = False
    for end in range(at, min(len(atoms), at + _FARTHEST)):
        text = atoms[end].text
        if _is_digits(atoms, end):
            return (end, corrects) if corrects or not around else (None, False)
        if text in w.CORRECTIONS:
            corrects = True
        elif text in w.AROUND_CORRECTIONS:
            around = True
        elif text not in w.JOINTS:
            break
    return None, False


def _stands_alone(atoms: Sequence[_Atom], at: int) -> bool:
    """Say whether a number was written as one word, here or just before, as in "room 214, 612-555-0142"."""
    here, before = atoms[at], atoms[at - 1]
    return here.at != before.at and (here.whole or before.whole)


def _is_digits(atoms: Sequence[_Atom], at: int) -> bool:
    if at >= len(atoms):
        return False
    text = atoms[at].text
    if text in w.TIMES:
        return at + 1 < len(atoms) and (atoms[at + 1].text in w.UNITS or atoms[at + 1].text.isdigit())
    return text.isdigit() or text in w.UNITS or text in w.TEENS or text in w.TENS


def _group(atoms: Sequence[_Atom], at: int, *, inside: bool) -> tuple[_Group | None, int]:
    text = atoms[at].text
    following = atoms[at + 1].text if at + 1 < len(atoms) else ""
    if text in w.TIMES and _is_digits(atoms, at):
        digit = w.UNITS.get(following, following)
        return _Group([digit[0] * w.TIMES[text] + digit[1:]]), at + 2
    if inside and text in w.ROUND:
        return _Group([w.ROUND[text]]), at + 1
    if text.isdigit():
        return _Group([text]), at + 1
    if text in w.UNITS:
        return _Group([w.UNITS[text]]), at + 1
    if text in w.TEENS:
        return _Group([w.TEENS[text]]), at + 1
    if text in w.TENS:
        unit = w.UNITS.get(following, "0")
        if unit != "0":
            tens = w.TENS[text]
            return _Group([tens + unit, f"{tens}0{unit}"]), at + 2
        return _Group([f"{w.TENS[text]}0"]), at + 1
    # "four" that was written "for" stands between two others; so may two of them, "won too".
    if inside and text in w.HOMOPHONES:
        end = next(i for i in range(at, len(atoms) + 1) if i == len(atoms) or atoms[i].text not in w.HOMOPHONES)
        if end - at <= _HOMOPHONES_IN_A_ROW and _is_digits(atoms, end):
            return _Group([w.HOMOPHONES[text]]), at + 1
    return None, at


def _area_code_first(run: _Open) -> list[_Group]:
    """Return the groups of a run, the area code that was said last ("555 0142, area code 612") in its place."""
    local, code = run.groups[: run.area_code], run.groups[run.area_code or 0 :]
    lengths = tuple(sum(len(group.ways[0]) for group in part) for part in (local, code))
    return code + local if run.area_code and lengths == (_LOCAL, _AREA_CODE) else run.groups


def _meanings(groups: Sequence[_Group]) -> Iterable[str]:
    seen: dict[str, None] = {}
    for way in islice(product(*(group.ways for group in groups)), MOST_MEANINGS):
        for meaning in _corrected(list(zip(way, groups, strict=True))):
            seen.setdefault(meaning, None)
    return islice(seen, MOST_MEANINGS)


def _corrected(parts: list[tuple[str, _Group]]) -> list[str]:
    """Return what is meant when some parts replace what was said before them."""
    said, meant = "", [""]
    for digits, group in parts:
        if group.replaces and meant[0]:
            # How much is taken back is not said: as much as is said anew, or what leaves a whole number.
            rest = "".join(d for d, g in parts[[g for _, g in parts].index(group) :])
            whole = [k for k in range(len(said) + 1) if len(said) - k + len(rest) in {_WHOLE, _LOCAL}]
            meant = [before[: -len(digits)] + digits for before in meant]
            if len(rest) >= _LOCAL:
                kept = [said[: len(said) - k] + rest for k in whole if 0 < len(said) - k <= _AREA_CODE]
                return [*kept, rest, meant[0] + rest[len(digits) :]]
            meant += [said[: len(said) - k] + digits for k in whole if k <= len(rest)]
        else:
            meant = [before + digits for before in meant]
        said += digits
    return meant
