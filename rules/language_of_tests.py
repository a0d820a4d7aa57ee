"""`tests` of a rules file as they may be written: their keys, and the kinds of their values."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from rules.decision import TicketType
from rules.facts import BounceKind, EarlierKind, TranscriptState, Urgency, Whose
from rules.language import Name, Part, SomeTexts


class EarlierPart(Part):
    """One of `earlier`: what was there before the message of a test."""

    what: EarlierKind
    of: Whose = "account"
    at: str
    rule: Name | None = None


class GivenPart(Part):
    """What a test gives of a mail and of a call; what it leaves out is as it usually is."""

    at: str | None = None
    account: Name | None = "customer"
    plan: Name | None = None
    candidates: int | None = None
    contact: Name | None = "somebody"
    authorized: bool | None = Field(default=True, alias="contact.authorized")
    role: Name | None = Field(default="primary", alias="contact.role")
    says: str = ""
    confirmed: bool = False
    reference_quoted: bool = Field(default=False, alias="reference.quoted")
    open_tickets: int = Field(default=0, alias="account.open-tickets")
    calls_made: int = Field(default=0, alias="callback.made")
    earlier: tuple[EarlierPart, ...] = ()
    tag: Annotated[tuple[Name, ...], SomeTexts] = ()
    priority: Name | None = None
    type: TicketType | None = None
    queue: Name | None = None


class GivenMailPart(GivenPart):
    """`mail` of a test."""

    author: Name | None = Field(default=None, alias="from")
    source: Name | None = None
    subject: str = ""
    proof: Literal["authenticated", "unverified", "failed", "unknown"] | None = None
    spf: Name | None = Field(default=None, alias="authentication.spf")
    dkim: Name | None = Field(default=None, alias="authentication.dkim")
    dmarc: Name | None = Field(default=None, alias="authentication.dmarc")
    auto_reply: bool = Field(default=False, alias="auto-reply")
    bounce: bool = False
    bounce_kind: BounceKind | None = Field(default=None, alias="bounce.kind")
    list_: bool = Field(default=False, alias="list")
    forwarded: bool = False
    spam: bool = False
    attachment: Annotated[tuple[Name, ...], SomeTexts] = ()
    attachment_type: Annotated[tuple[Name, ...], SomeTexts] = Field(default=(), alias="attachment.type")
    dangerous: bool = Field(default=False, alias="attachment.dangerous")
    claims: Urgency | None = Field(default=None, alias="claimed_urgency")


class GivenCallPart(GivenPart):
    """`call` of a test."""

    line: Name | None = None
    called: Name | None = None
    caller: Name | None = None
    withheld: bool = Field(default=False, alias="caller.withheld")
    transcript: TranscriptState | None = None


class FileTestPart(Part):
    """One of `tests`; what is given and expected is read by `rules.file_test_reader`."""

    test: Name
    mail: dict[str, Any] | None = None
    call: dict[str, Any] | None = None
    expect: dict[str, Any]

    @model_validator(mode="after")
    def _one_message(self) -> "FileTestPart":
        if (self.mail is None) == (self.call is None):
            message = "a test gives one message: `mail` or `call`"
            raise ValueError(message)
        return self
