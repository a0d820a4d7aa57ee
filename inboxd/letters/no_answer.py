"""Why a mail gets no automatic answer: RFC 3834, and what the world's mail loops have taught."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from inboxd import addresses, outbox
from inboxd.message import kinds
from inboxd.message.voicemail import sound_of

if TYPE_CHECKING:
    from inboxd.authentication import Authentication
    from inboxd.message import Message
    from inboxd.policy.office import Office
    from inboxd.settings import VoicemailMail

_DISOWNED: Final = frozenset({"fail", "softfail"})


def reason(
    message: "Message", envelope: dict[str, Any], authentication: "Authentication", office: "Office"
) -> str | None:
    """Return in words why no program of ours answers a mail; None: it may be answered.

    `office` knows the desk's addresses, and its phone systems. The order is from what the mail is to who would get the
    answer.
    """
    ours = {_bare(each) for each in (*office.own_addresses, *envelope.get("rcpt_tos", ()))}
    return (
        _by_kind(message, envelope)
        or _by_phone_system(message, office.phone_systems)
        or _by_address(message, envelope.get("mail_from"), ours)
        or _by_proof(authentication)
    )


def _by_kind(message: "Message", envelope: dict[str, Any]) -> str | None:
    if message.unreadable is not None:
        return "what could not be read is not answered"
    mail_from = envelope.get("mail_from")
    if mail_from == "":
        return "it came with the null sender, which nothing may be sent back to (RFC 3834 2)"
    if mail_from is not None and kinds.is_nobodys_envelope(mail_from):
        return "the sender on its envelope is a program (RFC 3834 2)"
    if message.is_bounce:
        return "it is a delivery report"
    if message.is_read_receipt:
        return "it is a read receipt"
    if message.is_auto_reply:
        return "it is an automatic answer itself (RFC 3834 2)"
    if message.is_list:
        return "it came through a mailing list"
    if message.no_autoresponse:
        return "it asks for no automatic answer, or no person would read one (RFC 3834 2)"
    return None


def _by_phone_system(message: "Message", systems: Iterable["VoicemailMail"]) -> str | None:
    for each in systems:
        if each.is_from(message.author.address) and (each.is_one_address or sound_of(message.attachments) is not None):
            return "it says that a phone system sent it, and nobody reads mail there"
    return None


def _by_address(message: "Message", mail_from: str | None, ours: set[str]) -> str | None:
    sender = message.author.address
    if sender is None:
        return "it cannot be said who wrote"
    answers_to = (sender, *message.reply_to, message.sender, mail_from)
    if any(each is not None and _bare(each) in ours for each in answers_to):
        return "it comes from, or would be answered to, an address of the desk itself"
    if message.message_id is not None and outbox.is_ours(message.message_id):
        return "it is a mail of ours that came back"
    if ours and not any(_bare(each) in ours for each in (*message.to, *message.cc)):
        return "none of the desk's addresses stands in To or Cc (RFC 3834 2)"
    return None


def _by_proof(authentication: "Authentication") -> str | None:
    if authentication.verdict == "failed":
        return "it fails authentication: the answer would go to somebody who wrote nothing"
    if authentication.verdict == "unknown" and authentication.spf in _DISOWNED:
        return f"the sender's domain does not list the server it came from (SPF {authentication.spf})"
    return None


def _bare(address: str) -> str:
    """Return an address as it is compared, without what stands behind a plus: answers come to `support+…@`, too."""
    local, _, domain = addresses.key(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
