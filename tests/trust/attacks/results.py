"""Authentication-Results that anybody may have written."""

from functools import partial

from tests.trust.attacks.table import ATTACKS, case
from tests.trust.world import (
    RELAY_IP,
    Delivery,
    World,
)


def results(w: World, server: str = "mx.desk.example", **more: str) -> str:
    found = more.get("found", f"spf=pass smtp.mailfrom={w.victim}; dkim=pass header.d={w.domain}; "
                              f"dmarc=pass header.from={w.domain}")  # fmt: skip
    return f"Authentication-Results: {server}; {found}\r\n"


OWN_HOP = "Received: from a (b [198.51.100.66]) by mx.desk.example; x\r\n"
GOOGLE_HOP = "Received: from a (b. [198.51.100.66]) by mx.google.com with ESMTPS id x; x\r\n"
FOREIGN_HOP = "Received: from a (b [198.51.100.66]) by mail.evil.test; x\r\n"
MICROSOFT_HOP = "Received: from a (2603:10b6::1) by x.prod.outlook.com with HTTPS; x\r\n"


@case("results", "by SMTP, from no trusted relay")
def _(w: World) -> Delivery:
    return w.smtp(w.mail(head=results(w, "relay.desk.example")))


@case("results", "by SMTP through a relay, below its Received")
def _(w: World) -> Delivery:
    return w.smtp(w.mail(head=OWN_HOP + results(w, "relay.desk.example")), ip=RELAY_IP)


@case("results", "through a relay, under another name")
def _(w: World) -> Delivery:
    return w.smtp(w.mail(head=results(w, "relay.evil.test") + OWN_HOP), ip=RELAY_IP)


@case("results", "a file with results on top")
def _(w: World) -> Delivery:
    return Delivery(raw=w.mail(head=results(w) + OWN_HOP))


for name, (mailbox, head) in {
    "below the mailbox server's Received": ("support", OWN_HOP + "{r}"),
    "without any Received": ("support", "{r}"),
    "of a mailbox that believes nobody": ("bare", "{r}" + OWN_HOP),
    "Google's on a mailbox of another server": ("support", "{g}" + OWN_HOP),
    "Google's, above all Received": ("gmail", "{g}" + GOOGLE_HOP),
    "Google's, below a foreign host": ("gmail", GOOGLE_HOP + FOREIGN_HOP + "{g}"),
    "Google's, with a host that only ends like it": ("gmail", GOOGLE_HOP.replace("mx.", "evil") + "{g}"),
    "another server's on a mailbox of Google": ("gmail", GOOGLE_HOP + "{r}"),
    "Google's second one, the first says fail": ("gmail", GOOGLE_HOP + "{gf}" + GOOGLE_HOP + "{g}"),
    "Microsoft's, above all Received": ("outlook", "{m}" + MICROSOFT_HOP),
    "Microsoft's, below a foreign host": ("outlook", MICROSOFT_HOP + FOREIGN_HOP + "{m}"),
    "Microsoft's with a name": ("outlook", MICROSOFT_HOP + "{r}"),
    "Microsoft's second one, the first says fail": ("outlook", MICROSOFT_HOP + "{mf}" + MICROSOFT_HOP + "{m}"),
}.items():

    def _placed(w: World, mailbox: str, head: str) -> Delivery:
        good, bad = (
            f"dkim=pass header.d={w.domain}; dmarc=pass header.from={w.domain}",
            f"dmarc=fail header.from={w.domain}",
        )
        filled = (
            head.replace("{r}", results(w))
            .replace("{g}", results(w, "mx.google.com"))
            .replace("{gf}", results(w, "mx.google.com", found=bad))
            .replace("{m}", f"Authentication-Results: {good}\r\n")
            .replace("{mf}", f"Authentication-Results: {bad}\r\n")
        )
        return w.pulled(w.mail(head=filled), mailbox)

    ATTACKS.add("results", name, partial(_placed, mailbox=mailbox, head=head))

for name, found in {
    "DMARC failed": "dkim=pass header.d={d}; dmarc=fail header.from={d}",
    "DMARC passed for another domain": "dkim=pass header.d={e}; dmarc=pass header.from={e}",
    "DMARC passed in a comment": "dkim=none (x; dmarc=pass header.from={d})",
    "DMARC passed in quotes": 'spf=fail smtp.mailfrom="a; dmarc=pass header.from={d}"',
    "DMARC both failed and passed": "dmarc=fail header.from={d}; dmarc=pass header.from={d}",
    "DMARC without a domain": "dmarc=pass",
    "DMARC with two domains": "dmarc=pass header.from={e} header.from={d}",
    "only DKIM of the attacker": "dkim=pass header.d={e}",
    "SPF of another mailbox": "spf=pass smtp.mailfrom=boss@{d}; dkim=none; dmarc=pass header.from={d}",
    "a guess": "dmarc=bestguesspass header.from={d}",
    "an unfinished comment": "dmarc=pass header.from={d} (",
    "DMARC passed for a domain that begins like it": "dkim=pass header.d={d}; dmarc=pass header.from={d}.{e}",
    "DMARC passed, and neither of the others": "dkim=fail header.d={d}; spf=fail smtp.mailfrom={v}; "
    "dmarc=pass header.from={d}",
    "DMARC passed by the attacker's signature": "dkim=pass header.d={e}; dmarc=pass header.from={d}",
    "DMARC passed by a signature named twice": "dkim=pass header.d={e} header.d={d}; dmarc=pass header.from={d}",
    "DMARC passed as a reason": 'dmarc=fail reason="dmarc=pass header.from={d}" header.from={d}',
    "DMARC passed behind a comment that hides the failure": "dmarc=fail (x) header.from={d} (y); x=dmarc=pass",
    "a method of another name": "x-dmarc=pass header.from={d}",
}.items():

    def _said(w: World, found: str) -> Delivery:
        text = found.replace("{d}", w.domain).replace("{e}", w.evil).replace("{v}", w.victim)
        return w.pulled(w.mail(head=results(w, found=text) + OWN_HOP))

    ATTACKS.add("results", name, partial(_said, found=found))

for name, server in {
    "of another version": "mx.desk.example 2",
    "of a server that begins like it": "mx.desk.example.evil.test",
    "of a server that ends like it": "evil-mx.desk.example",
    "with the server in a comment": "(mx.desk.example) mail.evil.test",
    "with two servers": "mail.evil.test mx.desk.example",
    "with the server's name and a NUL": "mx.desk.example\0",
    "with letters that only look like the server's": "mx.d\u0435sk.example",
    "without a server": "",
}.items():

    def _server(w: World, server: str) -> Delivery:
        return w.pulled(w.mail(head=results(w, server) + OWN_HOP))

    ATTACKS.add("results", name, partial(_server, server=server))

for name in ("X-Authentication-Results", "Original-Authentication-Results", "ARC-Authentication-Results",
             "Authentication-Results-Original"):  # fmt: skip

    def _field(w: World, name: str) -> Delivery:
        return w.pulled(w.mail(head=results(w).replace("Authentication-Results", name, 1) + OWN_HOP))

    ATTACKS.add("results", f"in the field {name}", partial(_field, name=name))


@case("results", "two of the mailbox's server, which contradict each other")
def _(w: World) -> Delivery:
    bad = results(w, found=f"dmarc=fail header.from={w.domain}")
    return w.pulled(w.mail(head=results(w) + bad + OWN_HOP))


@case("results", "two of the mailbox's server, the second below its Received")
def _(w: World) -> Delivery:
    first = results(w, found=f"dkim=pass header.d={w.domain}")
    return w.pulled(w.mail(head=first + OWN_HOP + results(w, found=f"dmarc=pass header.from={w.domain}")))
