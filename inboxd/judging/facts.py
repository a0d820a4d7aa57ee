"""What the rules may see of a message: the one translation from our records to the rules' words.

What a mail claims about its own urgency is a fact of its own (`claimed_urgency`); nothing of it reaches a priority.
"""

from datetime import datetime
from typing import Any, get_args

from inboxd.authentication import Authentication
from inboxd.identity.identify import Identity
from inboxd.intake.envelope import NOTHING_SAID, Envelope
from inboxd.joining.thread_evidence import Quotes
from inboxd.message import Message
from inboxd.quoted_references import said
from rules.facts import BounceKind, Facts, TranscriptState


def of_mail(
    message: Message,
    *,
    quotes: Quotes,
    source: str,
    identity: Identity,
    authentication: Authentication,
    received_at: datetime,
    spam: bool = False,
    staff_tags: tuple[str, ...] = (),
) -> Facts:
    """Return the facts of a mail; `source` is the desk's address or mailbox it came to."""
    return Facts(
        channel="email",
        source=source,
        received_at=received_at,
        identified_by=identity.by,
        verdict=authentication.verdict,
        spf=authentication.spf,
        dkim=authentication.dkim,
        dmarc=authentication.dmarc,
        from_address=identity.address,
        subject=message.subject or "",
        text=message.text or "",
        is_auto_reply=message.is_auto_reply,
        is_bounce=message.is_bounce,
        bounce_kind=_bounce_kind(message),
        is_list=message.is_list,
        attachments=tuple(part.filename for part in message.attachments if part.filename),
        attachment_types=tuple(dict.fromkeys(part.content_type for part in message.attachments)),
        dangerous_attachment=any(part.dangerous for part in message.attachments),
        claimed_urgency=message.claimed_urgency,
        forwarded=identity.by == "forwarded",
        spam=spam,
        reference_quoted=any(quoted for _, _, quoted in quotes),
        staff_tags=staff_tags,
        **who(identity),
    )


def of_voicemail(
    envelope: Envelope,
    *,
    words: str,
    identity: Identity,
    received_at: datetime,
    probably: str = "",
    staff_tags: tuple[str, ...] = (),
) -> Facts:
    """Return the facts of a voicemail; `words` is "" while the transcript is pending, `probably` see `misheard`."""
    withheld = envelope.caller in (None, "anonymous")
    return Facts(
        channel="voicemail",
        source=envelope.called or "",
        received_at=received_at,
        called=envelope.called,
        caller=None if withheld else envelope.caller,
        caller_withheld=withheld,
        identified_by=identity.by,
        verdict="none",
        text=words,
        probably=probably,
        reference_quoted=bool(said(words)),
        transcript=_heard(envelope, words),
        staff_tags=staff_tags,
        **who(identity),
    )


def _heard(envelope: Envelope, words: str) -> TranscriptState:
    if words:
        return "words"
    if envelope.silent is not None:
        return "no-words" if envelope.silent == NOTHING_SAID else "unheard"
    return "pending" if envelope.transcript is None else "no-words"


def _bounce_kind(message: Message) -> BounceKind | None:
    action = message.bounce.action if message.bounce is not None else None
    return next((kind for kind in get_args(BounceKind) if kind == action), None)


def who(identity: Identity) -> dict[str, Any]:
    """Return the facts of account and contact, as far as they are certain."""
    account, contact = identity.account, identity.contact
    return {
        "candidates": len({match.account.id for match in identity.matches}),
        "account_id": account.id if account else None,
        "account_plan": account.plan if account else None,
        "contact_id": contact.id if contact else None,
        "contact_authorized": identity.authorized,
        "contact_role": contact.role if contact else None,
    }
