"""Text of strangers, made safe to stand in a log line or a reply."""

import re
from typing import Final

_LIMIT: Final = 255
_UNSAFE: Final = re.compile(r"[^\x20-\x7e]")


def printable(text: str) -> str:
    """Replace all but printable ASCII by `?` and cut at 255 characters.

    CR, LF and ESC would forge log lines or drive a terminal. `?` is in no domain name, so a HELO name that
    held something else cannot turn into one that passes SPF.
    """
    return _UNSAFE.sub("?", text[:_LIMIT])
