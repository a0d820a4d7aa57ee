"""Cells of a CSV file that a spreadsheet would compute, made harmless on the way out and restored on the way in.

A name is text of strangers, and `=…`, `+…`, `-…` and `@…` are formulas to a spreadsheet, also behind a separator that
it takes for its own. An apostrophe before them makes text of them. Every phone number begins with a plus: the
apostrophe also keeps a spreadsheet from turning it into another number.
"""

import re

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # and their full-width forms
_COMPUTED = re.compile(rf"(?:^|(?<=[;,\t]))(?='*[{_SIGNS}])")
_GUARDED = re.compile(rf"(?:^|(?<=[;,\t]))'(?='*[{_SIGNS}])")


def guarded(cell: str) -> str:
    """Return the cell as it is written."""
    return _COMPUTED.sub("'", cell)


def unguarded(cell: str) -> str:
    """Return the cell as it was; undoes `guarded`, and what a spreadsheet's user typed to the same end."""
    return _GUARDED.sub("", cell)
