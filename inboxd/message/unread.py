"""A message that could not be read: what its first bytes say plainly, and why there is no more."""

import hashlib
from pathlib import Path
from typing import Final

from inboxd.message import addresses, dates, encoded_words, headers, ids, own_date
from inboxd.message.defects import Defects
from inboxd.message.limits import MAX_HEADER_BYTES
from inboxd.message.message import Author, Message

_HEAD: Final = MAX_HEADER_BYTES + 64 * 1024


def unread(raw: bytes | Path, reason: str) -> Message:
    """Make a message of bytes whose reading killed or overran its worker; `reason` becomes `unreadable`.

    Only the header's plain fields are read, from a bounded beginning. OSError when `raw` is a path that cannot be read.
    """
    if isinstance(raw, Path):
        with raw.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    else:
        head, digest = raw[:_HEAD], hashlib.sha256(raw).hexdigest()
    defects = Defects()
    defects.give_up(reason)
    top = headers.read(head, headers.skip_envelope(head, defects), defects)
    boxes = addresses.parse(top.first("from") or b"")
    subject = top.first("subject")
    return Message(
        from_addr=boxes[0].address if boxes else None,
        from_name=(boxes[0].name or None) if boxes else None,
        from_all=tuple(box.address for box in boxes),
        author=Author(address=None, reason=f"the message could not be read: {reason}"),
        sender=None,
        reply_to=(),
        to=tuple(box.address for box in addresses.parse(top.first("to") or b"")),
        cc=(),
        subject=None if subject is None else encoded_words.decode(subject),
        message_id=ids.one(top.first("message-id") or b""),
        date=dates.parse(encoded_words.decode(top.first("date") or b"")),
        received=own_date.received(top),
        in_reply_to=(),
        references=(),
        text="",
        reply_text="",
        attachments=(),
        is_auto_reply=False,
        is_bounce=False,
        is_list=False,
        is_read_receipt=False,
        bounce=None,
        bounced_recipients=(),
        voicemail=None,
        claimed_urgency=None,
        fingerprint=digest,
        unreadable=defects.unreadable,
        defects=defects.sentences(),
    )
