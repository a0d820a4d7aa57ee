"""Which server really handed a mail over, where it came through relays that are trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

from inboxd.authentication.trust import Trust
from inboxd.intake.envelope import Envelope
from inboxd.message.claims import Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The server outside of our own. `ip` None: it cannot be said, and `reason` says why.

    `own_hops` is how many of the topmost Received fields trusted relays wrote; what stands above the last of them is
    theirs, too.
    """

    ip: str | None
    helo: str | None = None
    own_hops: int = 0
    reason: str | None = None


def client(envelope: Envelope, hops: Sequence[Hop], trust: Trust) -> Client:
    """Follow the Received fields down as far as trusted relays wrote them; whatever stands below may be invented."""
    if envelope.mailbox is not None:
        return Client(ip=None, reason="mail out of a mailbox does not say which server handed it over")
    if envelope.client_ip is None:
        return Client(ip=None, reason="it is not known which server handed it over")
    ip: str | None = envelope.client_ip
    helo, own = envelope.helo, 0
    while trust.is_relay(ip):
        if own >= len(hops) or hops[own].client_ip is None:
            return Client(ip=None, own_hops=own + 1, reason="the trusted relay does not say where it had it from")
        ip, helo, own = hops[own].client_ip, hops[own].helo, own + 1
    return Client(ip=ip, helo=helo, own_hops=own)
