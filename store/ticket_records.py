"""What a ticket, an entry and an event are made of, between store and program."""

from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

Channel = Literal["email", "voicemail"]
Status = Literal["open", "waiting", "solved", "closed"]
Type = Literal["incident", "problem", "service-request"]
Priority = Literal["urgent", "high", "medium", "low"]
EntryKind = Literal["email", "voicemail", "note", "reply", "confirmation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """A ticket to open.

    Objects (`account`, `clocks`, …) have the fields of the ticket's JSON, with times in epoch milliseconds.
    `staff_set` names the fields that a person has set and that no later decision changes. `behind`: 1 where the ticket
    stands behind all others in the list, else 0.
    """

    channel: Channel
    source: str
    subject: str
    created_at: int
    closed_at: int | None = None
    status: Status = "open"
    type: Type | None = None
    queue: str | None = None
    priority: Priority = "medium"
    priority_by: str = "default"
    claimed_urgency: Priority | None = None
    tags: tuple[str, ...] = ()
    assignee: str | None = None
    account: dict[str, Any] | None = None
    contact: dict[str, Any] | None = None
    requester: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)
    authentication: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    clocks: tuple[dict[str, Any], ...] = ()
    actions_allowed: tuple[str, ...] = ()
    actions_blocked: dict[str, str] | None = None
    staff_set: tuple[str, ...] = ()
    behind: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket(NewTicket):
    """A ticket as it stands."""

    id: int
    ref: str
    updated_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """Something said on a ticket. `identity` and `authentication` are its own; None for what staff write.

    `recipients` are the addresses it was written to besides the desk's own; None where it was written to nobody, or a
    program wrote it of itself.
    """

    kind: EntryKind
    at: int
    author: str | None = None
    text: str = ""
    reply_text: str | None = None
    identity: dict[str, Any] | None = None
    authentication: dict[str, Any] | None = None
    attachments: tuple[dict[str, Any], ...] = ()
    transcript: dict[str, Any] | None = None
    intake_id: str | None = None
    message_id: str | None = None
    recipients: tuple[str, ...] | None = None


_NAMES: Final = {kind: tuple(each.name for each in fields(kind)) for kind in (NewTicket, NewEntry)}


def values(new: NewTicket | NewEntry) -> dict[str, Any]:
    """Give the fields of a new record by name: as `asdict`, without its copies of all that is inside."""
    return {name: getattr(new, name) for name in _NAMES[type(new)]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(NewEntry):
    """An entry as it stands."""

    id: int
    ticket_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a ticket: who (`inboxd` for the program itself) did what, and why.

    `undo` is what has to be put back to undo it, None for what cannot be undone.
    """

    id: int
    ticket_id: int
    at: int
    actor: str
    what: str
    why: str | None
    undo: dict[str, Any] | None = None
    undone_at: int | None = None
