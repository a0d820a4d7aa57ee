"""What a domain disowns, what it does not, and what nobody can say."""

from tests.harness.dns import BROKEN, txt
from tests.trust.attacks.results import OWN_HOP, results
from tests.trust.attacks.table import case
from tests.trust.world import (
    GOOD_IP,
    Delivery,
    World,
    rsa_record,
)


@case("disowned", "the attacker's server, a domain that wants such mail refused", verdict="failed")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return w.smtp(w.mail())


@case("disowned", "a percentage of nothing is no trust", verdict="failed")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=quarantine; pct=0")
    return w.smtp(w.mail())


@case(
    "disowned",
    "a mailbox in a subdomain that does not exist",
    victim="ops@nowhere.acme-whole.example",
    verdict="failed",
)
def _(w: World) -> Delivery:
    w.zone("acme-whole.example", dmarc="v=DMARC1; p=none; sp=reject", key=rsa_record(w.key()))
    return w.smtp(w.mail())


@case("disowned", "the mailbox's own server had found so", verdict="failed")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return w.pulled(w.mail(head=results(w, found=f"dmarc=fail header.from={w.domain}") + OWN_HOP))


@case("not disowned", "out of a mailbox, changed after delivery: nobody can say", verdict="unverified")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return w.pulled(OWN_HOP.encode() + w.sign(w.mail()).replace(b"today", b"now"))


@case("not disowned", "a file, with nothing known of its server", verdict="unverified")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return Delivery(raw=w.mail())


@case("not disowned", "another mailbox of the domain: DMARC passes all the same", verdict="unverified")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return w.smtp(w.mail(), f"boss@{w.domain}", GOOD_IP)


@case("not disowned", "two DMARC records are none", verdict="unverified")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    w.publish(f"_dmarc.{w.domain}", txt("v=DMARC1; p=none"))
    return w.smtp(w.mail())


@case("not disowned", "the DNS does not say", domain=f"dmarc.{BROKEN}", verdict="unverified")
def _(w: World) -> Delivery:
    return w.smtp(w.mail())
