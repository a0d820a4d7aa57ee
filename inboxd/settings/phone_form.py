"""The form of inboxd.yaml where it speaks of the phone."""

from typing import Literal

from pydantic import Field

from inboxd.settings.fields import AccountSid, ApiUrl, FilePath, Form, Network, PhoneNumber, Sender


class TwilioForm(Form):
    """The phone provider: what callers say on the desk's lines is fetched from there. `docs/phone.md` walks through."""

    account_sid: AccountSid = Field(
        description="The account, as the provider's console shows it.", examples=["AC00000000000000000000000000000000"]
    )
    auth_token_file: FilePath = Field(
        description="File that holds the account's auth token. It signs in at the API and proves each webhook.",
        examples=["twilio-auth-token"],
    )
    api_url: ApiUrl | None = Field(
        default=None,
        description="Another base address of the API, for a proxy or a local stand-in. null: https://api.twilio.com.",
        examples=["https://twilio-proxy.example.com"],
    )
    recordings: Literal["keep", "delete"] = Field(
        default="keep",
        description="What becomes of a recording at the provider once it is stored here.",
        examples=["delete"],
    )
    longest: int = Field(
        default=300,
        ge=10,
        le=3600,
        description="How long a caller may speak, in seconds; then the recording ends by itself.",
        examples=[300],
    )
    max_size: int = Field(
        default=67_108_864,
        ge=1_048_576,
        le=1_073_741_824,
        description="Largest recording that is fetched, in bytes. Of a larger one the ticket says where it lies.",
        examples=[67_108_864],
    )
    fallback_url: ApiUrl | None = Field(
        default=None,
        description="What the provider plays while inboxd is away: the address of a TwiML Bin that holds what "
        "`inboxd phone twiml` prints. null: `phone setup` leaves the fallback of each line as it is.",
        examples=["https://handler.twilio.com/twiml/EH00000000000000000000000000000000"],
    )
    page_from: PhoneNumber | None = Field(
        default=None,
        description="The number that pages are called and texted from. null: the first line of the rules file.",
        examples=["+15550190"],
    )
    language: str = Field(
        default="en-US",
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="The language that greetings are spoken in, as the provider names it.",
        examples=["en-US", "en-GB"],
    )
    voice: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9.-]{1,80}$",
        description="The voice that speaks them, as the provider names it. null: its own for the language.",
        examples=["Polly.Joanna"],
    )


class VoicemailMailForm(Form):
    """A phone system that sends voicemails by mail. Its mails become calls; those of anybody else stay mails."""

    from_: Sender = Field(
        alias="from",
        description="The address in From, or all of a domain (@pbx.example.com): some systems put the caller there.",
        examples=["asterisk@pbx.example.com", "@pbx.example.com"],
    )
    networks: list[Network] = Field(
        default=[],
        description="Machines that hand its mails in by SMTP. Empty: a mail counts when DKIM or SPF proves its From.",
        examples=[["192.0.2.20"]],
    )
    line: PhoneNumber = Field(
        description="The number that callers dial, as the rules file has it.", examples=["+15550190"]
    )
    lines: dict[str, PhoneNumber] = Field(
        default={},
        description="The numbers of mailboxes that are not that of `line`.",
        examples=[{"1002": "+15550191"}],
    )
    patterns: FilePath | None = Field(
        default=None,
        description="File with patterns of your own templates, in the form of config/voicemail-mails.yaml; they read "
        "From, subject, body, and the header fields X-…, Message-ID and User-Agent. null: the shipped ones alone.",
        examples=["voicemail-mails.yaml"],
    )
