"""A CSV file as records of cells, each with its place (RFC 4180; Excel's ways of writing it, too).

The csv module reads the cells and knows no places; a place is worked out when a mistake needs it.
"""

import csv
import io
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from rules.mistakes import Mistake

DELIMITERS: Final = (",", ";", "\t")
# More than anybody corrects in one go; a file that is something else altogether would make one of each cell.
MOST_MISTAKES: Final = 1000
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")  # what Excel writes and reads above the first line


class _Places:
    """Where the cells of a record begin, as lines below its first one and columns from 1.

    Worked out once: a record may be as long as the file, and hold as many mistakes.
    """

    __slots__ = ("_delimiter", "_raw", "_starts")

    def __init__(self, raw: str, delimiter: str) -> None:
        self._raw, self._delimiter = raw, delimiter
        self._starts: array[int] | None = None

    def of(self, cell: int) -> tuple[int, int]:
        """Return the place of a cell, counted from 0; behind the last one, the end of the record."""
        starts = self._all()
        return self._lines_down(starts[cell] if cell < len(starts) else len(self._raw.rstrip("\r\n")))

    @property
    def last(self) -> tuple[int, int]:
        """The place of the last cell."""
        return self._lines_down(self._all()[-1])

    def _all(self) -> "array[int]":
        if self._starts is None:
            self._starts = array("Q", [0])
            quoted = False
            for mark in re.finditer(f'["{self._delimiter}]', self._raw):
                if mark[0] == '"':
                    quoted = not quoted  # a doubled quote closes and opens again
                elif not quoted:
                    self._starts.append(mark.end())
        return self._starts

    def _lines_down(self, at: int) -> tuple[int, int]:
        return self._raw.count("\n", 0, at), at - (self._raw.rfind("\n", 0, at) + 1) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: its cells without the spaces around them. `line` is where it begins, from 1."""

    file: str
    line: int
    cells: tuple[str, ...]
    places: _Places = field(repr=False)

    def mistake(self, cell: int, message: str) -> Mistake:
        """Return a mistake at the cell of that number, from 0; behind the last one, at the end of the record."""
        down, column = self.places.of(cell)
        return Mistake(file=self.file, line=self.line + down, column=column, message=message)


def delimiter_of(first_line: str) -> str:
    """Return what separates the cells of a file, by its first line: names of columns hold none of the three."""
    return max(DELIMITERS, key=first_line.count)


def records(text: str, name: str, mistakes: list[Mistake]) -> Iterator[Record]:
    """Give the records that are not empty; one with a wrong quote is a mistake, and the next line begins anew."""
    lines = _Lines(text)
    delimiter = delimiter_of(lines.peek)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        if len(mistakes) >= MOST_MISTAKES:
            message = (
                f"more than {MOST_MISTAKES:,} mistakes stand above: correct them first; from here on nothing was read"
            )
            mistakes.append(Mistake(file=name, line=lines.first, column=1, message=message))
            return
        try:
            cells = next(reader, None)
        except csv.Error as error:
            mistakes.append(_wrong(lines, name, delimiter, str(error)))
            continue
        if cells is None:
            return
        bare = tuple(cell.strip() for cell in cells)
        if any(bare):
            places = _Places("".join(lines.record), delimiter)
            yield Record(file=name, line=lines.first, cells=bare, places=places)


class _Lines:
    """Gives the csv module its lines, and remembers those of the record that it is reading."""

    def __init__(self, text: str) -> None:
        self._file = io.StringIO(text, newline="")
        self._count = 0
        said = _SEPARATOR_LINE.match(text)
        if said is not None:
            self._file.readline()
            self._count = 1
        at = self._file.tell()
        self.peek = said[1] if said is not None and said[1] in DELIMITERS else self._file.readline()
        self._file.seek(at)
        self.begin()

    def begin(self) -> None:
        self.first = self._count + 1
        self.record: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self._count += 1
        self.record.append(line)
        return line


def _wrong(lines: _Lines, name: str, delimiter: str, problem: str) -> Mistake:
    if "field larger" in problem or "unexpected end" in problem:
        down, column = _Places("".join(lines.record), delimiter).last
        message = 'this cell has no end: is its closing quote (") missing?'
    else:
        down, column = len(lines.record) - 1, 1
        message = 'a quote (") stands where none can: a cell that holds one is quoted whole, with each quote doubled'
    return Mistake(file=name, line=lines.first + down, column=column, message=message)
