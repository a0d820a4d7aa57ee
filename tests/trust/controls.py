"""Honest mails: every one has to be proven."""

from datetime import timedelta
from functools import partial

from tests.harness.dns import txt
from tests.trust.world import (
    COVERED,
    DESK,
    EVIL_IP,
    GOOD_IP,
    LIST,
    NOW,
    RELAY_IP,
    Delivery,
    Table,
    World,
    ed25519,
    ed25519_record,
    rsa,
    rsa_record,
)

CONTROLS = Table()
case = CONTROLS.case


def honest(w: World, raw: bytes, mail_from: str | None = None) -> Delivery:
    return w.smtp(raw, w.victim if mail_from is None else mail_from, GOOD_IP, f"mail.{w.domain}")


@case("dkim", "signed by the author's own domain")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return honest(w, w.sign(w.mail()), f"bounce@{w.evil}")


for canonical in ("simple/simple", "relaxed/simple", "simple/relaxed", "relaxed"):

    def _canonical(w: World, canonical: str) -> Delivery:
        w.zone()
        raw = w.mail(f"Operations <{w.victim}>", body="Two  blanks \r\n\r\nand a\tend \r\n\r\n\r\n")
        return Delivery(raw=w.sign(raw, c=canonical))

    CONTROLS.add("dkim", f"canonicalised {canonical}", partial(_canonical, canonical=canonical))


@case("dkim", "an Ed25519 key")
def _(w: World) -> Delivery:
    w.zone(key=ed25519_record(ed25519(0)))
    return Delivery(raw=w.sign(w.mail(), a="ed25519-sha256"))


@case("dkim", "both an Ed25519 and an RSA signature")
def _(w: World) -> Delivery:
    w.zone()
    w.publish(f"ed._domainkey.{w.domain}", txt(ed25519_record(ed25519(0))))
    return Delivery(raw=w.sign(w.sign(w.mail()), a="ed25519-sha256", selector="ed"))


@case("dkim", "a key of 1024 bits")
def _(w: World) -> Delivery:
    w.zone(key=rsa_record(rsa(1024)))
    return Delivery(raw=w.sign(w.mail(), key=rsa(1024)))


@case("dkim", "rotated keys: the old one is withdrawn, the new one signs, too")
def _(w: World) -> Delivery:
    w.zone(key="v=DKIM1; k=rsa; p=", selector="old")
    w.publish(f"new._domainkey.{w.domain}", txt(rsa_record(w.key())))
    return Delivery(raw=w.sign(w.sign(w.mail(), selector="old"), selector="new"))


@case("dkim", "the key stands under another name, by CNAME")
def _(w: World) -> Delivery:
    w.zone(key=None)
    w.publish(f"k1._domainkey.{w.domain}", f"CNAME k1.keys{w.number}.test.")
    w.publish(f"k1.keys{w.number}.test", txt(rsa_record(w.key())))
    return Delivery(raw=w.sign(w.mail()))


@case("dkim", "a key record without v= and k=, with a note")
def _(w: World) -> Delivery:
    w.zone(key=rsa_record(w.key(), kind="n=made by hand; t=s; "))
    return Delivery(raw=w.sign(w.mail()))


@case("dkim", "forwarded: SPF breaks, the signature lives")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return w.smtp(w.sign(w.mail()), f"srs0=x@{w.evil}", EVIL_IP)


@case("dkim", "relaxed alignment: a mail server's subdomain signs for the domain")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject; adkim=r; aspf=r")
    w.zone(f"mail.{w.domain}", key=rsa_record(w.key()))
    return Delivery(raw=w.sign(w.mail(), f"mail.{w.domain}"))


@case("dkim", "a mailbox in a subdomain, signed by the domain above it", victim="ops@team.acme-sub.example")
def _(w: World) -> Delivery:
    w.zone("acme-sub.example", dmarc="v=DMARC1; p=reject; sp=reject", key=rsa_record(w.key()))
    return Delivery(raw=w.sign(w.mail(), "acme-sub.example", key=w.key()))


@case("dkim", "strict alignment, the very domain")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject; adkim=s; aspf=s")
    return Delivery(raw=w.sign(w.mail()))


@case("dkim", "no DMARC record at all")
def _(w: World) -> Delivery:
    w.zone()
    return Delivery(raw=w.sign(w.mail()))


@case("dkim", "an international domain, on file in its own letters", victim="ops@b\u00fccher-haus.example")
def _(w: World) -> Delivery:
    domain = "xn--bcher-haus-q9a.example"
    domain = "b\u00fccher-haus.example".encode("idna").decode()
    w.zone(domain, key=rsa_record(w.key()))
    return Delivery(raw=w.sign(w.mail(f"ops@{domain}"), domain, key=w.key()))


@case("dkim", "a co.uk domain", victim="ops@acme-shop.co.uk")
def _(w: World) -> Delivery:
    w.zone("acme-shop.co.uk", key=rsa_record(w.key()))
    return Delivery(raw=w.sign(w.mail(), "acme-shop.co.uk", key=w.key()))


@case("dkim", "six days under way")
def _(w: World) -> Delivery:
    w.zone()
    sent = NOW - timedelta(days=6)
    expires = ("x", str(int((NOW + timedelta(days=1)).timestamp())))
    return Delivery(raw=w.sign(w.mail(date=sent), at=sent, more=[expires]))


@case("dkim", "no t=: the signed Date says when")
def _(w: World) -> Delivery:
    w.zone()
    return Delivery(raw=w.sign(w.mail(), at=None))


@case("dkim", "the desk stands in a signed Cc, in capitals")
def _(w: World) -> Delivery:
    w.zone()
    raw = w.mail(to="boss@elsewhere.example", tail=f"Cc: Desk <{DESK.upper()}>\r\n")
    return Delivery(raw=w.sign(raw, names=(*COVERED, "cc")))


@case("dkim", "fields signed once more than they are there")
def _(w: World) -> Delivery:
    w.zone()
    names = (*COVERED, "from", "to", "cc", "subject", "date", "message-id", "reply-to", "content-type")
    return Delivery(raw=w.sign(w.mail(tail="Content-Type: text/plain; charset=utf-8\r\n"), names=names))


@case("dkim", "a list's own signature stands above the author's")
def _(w: World) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.sign(w.mail()), w.evil))


@case("dkim", "a multipart whose type is not signed, as large providers do")
def _(w: World) -> Delivery:
    w.zone()
    body = (
        "--b1\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b1\r\nContent-Type: text/html\r\n\r\n<p>Hello\r\n--b1--\r\n"
    )
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b1"\r\n'
    return Delivery(raw=w.sign(w.mail(tail=head, body=body)))


@case("dkim", "lines that end in LF alone, as in a file on this machine")
def _(w: World) -> Delivery:
    w.zone()
    return Delivery(raw=w.sign(w.mail(body="One\r\n\r\nTwo  \r\n")).replace(b"\r\n", b"\n"))


@case("dkim", "out of a pulled mailbox")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return w.pulled(b"Received: from x (y [192.0.2.9]) by imap.desk.example; x\r\n" + w.sign(w.mail()))


@case("spf", "from its own server, the same address on the envelope")
def _(w: World) -> Delivery:
    w.zone(key=None)
    return honest(w, w.mail())


@case("spf", "the same with capitals, and a policy that wants it strictly aligned")
def _(w: World) -> Delivery:
    w.zone(key=None, dmarc="v=DMARC1; p=reject; aspf=s")
    return honest(w, w.mail(), w.victim.upper())


@case("spf", "listed by include, a and mx; an IPv6 server")
def _(w: World) -> Delivery:
    w.zone(key=None, spf=f"v=spf1 include:_spf.{w.domain} -all")
    w.publish(f"_spf.{w.domain}", txt(f"v=spf1 a:a.{w.domain} mx:{w.domain} ~all"))
    w.publish(w.domain, f"MX 10 mx.{w.domain}.")
    w.publish(f"mx.{w.domain}", "AAAA 2001:db8::25", "A 192.0.2.99")
    w.publish(f"a.{w.domain}", "A 192.0.2.98")
    return w.smtp(w.mail(), w.victim, "2001:db8::25", "mx")


@case("spf", "a provider's network of exactly /16, and redirect")
def _(w: World) -> Delivery:
    w.zone(key=None, spf=f"v=spf1 redirect=_all.{w.domain}")
    w.publish(f"_all.{w.domain}", txt("v=spf1 ip4:192.0.0.0/16 -all"))
    return honest(w, w.mail())


@case("spf", "a macro that depends on the server")
def _(w: World) -> Delivery:
    w.zone(key=None, spf="v=spf1 exists:%{i}._ok.%{d} -all")
    w.publish(f"{GOOD_IP}._ok.{w.domain}", "A 127.0.0.2")
    return honest(w, w.mail())


@case("spf", "behind a trusted relay: the Received field says where it came from")
def _(w: World) -> Delivery:
    w.zone(key=None)
    hop = f"Received: from mail.{w.domain} (mail.{w.domain} [{GOOD_IP}]) by mx.desk.example (Postfix); x\r\n"
    return w.smtp(w.mail(head=hop), w.victim, RELAY_IP, "mx.desk.example")


@case("arc", "a mailing list that is trusted changed the text, and sealed what it had found")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    changed = w.sign(w.mail(to=f"users@{LIST}")).replace(b"today.", b"today.\r\n-- \r\nTo leave the list: x")
    found = f"dkim=pass header.d={w.domain}; spf=pass smtp.mailfrom={w.victim}; dmarc=pass header.from={w.domain}"
    return w.smtp(w.seal(changed, found), f"bounces@{LIST}", EVIL_IP)


@case("arc", "two trusted sealers, one after the other")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    changed = w.sign(w.mail(to=f"users@{LIST}")).replace(b"today.", b"now.")
    first = w.seal(changed, f"dmarc=pass header.from={w.domain}")
    return w.smtp(w.seal(first, f"arc=pass; dkim=fail; dmarc=fail header.from={w.domain}", "forward.lists.example"))


@case("authentication-results", "of the mailbox's own server, above the first Received")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    head = (
        f"Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom={w.victim};"
        f" dmarc=pass (p=reject) header.from={w.domain}\r\n"
        f"Received: from x (y [{GOOD_IP}]) by mx.desk.example; x\r\n"
    )
    return w.pulled(w.mail(head=head))


@case("authentication-results", "Google's, below two Received of its own")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    head = (
        "Received: by 2002:ac8:5fc6:0:b0:42a:8f3d:3c6e with SMTP id x; x\r\n"
        f"Received: from m.{w.domain} (m.{w.domain}. [{GOOD_IP}]) by mx.google.com with ESMTPS id x; x\r\n"
        f"Authentication-Results: mx.google.com;\r\n dkim=pass header.i=@{w.domain} header.s=k1 header.b=x;\r\n"
        f" spf=pass (google.com: domain of {w.victim} designates {GOOD_IP} as permitted sender)"
        f" smtp.mailfrom={w.victim};\r\n dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from={w.domain}\r\n"
    )
    return w.pulled(w.mail(head=head), "gmail")


@case("authentication-results", "Microsoft's, without an id, below three Received of its own; it changed the text")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    raw = w.sign(w.mail()).replace(b"today.", b"[external] today.")
    hosts = ("dm6pr01.prod.outlook.com", "bn8pr01.eurprd.prod.outlook.com", "mail.protection.outlook.com")
    head = "".join(f"Received: from a.b (2603:10b6:{n}::1) by {host} with HTTPS; x\r\n" for n, host in enumerate(hosts))
    head += (
        f"Authentication-Results: spf=pass (sender IP is {GOOD_IP})\r\n smtp.mailfrom={w.domain}; dkim=pass"
        f" (signature was verified)\r\n header.d={w.domain};dmarc=pass action=none\r\n"
        f" header.from={w.domain};compauth=pass reason=100\r\n"
    )
    return w.pulled(head.encode() + raw, "outlook")


@case("authentication-results", "of a trusted relay, above its own Received")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    head = (
        f"Authentication-Results: relay.desk.example; spf=pass smtp.mailfrom={w.victim};"
        f" dmarc=pass header.from={w.domain}\r\n"
        f"Received: from x (y [{GOOD_IP}]) by relay.desk.example; x\r\n"
    )
    return w.smtp(w.mail(head=head), f"srs0={w.victim}", RELAY_IP)


@case("authentication-results", "of the mailbox's server, which says no more than that DMARC passed")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    head = (
        f"Authentication-Results: mx.desk.example; dmarc=pass header.from={w.domain}\r\n"
        f"Received: from x (y [{GOOD_IP}]) by mx.desk.example; x\r\n"
    )
    return w.pulled(w.mail(head=head))
