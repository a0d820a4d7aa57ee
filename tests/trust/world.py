"""What a case of the corpus is made of: a domain on file with its zone, an attacker with his, keys, mails, signatures.

Mails are signed with dkimpy in the test; the tags of a signature are free, for half of the attacks live in them.
"""

import base64
import functools
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Literal
from unittest import mock

import dkim
import nacl.signing
from dkim.canonicalization import CanonicalizationPolicy

from tests.harness.dns import txt

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
DESK = "support@desk.example"
GOOD_IP, EVIL_IP, RELAY_IP = "192.0.2.10", "198.51.100.66", "203.0.113.25"
COVERED = ("from", "to", "subject", "date", "message-id")
LIST = "lists.example"  # the sealer that the desk trusts
TESTING = f"testing.{LIST}"  # another one, whose key is marked as being tested


@functools.cache
def rsa(bits: int = 2048, number: int = 0) -> bytes:
    """Make a private key, once for each number."""
    return subprocess.run(
        ["openssl", "genrsa", "-traditional", str(bits)], capture_output=True, check=True, env={"N": str(number)}
    ).stdout


@functools.cache
def rsa_record(key: bytes, *, kind: str = "v=DKIM1; k=rsa; ") -> str:
    """Write the key record of a private key."""
    der = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=key, capture_output=True, check=True
    ).stdout
    return f"{kind}p={base64.b64encode(der).decode()}"


@functools.cache
def ed25519(number: int = 0) -> nacl.signing.SigningKey:
    """Make an Ed25519 key, the same for each number."""
    return nacl.signing.SigningKey(bytes([number]) * 32)


def ed25519_record(key: nacl.signing.SigningKey) -> str:
    """Write its key record (RFC 8463)."""
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(key.verify_key)).decode()}"


@dataclass(frozen=True)
class Delivery:
    """A mail as it came in."""

    raw: bytes
    mail_from: str | None = None
    client_ip: str | None = None
    helo: str | None = None
    mailbox: str | None = None
    rcpt_to: str = DESK

    def envelope(self) -> dict[str, Any]:
        """Give the envelope as the intake row holds it."""
        return {
            "mail_from": self.mail_from,
            "rcpt_tos": [] if self.mailbox else [self.rcpt_to],
            "client_ip": self.client_ip,
            "helo": self.helo,
            "mailbox": self.mailbox,
        }


@dataclass
class World:
    """One case: `domain` is the customer's, `victim` the address on file, `evil` the attacker's domain."""

    number: int
    records: dict[str, list[str]] = field(default_factory=dict)
    domain: str = ""
    victim: str = ""
    evil: str = ""

    def __post_init__(self) -> None:
        self.domain = self.domain or f"acme{self.number:03}.example"
        self.victim = self.victim or f"ops@{self.domain}"
        self.evil = f"evil{self.number:03}.test"
        self.zone(self.evil)

    def publish(self, name: str, *lines: str) -> None:
        """Add records under a name."""
        self.records.setdefault(name, []).extend(lines)

    def zone(
        self,
        domain: str | None = None,
        *,
        spf: str | None = None,
        dmarc: str | None = None,
        key: str | None = "",
        selector: str = "k1",
    ) -> None:
        """Publish an ordinary zone: SPF, a key, and a DMARC record where one is given."""
        domain = domain or self.domain
        ip = EVIL_IP if domain == self.evil else GOOD_IP
        self.publish(domain, txt(f"v=spf1 ip4:{ip} -all" if spf is None else spf))
        if key is not None:
            self.publish(f"{selector}._domainkey.{domain}", txt(key or rsa_record(self.key(domain))))
        if dmarc is not None:
            self.publish(f"_dmarc.{domain}", txt(dmarc))

    def key(self, domain: str | None = None) -> bytes:
        """The RSA key of a domain: one of three that the whole corpus shares."""
        return rsa(2048, {self.evil: 1, LIST: 2}.get(domain or self.domain, 0))

    def mail(
        self,
        sender: str | None = None,
        *,
        to: str | None = DESK,
        subject: str = "Please reset the password",
        body: str = "Please do so today.\r\n",
        date: datetime = NOW,
        head: str = "",
        tail: str = "",
    ) -> bytes:
        """Write a mail; `head` and `tail` are further header lines above and below."""
        lines = [f"From: {sender if sender is not None else self.victim}"]
        if to is not None:
            lines.append(f"To: {to}")
        lines += [
            f"Subject: {subject}",
            f"Date: {format_datetime(date)}",
            f"Message-ID: <{self.number}.1@{self.domain}>",
        ]
        return (head + "\r\n".join(lines) + "\r\n" + tail + "\r\n" + body).encode("utf-8", "surrogateescape")

    def sign(
        self,
        raw: bytes,
        domain: str | None = None,
        *,
        key: Any = None,
        selector: str = "k1",
        names: Sequence[str] = COVERED,
        c: str = "relaxed/relaxed",
        a: str = "rsa-sha256",
        at: datetime | None = NOW,
        more: Sequence[tuple[str, str]] = (),
        length: int | None = None,
        d: str | None = None,
    ) -> bytes:
        """Put a DKIM-Signature on top. `more` are further tags, `d` another text for d= than the key's domain."""
        domain = domain or self.domain
        signer = dkim.DKIM(raw, signature_algorithm=a.encode())
        signer.hasher = dkim.HASH_ALGORITHMS[a.encode()]
        policy = CanonicalizationPolicy.from_c_value(c.encode())
        body = policy.canonicalize_body(signer.body)
        digest = signer.hasher(body if length is None else body[:length]).digest()
        fields = [
            ("v", "1"), ("a", a), ("c", c), ("d", d or domain), ("s", selector), ("h", " : ".join(names)),
            *([("t", str(int(at.timestamp())))] if at else []),
            *([("l", str(length))] if length is not None else []),
            *more,
            ("bh", base64.b64encode(digest).decode()), ("b", "0" * 60),
        ]  # fmt: skip
        if key is None:
            key = ed25519(0) if a.startswith("ed25519") else self.key(domain)
        private = key if a.startswith("ed25519") else dkim.parse_pem_private_key(key)
        encoded = [(name.encode(), value.encode()) for name, value in fields]
        value = signer.gen_header(
            encoded, [name.lower().encode() for name in names], policy, b"DKIM-Signature", private
        )
        return b"DKIM-Signature: " + value + raw

    def seal(
        self,
        raw: bytes,
        results: str,
        sealer: str = LIST,
        *,
        key: bytes | None = None,
        at: datetime = NOW,
        names: Sequence[str] = (*COVERED,),
        publish: bool = True,
    ) -> bytes:
        """Seal a mail as a forwarder does (RFC 8617): its results, then an ARC set on top."""
        if publish and f"arc._domainkey.{sealer}" not in self.records:
            self.publish(f"arc._domainkey.{sealer}", txt(rsa_record(self.key(sealer))))
        checked = f"Authentication-Results: {sealer}; {results}\r\n".encode() + raw
        with mock.patch("dkim.time.time", return_value=at.timestamp()):
            lines = dkim.arc_sign(
                checked,
                b"arc",
                sealer.encode(),
                key or self.key(sealer),
                sealer.encode(),
                include_headers=[name.encode() for name in names],
                timestamp=int(at.timestamp()),
            )
        assert lines, "the chain was not sealed"
        return b"".join(line if line.endswith(b"\r\n") else line + b"\r\n" for line in lines) + raw

    def smtp(self, raw: bytes, mail_from: str | None = None, ip: str = EVIL_IP, helo: str | None = None) -> Delivery:
        """Hand it in by SMTP; without more, from the attacker's server with the attacker's envelope."""
        sender = f"bounce@{self.evil}" if mail_from is None else mail_from
        return Delivery(raw=raw, mail_from=sender, client_ip=ip, helo=helo or f"mail.{self.evil}")

    def pulled(self, raw: bytes, mailbox: str = "support") -> Delivery:
        """Fetch it from a mailbox."""
        return Delivery(raw=raw, mailbox=mailbox)


Build = Callable[[World], Delivery]
Expected = Literal["authenticated", "not"]


@dataclass(frozen=True)
class Case:
    """One case: what it is, and how it is built; `verdict` where only one will do."""

    family: str
    name: str
    build: Build
    victim: str = ""
    domain: str = ""
    verdict: str = ""

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"


@dataclass
class Table:
    """The cases of one kind, in the order of the file."""

    cases: list[Case] = field(default_factory=list)

    def case(
        self, family: str, name: str, *, victim: str = "", domain: str = "", verdict: str = ""
    ) -> Callable[[Build], Build]:
        """Take a function in as a case."""

        def take(build: Build) -> Build:
            case = Case(family=family, name=name, build=build, victim=victim, domain=domain, verdict=verdict)
            self.cases.append(case)
            return build

        return take

    def add(self, family: str, name: str, build: Build, verdict: str = "") -> None:
        """Add a case that is made of a value in a list."""
        self.cases.append(Case(family=family, name=name, build=build, verdict=verdict))
