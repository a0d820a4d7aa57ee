"""Which part of a domain somebody registered, by the list of public suffixes (publicsuffix.org)."""

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def organisational(domain: str) -> str | None:
    """Return the domain that somebody registered (RFC 7489 3.2); None for a public suffix such as `co.uk`.

    `domain` is in A-labels and lower case. Below a top level that the list does not know, one label was registered.
    """
    return _list().privatesuffix(domain)


@functools.cache
def _list() -> "PublicSuffixList":
    # By need: it takes 70 ms to load, and commands that look at no mail start without it.
    from publicsuffixlist import PublicSuffixList

    # Suffixes of hosting companies (`github.io`) count: strangers live below them.
    return PublicSuffixList(accept_unknown=True, accept_encoded_idn=True, only_icann=False)
