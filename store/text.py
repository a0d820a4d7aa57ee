"""Text on its way into the database: what neither database can hold, and what no index can hold."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

# PostgreSQL refuses NUL, both drivers refuse lone surrogates; hostile mail carries both. A replacement character keeps
# the row (and the untouched raw bytes beside it) where an error would lose the message.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSTORABLE_JSON = re.compile("\\\\u0000|[\x00\ud800-\udfff]")

# Made once: json.dumps makes an encoder for each call with settings of its own.
_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode

# A B-tree row of PostgreSQL takes 2,704 bytes; a Message-ID may be a whole header block.
_LONGEST_KEY = 500


def clean(text: str) -> str:
    """Give the text with NUL and lone surrogates replaced by U+FFFD."""
    # Most texts are plain, and this is asked for each value of each row.
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def key(text: str) -> str:
    """Give a text that stands for this one in an index: itself, or its digest when it is too long."""
    cleaned = clean(text)
    data = cleaned.encode()
    if len(data) <= _LONGEST_KEY:
        return cleaned
    return "sha256:" + hashlib.sha256(data).hexdigest()


def to_json(value: Any) -> str:
    """Write JSON that both databases take; numbers that JSON does not know (NaN, infinity) become null."""
    try:
        text = _write(value)
    except ValueError:
        text = ""
    if text and not _UNSTORABLE_JSON.search(text):
        return text
    return _write(_storable(value))


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_storable(name): _storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value
