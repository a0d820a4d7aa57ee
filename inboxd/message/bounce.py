"""Delivery reports: RFC 3464's multipart/report, and the free forms that mailers wrote before it."""

import re
from dataclasses import dataclass
from typing import Final

from inboxd.message import addresses, charsets, clean, encoded_words, ids
from inboxd.message.content import Content
from inboxd.message.headers import Headers
from inboxd.message.message import Bounce
from inboxd.message.parts import Part

_STATUS_TYPES: Final = frozenset(("message/delivery-status", "message/global-delivery-status"))
_ORIGINALS: Final = frozenset(
    ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
)
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_MESSAGE_ID: Final = re.compile(
    rb"^[> \t]{0,4}message-id:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]{1,500})", re.IGNORECASE | re.MULTILINE
)
_SENDERS: Final = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|postmaster|mail[._-]?(?:delivery|system|deliver)|mdaemon|mailadm|bounces?|daemon|"
    r"mailer|delivery|postoffice|mail-?admin|noreply-bounce|no-reply|noreply|autoreply|admin|administrator|exchange|system)",
    re.IGNORECASE,
)
_DAEMONS: Final = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|postmaster|mdaemon|maiser|mail[._-]?delivery)", re.IGNORECASE
)
_SUBJECTS: Final = re.compile(
    r"undeliver(?:able|ed)|(?:un)?deliver(?:y|able)[ a-z]*(?:fail|problem|error|status|report|delay|incomplete|notification)|"
    r"(?:fail(?:ed|ure)|returned|warning|error|problem|non-?delivery|nondeliverable|bounce[d]?|unable to deliver|could not|"
    r"cannot|can't|not delivered)\b.{0,60}\b(?:mail|message|deliver|notice|notification|report|sen[dt])|"
    r"\b(?:mail|message)\b.{0,40}\b(?:fail|return|undeliver|could not|delay|reject|error|bounce|not (?:be )?delivered)|"
    r"user unknown|returned to sender|unzustellbar|nicht zustellbar|zustellung|non remis|échec de|no se (?:ha )?p(?:udo|odido) entregar|"
    r"mancato recapito|impossibile recapitare|配信不能|エラー|退信|系统退信|не доставлено|недоставленн",
    re.IGNORECASE,
)
_BODIES: Final = re.compile(
    r"hi\. this is the .{0,40}(?:qmail|deliver)|this is the qmail|"
    r"this (?:message|report|e-?mail|mail) (?:was|is|has been) (?:created|generated|sent) automatically by (?:the )?mail|"
    r"a message that you sent could not be delivered|"
    r"the following address(?:es|\(es\))? (?:had|failed|have|has)|the following recipient|the following message (?:to|could)|"
    r"delivery to the following recipient|(?:message|mail|e-?mail) (?:could|can)(?: ?not|n't) be delivered|"
    r"could not be delivered to|(?:was|were|is|been) (?:undeliverable|not delivered|unable to deliver|not deliverable)|"
    r"unable to deliver|undeliver(?:able|ed) (?:mail|message|to)|"
    r"delivery (?:has )?fail|failed (?:to deliver|recipient|addresses|delivery)|your (?:message|mail|e-?mail).{0,80}"
    r"(?:not|failed|reject|return|undeliver|bounce|delay|could)|user unknown|unknown (?:user|recipient|address)|no such user|"
    r"mailbox (?:is )?(?:full|unavailable|not found|disabled)|over quota|quota exceeded|permanent (?:fatal )?error|"
    r"recipient(?:'s)? (?:address )?(?:rejected|unknown|not found)|does not exist|transcript of session|"
    r"----- ?(?:unsent|returned|original|transcript|the following)|(?:below|following) (?:this line )?is a copy of the message|"
    r"returned (?:mail|message|to sender)|host (?:unknown|not found)|this user doesn't have",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report says: of the first recipient in `bounce`, and all whose delivery failed or waits."""

    bounce: Bounce
    recipients: tuple[str, ...]


def read(
    headers: Headers, root: Part, content: Content, *, subject: str | None, from_addr: str | None, text: str
) -> Report | None:
    """The delivery report that a message is, or None."""
    statuses = [data for content_type, data in content.reports if content_type in _STATUS_TYPES]
    if statuses and _is_report(root, headers, from_addr):
        return _structured(statuses, content, headers, text)
    if root.content_type == "multipart/report" and root.params.get("report-type", "").lower() == "delivery-status":
        return _free(headers, content, text)
    if _is_free_form(headers, subject, from_addr, text):
        return _free(headers, content, text)
    return None


def _is_report(root: Part, headers: Headers, from_addr: str | None) -> bool:
    # A report that a person forwards is an attachment of an ordinary mail, not a bounce of ours.
    if root.content_type == "multipart/report":
        return True
    return _from_daemon(headers, from_addr)


def _from_daemon(headers: Headers, from_addr: str | None) -> bool:
    null = (headers.first("return-path") or b"-").strip() in (b"<>", b"")
    local = (from_addr or "").partition("@")[0]
    name = encoded_words.decode((headers.first("from") or b"")[:500])
    return (
        _DAEMONS.search(local) is not None
        or _DAEMONS.search(name) is not None
        or (null and _SENDERS.search(local) is not None)
        or (headers.first("x-failed-recipients") is not None)
    )


def _is_free_form(headers: Headers, subject: str | None, from_addr: str | None, text: str) -> bool:
    if headers.first("x-failed-recipients") is not None:
        return True
    beginning = text[:6_000]
    if not _from_daemon(headers, from_addr):
        return False
    return _BODIES.search(beginning) is not None or _SUBJECTS.search(subject or "") is not None


def _structured(statuses: list[bytes], content: Content, headers: Headers, text: str) -> Report:
    recipients: list[str] = []
    first: dict[str, str] = {}
    for data in statuses:
        for block in _blocks(data):
            address = _recipient(block)
            if address is None:
                continue
            if block.get("action", "failed").split(" ")[0].lower() not in ("delivered", "relayed", "expanded"):
                recipients.append(address)
            if not first:
                first = {**block, "address": address}
    status = _STATUS.search(first.get("status", "")) or _STATUS.search(first.get("diagnostic-code", ""))
    action = re.match(r"[a-z]+", first.get("action", "").strip().lower())
    bounce = Bounce(
        final_recipient=first.get("address") or (_named(headers, text) or [None])[0],
        action=action[0] if action else None,
        status=status[1] if status else None,
        original_message_id=_original_id(content, text),
    )
    return Report(bounce, tuple(dict.fromkeys(recipients)) or tuple(_named(headers, text)[:50]))


def _blocks(data: bytes) -> list[dict[str, str]]:
    """RFC 3464 2.1: groups of fields, one for each recipient after the first. Only the fields that are asked for."""
    text = re.sub(r"\n[ \t]+", " ", clean.body(charsets.decode(data, "utf-8")[0]))
    blocks = []
    for group in re.split(r"\n[ \t]*\n", text)[:1_000]:
        fields: dict[str, str] = {}
        for line in group.split("\n"):
            name, colon, value = line.partition(":")
            if colon:
                fields.setdefault(name.strip().lower(), value.strip())
        blocks.append(fields)
    return blocks


def _recipient(block: dict[str, str]) -> str | None:
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        value = block.get(name, "")
        value = value.partition(";")[2] or value
        found = addresses.parse(value.strip().encode())
        if found and "@" in found[0].address:
            return found[0].address
        if value.strip(" <>"):
            return value.strip(" <>")[:320]
    return None


def _free(headers: Headers, content: Content, text: str) -> Report:
    named = _named(headers, text)
    status = _STATUS.search(text[:6_000])
    delayed = re.search(
        r"\b(?:delayed|will (?:be )?(?:retr|kept|continu)|still (?:being )?(?:tr|retr)|temporar|warning)",
        text[:3_000],
        re.IGNORECASE,
    )
    bounce = Bounce(
        final_recipient=named[0] if named else None,
        action="delayed" if delayed and not (status and status[1].startswith("5")) else "failed",
        status=status[1] if status else None,
        original_message_id=_original_id(content, text),
    )
    return Report(bounce, tuple(named[:50]))


def _named(headers: Headers, text: str) -> list[str]:
    failed = headers.first("x-failed-recipients")
    if failed:
        return [box.address for box in addresses.parse(failed)]
    # The first addresses named are the ones that failed; what stands below is the returned mail with everybody's.
    head = re.split(
        r"\n-{2,}.{0,60}(?:copy|original|returned|unsent|message|headers)|\nReceived: ", text[:6_000], maxsplit=1
    )[0]
    found = [addresses.lower_domain(match[0].rstrip(".")) for match in _ADDRESS.finditer(head)]
    own = {box.address for name in ("from", "to") for box in addresses.parse(headers.first(name) or b"")}
    return [address for address in dict.fromkeys(found) if address not in own]


def _original_id(content: Content, text: str) -> str | None:
    for content_type, data in content.reports:
        if content_type in _ORIGINALS and (match := _MESSAGE_ID.search(data)):
            return ids.one(match[1])
    match = _MESSAGE_ID.search(text[:64_000].encode())
    return ids.one(match[1]) if match else None
