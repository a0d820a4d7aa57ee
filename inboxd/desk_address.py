"""The address of the desk that a mail is written from: the one that was written to, or what the configuration says."""

from inboxd import addresses, reply_token
from inboxd.settings import Settings


def of(settings: Settings, source: str | None) -> str | None:
    """Return the From address for what concerns a ticket; `source` is the ticket's: an address, a mailbox or a line.

    `outgoing.from` goes before all; then the desk's address that was written to (of a mailbox, its `address`); for a
    call, or an address that is none of ours, the first address that the desk has. None: it has none.
    """
    if settings.outgoing is not None and settings.outgoing.from_address is not None:
        return settings.outgoing.from_address
    ours = of_desk(settings)
    written_to = next((box.address for box in settings.imap if box.name == source), None) or source or ""
    same = (each for each in ours if addresses.key(each) == addresses.key(written_to))
    return next(same, ours[0] if ours else None)


def of_desk(settings: Settings) -> tuple[str, ...]:
    """Return every address of the desk, each once, in the order of the configuration."""
    listed = settings.smtp.recipients if settings.smtp is not None else ()
    known: dict[str, str] = {}
    for each in (*listed, *(box.address for box in settings.imap if box.address)):
        if addresses.problem(each, dotless=True) is None:
            known.setdefault(addresses.key(each), each)
    return tuple(known.values())


def with_token(settings: Settings, address: str, ref: str, key: bytes) -> str | None:
    """Return the address with a token that names a ticket, where mail to such an address surely arrives; else None.

    Our own listener takes details behind a plus sign, and so do the providers that are known; another server may not.
    """
    wanted = addresses.key(address)
    listens = settings.smtp is not None and any(addresses.key(each) == wanted for each in settings.smtp.recipients)
    knows = any(box.provider and addresses.key(box.address or "") == wanted for box in settings.imap)
    return reply_token.address(address, ref, key) if listens or knows else None
