"""A cleaned log line as text: key=value for people and for the journal, JSON for collectors."""

import json
import re
from typing import Any, Final

from structlog.types import EventDict

# Everything else stands in quotes, so that a value cannot look like the next key.
_BARE: Final = re.compile(r"[\w.:/@+<>\[\]#%,;~*!?&$^(){}-]+")

# sd-daemon(3): the kernel's numbers, in angle brackets before each line.
_PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_NOTICE: Final = 5

# journald cuts a line at 48 KiB (LineMax=), and what follows would be read as a line of its own, priority and all:
# whoever writes that text could forge one. A character has at most four bytes.
_LONGEST_JOURNAL_LINE: Final = 10_000

_SPLITS: Final = re.compile(r"[\s=]")


def render_json(_logger: object, _method: str, event: EventDict) -> str:
    """Return one object: timestamp, level and event first. ASCII only: lone surrogates stay writable."""
    line = json.dumps(_ordered(event), ensure_ascii=True)
    return line.replace("\x7f", "\\u007f")  # DEL, the one control character that JSON leaves as it is


def render_console(_logger: object, _method: str, event: EventDict) -> str:
    """Return `timestamp level event=… key=value …`; a traceback follows on lines of its own, indented."""
    line = _ordered(event)
    failure = line.pop("exception", None)
    head = f"{line.pop('timestamp', '')} {line.pop('level', ''):<7}"
    text = " ".join([head, *(f"{_key(key)}={_value(value)}" for key, value in line.items())])
    if failure is None:
        return text
    # The text of an exception may hold lines made to look like ours: indented, they cannot.
    return "\n".join([text, *(f"    {_visible(each)}" for each in str(failure).split("\n"))])


def render_journald(_logger: object, _method: str, event: EventDict) -> str:
    """Return `<priority>event=… key=value …` without time and level, which the journal keeps beside the text.

    A traceback follows as in `render_console`. Each of its lines bears the priority: the journal takes each as an
    entry of its own.
    """
    prefix = f"<{_PRIORITIES.get(str(event.get('level')), _NOTICE)}>"
    line = {key: value for key, value in event.items() if key not in ("timestamp", "level")}
    text = render_console(_logger, _method, line).lstrip(" ")
    return "\n".join(prefix + _cut(each) for each in text.split("\n"))


def _cut(line: str) -> str:
    if len(line) <= _LONGEST_JOURNAL_LINE:
        return line
    return f"{line[:_LONGEST_JOURNAL_LINE]}… ({len(line)} characters)"


def _ordered(event: EventDict) -> dict[str, Any]:
    first = {key: event[key] for key in ("timestamp", "level", "event") if key in event}
    last = {key: event[key] for key in ("logger", "exception") if key in event}
    return first | {key: value for key, value in event.items() if key not in first and key not in last} | last


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else f'"{_visible(key)}"'


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value if _BARE.fullmatch(value) else _quoted(value)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _quoted(text) if _SPLITS.search(text) else _visible(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_visible(escaped)}"'


def _visible(text: str) -> str:
    """Return the text with everything escaped that moves a cursor, hides, or turns the direction of reading."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    if sign in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[sign]
    return f"\\u{ord(sign):04x}" if ord(sign) <= 0xFFFF else f"\\U{ord(sign):08x}"
