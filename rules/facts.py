"""What rules can see of a message: everything that decides, and nothing that a sender may not decide.

There is no fact here for a priority header or a body command: a mail's claim is `claimed_urgency`, told
apart, and the law about mail (see `rules.firewall`) does not depend on it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Channel = Literal["email", "voicemail"]
Verdict = Literal["authenticated", "unverified", "failed", "unknown", "none"]
Urgency = Literal["urgent", "high", "medium", "low"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One message or call as `decide` sees it.

    channel: how it came. source: the mailbox or recipient address, or the number called. received_at:
    aware; what calendars and clocks count from. called: the number called in E.164, None for mail.
    account_id, account_plan, contact_id: None where nobody was found. contact_authorized: None where no
    contact is known, so that neither `true` nor `false` holds. verdict: what is proven about the From
    address; "none" for a call. from_address: the author's. text: the body or the transcript, "" while it
    is pending. attachments: file names. staff_tags, staff_priority: what people set, for a decision taken
    again; the priority counts for the clocks alone.
    claimed_urgency: what a mail says of itself; None for a call.
    """

    channel: Channel
    source: str
    received_at: datetime
    called: str | None = None
    account_id: str | None = None
    account_plan: str | None = None
    contact_id: str | None = None
    contact_authorized: bool | None = None
    contact_role: str | None = None
    verdict: Verdict
    from_address: str | None = None
    subject: str = ""
    text: str = ""
    is_auto_reply: bool = False
    is_bounce: bool = False
    is_list: bool = False
    attachments: tuple[str, ...] = ()
    claimed_urgency: Urgency | None = None
    staff_tags: tuple[str, ...] = ()
    staff_priority: Urgency | None = None

    def __post_init__(self) -> None:
        # A naive time would be read in this machine's zone: another machine, another decision.
        if self.received_at.tzinfo is None:
            message = "received_at needs a time zone"
            raise ValueError(message)
