"""Envelopes that name the victim, almost, or from elsewhere; relays that are trusted and those that are not."""

from functools import partial

from tests.trust.attacks.table import ATTACKS, case
from tests.trust.world import (
    EVIL_IP,
    GOOD_IP,
    RELAY_IP,
    Delivery,
    World,
)

ENVELOPES = {
    "the attacker's": "x@{e}",
    "the null sender": "",
    "two at signs": "ops@{d}@{e}",
    "two at signs, the victim last": "x@{e}@{d}",
    "a quoted victim": '"{v}"@{e}',
    "a route": "@{e}:{v}",
    "a list": "x@{e},{v}",
    "a comment": "ops@{d}(.{e}",
    "a NUL": "x@{e}\0@{d}",
    "a blank": "x@{e} {v}",
    "an encoded word": "=?utf-8?q?ops?=@{d}",
    "another mailbox of the domain": "boss@{d}",
    "a subdomain of it": "ops@sub.{d}",
    "no domain": "ops",
    "an address literal": "ops@[198.51.100.66]",
    "KELVIN SIGN": "\u212aops@{d}",
    "the victim itself": "{v}",
}


def _envelope(w: World, text: str) -> Delivery:
    w.zone(key=None, dmarc="v=DMARC1; p=none")
    return w.smtp(w.mail(), text.replace("{v}", w.victim).replace("{d}", w.domain).replace("{e}", w.evil))


for name, text in ENVELOPES.items():
    ATTACKS.add("envelope", name, partial(_envelope, text=text))


@case("envelope", "another mailbox of the domain, from the domain's own server")
def _(w: World) -> Delivery:
    w.zone(key=None, dmarc="v=DMARC1; p=reject")
    return w.smtp(w.mail(), f"boss@{w.domain}", GOOD_IP)


@case("envelope", "the null sender and the domain's name as greeting, from its own server")
def _(w: World) -> Delivery:
    w.zone(key=None)
    return w.smtp(w.mail(), "", GOOD_IP, w.domain)


@case("envelope", "the victim as greeting of the attacker's server")
def _(w: World) -> Delivery:
    w.zone(key=None)
    return w.smtp(w.mail(), "", EVIL_IP, w.domain)


@case("envelope", "a Received field that names the right server, from no trusted relay")
def _(w: World) -> Delivery:
    w.zone(key=None)
    return w.smtp(w.mail(head=f"Received: from a (b [{GOOD_IP}]) by mx.desk.example; x\r\n"), w.victim)


@case("envelope", "behind a trusted relay, a greeting that looks like the right server")
def _(w: World) -> Delivery:
    w.zone(key=None)
    hop = f"Received: from [{GOOD_IP}] (unknown [{EVIL_IP}]) by mx.desk.example; x\r\n"
    return w.smtp(w.mail(head=hop), w.victim, RELAY_IP)


@case("envelope", "behind a trusted relay, the right server in the second Received")
def _(w: World) -> Delivery:
    w.zone(key=None)
    hops = f"Received: from a (b [{EVIL_IP}]) by mx; x\r\nReceived: from a (b [{GOOD_IP}]) by {w.evil}; x\r\n"
    return w.smtp(w.mail(head=hops), w.victim, RELAY_IP)


@case("envelope", "behind a trusted relay that does not say from where")
def _(w: World) -> Delivery:
    w.zone(key=None)
    return w.smtp(w.mail(head="Received: by mx.desk.example; x\r\n"), w.victim, RELAY_IP)


@case("envelope", "a file, with nothing known of its server")
def _(w: World) -> Delivery:
    w.zone(key=None)
    return Delivery(raw=w.mail(), mail_from=w.victim)
