"""Keys that are weak, withdrawn, of another kind, or not there."""

from typing import Any

from tests.harness.dns import BROKEN, txt
from tests.trust.attacks.table import ATTACKS, case
from tests.trust.world import (
    Delivery,
    World,
    ed25519,
    ed25519_record,
    rsa,
    rsa_record,
)

ED = "ed25519-sha256"


def _with_key(w: World, record: str, **sign: Any) -> Delivery:
    w.zone(key=record)
    return w.smtp(w.sign(w.mail(), **sign))


ATTACKS.add("dkim key", "512 bits", lambda w: _with_key(w, rsa_record(rsa(512)), key=rsa(512)))
ATTACKS.add("dkim key", "768 bits", lambda w: _with_key(w, rsa_record(rsa(768)), key=rsa(768)))
ATTACKS.add("dkim key", "1023 bits", lambda w: _with_key(w, rsa_record(rsa(1023)), key=rsa(1023)))
ATTACKS.add("dkim key", "withdrawn", lambda w: _with_key(w, "v=DKIM1; p="))
ATTACKS.add("dkim key", "another one", lambda w: _with_key(w, rsa_record(rsa(2048, 9))))
ATTACKS.add("dkim key", "being tested", lambda w: _with_key(w, rsa_record(w.key(), kind="v=DKIM1; t=y; ")))
ATTACKS.add("dkim key", "being tested, among other flags", lambda w: _with_key(w, rsa_record(w.key(), kind="t=s:y; ")))
ATTACKS.add("dkim key", "another tag first", lambda w: _with_key(w, rsa_record(w.key(), kind="n=x; v=DKIM1; ")))
ATTACKS.add("dkim key", "of a length beyond reason", lambda w: _with_key(w, "v=DKIM1; p=" + "A" * 12_000))
ATTACKS.add("dkim key", "an Ed25519 key of nothing", lambda w: _with_key(w, f"k=ed25519; p={'A' * 43}=", a=ED))
ATTACKS.add("dkim key", "an Ed25519 key that is too short", lambda w: _with_key(w, "k=ed25519; p=AAAA", a=ED))
ATTACKS.add("dkim key", "for SHA-1 alone", lambda w: _with_key(w, rsa_record(w.key(), kind="v=DKIM1; h=sha1; ")))
ATTACKS.add("dkim key", "not for mail", lambda w: _with_key(w, rsa_record(w.key(), kind="v=DKIM1; s=tlsrpt; ")))
ATTACKS.add("dkim key", "of another version", lambda w: _with_key(w, rsa_record(w.key(), kind="v=DKIM2; ")))
ATTACKS.add(
    "dkim key", "with its version last", lambda w: _with_key(w, rsa_record(w.key(), kind="k=rsa; ") + "; v=DKIM1")
)
ATTACKS.add("dkim key", "of an unknown kind", lambda w: _with_key(w, rsa_record(w.key(), kind="v=DKIM1; k=dsa; ")))
ATTACKS.add("dkim key", "no base64", lambda w: _with_key(w, "v=DKIM1; k=rsa; p=%%%"))
ATTACKS.add("dkim key", "cut in the middle", lambda w: _with_key(w, rsa_record(w.key())[:-40]))
ATTACKS.add("dkim key", "twice p=", lambda w: _with_key(w, rsa_record(w.key()) + "; p=x"))
ATTACKS.add("dkim key", "RSA for an Ed25519 signature", lambda w: _with_key(w, rsa_record(w.key()), a="ed25519-sha256"))
ATTACKS.add("dkim key", "Ed25519 for an RSA signature", lambda w: _with_key(w, ed25519_record(ed25519(0))))
ATTACKS.add("dkim key", "another Ed25519 key", lambda w: _with_key(w, ed25519_record(ed25519(1)), a="ed25519-sha256"))
ATTACKS.add("dkim key", "SHA-1", lambda w: _with_key(w, "", a="rsa-sha1"))
ATTACKS.add("dkim key", "an exponent of one", lambda w: _with_key(w, _exponent_one(w)))


def _exponent_one(w: World) -> str:
    import base64

    der = base64.b64decode(rsa_record(w.key()).partition("p=")[2])
    return "v=DKIM1; p=" + base64.b64encode(der.replace(b"\x02\x03\x01\x00\x01", b"\x02\x03\x00\x00\x01")).decode()


@case("dkim key", "two keys under one name")
def _(w: World) -> Delivery:
    w.zone(key=rsa_record(rsa(2048, 9)))
    w.publish(f"k1._domainkey.{w.domain}", txt(rsa_record(w.key())))
    return w.smtp(w.sign(w.mail()))


@case("dkim key", "nothing under its name")
def _(w: World) -> Delivery:
    w.zone(key=None)
    return w.smtp(w.sign(w.mail()))


@case("dkim key", "its zone is broken", domain=BROKEN)
def _(w: World) -> Delivery:
    return w.smtp(w.sign(w.mail()))


@case("dkim key", "names that lead to each other")
def _(w: World) -> Delivery:
    w.zone(key=None)
    w.publish(f"k1._domainkey.{w.domain}", f"CNAME k2._domainkey.{w.domain}.")
    w.publish(f"k2._domainkey.{w.domain}", f"CNAME k1._domainkey.{w.domain}.")
    return w.smtp(w.sign(w.mail()))
