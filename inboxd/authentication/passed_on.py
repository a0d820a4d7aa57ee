"""What other servers found, where their word counts: Authentication-Results (RFC 8601) in the right place.

Anybody can write such a field. It counts only where nobody but a trusted server can have put it: above what came in
from outside.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from inboxd import addresses
from inboxd.authentication.alignment import aligned
from inboxd.authentication.relay import Client
from inboxd.authentication.trust import Trust
from inboxd.intake.envelope import Envelope
from inboxd.message import Message
from inboxd.message.claims import Claims, Hop, MethodResult, Results
from inboxd.signatures import Signature

_HOSTS: Final[dict[Literal["google", "microsoft"], tuple[str, ...]]] = {
    "google": (".google.com",),
    "microsoft": (".outlook.com", ".office365.us", ".partner.outlook.cn"),
}
_IDS: Final[dict[Literal["google", "microsoft"], str | None]] = {"google": "mx.google.com", "microsoft": None}
# Google's hosts write themselves into their Received fields as 6to4 addresses of 10.0.0.0/8 (RFC 3056).
_GOOGLE_INSIDE: Final = ipaddress.ip_network("2002:a00::/24")
_DMARC_WORDS: Final = frozenset({"pass", "fail", "none", "temperror", "permerror"})
_OLDEST: Final = timedelta(days=7)
_EARLIEST: Final = timedelta(hours=1)


def counting(envelope: Envelope, claims: Claims, client: Client, trust: Trust) -> Results | None:
    """Return the one field that counts for this mail, None when none does."""
    if envelope.mailbox is not None:
        mailbox = trust.mailboxes.get(envelope.mailbox)
        if mailbox is not None and mailbox.provider is not None:
            return _of_provider(mailbox.provider, claims)
        ids = trust.authserv_ids
        if mailbox is not None and mailbox.authserv_id is not None:
            ids = ids | {mailbox.authserv_id}
        # Without any Received nothing says where the mailbox's own server ended and the outside began.
        return _topmost(claims, ids, hops=0) if claims.hops else None
    if client.own_hops == 0:
        return None
    return _topmost(claims, trust.authserv_ids, hops=client.own_hops - 1)


def shortfall(methods: Sequence[MethodResult], author: str) -> str | None:
    """Say why results of a trusted server do not prove the author; None when they do."""
    domain = author.rpartition("@")[2]
    dmarc = _of_dmarc(methods)
    if len(dmarc) != 1:
        return "it says nothing of DMARC" if not dmarc else "it says two things of DMARC"
    if dmarc[0].result != "pass":
        return f"it says that DMARC did not pass ({dmarc[0].result})"
    named = (dmarc[0].get("header.from") or "").rpartition("@")[2]
    if addresses.key(f"x@{named}") != addresses.key(f"x@{domain}"):
        return "it speaks of another author's domain"
    if by_spf(methods, author) or by_dkim(methods, author):
        return None
    if any(method.method in ("spf", "dkim") for method in methods):
        return "by what it says, the domain sent this, but not that this mailbox did"
    return None


def _of_dmarc(methods: Sequence[MethodResult]) -> list[MethodResult]:
    """Return what is said of DMARC; two filters of one server may say the same."""
    said = {(each.result, each.get("header.from")): each for each in methods if each.method == "dmarc"}
    return list(said.values())


def by_spf(methods: Sequence[MethodResult], author: str) -> bool:
    """Whether the author's own address stood on an envelope that passed."""
    return any(
        method.method == "spf"
        and method.result == "pass"
        and addresses.key(method.get("smtp.mailfrom") or "") == addresses.key(author)
        for method in methods
    )


def by_dkim(methods: Sequence[MethodResult], author: str) -> bool:
    """Whether a signature of the author's domain passed."""
    domain = author.rpartition("@")[2]
    for method in methods:
        if method.method == "dkim" and method.result == "pass":
            signer = method.get("header.d") or (method.get("header.i") or "").rpartition("@")[2]
            if signer and aligned(addresses.ascii_lower(signer), domain, "relaxed"):
                return True
    return False


def dmarc_of(results: Results, domain: str) -> str | None:
    """Return the word that a trusted server gave for DMARC, if it spoke of this domain."""
    found = _of_dmarc(results.methods)
    if len(found) != 1 or found[0].result not in _DMARC_WORDS:
        return None
    named = (found[0].get("header.from") or "").rpartition("@")[2]
    return found[0].result if addresses.key(f"x@{named}") == addresses.key(f"x@{domain}") else None


def replayed(
    message: Message,
    methods: Sequence[MethodResult],
    author: str,
    signatures: Sequence[Signature],
    ours: frozenset[str],
    received_at: datetime,
) -> str | None:
    """Say why the word of the mailbox's server does not cover what a signature leaves open; None when nothing is open.

    It tells that the domain signed the mail, not to whom or when. Where the signature still holds, what it lacks is
    known from itself; where the mail was changed after delivery, To and Date have to do.
    """
    if by_spf(methods, author):
        return None
    domain = author.rpartition("@")[2]
    for signature in signatures:
        if signature.result == "policy" and signature.domain and aligned(signature.domain, domain, "relaxed"):
            return f"the signature it rests on falls short: {signature.reason}"
    if not any(addresses.key(each) in ours for each in message.to + message.cc):
        return "none of this desk's addresses stands in To or Cc: it was written to others"
    if message.date is None or not received_at - _OLDEST <= message.date <= received_at + _EARLIEST:
        return "its Date is not of the days before it was received"
    return None


def _topmost(claims: Claims, ids: frozenset[str], *, hops: int) -> Results | None:
    """Return what the topmost server that counts had found: in one field, or in one for each of its filters."""
    found = [each for each in claims.results if each.hops_above <= hops and each.authserv_id in ids]
    if not found:
        return None
    top = found[0]
    same = [each for each in found if (each.authserv_id, each.hops_above) == (top.authserv_id, top.hops_above)]
    return replace(top, methods=tuple(method for each in same for method in each.methods))


def _of_provider(provider: Literal["google", "microsoft"], claims: Claims) -> Results | None:
    own = 0
    for hop in claims.hops:
        if not _is_of(provider, hop):
            break
        own += 1
    for results in claims.results:
        if results.hops_above > own:
            return None  # from here on a foreign host wrote
        if results.hops_above > 0 and results.authserv_id == _IDS[provider]:
            return results
    return None


def _is_of(provider: Literal["google", "microsoft"], hop: Hop) -> bool:
    if hop.by is None:
        return False
    if hop.by.endswith(_HOSTS[provider]):
        return True
    try:
        return provider == "google" and ipaddress.ip_address(hop.by) in _GOOGLE_INSIDE
    except ValueError:
        return False
