"""Signatures by others than the author's domain, and tags that two programs could read differently."""

from functools import partial

from tests.harness.dns import txt
from tests.trust.attacks.table import ATTACKS, case, victim_signed
from tests.trust.world import (
    Delivery,
    World,
    rsa_record,
)

OTHERS = {
    "the attacker's domain": "{e}",
    "a domain that ends like it": "x{d}",
    "a domain that begins like it": "{d}.{e}",
    "its top level": "example",
    "a quote in the domain": "{d}'a.{e}",
    "a bracket in the domain": "{d}(.{e}",
    "an escape in the domain": "{d}\\000.{e}",
    "a blank in the domain": "{d} .{e}",
    "a dot at the end": "{d}.",
    "a full-width dot": "{d}\uff0e{e}",
    "the domain twice": "{d}; d={e}",
    "an underscore": "_x.{e}",
}


def _other_signer(w: World, text: str) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=none")
    for name in (f"x{w.domain}", f"{w.domain}.{w.evil}", f"_x.{w.evil}", f"a.{w.evil}"):
        w.publish(f"k1._domainkey.{name}", txt(rsa_record(w.key(w.evil))))
    d = text.replace("{d}", w.domain).replace("{e}", w.evil)
    return w.smtp(w.sign(w.mail(), w.evil, d=d))


for name, text in OTHERS.items():
    ATTACKS.add("dkim signer", name, partial(_other_signer, text=text))


@case("dkim signer", "a selector with the attacker's domain in it")
def _(w: World) -> Delivery:
    w.zone()
    w.publish(f"k.{w.evil}", txt(rsa_record(w.key(w.evil))))
    return w.smtp(w.sign(w.mail(), key=w.key(w.evil), selector=f"k.{w.evil}.\\000"))


@case("dkim signer", "for another mailbox of the domain")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(), more=[("i", f"boss@{w.domain}")]))


@case("dkim signer", "an identity outside of the domain")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(), more=[("i", f"@{w.evil}")]))


@case("dkim signer", "a part of the domain with a key for the whole alone")
def _(w: World) -> Delivery:
    w.zone(key=rsa_record(w.key(), kind="v=DKIM1; t=s; "))
    return w.smtp(w.sign(w.mail(), more=[("i", f"@sub.{w.domain}")]))


@case("dkim signer", "a subdomain where strict alignment is wanted")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=none; adkim=s")
    w.zone(f"mail.{w.domain}", key=rsa_record(w.key()))
    return w.smtp(w.sign(w.mail(), f"mail.{w.domain}"))


@case("dkim signer", "a neighbour below a hosting company's suffix", victim="ops@acme-pages.github.io")
def _(w: World) -> Delivery:
    w.zone("neighbour.github.io", key=rsa_record(w.key()))
    return w.smtp(w.sign(w.mail(), "neighbour.github.io", key=w.key()))


@case("dkim signer", "the public suffix itself", victim="ops@acme-firm.co.uk")
def _(w: World) -> Delivery:
    w.zone("co.uk", key=rsa_record(w.key()))
    return w.smtp(w.sign(w.mail(), "co.uk", key=w.key()))


@case("dkim signer", "a neighbour below co.uk", victim="ops@acme-first.co.uk")
def _(w: World) -> Delivery:
    w.zone("acme-second.co.uk", key=rsa_record(w.key()))
    return w.smtp(w.sign(w.mail(), "acme-second.co.uk", key=w.key()))


@case("dkim signer", "thirty foreign signatures on top of a broken one")
def _(w: World) -> Delivery:
    w.zone()
    raw = w.sign(w.mail()).replace(b"today", b"now")
    for _ in range(30):
        raw = w.sign(raw, w.evil)
    return w.smtp(raw)


TAGS = {
    "no version": (b"v=1; ", b""),
    "another version": (b"v=1;", b"v=2;"),
    "an unknown algorithm": (b"rsa-sha256", b"rsa-sha999"),
    "no algorithm": (b"a=rsa-sha256; ", b""),
    "an unknown way of canonicalising": (b"relaxed/relaxed", b"nowsp/relaxed"),
    "a tag twice": (b"v=1;", b"v=1; s=k1;"),
    "a long run of blanks": (b"v=1;", b"v=1;" + b" " * 5_000),
    "a length that is no number": (b"v=1;", b"v=1; l=-1;"),
    "a length of a thousand digits": (b"v=1;", b"v=1; l=" + b"9" * 1_000 + b";"),
    "a key that stands elsewhere": (b"v=1;", b"v=1; q=http/txt;"),
    "it expires before it was made": (b"v=1;", b"v=1; x=1;"),
    "no From among what it covers": (b"h=from : ", b"h="),
    "an identity of one letter": (b"v=1;", b"v=1; i=@;"),
    "letters that are not ASCII": (b"v=1;", "v=1; n=\u00fc;".encode()),
    "an empty name among what it covers": (b"h=from : ", b"h=from : : "),
    "a name in two pieces among what it covers": (b"h=from", b"h=fr om"),
    "a name with a semicolon among what it covers": (b"h=from : ", b"h=from;x : "),
    "three hundred names that it covers": (b"h=from : ", b"h=from : " + b"x : " * 300),
    "no text's hash": (b"bh=", b"xh="),
    "an empty signature": (b" b=", b" b=; y="),
    "a signature of another's length": (b" b=", b" b=AAAA"),
    "another domain's name in capitals": (b"d=acme", b"d=ACMEX"),
    "an empty selector": (b"s=k1", b"s="),
    "a selector with a slash": (b"s=k1", b"s=k1/x"),
    "a part without a value": (b"v=1;", b"v=1; x;"),
    "a part without a name": (b"v=1;", b"v=1; =x;"),
    "fifty parts": (b"v=1;", b"v=1;" + b"".join(b" a%d=1;" % n for n in range(50))),
    "the simple way where it was made by the relaxed one": (b"c=relaxed/relaxed", b"c=simple/simple"),
}


for name, (old, new) in TAGS.items():
    ATTACKS.add(
        "dkim tags", name, partial(victim_signed, change=lambda raw, old=old, new=new: raw.replace(old, new, 1))
    )
