"""Where each value of a file stands: a few bytes for each, for a file of 1 MiB can hold 150,000 of them.

Values are numbered in the order of the file: a key, the value behind it, then what is inside of that value. So line
and column, the end of what is inside, and the kind are three plain arrays, and a way through the file is found by
stepping from neighbour to neighbour.
"""

from array import array
from typing import Final, Literal

Loc = tuple[str | int, ...]

TOP: Final = 0
NOWHERE: Final = -1
_SINGLE, _LIST, _MAPPING = 0, 1, 2
_INSIDE, _UNREAD = 3, 4
_KINDS: Final = {"single": _SINGLE, "list": _LIST, "mapping": _MAPPING}
# Of a longer list or mapping all entries are written down when one is asked for.
_FEW = 8
# So many steps lead to a rule: `decide`, its section, its number.
_FAR = 3

# A value, its key or NOWHERE, and whether it or something around it was refused.
_Way = tuple[int, int, bool]


class Places:
    """The places of one file's values by their numbers; filled in the order of the file, then asked."""

    __slots__ = ("_ends", "_entries", "_keys", "_kinds", "_marks", "_near", "_sources")

    def __init__(self) -> None:
        self._marks = array("Q")  # line in the upper half, column in the lower
        self._ends = array("L")  # the number behind the last value inside
        self._kinds = bytearray()
        self._keys: list[str | None] = []
        self._sources: dict[int, str] = {}
        self._entries: dict[int, array[int] | dict[str, int]] = {}
        # The beginning of the last way that went further: the next one mostly goes on below the same rule.
        self._near: tuple[Loc, _Way] = ((), (TOP, NOWHERE, False))

    def __len__(self) -> int:
        return len(self._kinds)

    def add(self, line: int, column: int, key: str | None = None) -> int:
        """Number the next value, or the next `key`; a list or mapping is then filled and closed."""
        number = len(self._kinds)
        self._marks.append(line << 32 | column)
        self._ends.append(number + 1)
        self._kinds.append(_SINGLE)
        self._keys.append(key)
        return number

    def close(self, number: int, kind: Literal["list", "mapping"]) -> None:
        """Everything that was added since is inside of this value."""
        self._ends[number] = len(self._kinds)
        self._kinds[number] |= _KINDS[kind]

    def forget_from(self, number: int) -> None:
        """Forget this value and all behind it: a key that is refused, with what it held."""
        del self._marks[number:], self._ends[number:], self._kinds[number:], self._keys[number:]
        while self._sources and next(reversed(self._sources)) >= number:
            self._sources.popitem()

    def refuse(self, number: int) -> None:
        """What was read for this value means nothing."""
        self._kinds[number] |= _UNREAD

    def refused(self, number: int) -> bool:
        """Whether this very value was refused."""
        return bool(self._kinds[number] & _UNREAD)

    def keys_of(self, number: int) -> dict[str, int]:
        """The keys of a mapping that is still being filled, each with its number."""
        keys: dict[str, int] = {}
        at = number + 1
        while at < len(self._kinds):
            keys[self._keys[at] or ""] = at
            at = self._ends[at + 1]
        return keys

    def written(self, number: int, source: str) -> None:
        """Keep how a number is written."""
        self._sources[number] = source

    def mark(self, number: int) -> tuple[int, int]:
        """Line and column, from 1."""
        mark = self._marks[number]
        return mark >> 32, mark & 0xFFFFFFFF

    def source(self, number: int) -> str | None:
        """How a number is written; None for any other value."""
        return self._sources.get(number)

    def find(self, loc: Loc) -> tuple[int, int]:
        """The value at `loc` and its key (or NOWHERE); steps that the file does not know are passed over."""
        return self._walked(loc)[:2]

    def unread(self, loc: Loc) -> bool:
        """Whether the value at `loc`, or one that it is inside of, was refused."""
        return self._walked(loc)[2]

    def _walked(self, loc: Loc) -> _Way:
        way: _Way = (TOP, NOWHERE, bool(self._kinds[TOP] & _UNREAD))
        if len(loc) > _FAR:
            far = loc[:_FAR]
            near, way = self._near
            if near != far:
                way = self._walked(far)
                self._near = (far, way)
            loc = loc[_FAR:]
        value, key, refused = way
        for step in loc:
            below = self._below(value, step)
            if below != NOWHERE:
                key = below - 1 if isinstance(step, str) else NOWHERE
                value = below
                refused = refused or bool(self._kinds[value] & _UNREAD)
        return value, key, refused

    def _below(self, value: int, step: str | int) -> int:
        """The value one step below; NOWHERE when there is none."""
        kind = self._kinds[value] & _INSIDE
        if kind != (_MAPPING if isinstance(step, str) else _LIST):
            return NOWHERE
        known = self._entries.get(value)
        if known is None:
            number, end, ends = value + 1, self._ends[value], self._ends
            ahead = kind == _MAPPING  # by one: from the key to its value
            for at in range(_FEW):
                if number == end:
                    return NOWHERE
                if step == (self._keys[number] if ahead else at):
                    return number + ahead
                number = ends[number + ahead]
            known = self._entries[value] = self._all_below(value)
        if isinstance(known, dict):
            return known.get(str(step), NOWHERE)
        return known[step] if isinstance(step, int) and 0 <= step < len(known) else NOWHERE

    def _all_below(self, value: int) -> "array[int] | dict[str, int]":
        number, end, ends = value + 1, self._ends[value], self._ends
        if self._kinds[value] & _MAPPING:
            keyed: dict[str, int] = {}
            while number < end:  # keys and values take turns
                keyed[self._keys[number] or ""] = number + 1
                number = ends[number + 1]
            return keyed
        listed = array("L")
        while number < end:
            listed.append(number)
            number = ends[number]
        return listed
