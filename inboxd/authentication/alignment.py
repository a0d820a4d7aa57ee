"""Whether a domain may speak for the domain of an author (RFC 7489 3.1)."""

from typing import Literal

from inboxd.public_suffix import organisational

Mode = Literal["strict", "relaxed"]


def aligned(domain: str, author_domain: str, mode: Mode) -> bool:
    """Whether `domain` speaks for `author_domain`. A public suffix speaks for nobody, not even for itself."""
    owner = organisational(author_domain)
    if owner is None or organisational(domain) is None:
        return False
    return domain == author_domain if mode == "strict" else organisational(domain) == owner
