"""Honest mails as the world's programs write them: names, folds, records and fields in every form that is in use."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from tests.harness.dns import txt
from tests.trust.controls import CONTROLS, case, honest
from tests.trust.world import (
    COVERED,
    DESK,
    EVIL_IP,
    GOOD_IP,
    LIST,
    NOW,
    RELAY_IP,
    Delivery,
    World,
    rsa,
    rsa_record,
)

NAMES = {
    "a name with a comma and parentheses, in quotes": '"Smith, Operations (Acme)" <{v}>',
    "a name with a quote in it": '"The \\"Ops\\" desk" <{v}>',
    "a name in an encoded word": "=?utf-8?q?Op=C3=A9rations?= <{v}>",
    "a name in two encoded words on two lines": "=?utf-8?b?T3DDqXJh?=\r\n =?utf-8?b?dGlvbnM=?= <{v}>",
    "a name in letters of its own": "Op\u00e9rations B\u00fcro <{v}>",
    "a name in another alphabet": "\u041e\u043f\u0435\u0440\u0430\u0446\u0438\u0438 <{v}>",
    "its own address as the name": '"{v}" <{v}>',
    "its own address as the name, in capitals": "\"'OPS@{D}'\" <{v}>",
    "its own address as the name, without quotes": "{v} <{v}>",
    "brackets in the name": "Operations (night shift) <{v}>",
    "the address on the next line": '"Operations"\r\n <{v}>',
    "an address in capitals": "OPS@{D}",
    "brackets alone": "<{v}>",
    "initials with dots": "J. Q. Public <{v}>",
    "a company behind a bar": "Ops | Acme Widgets <{v}>",
    "an apostrophe": "O'Brien, Ops <{v}>".replace(",", ""),
    "blanks inside of the brackets' reach": "Operations  <{v}> ",
}


def _named(w: World, text: str) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    return Delivery(raw=w.sign(w.mail(text.replace("{v}", w.victim).replace("{D}", w.domain.upper()))))


for name, text in NAMES.items():
    CONTROLS.add("author", name, partial(_named, text=text))

KEYS = {
    "blanks in the key": lambda w: _spaced(rsa_record(w.key())),
    "a note, services and hashes": lambda w: rsa_record(w.key(), kind="v=DKIM1; h=sha1:sha256; s=email; n=by hand; "),
    "for the domain itself alone": lambda w: rsa_record(w.key(), kind="v=DKIM1; k=rsa; t=s; "),
    "a granularity of old": lambda w: rsa_record(w.key(), kind="v=DKIM1; g=*; k=rsa; "),
    "a semicolon at its end": lambda w: rsa_record(w.key()) + ";",
    "without blanks": lambda w: rsa_record(w.key(), kind="v=DKIM1;k=rsa;"),
    "nothing but the key": lambda w: rsa_record(w.key(), kind=""),
}


def _spaced(record: str) -> str:
    head, _, key = record.partition("p=")
    return f"{head}p= {key[:100]} {key[100:]}"


for name, record in KEYS.items():

    def _keyed(w: World, record: Callable[[World], str]) -> Delivery:
        w.zone(key=record(w))
        return Delivery(raw=w.sign(w.mail()))

    CONTROLS.add("dkim key", name, partial(_keyed, record=record))


@case("dkim key", "4096 bits")
def _(w: World) -> Delivery:
    w.zone(key=rsa_record(rsa(4096)))
    return Delivery(raw=w.sign(w.mail(), key=rsa(4096)))


@case("dkim key", "beside another text under its name")
def _(w: World) -> Delivery:
    w.zone()
    w.publish(f"k1._domainkey.{w.domain}", txt("some-site-verification=abcdef"))
    return Delivery(raw=w.sign(w.mail()))


@case("dkim key", "a selector of several labels, with underscores")
def _(w: World) -> Delivery:
    w.zone(selector="s_2026.eu-1._mail")
    return Delivery(raw=w.sign(w.mail(), selector="s_2026.eu-1._mail"))


MAILS = {
    "no text at all": {"body": ""},
    "nothing but empty lines": {"body": "\r\n\r\n\r\n"},
    "8-bit text": {"body": "Gr\u00fc\u00dfe, bitte zur\u00fccksetzen.\r\n"},
    "a line of five thousand letters": {"body": "x" * 5_000 + "\r\n"},
    "a text that does not end its last line": {"body": "Please do."},
    "dots, From lines and blanks": {"body": ".\r\n..\r\nFrom here on\r\n  \t \r\n>From there \r\n"},
    "a subject in encoded words on two lines": {"subject": "=?utf-8?q?Zur=C3=BCck?=\r\n =?utf-8?q?setzen?="},
    "a subject on three lines": {"subject": "Please\r\n reset\r\n\tit"},
    "the desk among others": {"to": f"Boss <boss@acme.example>, Support <{DESK}>,\r\n team@acme.example"},
    "the desk in a group": {"to": f"Desks: {DESK}, x@other.example;"},
    "the desk's name in quotes": {"to": f'"Support, Desk" <{DESK}>'},
    "a Sender and a Reply-To of its own": {"head": "Sender: assistant@acme.example\r\nReply-To: ops@acme.example\r\n"},
    "fields of lists and programs": {"head": "X-Mailer: x\r\nList-Unsubscribe: <mailto:x@y.example>\r\nX-Spam: No\r\n"},
    "its date in another zone": {"date": datetime(2026, 11, 20, 19, 0, tzinfo=timezone(timedelta(hours=9)))},
    "text with a charset": {"tail": "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"},
}
for name, how in MAILS.items():
    for canonical in ("relaxed/relaxed", "simple/simple"):

        def _mail(w: World, how: dict[str, Any], canonical: str) -> Delivery:
            w.zone(dmarc="v=DMARC1; p=reject")
            return Delivery(raw=w.sign(w.mail(**how), c=canonical))

        CONTROLS.add("dkim", f"{name}, {canonical}", partial(_mail, how=how, canonical=canonical))

PREAMBLES = {
    "none": "",
    "Thunderbird's": "This is a multi-part message in MIME format.\r\n",
    "Outlook's": "This is a multipart message in MIME format.\r\n\r\n",
    "a signed one's": "This is a cryptographically signed message in MIME format.\r\n\r\n",
    "OpenPGP's": "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)\r\n",
    "a mail server's": "This is a MIME-encapsulated message\r\n\r\n",
    "another server's": "This is a MIME-formatted message.\r\n",
}
for name, preamble in PREAMBLES.items():

    def _multipart(w: World, preamble: str) -> Delivery:
        w.zone()
        body = f"{preamble}--b1\r\nContent-Type: text/plain\r\n\r\nPlease do.\r\n--b1--\r\n"
        head = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b1"\r\n'
        return Delivery(raw=w.sign(w.mail(body=body, head=head)))

    CONTROLS.add(
        "dkim", f"a multipart whose type is not covered, preamble: {name}", partial(_multipart, preamble=preamble)
    )


@case("dkim", "tags folded and in every order, the domain in capitals")
def _(w: World) -> Delivery:
    w.zone()
    raw = w.sign(w.mail(), d=w.domain.upper(), more=[("z", "From:ops=40acme|Subject:x"), ("i", f"@{w.domain.upper()}")])
    return Delivery(raw=raw)


@case("dkim", "for its own mailbox, in capitals, and to expire")
def _(w: World) -> Delivery:
    w.zone()
    more = [("i", w.victim.upper()), ("x", str(int((NOW + timedelta(days=5)).timestamp())))]
    return Delivery(raw=w.sign(w.mail(), more=more))


@case("dkim", "names of what it covers in capitals")
def _(w: World) -> Delivery:
    w.zone()
    names = ("From", "TO", "Subject", "Date", "Message-ID", "MIME-Version", "X-Nothing")
    return Delivery(raw=w.sign(w.mail(), names=names))


@case("dkim", "an address of the desk that names a ticket")
def _(w: World) -> Delivery:
    w.zone()
    local, _, domain = DESK.partition("@")
    return Delivery(raw=w.sign(w.mail(to=f"{local}+t482137.aaaaaaaaaaaaaaaa@{domain}")))


@case("dkim", "a file of this machine, with bare line feeds")
def _(w: World) -> Delivery:
    w.zone()
    return Delivery(raw=w.sign(w.mail()).replace(b"\r\n", b"\n"))


@case("dkim", "trace fields put on top on its way")
def _(w: World) -> Delivery:
    w.zone()
    hop = f"Return-Path: <x@{w.evil}>\r\nReceived: from a (b [{GOOD_IP}])\r\n\tby c with ESMTPS; x\r\n"
    return w.smtp(hop.encode() + w.sign(w.mail()))


@case("dkim", "an hour and a day under way, the clock of its server ahead")
def _(w: World) -> Delivery:
    w.zone()
    return Delivery(raw=w.sign(w.mail(date=NOW + timedelta(minutes=50)), at=NOW + timedelta(minutes=50)))


@case("dkim", "its sender's provider signed it, too, and that signature broke")
def _(w: World) -> Delivery:
    w.zone()
    w.zone("esp.example", key=rsa_record(w.key()))
    raw = w.sign(w.mail(), "esp.example", names=(*COVERED, "x-esp"), key=w.key())
    return w.smtp(w.sign(b"X-Esp: 2\r\n" + raw))


RECORDS = {
    "capitals": "V=SPF1 IP4:192.0.2.0/24 -ALL",
    "its own address": "v=spf1 a -all",
    "its mail servers": "v=spf1 mx -all",
    "a macro of the client's address, as providers have it": "v=spf1 include:%{i}._ip.%{h}._ehlo.%{o}._spf.{e} ~all",
    "a reversed macro": "v=spf1 exists:%{ir}.%{v}._spf.%{o} -all",
    "reverse names of its own": "v=spf1 ptr -all",
    "reverse names of a domain": "v=spf1 ptr:{d} -all",
    "an explanation": "v=spf1 ip4:192.0.2.10 -all exp=why.{d}",
    "three includes deep": "v=spf1 include:one.{d} ?all",
    "unknown modifiers": "v=spf1 x-y=z ip4:192.0.2.10 -all",
    "blanks at its end": "v=spf1 ip4:192.0.2.10 -all  ",
    "a network of both kinds": "v=spf1 a:mail.{d}/24//64 -all",
    "something else first that does not fit": "v=spf1 -ip4:198.51.100.0/24 ~a:other.{d} +ip4:192.0.2.10 -all",
}
for number, (name, record) in enumerate(RECORDS.items()):

    def _record(w: World, record: str, number: int) -> Delivery:
        client = f"192.0.2.{100 + number}" if "192.0.2.10 " not in record + " " else GOOD_IP
        record = record.replace("{e}", "vali.example").replace("{d}", w.domain)
        w.zone(key=None, spf=record)
        w.publish(w.domain, f"A {client}", f"MX 1 mail.{w.domain}.")
        w.publish(f"mail.{w.domain}", f"A {client}")
        w.publish(".".join(reversed(client.split("."))) + ".in-addr.arpa", f"PTR mail.{w.domain}.")
        w.publish(f"{client}._ip.mail.{w.domain}._ehlo.{w.domain}._spf.vali.example", txt(f"v=spf1 ip4:{client} -all"))
        w.publish(".".join(reversed(client.split("."))) + f".in-addr._spf.{w.domain}", "A 127.0.0.2")
        w.publish(f"one.{w.domain}", txt(f"v=spf1 include:two.{w.domain} -all"))
        w.publish(f"two.{w.domain}", txt(f"v=spf1 include:three.{w.domain} -all"))
        w.publish(f"three.{w.domain}", txt(f"v=spf1 ip4:{client} -all"))
        w.publish(f"other.{w.domain}", "A 192.0.2.250")
        w.publish(f"why.{w.domain}", txt("go away"))
        return w.smtp(w.mail(), w.victim, client, f"mail.{w.domain}")

    CONTROLS.add("spf", name, partial(_record, record=record, number=number))


@case("spf", "an IPv4 server that a dual-stack listener saw")
def _(w: World) -> Delivery:
    w.zone(key=None)
    return w.smtp(w.mail(), w.victim, f"::ffff:{GOOD_IP}", "mail")


@case(
    "spf",
    "an international domain in its own letters",
    victim="ops@k\u00fcche-haus.example",
)
def _(w: World) -> Delivery:
    w.zone("k\u00fcche-haus.example".encode("idna").decode(), spf=f"v=spf1 ip4:{GOOD_IP} -all", key=None)
    return w.smtp(w.mail(f"Ops <{w.victim}>"), w.victim, GOOD_IP, "mail")


@case("spf", "its record behind a CNAME, in two strings")
def _(w: World) -> Delivery:
    w.publish(w.domain, f"CNAME spf-of.{w.domain}.")
    w.publish(f"spf-of.{w.domain}", 'TXT "v=spf1 ip4:192" ".0.2.10 -all"')
    return honest(w, w.mail())


@case("spf", "beside other texts of the domain")
def _(w: World) -> Delivery:
    w.zone(key=None)
    w.publish(w.domain, txt("some-site-verification=abc"), txt("v=spf2.0/pra -all"))
    return honest(w, w.mail())


HOPS = {
    "Postfix": "from mail.{d} (mail.{d} [{ip}])\r\n\t(using TLSv1.3 with cipher X (256/256 bits))\r\n"
    "\t(No client certificate requested)\r\n\tby mx.desk.example (Postfix) with ESMTPS id x; x",
    "Postfix, a client that calls itself an address": "from [10.1.2.3] (unknown [{ip}]) by mx.desk.example; x",
    "Exim": "from mail.{d} ([{ip}]:25 helo=mail.{d}) by mx.desk.example with esmtps (Exim 4.98) id x; x",
    "Exim, without a reverse name": "from [{ip}] (helo=mail.{d}) by mx.desk.example with esmtp id x; x",
    "sendmail": "from mail.{d} (mail.{d} [{ip}] (may be forged)) by mx.desk.example (8.18/8.18) with ESMTP id x; x",
    "Exchange": "from mail.{d} ({ip}) by mx.desk.example (10.0.0.4) with Microsoft SMTP Server id 15.2; x",
}
for name, hop in HOPS.items():

    def _hop(w: World, hop: str) -> Delivery:
        w.zone(key=None)
        text = hop.replace("{d}", w.domain).replace("{ip}", GOOD_IP)
        return w.smtp(w.mail(head=f"Received: {text}\r\n"), w.victim, RELAY_IP, "mx.desk.example")

    CONTROLS.add("spf", f"behind a trusted relay: {name}", partial(_hop, hop=hop))

OWN_HOP = f"Received: from x (y [{GOOD_IP}]) by mx.desk.example; x\r\n"
RESULTS = {
    "a field for each filter, DMARC's on top": "{a} dmarc=pass header.from={d}\r\n{a} spf=pass smtp.mailfrom={v}\r\n",
    "a field for each filter, DMARC's last": "{a} dkim=pass header.d={d}\r\n{a} dmarc=pass header.from={d}\r\n",
    "two filters that say the same": "{a} dmarc=pass (one) header.from={d}\r\n{a} dkim=pass header.d={d};"
    " dmarc=pass header.from={d}\r\n",
    "version, comments, folds and capitals": "AUTHENTICATION-RESULTS: MX.Desk.Example 1 (the desk);\r\n\tSPF=Pass"
    " (it may) smtp.mailfrom={v};\r\n\tdmarc=PASS (p=reject dis=none) header.from={d} ; x=none\r\n",
    "values in quotes": '{a} spf=pass reason="good" smtp.mailfrom="{v}"; dmarc=pass header.from="{d}"\r\n',
    "blanks around every sign": "{a} spf = pass smtp.mailfrom = {v} ; dmarc = pass header.from = {d}\r\n",
    "below another server's, of no interest here": "Authentication-Results: filter.other.example; dkim=none\r\n"
    "{a} dmarc=pass header.from={d}\r\n",
    "with a policy and signers by i=": "{a} dkim=pass header.i=@mail.{d} header.b=x; dmarc=pass policy.dmarc=reject"
    " header.from={d}\r\n",
}
for name, head in RESULTS.items():

    def _results(w: World, head: str) -> Delivery:
        w.zone(dmarc="v=DMARC1; p=reject")
        filled = head.replace("{a}", "Authentication-Results: mx.desk.example;")
        return w.pulled(w.mail(head=filled.replace("{d}", w.domain).replace("{v}", w.victim) + OWN_HOP))

    CONTROLS.add("authentication-results", name, partial(_results, head=head))


@case("arc", "a sealer that leaves To out, and names itself in capitals")
def _(w: World) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=reject")
    changed = w.sign(w.mail(to=f"users@{LIST}")).replace(b"today.", b"now.")
    found = f"dkim=pass header.i=@{w.domain}; dmarc=pass (p=reject) header.from={w.domain}"
    return w.smtp(w.seal(changed, found, names=("from", "subject", "date", "message-id")), f"b@{LIST}", EVIL_IP)


@case(
    "dmarc",
    "below a domain with a policy for what does not exist",
    victim="ops@in.acme-np3.example",
)
def _(w: World) -> Delivery:
    w.zone("acme-np3.example", dmarc="v=DMARC1; p=reject; sp=reject; np=reject", key=rsa_record(w.key()))
    w.zone("in.acme-np3.example", key=rsa_record(w.key()))
    return w.smtp(w.sign(w.mail(), "in.acme-np3.example", key=w.key()))
