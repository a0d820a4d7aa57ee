"""Attacks: none of these mails may be proven to come from the address on file.

The families are the published ones: disagreement about the author and about the envelope, signatures used again or
stretched, weak and wrong keys, records that let everybody in, forged results and seals, look-alikes.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import dkim

from tests.harness.dns import BROKEN, txt
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

ATTACKS = Table()
case = ATTACKS.case


# ---- who is the author? The attacker's own server and signature are in order; the From field shows the victim -------

FROM_TRICKS = {
    "two From fields, the victim's first": "{v}\r\nFrom: x@{e}",
    "two From fields, the victim's last": "x@{e}\r\nFrom: {v}",
    "a From field with a blank before its colon": "x@{e}\r\nFrom : {v}",
    "a From field in capitals": "x@{e}\r\nFROM: {v}",
    "a fold between name and colon": "x@{e}\r\nFrom\r\n : {v}",
    "two addresses": "{v}, x@{e}",
    "two addresses, the attacker's first": "x@{e}, {v}",
    "two addresses without a comma": "<{v}> <x@{e}>",
    "an angle in an angle": "<{v}<x@{e}>>",
    "a group": "{v}: x@{e};",
    "a group around the victim": "Team: {v}, x@{e};",
    "a route": "<@{e}:{v}>",
    "a route of two": "<@{e},@x.test:{v}>",
    "a comment behind the address": "x@{e} ({v})",
    "a comment in the domain": "<ops@{d}(.{e})>",
    "a comment with the domain": "ops@{d}(x)@{e}",
    "a comment that swallows a bracket": "<{v}(>) x@{e}",
    "a nested comment": "(a(b){v}) x@{e}",
    "an encoded word as the address": "=?utf-8?q?{vq}?= <x@{e}>",
    "an encoded word in the brackets": "<=?utf-8?q?{vq}?=>",
    "an encoded word as the local part": "=?utf-8?q?ops?=@{d}",
    "an encoded word with a second address": "=?utf-8?b?b3BzQGFjbWU=?=@{d}, x@{e}",
    "a quoted local part with the victim in it": '"{v}"@{e}',
    "a quoted victim before the attacker": '"{v}" <x@{e}>',
    "the victim as an unquoted name": "{v} <x@{e}>",
    "the victim in capitals as a name": '"OPS@{D}" <x@{e}>',
    "the victim encoded as a name": "=?utf-8?q?{vq}?= <x@{e}>",
    "a name with a full-width at sign": '"ops\uff20{d}" <x@{e}>',
    "a NUL behind the victim": "{v}\0.{e}",
    "a NUL before the attacker's domain": "<ops@{d}\0@{e}>",
    "a bare CR and a second From": "x@{e}\rFrom: {v}",
    "a bare LF and a second From": "x@{e}\nFrom: {v}",
    "a line separator": "x@{e}\u2028From: {v}",
    "a tab and an address more": "x@{e},\t{v}",
    "a semicolon between": "{v}; x@{e}",
    "a backslash": "{v}\\@{e}",
    "a space in the domain": "ops@{d} .{e}",
    "a trailing dot": "{v}.",
    "no bracket to close": "<{v}, <x@{e}>",
    "an address literal": "ops@[{ip}]",
    "percent routing": "ops%{d}@{e}",
    "bang routing": "{d}!ops@{e}",
    "the right-to-left override": "\u202e{v}\u202c <x@{e}>",
    "an empty From": "",
    "a domain of full-width letters": "ops@\uff41{d}",
    "an ideographic full stop": "ops@{d0}\u3002{d1}",
    "KELVIN SIGN in the local part": "\u212a{v}",
    "a dotless i": "\u0131{v}",
    "a very long name": '"' + "x" * 3_000 + '" <{v}>',
}


def _from_trick(w: World, text: str) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=none")
    head, _, tail = w.domain.partition(".")
    values = {
        "v": w.victim, "e": w.evil, "d": w.domain, "D": w.domain.upper(), "ip": EVIL_IP, "d0": head, "d1": tail,
        "vq": w.victim.replace("@", "=40"),
    }  # fmt: skip
    written = text
    for name, value in values.items():
        written = written.replace("{" + name + "}", value)
    raw = w.mail(written)
    # What the signer cannot read goes unsigned: its SPF is in order all the same.
    with suppress(dkim.DKIMException, ValueError, IndexError):
        raw = w.sign(raw, w.evil)
    return w.smtp(raw)


for trick, text in FROM_TRICKS.items():
    ATTACKS.add("author", trick, partial(_from_trick, text=text))


def _victim_signed(w: World, change: Callable[[bytes], bytes]) -> Delivery:
    """A mail that the victim really signed, changed on its way."""
    w.zone(dmarc="v=DMARC1; p=none")
    return w.smtp(change(w.sign(w.mail())))


for name, line in {
    "a second From above": b"From: x@evil.test\r\n",
    "a second Subject": b"Subject: Send the money\r\n",
    "a second To": b"To: x@evil.test\r\n",
    "a second Date": b"Date: Thu, 19 Nov 2026 10:00:00 +0000\r\n",
    "a second Message-ID": b"Message-ID: <other@evil.test>\r\n",
    "a Content-Type that hides the text": b'Content-Type: multipart/mixed; boundary="x"\r\n',
    "a Content-Type of HTML": b"Content-Type: text/html\r\n",
    "an attached message as the whole": b"Content-Type: message/rfc822\r\n",
    "another transfer encoding": b"Content-Transfer-Encoding: base64\r\n",
    "two Content-Types": b"Content-Type: text/plain\r\nContent-Type: text/html\r\n",
}.items():
    ATTACKS.add("header duplication", name, partial(_victim_signed, change=lambda raw, line=line: line + raw))

for name, (old, new) in {
    "another subject": (b"reset the password", b"reset my password"),
    "another text": (b"do so today", b"do so now"),
    "text behind": (b"today.\r\n", b"today.\r\nAnd tell me.\r\n"),
    "another date": (b"20 Nov", b"19 Nov"),
    "another Message-ID": (b".1@", b".2@"),
    "another recipient": (b"To: support@", b"To: x, support@"),
    "another name for the author": (b"From: ops@", b"From: Boss ops@"),
    "another author in the domain": (b"From: ops@", b"From: boss@"),
}.items():
    ATTACKS.add("dkim", name, partial(_victim_signed, change=lambda raw, old=old, new=new: raw.replace(old, new)))


# ---- signatures that hold and are no proof --------------------------------------------------------------------------

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


def _with_key(w: World, record: str, **sign: object) -> Delivery:
    w.zone(key=record)
    return w.smtp(w.sign(w.mail(), **sign))  # type: ignore[arg-type]


ATTACKS.add("dkim key", "512 bits", lambda w: _with_key(w, rsa_record(rsa(512)), key=rsa(512)))
ATTACKS.add("dkim key", "768 bits", lambda w: _with_key(w, rsa_record(rsa(768)), key=rsa(768)))
ATTACKS.add("dkim key", "1023 bits", lambda w: _with_key(w, rsa_record(rsa(1023)), key=rsa(1023)))
ATTACKS.add("dkim key", "withdrawn", lambda w: _with_key(w, "v=DKIM1; p="))
ATTACKS.add("dkim key", "another one", lambda w: _with_key(w, rsa_record(rsa(2048, 9))))
ATTACKS.add("dkim key", "being tested", lambda w: _with_key(w, rsa_record(w.key(), kind="v=DKIM1; t=y; ")))
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


# ---- signatures by others -------------------------------------------------------------------------------------------

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
}


for name, (old, new) in TAGS.items():
    ATTACKS.add(
        "dkim tags", name, partial(_victim_signed, change=lambda raw, old=old, new=new: raw.replace(old, new, 1))
    )


# ---- the envelope ---------------------------------------------------------------------------------------------------

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


# ---- what the domain publishes --------------------------------------------------------------------------------------

SPF = {
    "+all": "v=spf1 +all",
    "all without a sign": "v=spf1 all",
    "?all": "v=spf1 ?all",
    "~all": "v=spf1 ~all",
    "the whole network": "v=spf1 ip4:0.0.0.0/0 -all",
    "half of the network": "v=spf1 ip4:128.0.0.0/1 ip4:0.0.0.0/1 -all",
    "a network of /8": "v=spf1 ip4:198.0.0.0/8 -all",
    "a network of /15": "v=spf1 ip4:198.50.0.0/15 -all",
    "a/8": "v=spf1 a:a.{e}/8 -all",
    "mx/0": "v=spf1 mx:mx.{e}/0 -all",
    "include of +all": "v=spf1 include:all.{e} -all",
    "include of include of a whole network": "v=spf1 include:deep.{e} -all",
    "redirect to +all": "v=spf1 redirect=all.{e}",
    "exists that does not depend on the server": "v=spf1 exists:a.{e} -all",
    "exists of the local part": "v=spf1 exists:%{{l}}.any.{e} -all",
    "an include of itself": "v=spf1 include:{d} +all",
    "a loop of includes": "v=spf1 include:loop.{e} +all",
    "a redirect to itself": "v=spf1 redirect={d}",
    "eleven lookups and then the server": "v=spf1 " + "a:other.{e} " * 11 + "ip4:198.51.100.66 -all",
    "three names that are not there and then the server": "v=spf1 a:n1.{e} a:n2.{e} a:n3.{e} ip4:198.51.100.66 -all",
    "a bomb of macros": "v=spf1 " + "exists:%{{d1r}}.%{{l}}.%{{ir}}.other.{e} " * 11 + "ip4:198.51.100.66 -all",
    "a macro that is none": "v=spf1 exists:%{{z}}.{e} ip4:198.51.100.66 -all",
    "a record that is no record": "v=spf1 ip4:198.51.100.66 frob -all",
    "a network that is none": "v=spf1 ip4:198.51.100.66/99 -all",
    "an unfinished word": "v=spf1 ip4: -all",
    "a record of five thousand letters": "v=spf1 " + "ip4:192.0.2.1 " * 360 + "ip4:198.51.100.66 -all",
    "another version": "v=spf10 ip4:198.51.100.66 -all",
    "a record that begins late": " v=spf1 ip4:198.51.100.66 -all",
    "a list with commas": "v=spf1,ip4:198.51.100.66,-all",
    "an include of nothing": "v=spf1 include:nothing.{e} ip4:198.51.100.66 -all",
    "an include in a broken zone": "v=spf1 include:x." + BROKEN + " ip4:198.51.100.66 -all",
    "ptr to a name that does not lead back": "v=spf1 ptr:{d} -all",
}


def _spf(w: World, text: str) -> Delivery:
    w.zone(
        key=None,
        spf=text.replace("{{", "\x01")
        .replace("}}", "\x02")
        .replace("{d}", w.domain)
        .replace("{e}", w.evil)
        .replace("\x01", "{")
        .replace("\x02", "}"),
    )
    w.publish(f"a.{w.evil}", f"A {EVIL_IP}")
    w.publish(f"other.{w.evil}", "A 192.0.2.77")
    w.publish(f"*.other.{w.evil}", "MX 1 a.test.")
    w.publish(f"mx.{w.evil}", f"MX 1 a.{w.evil}.")
    w.publish(f"all.{w.evil}", txt("v=spf1 +all"))
    w.publish(f"deep.{w.evil}", txt(f"v=spf1 include:deeper.{w.evil} -all"))
    w.publish(f"deeper.{w.evil}", txt("v=spf1 ip4:196.0.0.0/6 -all"))
    w.publish(f"loop.{w.evil}", txt(f"v=spf1 include:{w.domain} -all"))
    w.publish(f"ops.any.{w.evil}", "A 127.0.0.2")
    w.publish("66.100.51.198.in-addr.arpa", f"PTR host.{w.domain}.")
    w.publish(f"host.{w.domain}", "A 192.0.2.77")
    return w.smtp(w.mail(), w.victim)


for name, text in SPF.items():
    ATTACKS.add("spf", name, partial(_spf, text=text))


@case("spf", "two records")
def _(w: World) -> Delivery:
    w.zone(key=None, spf=f"v=spf1 ip4:{EVIL_IP} -all")
    w.publish(w.domain, txt("v=spf1 -all"))
    return w.smtp(w.mail(), w.victim)


@case("spf", "the whole of IPv6")
def _(w: World) -> Delivery:
    w.zone(key=None, spf="v=spf1 ip6:::/0 -all")
    return w.smtp(w.mail(), w.victim, "2001:db8:bad::1")


@case("spf", "an IPv4 address in IPv6 clothes")
def _(w: World) -> Delivery:
    w.zone(key=None, spf="v=spf1 ip6:::ffff:198.51.100.66 -all")
    return w.smtp(w.mail(), w.victim, "::ffff:198.51.100.66")


@case("spf", "its zone is broken", domain=f"spf.{BROKEN}")
def _(w: World) -> Delivery:
    return w.smtp(w.mail(), w.victim, GOOD_IP)


# ---- results and seals that others are said to have written ---------------------------------------------------------


def _results(w: World, server: str = "mx.desk.example", **more: str) -> str:
    found = more.get("found", f"spf=pass smtp.mailfrom={w.victim}; dkim=pass header.d={w.domain}; "
                              f"dmarc=pass header.from={w.domain}")  # fmt: skip
    return f"Authentication-Results: {server}; {found}\r\n"


OWN_HOP = "Received: from a (b [198.51.100.66]) by mx.desk.example; x\r\n"
GOOGLE_HOP = "Received: from a (b. [198.51.100.66]) by mx.google.com with ESMTPS id x; x\r\n"
FOREIGN_HOP = "Received: from a (b [198.51.100.66]) by mail.evil.test; x\r\n"
MICROSOFT_HOP = "Received: from a (2603:10b6::1) by x.prod.outlook.com with HTTPS; x\r\n"


@case("results", "by SMTP, from no trusted relay")
def _(w: World) -> Delivery:
    return w.smtp(w.mail(head=_results(w, "relay.desk.example")))


@case("results", "by SMTP through a relay, below its Received")
def _(w: World) -> Delivery:
    return w.smtp(w.mail(head=OWN_HOP + _results(w, "relay.desk.example")), ip=RELAY_IP)


@case("results", "through a relay, under another name")
def _(w: World) -> Delivery:
    return w.smtp(w.mail(head=_results(w, "relay.evil.test") + OWN_HOP), ip=RELAY_IP)


@case("results", "a file with results on top")
def _(w: World) -> Delivery:
    return Delivery(raw=w.mail(head=_results(w) + OWN_HOP))


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
            head.replace("{r}", _results(w))
            .replace("{g}", _results(w, "mx.google.com"))
            .replace("{gf}", _results(w, "mx.google.com", found=bad))
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
}.items():

    def _said(w: World, found: str) -> Delivery:
        text = found.replace("{d}", w.domain).replace("{e}", w.evil)
        return w.pulled(w.mail(head=_results(w, found=text) + OWN_HOP))

    ATTACKS.add("results", name, partial(_said, found=found))


def _found(w: World) -> str:
    return f"dkim=pass header.d={w.domain}; dmarc=pass header.from={w.domain}"


def _sealed(w: World, **how: object) -> bytes:
    return w.seal(w.mail(to=f"users@{LIST}"), _found(w), **how)  # type: ignore[arg-type]


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


# ---- what the domain disowns, and what it does not ------------------------------------------------------------------


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
    return w.pulled(w.mail(head=_results(w, found=f"dmarc=fail header.from={w.domain}") + OWN_HOP))


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


# ---- who looks like the victim --------------------------------------------------------------------------------------


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
