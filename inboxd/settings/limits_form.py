"""The form of `limits`: from when on mail is a flood."""

from pydantic import Field

from inboxd.settings.fields import Form


class LimitsForm(Form):
    """From when on mail is a flood. Nothing of it is lost: what is past a limit becomes an entry of a ticket.

    New tickets are counted, by mail, in the hour before; what joins a ticket counts for nothing.
    """

    same_subject: int | None = Field(
        default=30,
        ge=2,
        le=200,
        description="Tickets that one author opens under one subject. Further mails of the kind go into the newest of "
        "them. null: no limit.",
        examples=[10],
    )
    sender: int | None = Field(
        default=None,
        ge=2,
        le=200,
        description="Tickets that one author opens under whatever subjects. Further mails go into the newest of them, "
        "whatever they are about. null: no limit.",
        examples=[100],
    )
    domain: int | None = Field(
        default=None,
        ge=2,
        le=10_000,
        description="Tickets that all authors of one registered domain open together. Past it each author has one "
        "ticket, and no receipt goes out. Mails of two authors never share one by this. null: no limit.",
        examples=[500],
    )
