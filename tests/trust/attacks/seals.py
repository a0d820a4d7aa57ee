"""ARC chains that are forged, changed, stale, or by somebody who is not trusted."""

from datetime import timedelta
from functools import partial
from typing import Any

from tests.harness.dns import BROKEN, txt
from tests.trust.attacks.table import ATTACKS, case
from tests.trust.world import (
    LIST,
    NOW,
    TESTING,
    Delivery,
    World,
    rsa,
    rsa_record,
)


def _found(w: World) -> str:
    return f"dkim=pass header.d={w.domain}; dmarc=pass header.from={w.domain}"


def _sealed(w: World, **how: Any) -> bytes:
    return w.seal(w.mail(to=f"users@{LIST}"), _found(w), **how)


@case("arc", "sealed by somebody who is not trusted")
def _(w: World) -> Delivery:
    return w.smtp(_sealed(w, sealer=w.evil))


@case("arc", "sealed in the name of a trusted one, with another key")
def _(w: World) -> Delivery:
    return w.smtp(_sealed(w, key=rsa(2048, 9)))


@case("arc", "a domain that ends like a trusted one")
def _(w: World) -> Delivery:
    return w.smtp(_sealed(w, sealer=f"evil{LIST}"))


for name, (old, new) in {
    "the text was changed after sealing": (b"do so today", b"do so now"),
    "the subject was changed after sealing": (b"Subject: Please", b"Subject: Do"),
    "the author was changed after sealing": (b"From: ops", b"From: boss"),
    "the results were changed after sealing": (b"dkim=pass", b"dkim=fail"),
    "the seal says that the chain was broken": (b"cv=none", b"cv=fail"),
    "the seal says that there was a chain before": (b"cv=none", b"cv=pass"),
    "an h= in the seal": (b"cv=none", b"cv=none; h=from"),
    "another number": (b"i=1;", b"i=2;"),
    "no number": (b"i=1;", b""),
    "the number nought": (b"i=1;", b"i=0;"),
    "a number of three digits": (b"i=1;", b"i=101;"),
    "no word on the chain": (b"cv=none;", b""),
    "a word on the chain that there is not": (b"cv=none", b"cv=perhaps"),
    "SHA-1": (b"a=rsa-sha256", b"a=rsa-sha1"),
    "a length": (b"bh=", b"l=5; bh="),
}.items():

    def _tampered(w: World, old: bytes, new: bytes) -> Delivery:
        w.victim = f"ops@{w.domain}"
        raw = _sealed(w)
        assert old in raw
        return w.smtp(raw.replace(old, new))

    ATTACKS.add("arc", name, partial(_tampered, old=old, new=new))

for name, found in {
    "the sealer had found a failure": "dmarc=fail header.from={d}",
    "the sealer had found another author": "dmarc=pass header.from={e}",
    "the sealer had found nothing": "none",
    "the sealer had seen another mailbox's envelope": "spf=pass smtp.mailfrom=boss@{d}; dmarc=pass header.from={d}",
}.items():

    def _had_found(w: World, found: str) -> Delivery:
        text = found.replace("{d}", w.domain).replace("{e}", w.evil)
        if text == "none":
            text = "auth=none"
        return w.smtp(w.seal(w.mail(to=f"users@{LIST}"), text))

    ATTACKS.add("arc", name, partial(_had_found, found=found))


@case("arc", "a part is missing")
def _(w: World) -> Delivery:
    raw = _sealed(w)
    start = raw.index(b"ARC-Authentication-Results")
    return w.smtp(raw[:start] + raw[raw.index(b"\r\nFrom:") + 2 :])


@case("arc", "a part twice")
def _(w: World) -> Delivery:
    raw = _sealed(w)
    return w.smtp(f"ARC-Authentication-Results: i=1; {LIST}; {_found(w)}\r\n".encode() + raw)


@case("arc", "an untrusted seal above a trusted one")
def _(w: World) -> Delivery:
    return w.smtp(w.seal(_sealed(w), f"arc=pass; {_found(w)}", w.evil))


@case("arc", "a trusted seal above an untrusted one that had found it proven")
def _(w: World) -> Delivery:
    first = _sealed(w, sealer=w.evil)
    return w.smtp(w.seal(first, f"arc=pass; dmarc=fail header.from={w.domain}"))


@case("arc", "the subject is not covered")
def _(w: World) -> Delivery:
    return w.smtp(_sealed(w, names=("from", "to", "date", "message-id")))


@case("arc", "eight days old")
def _(w: World) -> Delivery:
    return w.smtp(_sealed(w, at=NOW - timedelta(days=8)))


@case("arc", "the set of another mail")
def _(w: World) -> Delivery:
    other = w.seal(w.mail(f"x@{w.evil}", to=f"users@{LIST}"), f"dmarc=pass header.from={w.evil}")
    return w.smtp(other[: other.index(b"From: ")] + w.mail(to=f"users@{LIST}"))


@case("arc", "a seal of the mail by another domain than that of the chain")
def _(w: World) -> Delivery:
    raw = _sealed(w)
    theirs = _sealed(w, sealer=w.evil)
    seal = raw[: raw.index(b"ARC-Message-Signature")]
    return w.smtp(seal + theirs[theirs.index(b"ARC-Message-Signature") :])


@case("arc", "a key that is being tested")
def _(w: World) -> Delivery:
    w.publish(f"arc._domainkey.{TESTING}", txt(rsa_record(w.key(TESTING), kind="v=DKIM1; t=y; ")))
    return w.smtp(_sealed(w, sealer=TESTING, publish=False))


@case("arc", "its key could not be asked for")
def _(w: World) -> Delivery:
    return w.smtp(_sealed(w, sealer=f"seals.{BROKEN}", publish=False))


@case("arc", "sealed, and a second From put above")
def _(w: World) -> Delivery:
    return w.smtp(b"From: x@evil.test\r\n" + _sealed(w))


@case("arc", "a gap in the chain")
def _(w: World) -> Delivery:
    raw = _sealed(w)
    return w.smtp(w.seal(raw, f"arc=pass; {_found(w)}").replace(b"i=1;", b"i=3;"))


@case("arc", "the chain was broken before it came to the one that is trusted")
def _(w: World) -> Delivery:
    first = _sealed(w, sealer=w.evil).replace(b"do so today", b"do so now")
    return w.smtp(w.seal(first, f"arc=fail; dmarc=fail header.from={w.domain}"))


for name, found in {
    "two words on DMARC": "dmarc=fail header.from={d}; dmarc=pass header.from={d}",
    "DMARC in a comment": "dkim=none (dmarc=pass header.from={d})",
    "DMARC of a domain that begins like it": "dkim=pass header.d={d}; dmarc=pass header.from={d}.{e}",
    "DMARC by another's signature": "dkim=pass header.d={e}; dmarc=pass header.from={d}",
}.items():

    def _said(w: World, found: str) -> Delivery:
        return w.smtp(w.seal(w.mail(to=f"users@{LIST}"), found.replace("{d}", w.domain).replace("{e}", w.evil)))

    ATTACKS.add("arc", f"the sealer said {name}", partial(_said, found=found))
