"""A message as JSON: the object of `parse --json` and what the pipeline needs beside it; there and back without loss.

The way back reads what a worker process wrote after it had read a hostile message: it is checked as strictly as input.
"""

import dataclasses
import functools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from inboxd.message.limits import MAX_TEXT
from inboxd.message.message import Message

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MAX_STRING: Final = 12 * MAX_TEXT


def to_json(message: Message) -> dict[str, Any]:
    """The object of `parse --json`, without `path`, `html` and `error`."""
    body = dataclasses.asdict(message)
    body["date"] = _instant(message.date)
    body["received"] = _instant(message.received)
    return body


def from_json(text: str | bytes) -> Message:
    """The message that `json.dumps(to_json(message))` came from. Raises ValueError for anything else."""
    message = _adapter().validate_json(text)
    message = dataclasses.replace(message, date=_utc(message.date), received=_utc(message.received))
    for string in _strings(dataclasses.asdict(message)):
        if len(string) > _MAX_STRING or _FORBIDDEN.search(string):
            raise ValueError("a text holds control characters or is too long")
    return message


@functools.cache
def _adapter() -> "TypeAdapter[Message]":
    # pydantic takes a tenth of a second to import, and only the reading side needs it.
    from pydantic import TypeAdapter

    return TypeAdapter(Message)


def _utc(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError("a date has no offset")
    return None if moment is None else moment.astimezone(UTC)


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)
