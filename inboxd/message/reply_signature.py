"""The end of an answer that is not the answer: signatures, "Sent from my …", the footers of mailing lists."""

from itertools import accumulate
from typing import Final

from inboxd.message import reply_marks as marks

_SIGNATURE_LINES: Final = 25  # a longer one is no signature, whatever its dashes say
_LONGEST: Final = 200


def without_signature(lines: list[str]) -> list[str]:
    """The lines above a signature; all of them where nothing would be left. Linear."""
    filled = [bool(line.strip()) for line in lines]
    below = list(accumulate(reversed(filled), initial=0))[::-1]  # lines with text from each place on
    seen = False
    out = lines
    for index, line in enumerate(lines):
        if seen and _begins_signature(line, lines, index, below[index + 1]):
            out = lines[:index]
            break
        seen = seen or filled[index]
    end = len(out)
    while end and not filled[end - 1]:
        end -= 1
    # A body of one line is never a signature.
    if end > 1 and below[0] > below[end - 1] and marks.SENT_FROM.match(out[end - 1][:_LONGEST]):
        end -= 1
    return out[:end]


def _begins_signature(line: str, lines: list[str], index: int, below: int) -> bool:
    if line[:1] not in "-–—_ " or not line:
        return False
    if len(line) < 20 and below <= _SIGNATURE_LINES and marks.SIGNATURE.match(line):
        return True
    return marks.LIST_FOOTER.match(line[:_LONGEST]) is not None and any(
        "mailing list" in each for each in lines[index + 1 : index + 4]
    )
