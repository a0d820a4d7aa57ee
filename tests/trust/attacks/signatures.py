"""Signatures that hold and are no proof: what they leave open, whom they were written to, how old they are."""

from datetime import timedelta
from functools import partial

from tests.trust.attacks.table import ATTACKS, case
from tests.trust.world import (
    COVERED,
    DESK,
    NOW,
    Delivery,
    World,
)

for left_out in COVERED[1:]:

    def _uncovered(w: World, left_out: str) -> Delivery:
        w.zone()
        return w.smtp(w.sign(w.mail(), names=[name for name in COVERED if name != left_out]))

    ATTACKS.add("dkim", f"{left_out} is not covered", partial(_uncovered, left_out=left_out))


@case("dkim", "l= and text behind it")
def _(w: World) -> Delivery:
    w.zone()
    raw = w.mail()
    return w.smtp(w.sign(raw, length=len(b"Please do so today.\r\n")) + b"Send it to x@evil.test\r\n")


@case("dkim", "l= of nothing")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(), length=0))


@case("dkim", "l= of all there is")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(), length=len(b"Please do so today.\r\n")))


@case("dkim replay", "written to somebody else, handed to the desk")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(to="support@other.example")))


@case("dkim replay", "written to somebody else, the desk in an unsigned Cc")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(
        w.sign(w.mail(to="support@other.example")).replace(
            b"\r\nSubject:", b"\r\nCc: " + DESK.encode() + b"\r\nSubject:", 1
        )
    )


@case("dkim replay", "the desk only in the name of a recipient")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(to=f'"{DESK}" <x@other.example>')))


@case("dkim replay", "without any To, Bcc to the desk")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(to=None)))


@case("dkim replay", "eight days old")
def _(w: World) -> Delivery:
    w.zone()
    sent = NOW - timedelta(days=8)
    return w.smtp(w.sign(w.mail(date=sent), at=sent))


@case("dkim replay", "eight days old, without t=")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(date=NOW - timedelta(days=8)), at=None))


@case("dkim replay", "expired")
def _(w: World) -> Delivery:
    w.zone()
    sent, end = NOW - timedelta(days=2), NOW - timedelta(days=1)
    return w.smtp(w.sign(w.mail(date=sent), at=sent, more=[("x", str(int(end.timestamp())))]))


@case("dkim replay", "signed two days from now")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(), at=NOW + timedelta(days=2)))


@case("dkim replay", "neither t= nor a date that can be read")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail().replace(b"Date: ", b"Date: someday "), at=None))


@case("dkim replay", "out of a mailbox whose server only says that DMARC passed")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    head = (
        f"Authentication-Results: mx.desk.example; dkim=pass header.d={w.domain}; dmarc=pass header.from={w.domain}\r\n"
        "Received: from x (y [198.51.100.66]) by mx.desk.example; x\r\n"
    )
    return w.pulled(head.encode() + w.sign(w.mail(to="support@other.example")))
