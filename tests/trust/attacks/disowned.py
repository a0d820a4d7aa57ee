"""What a domain disowns, what it does not, and what nobody can say."""

from functools import partial

from tests.harness.dns import BROKEN, txt
from tests.trust.attacks.results import OWN_HOP, results
from tests.trust.attacks.table import ATTACKS, case
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


POLICIES = {
    "in capitals": ("v=DMARC1; P=REJECT", "failed"),
    "its version in a capital": ("V=DMARC1; p=reject", "failed"),
    "with blanks around every sign": ("v = DMARC1 ; p = reject ; ", "failed"),
    "without any blank": ("v=DMARC1;p=quarantine;", "failed"),
    "with its policy last": ("v=DMARC1; rua=mailto:x@y.example; sp=none; p=reject", "failed"),
    "that asks for nothing of itself, but of its parts": ("v=DMARC1; p=none; sp=reject", "unverified"),
    "without a policy": ("v=DMARC1; rua=mailto:x@y.example", "unverified"),
    "with a policy that there is not": ("v=DMARC1; p=refuse", "unverified"),
    "of another version": ("v=DMARC2; p=reject", "unverified"),
    "with its version last": ("p=reject; v=DMARC1", "unverified"),
    "with a part that is none": ("v=DMARC1; p=reject; frob", "failed"),
}
for name, (record, verdict) in POLICIES.items():

    def _policy(w: World, record: str) -> Delivery:
        w.zone(dmarc=record)
        return w.smtp(w.mail())

    ATTACKS.add("disowned", f"a policy {name}", partial(_policy, record=record), verdict)


@case(
    "disowned",
    "the policy of a mailbox's own domain cannot be read",
    victim="ops@team.acme-up.example",
    verdict="failed",
)
def _(w: World) -> Delivery:
    w.zone("acme-up.example", dmarc="v=DMARC1; p=none; sp=quarantine", key=rsa_record(w.key()))
    w.publish("_dmarc.team.acme-up.example", txt("v=spf1 -all"))
    return w.smtp(w.mail())


@case(
    "disowned",
    "a domain that is not there, below one that wants such mail refused",
    victim="ops@gone.acme-np.example",
    verdict="failed",
)
def _(w: World) -> Delivery:
    w.zone("acme-np.example", dmarc="v=DMARC1; p=none; sp=none; np=reject", key=rsa_record(w.key()))
    return w.smtp(w.mail())


@case(
    "not disowned",
    "a domain that is there, below one that wants what is not refused",
    victim="ops@here.acme-np2.example",
    verdict="unverified",
)
def _(w: World) -> Delivery:
    w.zone("acme-np2.example", dmarc="v=DMARC1; p=none; sp=none; np=reject", key=rsa_record(w.key()))
    w.publish("here.acme-np2.example", "MX 1 mx.acme-np2.example.")
    return w.smtp(w.mail())


@case("not disowned", "a policy at a public suffix is nobody's", victim="ops@acme-none.co.uk", verdict="unverified")
def _(w: World) -> Delivery:
    w.publish("_dmarc.co.uk", txt("v=DMARC1; p=reject"))
    return w.smtp(w.mail())


@case("dkim signer", "a subdomain where strict alignment is wanted, in a capital")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=none; ADKIM=S")
    w.zone(f"mail.{w.domain}", key=rsa_record(w.key()))
    return w.smtp(w.sign(w.mail(), f"mail.{w.domain}"))
