"""The last look at a log line before it is written: no secrets, nothing endless, nothing that is no plain value."""

import math
import re
import sys
import traceback
from collections.abc import Mapping
from typing import Any, Final

from structlog.types import EventDict

REDACTED: Final = "[redacted]"

_SECRET: Final = re.compile(r"passw|passphrase|secret|token|credential|cookie|authorization|api_?key|private_?key")
# Where a secret lies is no secret.
_ABOUT_A_SECRET: Final = re.compile(r"_(?:directory|file|folder|path|url)$")
_URL_PASSWORD: Final = re.compile(r"(://[^\s/@:]{0,256}):[^\s/@]{1,1024}@")

_LONGEST_TEXT: Final = 2_000
_LONGEST_TRACEBACK: Final = 32_000
_MOST_ENTRIES: Final = 50
_DEEPEST: Final = 5


def clean(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Make every value of a line plain (text, number, true, false, null, list, mapping), short and free of secrets."""
    failure = _failure(event.pop("exc_info", None))
    event.pop("stack_info", None)
    for key in list(event):
        event[key] = REDACTED if _is_secret(key) else _plain(event[key], 0)
    if failure is not None:
        event["exception"] = failure
    return event


def _is_secret(key: str) -> bool:
    folded = key.lower().replace("-", "_")
    return _SECRET.search(folded) is not None and _ABOUT_A_SECRET.search(folded) is None


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)  # JSON has no word for infinity
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        entries = list(value.items())[:_MOST_ENTRIES]
        return {str(key): REDACTED if _is_secret(str(key)) else _plain(each, depth + 1) for key, each in entries}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each, depth + 1) for each in list(value)[:_MOST_ENTRIES]]
    return _text(value.decode("latin-1") if isinstance(value, bytes) else str(value))


def _text(text: str) -> str:
    cut = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}… ({len(text)} characters)"
    return _URL_PASSWORD.sub(rf"\1:{REDACTED}@", cut)


def _failure(exc_info: Any) -> str | None:
    """Return the traceback as text: files and lines, never the values of variables, which are mails and passwords."""
    if exc_info is True:
        exc_info = sys.exception()
    elif isinstance(exc_info, tuple):
        exc_info = exc_info[1]
    if not isinstance(exc_info, BaseException):
        return None
    text = "".join(traceback.format_exception(exc_info)).rstrip()
    if len(text) > _LONGEST_TRACEBACK:
        # The end says what happened, the beginning where it came from; the middle is the same call again and again.
        half = _LONGEST_TRACEBACK // 2
        text = f"{text[:half]}\n…\n{text[-half:]}"
    return _URL_PASSWORD.sub(rf"\1:{REDACTED}@", text)
