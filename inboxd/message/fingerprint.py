"""When two copies are the same message: what the sender made counts, what mail systems add on the way does not."""

import hashlib
from collections.abc import Iterable
from typing import Final

from inboxd.message import lines
from inboxd.message.headers import Headers

# Put on top, or anywhere, by systems that carry, scan, store or sort mail.
_TRACE: Final = frozenset(
    (
        "received", "return-path", "delivered-to", "envelope-to", "envelope-from", "x-original-to", "x-delivered-to",
        "x-envelope-to", "x-envelope-from", "x-envelope-sender", "x-rcpt-to", "apparently-to",
        "authentication-results", "authentication-results-original", "x-authentication-results", "received-spf",
        "dkim-signature", "domainkey-signature", "x-google-dkim-signature", "dkim-filter", "x-dkim-result",
        "x-received", "x-gm-message-state", "x-google-smtp-source", "x-google-sender-delegation", "x-forwarded-to",
        "x-forwarded-for", "x-loop", "status", "x-status", "x-uid", "x-uidl", "x-keywords", "x-imap", "x-imapbase",
        "x-account-key", "content-length", "lines", "x-gmail-labels", "x-gm-thrid", "x-sieve", "x-greylist",
        "x-scanned-by", "x-incomingheadercount", "x-incomingtopheadermarker", "x-message-info", "x-message-delivery",
        "x-auth-result", "x-sid-pra", "x-sid-result", "x-antiabuse", "x-amavis-alert", "x-quarantine-id",
        "x-bogosity", "x-dspam-result", "x-barracuda-connect", "x-mdaemon-deliver-to", "x-evolution-source",
        "x-folder", "x-apparently-to", "x-ymailisg",
    )
)  # fmt: skip
_TRACE_PREFIXES: Final = (
    "arc-", "x-spam", "x-virus", "x-antivirus", "x-rspam", "x-ms-exchange-", "x-microsoft-antispam", "x-forefront-",
    "x-mozilla-", "x-barracuda-", "x-proofpoint-", "x-mimecast-", "x-ironport-", "x-cisco-", "x-eop", "x-sophos-",
    "x-amavis-", "x-dspam-", "x-mailscanner", "x-crm114-", "x-pmx-", "x-clx-", "x-brightmail-", "x-ppe-", "x-tm-as-",
    "x-tmase-", "x-dovecot-",
)  # fmt: skip


def of(raw: bytes, headers: Headers, message_id: str | None, digests: Iterable[tuple[str, str]]) -> str:
    """Hex SHA-256 over Message-ID, From, Date, Subject and the decoded parts as they are shown.

    Without a Message-ID: over the bytes below the trace headers, line ends made equal.
    """
    digest = hashlib.sha256()
    if message_id is not None:
        digest.update(b"id\0" + _sized(message_id.encode()))
        for name in ("from", "date", "subject"):
            for value in headers.all(name):
                # Relays fold and unfold: white space says nothing.
                digest.update(name.encode() + b"\0" + _sized(b" ".join(value.split())))
        for content_type, part in digests:
            digest.update(f"\0part\0{content_type}\0{part}".encode())
        return digest.hexdigest()
    digest.update(b"bytes\0")
    for item in _own(headers):
        digest.update(b"\n".join(item.splitlines()) + b"\n")
    digest.update(b"\n")
    for chunk in lines.normalised(memoryview(raw)[headers.end :], strip=b"\r\n"):
        digest.update(chunk)
    return digest.hexdigest()


def _sized(value: bytes) -> bytes:
    # With its length before it, no value can pass for the end of itself and the beginning of the next one.
    return b"%d\0" % len(value) + value


def _own(headers: Headers) -> list[bytes]:
    fields = headers.fields
    # What stands above the lowest Received was added after the mail had left its sender.
    added = max((place for place, item in enumerate(fields) if item.name == "received"), default=-1)
    return [
        item.raw
        for place, item in enumerate(fields)
        if item.name not in _TRACE
        and not item.name.startswith(_TRACE_PREFIXES)
        and not (place < added and item.name.startswith("x-"))
    ]
