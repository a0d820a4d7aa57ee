"""Whether a mail is a phone system's, with a voicemail in it: who called, which box, how long. A claim, like all of it.

Audio must be attached: recalled mails bear some of the same fields, and notices of a phone system bear others.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from inboxd.message.headers import Headers
from inboxd.message.message import Attachment, Voicemail

_AUDIO: Final = re.compile(r"\.(?:wav|wav49|gsm|mp3|ogg|opus|amr|m4a|wma|webm|flac|au)$", re.IGNORECASE)
# A prologue that Asterisk sends beside the message, and pictures of a phone system's own mails.
_BESIDE: Final = re.compile(r"^msgintro\d+", re.IGNORECASE)
_WANTED: Final = (
    "x-asterisk-callerid", "x-asterisk-calleridname", "x-asterisk-vm-message-id", "x-asterisk-vm-caller-id-num",
    "x-asterisk-vm-extension", "x-asterisk-vm-duration", "x-mailer", "x-ciscounityvoicemail", "x-ciscounitycallerani",
    "x-callingtelephonenumber", "x-voicemessageduration", "x-voicemessagesendername",
)  # fmt: skip
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
    top: Headers, subject: str, body: str, from_addr: str, attachments: Sequence[Attachment], date: datetime | None
) -> Voicemail | None:
    """Read a mail as a phone system's; None where it is none."""
    if sound_of(attachments) is None:
        return None
    # By need: mails with sound in them are rare, and patterns and their library cost a tenth of a second.
    from inboxd.message.voicemail_patterns import Mail, shipped_systems
    from inboxd.message.voicemail_patterns import read as read_patterns

    headers = {
        name: value.decode("utf-8", "replace")[:_LONGEST] for name in _WANTED if (value := top.first(name)) is not None
    }
    mail = Mail(headers=headers, subject=subject[:1000], body=body[:_BODY_READ], from_addr=from_addr)
    found = read_patterns(mail, shipped_systems())
    return None if found is None else of_fields(*found, date)


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
    )


def seconds(text: str | None) -> int | None:
    """Read a length as phone systems write it: `42`, `0:42`, `00:00:42`, `42 sec`; None for more than a day."""
    parts = re.findall(r"[0-9]+", text or "")
    if not parts or len(parts) > 3:
        return None
    total = 0
    for part in parts:
        total = total * 60 + int(part[:6])
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
