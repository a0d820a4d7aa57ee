"""Bytes to `Message`, whatever the bytes are: a total function. Defects are data."""

from dataclasses import dataclass

from inboxd.message import (
    addresses,
    author,
    body,
    bounce,
    charsets,
    claims,
    content,
    dates,
    encoded_words,
    fingerprint,
    forwards,
    headers,
    ids,
    kinds,
    own_date,
    parts,
    protection,
    urgency,
    voicemail,
)
from inboxd.message.content import Content
from inboxd.message.defects import Defects
from inboxd.message.headers import Headers
from inboxd.message.message import Author, Message
from inboxd.message.parts import Part
from inboxd.message.reply_text import Reply


def parse(raw: bytes) -> Message:
    """Read any bytes as a mail. Never raises; time and memory are linear in `raw`."""
    return _message(_Taken(raw))


def parse_with_html(raw: bytes) -> tuple[Message, str | None]:
    """As `parse`, and the mail's HTML made safe to show (None where it has none), which filing a mail does without."""
    taken = _Taken(raw)
    html = body.safe_html(taken.said, taken.defects)  # what is wrong with it is a defect of the message
    return _message(taken), html


def attachment(raw: bytes, index: int, inside: int | None = None) -> bytes:
    """The decoded bytes of `parse(raw).attachments[index]`, or of a file `inside` it. IndexError when there is none."""
    defects = Defects()
    top = headers.read(raw, headers.skip_envelope(raw, defects), defects)
    return content.attachment(raw, parts.read(raw, top, defects), index, inside)


class _Taken:
    """A mail taken apart: its header, its parts, what they hold, its body, and what was broken in them."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.defects = Defects()
        start = headers.skip_envelope(raw, self.defects)
        self.top = headers.read(raw, start, self.defects)
        if start:
            self.top.suspect("something stands above the header")
        self.root = parts.read(raw, self.top, self.defects)
        self.found = content.read(raw, self.root, self.defects)
        if not self.top.fields:
            self.defects.give_up("there is no mail header" if raw.strip() else "the message is empty")
        self.said = body.read(self.found, self.defects)


def _message(taken: _Taken) -> Message:
    top, root, found, said, defects = taken.top, taken.root, taken.found, taken.said, taken.defects
    hint = _charset_hint(root)
    subject = _text_field(top, "subject", hint)
    boxes = [box for value in top.all("from") for box in addresses.parse(value, hint)]
    from_addr = boxes[0].address if boxes else None
    message_id = ids.one(top.first("message-id") or b"")
    sender = next((box.address for box in addresses.parse(top.first("sender") or b"")), None)
    reply_to = _addresses(top, "reply-to", hint)
    kind = _kind(top, root, found, subject or "", from_addr or "", said.text)
    is_list = kinds.is_list(top)
    signed = protection.is_signed(root, found.envelopes, said.text)
    signature = protection.signature(taken.raw, root, signed=signed, defects=defects)
    encrypted = protection.is_encrypted(root, found.envelopes, said.text)
    if encrypted:
        defects.add("the mail is encrypted: what stands in it cannot be read without the key")
    date = dates.parse(encoded_words.decode(top.first("date") or b""))
    if date is None and top.first("date"):
        defects.add("the date cannot be read")
    machine = voicemail.machine_fields(top, found.attachments)
    if len(boxes) > 1:
        defects.add("there is more than one author")
    return Message(
        from_addr=from_addr,
        from_name=(boxes[0].name or None) if boxes else None,
        from_all=tuple(box.address for box in boxes),
        author=_author(top, defects),
        sender=sender,
        reply_to=reply_to,
        to=_addresses(top, "to", hint),
        cc=_addresses(top, "cc", hint),
        subject=subject,
        message_id=message_id,
        date=date,
        received=own_date.received(top),
        in_reply_to=ids.several(top.all("in-reply-to")),
        references=ids.several(top.all("references")),
        text=said.text,
        reply_text=said.reply.text,
        says_nothing_new=said.reply.empty,
        attachments=tuple(found.attachments),
        is_auto_reply=kind.auto_reply,
        is_bounce=kind.bounce is not None,
        is_list=is_list,
        is_read_receipt=kind.receipt,
        bounce=kind.bounce.bounce if kind.bounce else None,
        bounced_recipients=kind.bounce.recipients if kind.bounce else (),
        voicemail=voicemail.read(machine, subject or "", said.text, from_addr or "", found.attachments, date),
        machine_fields=machine,
        claimed_urgency=urgency.claimed(top, subject or "", said.reply.text),
        fingerprint=fingerprint.of(taken.raw, top, message_id, found.digests),
        unreadable=defects.unreadable,
        defects=defects.sentences(),
        claims=claims.read(top),
        forwarded=forwards.read(subject or "", said.text, _attached(found), new=_new(said.reply)),
        is_signed=signed,
        signature=signature,
        is_encrypted=encrypted,
        no_autoresponse=kind.auto_reply
        or kind.bounce is not None
        or is_list
        or kinds.wants_no_answer(top, (from_addr or "", sender or ""), reply_to),
        language=kinds.language(top),
    )


def _new(reply: Reply) -> str:
    return "" if reply.empty else reply.text


def _attached(found: Content) -> list[bytes]:
    return [data for content_type, data in found.reports if content_type in ("message/rfc822", "message/global")]


@dataclass(frozen=True, slots=True)
class _Kind:
    auto_reply: bool
    receipt: bool
    bounce: bounce.Report | None


def _kind(top: Headers, root: Part, found: Content, subject: str, from_addr: str, text: str) -> _Kind:
    """What a program wrote: each mail is one kind, and a bounce marked as automatic is a bounce."""
    receipt = kinds.is_read_receipt(root)
    auto = kinds.is_auto_reply(top, subject, from_addr, text) or kinds.is_feedback_report(root, subject)
    mail = bounce.Mail(headers=top, root=root, content=found, subject=subject, from_addr=from_addr, text=text)
    report = bounce.read(mail, auto_reply=receipt or (auto and kinds.may_be_one(subject)))
    if report is not None and report.failed:
        return _Kind(auto_reply=False, receipt=False, bounce=report)
    return _Kind(auto_reply=auto or receipt or report is not None, receipt=receipt, bounce=None)


def _author(top: Headers, defects: Defects) -> Author:
    if defects.unreadable is not None:
        return Author(address=None, reason=f"the message could not be read whole: {defects.unreadable}")
    return author.read(top)


def _text_field(top: Headers, name: str, hint: str | None) -> str | None:
    value = top.first(name)
    return None if value is None else encoded_words.decode(value, hint)


def _addresses(top: Headers, name: str, hint: str | None) -> tuple[str, ...]:
    return tuple(box.address for value in top.all(name) for box in addresses.parse(value, hint))


def _charset_hint(root: Part) -> str | None:
    """The charset of the first text part: what raw 8-bit characters in the header most likely are, too."""
    for part in root.leaves():
        charset = part.params.get("charset")
        if charset and charsets.codec_of(charset):
            return charset
    return None
