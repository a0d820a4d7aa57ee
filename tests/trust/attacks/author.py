"""Who is the author? The attacker's own server and signature are in order; the From field shows the victim."""

from contextlib import suppress
from functools import partial

import dkim

from tests.trust.attacks.table import ATTACKS
from tests.trust.world import (
    EVIL_IP,
    Delivery,
    World,
)

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
