"""What a domain publishes about its servers: lists that let everybody in, bombs, loops, mistakes."""

from functools import partial

import dns.reversename

from tests.harness.dns import BROKEN, txt
from tests.trust.attacks.table import ATTACKS, case
from tests.trust.world import (
    EVIL_IP,
    GOOD_IP,
    Delivery,
    World,
)

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
    "+ALL in capitals": "v=spf1 +ALL",
    "capitals throughout, the whole network": "V=SPF1 IP4:0.0.0.0/0 -ALL",
    "what the client calls itself": "v=spf1 a:%{{h}} -all",
    "an include of what the client calls itself": "v=spf1 include:%{{h}} -all",
    "a redirect to what the client calls itself": "v=spf1 redirect=%{{h}}",
    "exists of the client's address below what it calls itself": "v=spf1 exists:%{{i}}.%{{h}} -all",
    "exists of a quarter of an address": "v=spf1 exists:%{{i1}}.one.{e} -all",
    "exists of the client's address, whatever that is": "v=spf1 exists:%{{ir}}.star.{e} -all",
    "a redirect to nothing": "v=spf1 redirect=nothing.{e}",
    "a redirect twice": "v=spf1 redirect=all.{e} redirect=all.{e}",
    "a redirect behind an all that refuses": "v=spf1 -all redirect=good.{e}",
    "an all with a domain": "v=spf1 all:{e}",
    "an explanation that asks for more": "v=spf1 -all exp=%{{h}}",
    "a network with too many octets": "v=spf1 ip4:198.51.100.66.1 -all",
    "a hexadecimal network": "v=spf1 ip4:0xc6336442 -all",
    "a name in the place of a network": "v=spf1 ip4:a.{e} -all",
    "ten includes of ten": "v=spf1 " + "include:wide.{e} " * 10 + "+all",
    "a macro of a thousand letters": "v=spf1 exists:%{{l999r}}.{e} -all",
    "twenty mail servers": "v=spf1 mx:many.{e} -all",
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
    w.publish(f"66.one.{w.evil}", "A 127.0.0.2")
    w.publish(f"*.star.{w.evil}", "A 127.0.0.2")
    w.publish(f"good.{w.evil}", txt(f"v=spf1 ip4:{EVIL_IP} -all"))
    w.publish(f"wide.{w.evil}", txt("v=spf1 " + f"a:other.{w.evil} " * 10 + "-all"))
    w.publish(f"many.{w.evil}", *(f"MX {n} m{n}.{w.evil}." for n in range(20)))
    w.publish(f"m19.{w.evil}", f"A {EVIL_IP}")
    # What the attacker's server calls itself.
    w.publish(f"mail.{w.evil}", f"A {EVIL_IP}", txt("v=spf1 ip4:198.51.100.66 -all"))
    w.publish(f"{EVIL_IP}.mail.{w.evil}", "A 127.0.0.2")
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


for name, spf in {
    "a//0": "v=spf1 a:six.{e}//0 -all",
    "mx/32//8": "v=spf1 mx:mx6.{e}/32//8 -all",
    "ip6 of /15": "v=spf1 ip6:2000::/15 ip6:2002::/15 -all",
    "ptr to a whole top level": "v=spf1 ptr:test -all",
    "ptr to a public suffix": "v=spf1 ptr:co.uk -all",
    "the name that the client's address leads to": "v=spf1 a:%{p} -all",
    "an include of the name that the client's address leads to": "v=spf1 include:%{p} -all",
}.items():

    def _six(w: World, spf: str) -> Delivery:
        w.zone(key=None, spf=spf.replace("{e}", w.evil))
        w.publish(f"six.{w.evil}", "AAAA 2001:db8::1")
        w.publish(f"mx6.{w.evil}", f"MX 1 six.{w.evil}.")
        client = f"2001:db8:bad::{w.number:x}"
        host = f"{w.evil[:-5]}.co.uk" if "co.uk" in spf else f"host.{w.evil}"
        w.publish(dns.reversename.from_address(client).to_text(omit_final_dot=True), f"PTR {host}.")
        w.publish(host, f"AAAA {client}", txt("v=spf1 +a -all"))
        return w.smtp(w.mail(), w.victim, client)

    ATTACKS.add("spf", f"IPv6: {name}", partial(_six, spf=spf))


@case("spf", "an IPv4 address in IPv6 clothes")
def _(w: World) -> Delivery:
    w.zone(key=None, spf="v=spf1 ip6:::ffff:198.51.100.66 -all")
    return w.smtp(w.mail(), w.victim, "::ffff:198.51.100.66")


@case("spf", "its zone is broken", domain=f"spf.{BROKEN}")
def _(w: World) -> Delivery:
    return w.smtp(w.mail(), w.victim, GOOD_IP)
