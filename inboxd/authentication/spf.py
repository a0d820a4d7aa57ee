"""SPF (RFC 7208): whether the server that handed a mail over may send for the address on its envelope.

pyspf evaluates, behind three things of ours: only a plain `local@domain` reaches it (it splits at the first @), it asks
through the message's own budget, and what decided is looked at: a record that lets everybody in proves nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

import spf

from inboxd import addresses
from inboxd.authentication.records import record
from inboxd.message import tags
from inboxd.public_suffix import organisational
from inboxd.resolver import Asker, Kind

SHORTEST_PREFIX: Final = 16
_NOBODY: Final = {True: "240.0.0.1", False: "100::1"}
"""Addresses that nobody has (reserved for ever, and to be thrown away), of the kind with dots and of the other."""
LONGEST_RECORD: Final = 4_096
"""Characters; RFC 7208 3.4 wants records to fit into one UDP packet."""
LONGEST_TERM: Final = 512
"""A domain has 253 characters, and macros make it longer; pyspf is quadratic in one term."""

# One label of an address is a part of it that somebody else has, too.
_DEPENDS_ON_CLIENT: Final = re.compile(r"%\{[ipIP](?!1\D)")
# A name that ends in what the client calls itself, or in where its address leads: its own choice, and its own zone.
_CLIENT_CHOOSES: Final = re.compile(r"[:=]\S*%\{[hpHP][^}]*\}\.?(?=[/\s]|\Z)")
_REDIRECT: Final = re.compile(r"(?<=\s)redirect=\S+", re.IGNORECASE)
# What pyspf lets out where a record holds what it did not think of. Each is the record's fault.
_STUMBLES: Final = (ValueError, AssertionError, IndexError, KeyError, TypeError, AttributeError, RecursionError)
_KINDS: Final[dict[str, Kind]] = {"TXT": "TXT", "A": "A", "AAAA": "AAAA", "MX": "MX", "PTR": "PTR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpfResult:
    """The RFC 8601 word, the domain it was asked for, and the records. `shortfall`: why a pass is no proof."""

    result: str
    domain: str | None = None
    records: tuple[str, ...] = ()
    shortfall: str | None = None
    reason: str | None = None


def check(asker: Asker, *, client_ip: str, mail_from: str, helo: str | None) -> SpfResult:
    """Check the envelope's sender; of the null sender, the name the client gave (RFC 7208 2.4). Never raises."""
    # In letters of its own (RFC 6531) a domain is asked for as the DNS knows it.
    mail_from = addresses.with_a_labels(mail_from)
    domain = helo or "" if mail_from == "" else mail_from.rpartition("@")[2]
    if not tags.DOMAIN.fullmatch(domain) or (mail_from and addresses.problem(mail_from) is not None):
        return SpfResult(result="none", reason="the sender on the envelope is no plain address")
    sender = mail_from or f"postmaster@{domain}"
    query, result = _evaluate(asker, client_ip, sender, helo)
    shortfall = query.shortfall() if result == "pass" else None
    # What a list says of each server only its owner knows; but one that knows a server that there is not knows all.
    asks_a_list = result == "pass" and shortfall is None and query.decided_by == "exists"
    if asks_a_list and _evaluate(asker, _NOBODY["." in client_ip], sender, helo)[1] == "pass":
        shortfall = "the domain's record lets in a server that there is not, too"
    return SpfResult(
        result=result,
        domain=addresses.ascii_lower(domain),
        records=tuple(query.seen),
        shortfall=shortfall,
        reason=str(query.prob)[:200] if result in ("temperror", "permerror") and query.prob else None,
    )


def _evaluate(asker: Asker, client_ip: str, sender: str, helo: str | None) -> tuple["_Query", str]:
    query = _Query(asker, client_ip=client_ip, mail_from=sender, helo=helo)
    try:
        return query, str(query.check()[0])
    except _STUMBLES as error:
        query.prob = f"the record cannot be evaluated ({type(error).__name__})"
        return query, "permerror"


class _Query(spf.query):  # type: ignore[misc]  # pyspf says nothing of its types
    """pyspf's evaluation, asking through the message's budget and remembering what decided."""

    def __init__(self, asker: Asker, *, client_ip: str, mail_from: str, helo: str | None) -> None:
        self.prob: str | None = None
        self.seen: list[str] = []
        self.deciding: tuple[Any, ...] | None = None
        self.chosen: str | None = None
        self._asker = asker
        super().__init__(client_ip, mail_from, helo or "unknown", strict=True)

    # pyspf hands down the CNAMEs that it has followed; the resolver follows them itself.
    def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:  # noqa: ARG002
        """Ask a question: pyspf's one door to the DNS."""
        answer = self._asker.ask(str(name), _KINDS[qtype])
        if answer.outcome == "temperror":
            raise spf.TempError(answer.reason or "the DNS did not answer")
        if answer.outcome == "permerror":
            raise spf.PermError(answer.reason or "the DNS has no usable answer")
        if not answer.records and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("More than two questions led nowhere")
        if qtype == "TXT":
            return [[text.encode("latin-1")] for text in answer.records]
        if qtype == "MX":
            return list(enumerate(answer.records))
        return list(answer.records)

    def dns_spf(self, domain: str) -> str | None:
        """Give the record of a domain, and remember it."""
        found: str | None = super().dns_spf(domain)
        if found is not None:
            self.seen.append(record(domain, found))
            if len(found) > LONGEST_RECORD or any(len(term) > LONGEST_TERM for term in found.split(" ")):
                raise spf.PermError("The record is longer than any honest one")
            for redirect in _REDIRECT.findall(found):
                self.evaluates(redirect)
        return found

    def get_explanation(self, spec: str) -> None:
        """Ask for none: it is a text by strangers, and costs questions."""

    def validate_mechanism(self, mech: str) -> "_Mechanism":
        """Read one mechanism, in a form that says when it is evaluated."""
        return _Mechanism(super().validate_mechanism(mech), self)

    def evaluates(self, term: str) -> None:
        """Note a term that leads to a name of the client's own choice."""
        if _CLIENT_CHOOSES.search(term):
            self.chosen = self.chosen or term

    @property
    def decided_by(self) -> str | None:
        """The kind of mechanism that decided."""
        return None if self.deciding is None else str(tuple.__getitem__(self.deciding, 1))

    def shortfall(self) -> str | None:
        """Say why the pass is owed to nothing that tells this server from others; None when it does tell."""
        if self.chosen is not None:
            return f"the domain's record lets in whatever server gives itself the right name ({self.chosen})"
        if self.deciding is None:
            return "it cannot be said which part of the domain's record lets this server in"
        text, kind, target, prefix, _ = tuple.__iter__(self.deciding)
        if kind == "all":
            return "the domain's record lets every server in (+all)"
        if kind in ("a", "mx", "ip4", "ip6") and prefix < SHORTEST_PREFIX:
            return f"the domain's record lets a whole part of the network in ({text})"
        if kind == "ptr" and organisational(str(target)) is None:
            return f"the domain's record lets in every server below a public suffix ({text})"
        if kind == "exists" and not _DEPENDS_ON_CLIENT.search(text):
            return f"the domain's record lets every server in ({text} does not depend on the server)"
        return None


class _Mechanism(tuple[Any, ...]):  # noqa: SLOT001 - a tuple of its own length can have none
    """A mechanism that says so when pyspf takes it apart, which it does at the moment of evaluation.

    pyspf keeps the deciding one of the outermost record alone, and `include` says nothing of the `+all` behind it.
    """

    query: _Query

    def __new__(cls, values: tuple[Any, ...], query: _Query) -> Self:
        mechanism = super().__new__(cls, values)
        mechanism.query = query
        return mechanism

    def __iter__(self) -> Iterator[Any]:
        self.query.deciding = self
        self.query.evaluates(str(self[0]))
        return super().__iter__()
