"""The reading of a message that no worker lived to read: nothing but what it was and why."""

import hashlib
from pathlib import Path

from inboxd.message.message import Author, Message


def unread(raw: bytes | Path, reason: str) -> Message:
    """Return a message without content whose one defect is `reason`; its fingerprint is that of the bytes alone."""
    if isinstance(raw, Path):
        with raw.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    else:
        digest = hashlib.sha256(raw).hexdigest()
    return Message(
        from_addr=None,
        from_name=None,
        from_all=(),
        author=Author(address=None, reason=f"the message could not be read: {reason}"),
        sender=None,
        reply_to=(),
        to=(),
        cc=(),
        subject=None,
        message_id=None,
        date=None,
        in_reply_to=(),
        references=(),
        text="",
        reply_text="",
        html=None,
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
        unreadable=f"the message could not be read: {reason}",
        defects=(f"the message could not be read: {reason}",),
    )
