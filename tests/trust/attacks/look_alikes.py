"""Who only looks like the victim: addresses one step away, and fields that are not From."""

from functools import partial

from tests.trust.attacks.table import ATTACKS
from tests.trust.world import (
    EVIL_IP,
    Delivery,
    World,
    rsa_record,
)


def _look_alike(w: World, domain: str) -> Delivery:
    """The look-alike's own mail is in perfect order."""
    w.zone()
    domain = domain.replace("{n}", f"{w.number:03}")
    domain = domain if domain.isascii() else domain.encode("idna").decode()
    w.zone(domain, spf=f"v=spf1 ip4:{EVIL_IP} -all", key=rsa_record(w.key(w.evil)))
    sender = f"ops@{domain}"
    raw = w.sign(w.mail(f"Operations <{sender}>"), domain, key=w.key(w.evil))
    return w.smtp(raw, sender)


for name, domain in {
    "a Cyrillic a": "\u0430cme{n}.example",
    "an accent": "\u00e1cme{n}.example",
    "rn for m": "acrne{n}.example",
    "two letters change places": "amce{n}.example",
    "a letter more": "acmee{n}.example",
    "a letter less": "ace{n}.example",
    "a word more": "acme{n}-support.example",
    "another ending": "acme{n}.test",
    "the domain as a prefix": "acme{n}.example.evil.test",
}.items():
    ATTACKS.add("look-alike", name, partial(_look_alike, domain=domain))


for name, head in {
    "Sender alone": "Sender: {v}\r\n",
    "Reply-To alone": "Reply-To: {v}\r\n",
    "Resent-From alone": "Resent-From: {v}\r\n",
    "X-Original-From alone": "X-Original-From: {v}\r\nReturn-Path: <{v}>\r\n",
}.items():

    def _elsewhere(w: World, head: str) -> Delivery:
        w.zone()
        return w.smtp(w.sign(w.mail(f"x@{w.evil}", head=head.replace("{v}", w.victim)), w.evil), f"x@{w.evil}")

    ATTACKS.add("author", f"the victim in {name}", partial(_elsewhere, head=head))
