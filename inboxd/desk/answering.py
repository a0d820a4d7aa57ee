"""Answering from the command line: a reply with its files, and taking it back while it has not gone."""

import io
import mimetypes
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from inboxd import addresses, readers, reply
from inboxd.desk.arguments import Number
from inboxd.desk.context import Context
from inboxd.desk.ticket_changes import change
from inboxd.desk.tickets import TicketStatus, show
from inboxd.errors import InboxdError, UsageWrong
from inboxd.intake.door import now_ms
from inboxd.letters import compose
from inboxd.letters.compose import About
from inboxd.reply import Reply
from inboxd.staff import take_back
from inboxd.staff.staff_changes import Change, demand_unmerged
from store import files, tickets

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.tickets import Ticket

_MOST_FILES = 100


class Attach(BaseModel):
    """One file of the payload: its first `size` bytes that no file before it has taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filename: str
    size: Number


def answer(
    context: Context,
    ref: str,
    text: str,
    payload: bytes = b"",
    attach: Annotated[list[Attach], Field(max_length=_MOST_FILES)] | None = None,
    cc: list[str] | None = None,
    status: TicketStatus | None = None,
    canned: str | None = None,
    alone: bool = False,
) -> dict[str, Any]:
    """Answer who asked, by mail; the entry, the outbox items and the change of status are one transaction.

    `canned` is a template that stands below the text, filled in for this ticket, in the customer's language if that is
    known. With `alone` nobody is in copy but who stands in `cc`.
    """
    for each in cc or ():
        problem = addresses.problem(each, dotless=True)
        if problem is not None:
            raise UsageWrong(f"cc: {problem}")
        if context.policy.current.office.is_own(each):
            raise UsageWrong(f"cc: {each} is the desk itself, which has the answer already: leave it out")
    attached = [_kept(context, name, data) for name, data in _cut(attach or [], payload)]

    def write(txn: "Connection") -> None:
        at = now_ms()
        policy = context.policy.current
        ticket = tickets.get(txn, ref, for_update=True)
        demand_unmerged(txn, ticket)
        in_copy: tuple[str, ...] = ()
        if not alone:
            in_copy = readers.audience(txn, policy.office, ticket, tickets.entries(txn, ticket.id)).in_copy
        for each in attached:
            files.remember(txn, sha256=each["sha256"], blob=each["sha256"], size=each["size"], at=at)
        reply.write(
            txn,
            policy,
            ticket,
            Reply(
                text=_with_canned(txn, context, ticket, text, canned),
                author=context.staff_name,
                actor=context.actor,
                at=at,
                cc=(*(cc or ()), *in_copy),
                attachments=attached,
                change=None if status is None else take_back.before(ticket, Change(fields={"status": status})),
            ),
        )
        if status is not None:
            change(txn, context, tickets.get_by_id(txn, ticket.id), {"status": status}, undoable=False)

    context.store.write(write)
    context.wake()
    return show(context, ref)


def _with_canned(txn: "Connection", context: Context, ticket: "Ticket", text: str, canned: str | None) -> str:
    if canned is None:
        return text
    policy = context.policy.current
    templates = policy.office.templates
    if canned not in templates:
        raise InboxdError(f'there is no template "{canned}": there are {", ".join(sorted(templates.texts))}')
    language = templates.language_of(canned, reply.language_of(txn, ticket))
    about = About(ticket=ticket)
    written = templates.write(canned, language, compose.places_of(policy, about, templates.words_of(language)))
    return "\n\n".join(filter(None, [text.strip(), written.text.strip()]))


def _cut(attach: list[Attach], payload: bytes) -> Iterator[tuple[str, bytes]]:
    if sum(each.size for each in attach) != len(payload):
        raise UsageWrong(f"the files are not as large as the payload of {len(payload)} bytes")
    start = 0
    for each in attach:
        yield each.filename, payload[start : start + each.size]
        start += each.size


def _kept(context: Context, filename: str, data: bytes) -> dict[str, Any]:
    """Put a file on stable storage before any row names it, and return it as an entry shows it."""
    return {
        "filename": filename,
        "content_type": mimetypes.guess_type(filename)[0] or "application/octet-stream",
        "size": len(data),
        "sha256": context.store.blobs.put(io.BytesIO(data)),  # a blob is named by its digest
        "inline": False,
        "content_id": None,
        "dangerous": False,
    }
