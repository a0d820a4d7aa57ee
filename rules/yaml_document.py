"""What was read from a file of YAML: plain data, and where in the file each value stands."""

from dataclasses import dataclass, field
from typing import Any

from rules.mistakes import Mistake
from rules.yaml_places import NOWHERE, Loc, Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's data with the places of its values.

    `data` is made of dict (text keys, in the file's order), list, str, int, float, bool and None; None for an
    empty file. A `loc` is the way to a value from the top: `("decide", "priority", 0, "then")`.
    """

    name: str
    data: Any
    _places: Places = field(repr=False)

    @property
    def size(self) -> int:
        """How many values and keys the file has."""
        return len(self._places)

    def mark(self, loc: Loc, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `loc` or of its key, else of what is around it.

        Steps that the file does not know are passed over: a loc of pydantic's errors can be given as it is.
        """
        value, its_key = self._places.find(loc)
        return self._places.mark(its_key if key and its_key != NOWHERE else value)

    def mistake(self, loc: Loc, message: str, *, key: bool = False) -> Mistake:
        """A mistake at the value at `loc`, or at its key."""
        line, column = self.mark(loc, key=key)
        return Mistake(file=self.name, line=line, column=column, message=message)

    def source(self, loc: Loc) -> str | None:
        """The text that a number was read from (`1.10` is more than 1.1 when it is a name), else None."""
        return self._places.source(self._places.find(loc)[0])

    def unread(self, loc: Loc) -> bool:
        """Whether something at or above `loc` was refused while reading, so that its value means nothing."""
        return self._places.unread(loc)
