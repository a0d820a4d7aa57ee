"""Every signature of a message, one after the other, and its ARC chain."""

from typing import Final

from inboxd.message import claims, headers
from inboxd.message.claims import Signer
from inboxd.message.defects import Defects
from inboxd.message.headers import Field, Headers
from inboxd.signatures import chain, fields, keys, policy
from inboxd.signatures.body_hash import Canonical, body_hash
from inboxd.signatures.records import LOCATING, Order, Report, Signature
from inboxd.signatures.tags import SignatureTags, Unusable, read_signature

MAX_HASHES: Final = 4
"""Passes over the body: simple and relaxed, and two with an l= between them."""


class Subject:
    """The message under check: its header as it was read, its body, and the hashes of that, each made once."""

    def __init__(self, raw: bytes) -> None:
        defects = Defects()
        self.headers: Headers = headers.read(raw, headers.skip_envelope(raw, defects), defects)
        self.body = memoryview(raw)[self.headers.end :]
        self._hashes: dict[tuple[Canonical, int | None], bytes] = {}

    def body_hash(self, canonical: Canonical, limit: int | None) -> bytes:
        """Return the hash of the body. ValueError when there are more kinds of it than honest signatures ask for."""
        if (canonical, limit) not in self._hashes:
            if len(self._hashes) >= MAX_HASHES:
                raise ValueError("with the others it wants the text read in more ways than any honest mail")
            self._hashes[canonical, limit] = body_hash(self.body, canonical, limit)
        return self._hashes[canonical, limit]


def verify(raw: bytes, order: Order) -> Report:
    """Check all signatures of a message. Linear in `raw`; at most ten signatures and one chain of ten seals."""
    subject = Subject(raw)
    return Report(
        signatures=tuple(_signature(subject, item, order) for item in claims.chosen_signatures(subject.headers)),
        chain=chain.check(subject.headers, subject.body, subject.body_hash, order),
    )


def _signature(subject: Subject, item: Field, order: Order) -> Signature:
    signer: Signer | None = None
    leaves_open: tuple[str, ...] = LOCATING
    try:
        found = claims.signature_tags(item)
        signer = claims.signer_of(found)
        read = read_signature(found, signer)
        leaves_open = policy.leaves_open(subject.headers, read.names)
        result, reason = _checked(subject, item, read, order)
    except Unusable as error:
        result, reason = error.result, str(error)
    except ValueError as error:
        result, reason = "permerror", str(error)
    return Signature(
        domain=signer.domain if signer else None,
        key_name=signer.key_name if signer else None,
        result=result,
        reason=reason,
        leaves_open=leaves_open,
    )


def _checked(subject: Subject, item: Field, tags: SignatureTags, order: Order) -> tuple[policy.Checked, str | None]:
    records = order.keys.get(tags.signer.key_name, ())
    if records is None:
        return "temperror", "its key could not be asked for in the DNS"
    key = keys.read(records)
    if key.kind != tags.algorithm:
        raise ValueError("its key is of another kind than its algorithm")
    if key.exact and tags.identity_domain != tags.signer.domain:
        raise ValueError("its key is for the domain itself, and it signs for a part of it")
    if tags.body_hash != subject.body_hash(tags.body, tags.length):
        return "fail", "the text was changed after it was signed"
    digest = fields.digest(subject.headers, tags.names, item, relaxed=tags.header == "relaxed")
    if not keys.holds(key, digest, tags.signature):
        return "fail", "what it signed was changed, or it was not made with the domain's key"
    if tags.expires is not None and tags.expires + policy.SLACK_SECONDS < order.received_at:
        return "fail", "it had expired when the message was received"
    shortfall = policy.shortfall(subject.headers, subject.body, tags, key, order)
    return ("pass", None) if shortfall is None else ("policy", shortfall)
