"""Mails to try the way out: one from each address of the desk, and one from the null sender."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from inboxd import desk_address
from inboxd.errors import InboxdError
from inboxd.intake.door import now_ms
from inboxd.oauth import TokenSource
from inboxd.remote.trouble import Troubled
from inboxd.send.compose import ascii_domain, compose
from inboxd.settings import Settings
from inboxd.smtp_submission import Mail, Submission, connect, transfer
from store.outbox import OutboxItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one mail; `sender` is what stood on its envelope, "" for the null sender."""

    from_address: str
    sender: str
    taken: bool
    what: str


def send(settings: Settings, tokens: TokenSource | None, to: str) -> Iterator[Trial]:
    """Send them to an address, one after the other in one session. Raises InboxdError when there is none to be had."""
    outgoing = settings.outgoing
    assert outgoing is not None
    chosen = (outgoing.from_address,) if outgoing.from_address else ()
    froms = tuple(dict.fromkeys((*chosen, *desk_address.of_desk(settings))))
    if not froms:
        raise InboxdError("there is no address to send from: set outgoing.from, or an address of the desk")
    with connect(outgoing, tokens, hostname=settings.hostname) as session:
        # The null sender once: whether a server takes it has nothing to do with From.
        for from_address, sender in [(froms[0], ""), *((each, ascii_domain(each)) for each in froms)]:
            yield _try(session, settings, to, from_address, sender)


def _try(session: Submission, settings: Settings, to: str, from_address: str, sender: str) -> Trial:
    assert settings.outgoing is not None
    composed = compose(_item(to, from_address, sender), from_address, (), dated_at=now_ms())
    mail = Mail(sender=sender, recipient=ascii_domain(to), raw=composed.raw, utf8=composed.utf8)
    try:
        session.line.rset()
        transfer(session, settings.outgoing, mail)
    except (Troubled, OSError) as error:
        return Trial(from_address=from_address, sender=sender, taken=False, what=str(error))
    return Trial(from_address=from_address, sender=sender, taken=True, what="taken")


def _item(to: str, from_address: str, sender: str) -> OutboxItem:
    domain = from_address.rpartition("@")[2]
    return OutboxItem(
        id=0,
        kind="notice",
        to_address=to,
        to_key=None,
        message_id=f"<inboxd.trial.{secrets.token_hex(16)}@{ascii_domain(f'x@{domain}')[2:]}>",
        subject="inboxd: a mail to try the way out",
        text=f"This mail was asked for by `inboxd check --send-test`.\n\nFrom: {from_address}\n"
        f"On the envelope: {sender or 'the null sender'}\n",
        created_at=now_ms(),
        ticket_ref=None,
        sent_at=None,
        attempts=0,
        job_id=None,
        next_try_at=None,
        dated_at=None,
        held_at=None,
        released_at=None,
        bounce=None,
        acknowledged_at=None,
        acknowledged_by=None,
    )
