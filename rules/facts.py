"""What rules can see of a message: everything that decides, and nothing that a sender may not decide.

There is no fact here for a priority header or a body command: a mail's claim is `claimed_urgency`, told
apart, and the law about mail (see `rules.firewall`) does not depend on it.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

Channel = Literal["email", "voicemail"]
Verdict = Literal["authenticated", "unverified", "failed", "unknown", "none"]
Urgency = Literal["urgent", "high", "medium", "low"]
TranscriptState = Literal["pending", "words", "no-words", "unheard"]
BounceKind = Literal["failed", "delayed", "delivered", "relayed", "expanded"]  # RFC 3464 2.3.3
EarlierKind = Literal["ticket", "call", "page"]
Whose = Literal["account", "caller", "desk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Something that was there before this message: a ticket, a call, a page; never the message's own ticket.

    of: whose it was: this account's, this caller's (all withheld numbers are one caller), or anybody's. One and the
    same call may stand here once for each. rule: of a page, the rule that gave it.
    """

    kind: EarlierKind
    of: Whose
    at: datetime
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One message or call as `decide` sees it.

    channel: how it came. source: the mailbox or recipient address, or the number called. received_at: aware; what
    calendars and clocks count from. called, caller: numbers in E.164, None for mail and where the caller withheld it.
    account_id, account_plan, contact_id: None where nobody was found. identified_by: the `by` of a ticket's `identity`.
    candidates: on how many accounts the number or address is on file. contact_authorized: None where no contact is
    known, so that neither `true` nor `false` holds. verdict: what is proven about the From address; "none" for a call.
    confirmed: a confirmation from the on-file address stands. spf, dkim, dmarc: RFC 8601's result words. from_address:
    the author's. text: the body or the transcript, "" while it is pending. probably: the transcript as it was probably
    meant, where staff have put right such words before, "" elsewhere; beside `text`, for `says` and `body` alone.
    attachments: file names. spam: the desk's own filter calls it that. reference_quoted: a reference that has our form
    was written or said. open_tickets: how many of the account's are not closed. calls_made: how often the ticket's
    people were called back. earlier: what the rules ask for, as far back as they look (`RuleSet.looks_back`). staff_…:
    what people set, for a decision taken again; the priority counts for clocks and for rules that ask for it.
    claimed_urgency: what a mail says of itself; None for a call.
    """

    channel: Channel
    source: str
    received_at: datetime
    called: str | None = None
    caller: str | None = None
    caller_withheld: bool = False
    identified_by: str | None = None
    candidates: int = 0
    account_id: str | None = None
    account_plan: str | None = None
    contact_id: str | None = None
    contact_authorized: bool | None = None
    contact_role: str | None = None
    verdict: Verdict
    confirmed: bool = False
    spf: str | None = None
    dkim: str | None = None
    dmarc: str | None = None
    from_address: str | None = None
    subject: str = ""
    text: str = ""
    probably: str = ""
    transcript: TranscriptState | None = None
    is_auto_reply: bool = False
    is_bounce: bool = False
    bounce_kind: BounceKind | None = None
    is_list: bool = False
    forwarded: bool = False
    spam: bool = False
    attachments: tuple[str, ...] = ()
    attachment_types: tuple[str, ...] = ()
    dangerous_attachment: bool = False
    claimed_urgency: Urgency | None = None
    reference_quoted: bool = False
    open_tickets: int = 0
    calls_made: int = 0
    earlier: tuple[Earlier, ...] = ()
    staff_tags: tuple[str, ...] = ()
    staff_priority: Urgency | None = None
    staff_type: str | None = None
    staff_queue: str | None = None

    def __post_init__(self) -> None:
        # A naive time would be read in this machine's zone: another machine, another decision.
        if self.received_at.tzinfo is None:
            message = "received_at needs a time zone"
            raise ValueError(message)

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON values, but for `text`, which can be long and stands elsewhere."""
        seen = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "text"}
        seen["received_at"] = self.received_at.isoformat()
        seen["earlier"] = [
            {"kind": one.kind, "of": one.of, "at": one.at.astimezone(UTC).isoformat(), "rule": one.rule}
            for one in self.earlier
        ]
        return seen

    @classmethod
    def from_json(cls, seen: dict[str, Any], *, text: str, **changed: Any) -> "Facts":
        """The facts that `to_json` wrote down, with their text and with what has changed since.

        What was written by a version that knew fewer facts is read, too.
        """
        known = {name: tuple(value) if isinstance(value, list) else value for name, value in seen.items()}
        known["received_at"] = datetime.fromisoformat(seen["received_at"])
        known["earlier"] = tuple(
            Earlier(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in seen.get("earlier", ())
        )
        return cls(**{**known, "text": text, **changed})
