"""Who lives here: the configured addresses, and postmaster, whom RFC 5321 4.5.1 demands."""

from collections.abc import Iterable

from inboxd import reply_token
from inboxd.smtp_receiver.address import folded, is_mailbox


class Recipients:
    """The addresses mail is taken for; everything else would be relaying."""

    def __init__(self, addresses: Iterable[str], hostname: str) -> None:
        """Raise ValueError naming an address that is no RFC 5321 mailbox."""
        self._known: dict[str, str] = {}
        for address in addresses:
            if not is_mailbox(address):
                raise ValueError(f"not a mail address: {address!r}")
            local, _, domain = address.rpartition("@")
            self._known[folded(address)] = f"{local}@{domain.lower()}"
        host = hostname.lower()
        domains = [known.rpartition("@")[2] for known in self._known.values()]
        # RFC 5321 4.5.1: "postmaster" of each domain that mail is taken for, and without a domain, in any
        # case. It is filed like the rest: somebody reads the queue, and nobody a second mailbox.
        for domain in (*domains, host):
            self._known.setdefault(f"postmaster@{domain}", f"postmaster@{domain}")
        self._known.setdefault("postmaster", f"postmaster@{host}")

    def find(self, mailbox: str) -> str | None:
        """Give the configured spelling of `mailbox`, compared with ASCII case ignored.

        One of ours that names a ticket (`support+t….…@`) is ours, too. None when it is not ours.
        """
        return self._known.get(folded(mailbox)) or self._known.get(folded(reply_token.desk_of(mailbox)))
