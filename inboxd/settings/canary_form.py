"""The form of `canary`: the desk's mail to itself."""

from pydantic import Field

from inboxd.settings.fields import Form, Name


class CanaryForm(Form):
    """A mail from the desk to each of its own addresses, again and again: when none comes back, there is an alarm.

    Without this section nothing of the kind is sent.
    """

    every_seconds: int = Field(
        default=3600,
        ge=60,
        le=86_400,
        description="How often a mail goes to each address of `smtp.recipients` and `imap[].address`.",
        examples=[900],
    )
    limit_seconds: int = Field(
        default=900,
        ge=10,
        le=86_400,
        description="How long it may take to come back. After that staff with `notify` get a notice, `status` and "
        "`check` say it, and the log has an error.",
        examples=[600],
    )
    page: Name | None = Field(
        default=None,
        description="A person of the rota in the rules file, who is then paged by each of their ways. null: nobody.",
        examples=["engineer-1"],
    )
