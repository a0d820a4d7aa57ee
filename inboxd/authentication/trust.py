"""Whom the admin trusts: which addresses are the desk's own, and whose word about a mail counts."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from inboxd import addresses
from inboxd.settings import Settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedMailbox:
    """A pulled mailbox: whose Authentication-Results stand in its mail."""

    provider: Literal["microsoft", "google"] | None = None
    authserv_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Addresses in the form of `addresses.key`, ids and domains in lower case."""

    ours: frozenset[str] = frozenset()
    relays: tuple[Network, ...] = ()
    authserv_ids: frozenset[str] = frozenset()
    sealers: frozenset[str] = frozenset()
    mailboxes: Mapping[str, TrustedMailbox] = field(default_factory=dict)

    def is_relay(self, address: str | None) -> bool:
        """Whether an IP address is one of the trusted relays."""
        if address is None or not self.relays:
            return False
        known = ipaddress.ip_address(address)
        plain = getattr(known, "ipv4_mapped", None) or known
        return any(plain in network for network in self.relays if network.version == plain.version)


def of(settings: Settings) -> Trust:
    """Collect from the settings whom they trust."""
    ours = {*(settings.smtp.recipients if settings.smtp is not None else ())}
    for mailbox in settings.imap:
        ours.add(mailbox.address or mailbox.user)
    if settings.outgoing is not None and settings.outgoing.from_address is not None:
        ours.add(settings.outgoing.from_address)
    authentication = settings.authentication
    return Trust(
        ours=frozenset(addresses.key(address) for address in ours if "@" in address),
        relays=authentication.trusted_relays,
        authserv_ids=frozenset(authentication.trusted_authserv_ids),
        sealers=frozenset(authentication.trusted_arc_sealers),
        mailboxes={
            mailbox.name: TrustedMailbox(provider=mailbox.provider, authserv_id=_lower(mailbox.authserv_id))
            for mailbox in settings.imap
        },
    )


def _lower(text: str | None) -> str | None:
    return None if text is None else addresses.ascii_lower(text)
