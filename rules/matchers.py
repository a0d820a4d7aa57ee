"""Kinds of tests that many keys of `when` share: true or false, one of some words, a number."""

from collections.abc import Callable, Collection
from typing import Any

from rules.conditions import OnMail, Test
from rules.decision import Shown
from rules.mistakes import short
from rules.ruleset import Outside
from rules.scope import Scope
from rules.view import View
from rules.yaml_errors import expected_truth, shown, suggest
from rules.yaml_places import Loc

_FEW = 8
_LIMITS = ("at-least", "at-most")
MAX_NUMBER = 1_000_000
_A_NUMBER = f"a whole number, at most {MAX_NUMBER:,}"

# Reads a test's value in the file; None after a mistake was noted.
Reader = Callable[[str, Any, Loc, Scope], Test | None]


def row(scope: Scope, loc: Loc) -> int:
    """The line of a test's key."""
    return scope.document.mark(loc, key=True)[0]


def truth(value_of: Callable[[View], bool | None], *, voicemail_only: bool = False) -> Reader:
    """A test that is true or false; neither holds where nothing is known."""
    mail: OnMail = "never" if voicemail_only else "depends"

    def look(view: View, wanted: bool) -> tuple[Shown, bool]:
        there = value_of(view)
        return there, there is wanted

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        if not isinstance(value, bool):
            scope.mistake(loc, expected_truth(value))
            return None
        return Test(name=name, line=row(scope, loc), wanted=value, look=look, given=value, mail=mail)

    return read


def word(
    value_of: Callable[[View], str | None],
    *,
    allowed: Callable[[Scope], tuple[str, Collection[str] | None]] | None = None,
    outside: Outside | None = None,
    fold: bool = False,
    voicemail_only: bool = False,
    filed: bool = False,
) -> Reader:
    """A test for one of some words. `filed`: long sections may be filed by it (see `rules.index`).

    outside: what the words name, where the file does not define it.
    """
    mail: OnMail = "never" if voicemail_only else "depends"

    def look(view: View, accepted: Collection[str]) -> tuple[Shown, bool]:
        there = value_of(view)
        return there, there is not None and (folded(there) if fold else there) in accepted

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        texts = scope.names(loc, value)
        if texts is None:
            return None
        if allowed is not None:
            what, names = allowed(scope)
            if names is not None:
                known = [scope.known(at, what, text, names) for at, text in texts]
                if not all(known):
                    return None
        if outside is not None:
            for at, text in texts:
                scope.names_outside(outside, at, text)
        wanted = tuple(text for _, text in texts)
        return Test(
            name=name,
            line=row(scope, loc),
            wanted=bare(wanted),
            look=look,
            given=searchable(tuple([folded(text) for text in wanted]) if fold else wanted),
            mail=mail,
            filed=wanted if filed else None,
        )

    return read


def number(value_of: Callable[[View], int]) -> Reader:
    """A test for a number as it stands, or for `{at-least: N}`, `{at-most: N}`, or both."""

    def look(view: View, limits: tuple[int, int]) -> tuple[Shown, bool]:
        there = value_of(view)
        return there, limits[0] <= there <= limits[1]

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        limits = read_limits(value, loc, scope)
        if limits is None:
            return None
        return Test(name=name, line=row(scope, loc), wanted=shown_limits(limits), look=look, given=limits)

    return read


def read_limits(value: Any, loc: Loc, scope: Scope) -> tuple[int, int] | None:
    """The least and the most that a file wants; None after a mistake."""
    if isinstance(value, dict) and value:
        found = {"at-least": 0, "at-most": MAX_NUMBER}
        for key, limit in value.items():
            if key not in _LIMITS:
                scope.mistake((*loc, key), f'unknown key "{short(key)}"{suggest(key, _LIMITS)}', key=True)
                return None
            if not _is_number(limit):
                scope.mistake((*loc, key), f"expected {_A_NUMBER}, got {shown(limit)}")
                return None
            found[key] = limit
        if found["at-least"] > found["at-most"]:
            scope.mistake(loc, "no number is as large as this and as small")
            return None
        return found["at-least"], found["at-most"]
    if not _is_number(value):
        scope.mistake(loc, f"expected {_A_NUMBER}, or {{at-least: 3}}, or {{at-most: 3}}, got {shown(value)}")
        return None
    return value, value


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER


def shown_limits(limits: tuple[int, int]) -> str | int:
    """What is wanted, in words."""
    least, most = limits
    if least == most:
        return least
    if most == MAX_NUMBER:
        return f"at least {least}"
    return f"at most {most}" if least == 0 else f"{least} to {most}"


def searchable(words: tuple[str, ...]) -> Collection[str]:
    """A few words as they are, many as a set."""
    return words if len(words) <= _FEW else frozenset(words)


def folded(address: str) -> str:
    """An address as addresses are compared: ASCII case is ignored; other letters are what they are."""
    return "".join(char.lower() if char.isascii() else char for char in address)


def bare(wanted: tuple[str, ...]) -> Shown:
    """One word without the list around it."""
    return wanted[0] if len(wanted) == 1 else wanted
