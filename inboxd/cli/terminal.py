"""Text for a person's terminal: foreign text made harmless, measured in cells, laid out in tables."""

import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence

# What a terminal obeys or what lies about the order of letters: C0 and C1 controls (ESC, CR, CSI), DEL, marks and
# overrides of writing direction (CVE-2021-42574), line separators, invisible tag letters, lone surrogates.
_DANGEROUS = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff"
_UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_DANGEROUS}]")
_UNSAFE_IN_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f{_DANGEROUS}]")
_WORDS_FOR = {"\n": " ", "\t": " ", "\r": " "}


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def clean(text: str) -> str:
    """Return `text` with everything a terminal would obey written out as an escape; line ends and tabs stay."""
    return _UNSAFE.sub(_escape, text.replace("\r\n", "\n"))


def one_line(value: object) -> str:
    """Return `value` as clean text on one line; None is an empty text."""
    if value is None:
        return ""
    text = "".join(_WORDS_FOR.get(letter, letter) for letter in str(value))
    return _UNSAFE_IN_LINE.sub(_escape, text)


def cells(text: str) -> int:
    """Return how many columns of a terminal the clean `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(letter) for letter in text)


def _cells_of(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def fit(text: str, width: int) -> str:
    """Return `text` cut to `width` columns, with an ellipsis where something was cut."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for letter in text:
        used += _cells_of(letter)
        if used > width - 1:
            break
        kept.append(letter)
    return "".join(kept) + "…"


def width() -> int | None:
    """Return the columns of the terminal that stdout is, or None when it is a file or a pipe (nothing is cut)."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], *, limit: int | None = None, gives: int | None = None
) -> str:
    """Lay `rows` out below `headers`, two spaces between columns.

    `limit` is the terminal's width in columns; the column number `gives` is narrowed first to keep to it, and what
    is still too long is cut. No limit: nothing is cut.
    """
    lines = [[one_line(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(cells(line[column]) for line in lines) for column in range(len(headers))]
    if limit is not None and gives is not None:
        excess = sum(widths) + 2 * (len(widths) - 1) - limit
        widths[gives] = max(min(widths[gives], 12), widths[gives] - max(excess, 0))
    laid = []
    for line in lines:
        parts = [fit(cell, width) + " " * (width - cells(cell)) for cell, width in zip(line, widths, strict=True)]
        text = "  ".join(parts).rstrip()
        laid.append(text if limit is None else fit(text, limit))
    return "\n".join(laid)


def quoted(text: str, margin: str = "  | ") -> str:
    """Return foreign `text` with a margin before each of its lines, so that it cannot pass for lines of ours."""
    return "\n".join((margin + line).rstrip() for line in clean(text).expandtabs(4).rstrip("\n").split("\n"))
