"""Whether a mail is a phone system's, with a voicemail in it: who called, which box, how long. A claim, like all of it.

Audio must be attached: recalled mails bear some of the same fields, and notices of a phone system bear others.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from inboxd.message import encoded_words
from inboxd.message.headers import Headers
from inboxd.message.message import Attachment, Voicemail

if TYPE_CHECKING:
    from inboxd.message.voicemail_patterns import Mail

_AUDIO: Final = re.compile(
    r"\.(?:wav|wave|wav49|gsm|ulaw|alaw|mp3|ogg|opus|spx|amr|m4a|aac|wma|webm|flac|au|aiff?)$", re.IGNORECASE
)
# A prologue that Asterisk sends beside the message, and pictures of a phone system's own mails.
_BESIDE: Final = re.compile(r"^msgintro\d+", re.IGNORECASE)
_FIELD: Final = re.compile(r"x-.{1,60}|message-id|user-agent")
_MOST_FIELDS: Final = 60
# Marks of direction, which systems put around numbers, and the spaces and dashes that they write them with.
_PLAIN: Final = str.maketrans(
    dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    | dict.fromkeys("\u00a0\u2007\u2009\u202f", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")
)
_CLOCK: Final = re.compile(r"[0-9]{1,6}(?::[0-9]{1,2}){1,2}(?![0-9:])")
# Fractions of a second are left out. The first letter of a unit is the same in many languages.
_UNITS: Final = re.compile(r"(?<![0-9:.,])([0-9]{1,6})(?:[.,][0-9]+)?(?![0-9:])\s*([hms]|$)")
_SECONDS: Final = {"h": 3600, "m": 60, "s": 1, "": 1}
_LONGEST: Final = 200
_BODY_READ: Final = 20_000
_LONGEST_CALL: Final = 24 * 3600


def sound_of(attachments: Sequence[Attachment]) -> int | None:
    """Give the place of the recording among the attachments; None where none is one."""
    for index, each in enumerate(attachments):
        is_audio = each.content_type.startswith("audio/") or _AUDIO.search(each.filename) is not None
        if is_audio and not _BESIDE.match(each.filename):
            return index
    return None


def read(
    machine: Sequence[tuple[str, str]],
    subject: str,
    body: str,
    from_addr: str,
    attachments: Sequence[Attachment],
    date: datetime | None,
) -> Voicemail | None:
    """Read a mail as a phone system's, `machine` being its `machine_fields`; None where it is none."""
    if sound_of(attachments) is None:
        return None
    # By need: mails with sound in them are rare, and patterns and their library cost a tenth of a second.
    from inboxd.message.voicemail_patterns import read as read_patterns
    from inboxd.message.voicemail_patterns import shipped_systems

    found = read_patterns(seen(machine, subject, body, from_addr), shipped_systems())
    return None if found is None else of_fields(*found, date)


def seen(machine: Sequence[tuple[str, str]], subject: str | None, body: str, from_addr: str | None) -> "Mail":
    """Make what patterns look at, bounded, and with plain spaces and dashes."""
    from inboxd.message.voicemail_patterns import Mail

    return Mail(
        headers={name: value.translate(_PLAIN) for name, value in machine},
        subject=(subject or "")[:1000].translate(_PLAIN),
        body=body[:_BODY_READ].translate(_PLAIN),
        from_addr=from_addr or "",
    )


def machine_fields(top: Headers, attachments: Sequence[Attachment]) -> tuple[tuple[str, str], ...]:
    """Give what machines say to machines in the header of a mail with sound: name in lower case and text, bounded."""
    if sound_of(attachments) is None:
        return ()
    told: dict[str, str] = {}
    for each in top.fields:
        if len(told) < _MOST_FIELDS and each.name not in told and _FIELD.fullmatch(each.name):
            told[each.name] = encoded_words.decode(each.value[: 4 * _LONGEST])[:_LONGEST]
    return tuple(told.items())


def of_fields(system: str, fields: dict[str, str], date: datetime | None) -> Voicemail | None:
    """Make it of what was read; None where neither a caller nor a box nor a length was."""
    if not {"caller", "name", "mailbox", "duration"} & fields.keys():
        return None
    return Voicemail(
        caller=_number(fields.get("caller")),
        called=_number(fields.get("called")),
        mailbox=_bounded(fields.get("mailbox")),
        duration=seconds(fields.get("duration")),
        received_at=None if date is None else date.isoformat(timespec="seconds").replace("+00:00", "Z"),
        system=system,
        name=_bounded(fields.get("name")),
        caller_as_written=_bounded(fields.get("caller")),
        called_as_written=_bounded(fields.get("called")),
    )


def seconds(text: str | None) -> int | None:
    """Read a length as phone systems write it: `42`, `0:42`, `00:00:42`, `1 min 5 sec`; None for more than a day."""
    said = (text or "").strip().lower()
    if clock := _CLOCK.match(said):
        parts = [int(part) for part in clock[0].split(":")]
        total = sum(part * 60**place for place, part in enumerate(reversed(parts)))
    elif units := _UNITS.findall(said):
        total = sum(int(number) * _SECONDS[unit] for number, unit in units)
    else:
        return None
    return total if total <= _LONGEST_CALL else None


def _number(text: str | None) -> str | None:
    """Write a number in E.164 where it says its country, or has the ten digits of a number of +1; else as it stands."""
    if text is None:
        return None
    from inboxd import caller_id

    found = caller_id.near(text, "+12015550123")
    return found.shown or _bounded(text)


def _bounded(text: str | None, longest: int = 80) -> str | None:
    return None if text is None else text[:longest]
