"""A CSV file as records of cells, each with its place (RFC 4180; Excel's ways of writing it, too).

The csv module reads the cells and knows no places; a place is worked out when a mistake needs it.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from rules.mistakes import Mistake

DELIMITERS: Final = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")  # what Excel writes and reads above the first line


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: its cells without the spaces around them. `line` is where it begins, from 1."""

    file: str
    line: int
    cells: tuple[str, ...]
    raw: str = field(repr=False)
    delimiter: str = field(repr=False)

    def mistake(self, cell: int, message: str) -> Mistake:
        """Return a mistake at the cell of that number, from 0; behind the last one, at the end of the record."""
        down, column = _place(self.raw, self.delimiter, cell)
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
        try:
            cells = next(reader, None)
        except csv.Error as error:
            mistakes.append(_wrong(lines, name, delimiter, str(error)))
            continue
        if cells is None:
            return
        bare = tuple(cell.strip() for cell in cells)
        if any(bare):
            yield Record(file=name, line=lines.first, cells=bare, raw="".join(lines.record), delimiter=delimiter)


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
    raw = "".join(lines.record)
    starts = list(_starts(raw, delimiter))
    down, column = _lines_down(raw, starts[-1])
    if "field larger" in problem or "unexpected end" in problem:
        message = 'this cell has no end: is its closing quote (") missing?'
    else:
        down, column = len(lines.record) - 1, 1
        message = 'a quote (") stands where none can: a cell that holds one is quoted whole, with each quote doubled'
    return Mistake(file=name, line=lines.first + down, column=column, message=message)


def _place(raw: str, delimiter: str, cell: int) -> tuple[int, int]:
    """Return lines below the record's first one, and the column from 1."""
    starts = list(_starts(raw, delimiter))
    return _lines_down(raw, starts[cell] if cell < len(starts) else len(raw.rstrip("\r\n")))


def _lines_down(raw: str, at: int) -> tuple[int, int]:
    return raw.count("\n", 0, at), at - (raw.rfind("\n", 0, at) + 1) + 1


def _starts(raw: str, delimiter: str) -> Iterator[int]:
    yield 0
    quoted = False
    for at, letter in enumerate(raw):
        if letter == '"':
            quoted = not quoted  # a doubled quote closes and opens again
        elif letter == delimiter and not quoted:
            yield at + 1
