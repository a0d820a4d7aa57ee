"""Two readers, two mails: where a header begins and ends, which field of several counts, what a greeting hides.

After "Weak links in authentication chains" (USENIX Security 2021) and "Composition kills" (2020): each part is in
order for somebody, and together they show the victim.
"""

from functools import partial

from tests.harness.dns import txt
from tests.trust.attacks.table import ATTACKS, case, victim_signed
from tests.trust.world import (
    DESK,
    EVIL_IP,
    GOOD_IP,
    RELAY_IP,
    Delivery,
    World,
    rsa_record,
)

HEADS = {
    "a folded line of the victim before anything": b" From: {v}\r\n",
    "a blank line, and then the header": b"\r\n",
    "a line of blanks, and then the header": b" \r\n",
    "a line that is no field": b"{v}\r\n",
    "a name with a letter of another alphabet": "Fr\u043em: {v}\r\n".encode(),
    "a name with a NUL": b"From\0: {v}\r\n",
    "a name with a star": b"From*: utf-8''{v}\r\n",
    "a vertical tab and a second From": b"X-A: 1\x0bFrom: {v}\r\n",
    "a form feed and a second From": b"X-A: 1\x0cFrom: {v}\r\n",
    "a next line (U+0085) and a second From": "X-A: 1\u0085From: {v}\r\n".encode(),
    "an mbox line of the victim": b"From {v} Fri Nov 20 10:00:00 2026\r\n",
    "a byte order mark before the victim's From": b"\xef\xbb\xbfFrom: {v}\r\n",
    "only an end of line, and the victim's From above": b"From: {v}\n",
}


def _head(w: World, head: bytes) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=none")
    raw = w.sign(w.mail(f"x@{w.evil}"), w.evil)
    return w.smtp(head.replace(b"{v}", w.victim.encode()) + raw, f"x@{w.evil}")


for name, head in HEADS.items():
    ATTACKS.add("header", name, partial(_head, head=head))

FROMS = {
    "folded, with a second address on the next line": "{v}\r\n x@{e}",
    "folded after nothing, two in brackets": "\r\n <{v}>\r\n <x@{e}>",
    "a quoted local part": '"ops"@{d}',
    "blanks around the at sign": "ops @ {d}",
    "a comma behind": "{v},",
    "the victim as a name in brackets": "Ops ({v}) <x@{e}>",
    "the victim twice, and the attacker": "{v} <{v}> <x@{e}>",
    "the victim, and the attacker in brackets of his own": "{v} <{v}> (x) <x@{e}>",
    "a bracket in the name that hides another": "Ops (\\) <x@{e}> ) <{v}>",
    "a bracket with a second address behind a fold": "Ops (x\r\n <x@{e}>) <{v}>",
    "an empty group": "undisclosed-recipients:;",
    "another address as the name": "x@{e} <{v}>",
    "a tagged address": "ops+x@{d}",
    "an encoded NUL behind the victim": "=?utf-8?q?{vq}=00?= <x@{e}>",
    "encoded line ends and a header": "=?utf-8?q?Ops=0D=0AFrom:_{vq}?= <x@{e}>",
    "an encoded word split in the address": "=?utf-8?q?ops=40?= =?utf-8?q?{d}?= <x@{e}>",
    "an unknown charset around the victim": "=?x-nothing?q?{vq}?= <x@{e}>",
    "a language tag around the victim": "=?utf-8*en?q?{vq}?= <x@{e}>",
    "the victim between quotes that never close": '"{v} <x@{e}>',
    "a small at sign in the name": "ops\ufe6b{d} <x@{e}>",
    "zero-width spaces in the name": "o\u200bps@{d} <x@{e}>",
    "a soft hyphen in the domain": "ops@ac\u00adme.example",
    "an isolate in the name": "\u2067{v}\u2069 <x@{e}>",
    "a source route in the name": "<@{e}:{v}> <x@{e}>",
    "a mailto": "mailto:{v}",
    "an address in brackets": "[{v}]",
    "a hexadecimal literal": "ops@[0xc6336442]",
    "an A-label of plain letters": "ops@xn--{d0}-.{d1}",
    "a label that ends in a hyphen": "ops@{d0}-.{d1}",
    "two dots": "ops@{d0}..{d1}",
    "a dot before the at sign": "ops.@{d}",
}


def _from(w: World, text: str) -> Delivery:
    w.zone(dmarc="v=DMARC1; p=none")
    head, _, tail = w.domain.partition(".")
    values = {"v": w.victim, "e": w.evil, "d": w.domain, "d0": head, "d1": tail, "vq": w.victim.replace("@", "=40")}
    written = text
    for key, value in values.items():
        written = written.replace("{" + key + "}", value)
    # Everything that can be in order is: a signature of the attacker's own, his own server and envelope.
    raw = w.mail("nobody@nowhere.test")
    signed = w.sign(raw.replace(b"From: nobody@nowhere.test", f"From: x@{w.evil}".encode()), w.evil)
    return w.smtp(signed.replace(f"From: x@{w.evil}".encode(), f"From: {written}".encode()), f"x@{w.evil}")


for name, text in FROMS.items():
    ATTACKS.add("author", name, partial(_from, text=text))

BELOW = {
    "a second From below": b"From: x@evil.test\r\n",
    "a second Subject below": b"Subject: Send the money\r\n",
    "a second To below": b"To: x@evil.test\r\n",
    "a second Date below": b"Date: Thu, 19 Nov 2026 10:00:00 +0000\r\n",
    "a Sender and a second one": b"Sender: x@evil.test\r\nSender: y@evil.test\r\n",
    "a second Cc below": b"Cc: x@evil.test\r\nCc: y@evil.test\r\n",
    "two Reply-To": b"Reply-To: x@evil.test\r\nReply-To: y@evil.test\r\n",
    "a multipart with the boundary in pieces": b'Content-Type: multipart/mixed; boundary*0="a"; boundary*1="b"\r\n',
    "an application of another kind": b"Content-Type: application/octet-stream\r\n",
    "text of another kind": b"Content-Type: text/calendar\r\n",
}
for name, line in BELOW.items():
    ATTACKS.add(
        "header duplication",
        name,
        partial(victim_signed, change=lambda raw, line=line: raw.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n", 1)),
    )

HOPS = {
    "the right server in a greeting with a parenthesis": "from a(b [{good}]) (unknown [{evil}]) by mx.desk.example; x",
    "the right server as the greeting, as Exim writes it": "from [{evil}] (helo=[{good}]) by mx.desk.example; x",
    "the right server as a greeting without brackets": "from {good} (unknown [{evil}]) by mx.desk.example; x",
    "two servers in one pair of brackets": "from a (b [{evil}] [{good}]) by mx.desk.example; x",
    "the right server in a greeting with blanks": "from a (b [{good}]) (unknown [{evil}]) by mx.desk.example; x",
    "the right server in a comment behind": "from a (b [{evil}]) (c [{good}]) by mx.desk.example; x",
    "the right server in quotes": 'from "a (b [{good}])" (b [{evil}]) by mx.desk.example; x',
    "nobody's address": "from a (b [999.0.2.10]) by mx.desk.example; x",
    "a relay's own address once more": "from a (b [{relay}]) by mx.desk.example; x",
}


def _hop(w: World, hop: str) -> Delivery:
    w.zone(key=None)
    text = hop.replace("{good}", GOOD_IP).replace("{evil}", EVIL_IP).replace("{relay}", RELAY_IP)
    return w.smtp(w.mail(head=f"Received: {text}\r\n"), w.victim, RELAY_IP)


for name, hop in HOPS.items():
    ATTACKS.add("behind a relay", name, partial(_hop, hop=hop))

RECIPIENTS = {
    "the desk in a comment": f"x@other.example ({DESK})",
    "the desk as the name of a group": f"{DESK}: x@other.example;",
    "the desk in front of another domain": f"{DESK}@other.example",
    "a domain that begins like the desk's": f"{DESK}.other.example",
    "a mailbox that ends like the desk's": f"x{DESK}",
    "the desk, encoded, as a name": f"=?utf-8?q?{DESK.replace('@', '=40')}?= <x@other.example>",
    "a token of nobody's desk": f"other+t482137.aaaaaaaaaaaaaaaa@{DESK.partition('@')[2]}",
}


def _recipient(w: World, to: str) -> Delivery:
    w.zone()
    return w.smtp(w.sign(w.mail(to=to)))


for name, to in RECIPIENTS.items():
    ATTACKS.add("dkim replay", name, partial(_recipient, to=to))


@case("dkim replay", "a covered Cc, and the desk in a second one that is not")
def _(w: World) -> Delivery:
    w.zone()
    raw = w.mail(to="x@other.example", tail="Cc: y@other.example\r\n")
    return w.smtp(f"Cc: {DESK}\r\n".encode() + w.sign(raw, names=("from", "to", "subject", "date", "message-id", "cc")))


@case("dkim", "one signature covers the beginning, another is by somebody else")
def _(w: World) -> Delivery:
    w.zone()
    part = w.sign(w.mail(), length=6)
    return w.smtp(w.sign(part + b"More.\r\n", w.evil))


@case("dkim", "what a parent domain signed, which is a suffix for others", victim="ops@acme-site.blogspot.com")
def _(w: World) -> Delivery:
    w.zone("blogspot.com", key=rsa_record(w.key()))
    return w.smtp(w.sign(w.mail(), "blogspot.com", key=w.key()))


@case("dkim", "a domain in another writing that some programs take for it", victim="ops@stra\u00dfe-acme.example")
def _(w: World) -> Delivery:
    w.zone("strasse-acme.example", key=rsa_record(w.key()), spf=f"v=spf1 ip4:{EVIL_IP} -all")
    sender = "ops@strasse-acme.example"
    return w.smtp(w.sign(w.mail(sender), "strasse-acme.example", key=w.key()), sender)


@case("envelope", "the null sender, and a greeting of the attacker's that passes")
def _(w: World) -> Delivery:
    w.zone(key=None)
    w.publish(f"mail.{w.evil}", txt(f"v=spf1 ip4:{EVIL_IP} -all"))
    return w.smtp(w.mail(), "", EVIL_IP, f"mail.{w.evil}")
