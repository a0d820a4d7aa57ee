"""The form of inboxd.yaml where it speaks of servers far away: `imap`, `outgoing`, and `oauth2` in both."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from inboxd.settings.fields import (
    Address,
    AfterText,
    AuthservId,
    Envelope,
    FilePath,
    Folder,
    Form,
    Host,
    MailboxName,
    MailboxReference,
    Name,
    Recipient,
    Scope,
    SecureUrl,
    StartText,
    Tenant,
    User,
)
from inboxd.settings.sections import After, Start

_TLS = (
    "`implicit`: TLS from the first byte. `starttls`: begun in the clear, and nothing is said before TLS stands. "
    "`none`: no TLS, for this machine alone. Certificates are always verified."
)
_CA = "PEM file with the authorities that may sign the server's certificate. null: those of the machine."
_PROVIDER = "Fills host, port, tls and the keys of `oauth2` that are left out, for Microsoft 365 or Google Workspace"


class OAuth2Form(Form):
    """Signing in by OAuth 2.0, as Microsoft and Google want it: as an application, or as a person who signed in once.

    With `client_secret_file` alone the application signs in by itself (client credentials; at Microsoft, and wherever
    no `authorize_url` is named). Else a refresh token is used: had by `inboxd oauth login`, or put into
    `refresh_token_file`. Each newer one that the provider hands out is kept in the store.
    """

    token_url: SecureUrl | None = Field(
        default=None,
        description="The token endpoint. null: the provider's.",
        examples=["https://login.example.com/oauth2/token"],
    )
    authorize_url: SecureUrl | None = Field(
        default=None,
        description="Where a person signs in for `inboxd oauth login`. null: the provider's; without one, nobody can. "
        "Named at Microsoft beside `client_secret_file`, it says that a person signs in, not the application.",
        examples=["https://login.example.com/oauth2/authorize"],
    )
    client_id: Name = Field(
        description="The application's ID, as the provider's console shows it.",
        examples=["11111111-2222-3333-4444-555555555555"],
    )
    client_secret_file: FilePath | None = Field(
        default=None, description="File that holds the application's secret.", examples=["microsoft-client-secret"]
    )
    refresh_token_file: FilePath | None = Field(
        default=None,
        description="File that holds a refresh token had elsewhere; `inboxd oauth login` needs none.",
        examples=["support-refresh-token"],
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="PEM file with the authorities that may sign the token endpoint's certificate. null: the usual.",
        examples=["/etc/inboxd/tls/ca.pem"],
    )
    scope: Scope | None = Field(
        default=None,
        description="What the token is for. null: what mail needs at the provider.",
        examples=["https://outlook.office365.com/.default"],
    )
    tenant: Tenant | None = Field(
        default=None,
        description="The directory (tenant) at Microsoft that the application is registered in; only there.",
        examples=["99999999-8888-7777-6666-555555555555", "example.com"],
    )


class ImapForm(Form):
    """Mailboxes that inboxd fetches mail from, each by itself."""

    name: MailboxName = Field(
        description="The name that tickets, logs and commands give this mailbox; unique, and for good.",
        examples=["support"],
    )
    provider: Literal["microsoft", "google"] | None = Field(
        default=None,
        description=f"{_PROVIDER}, and knows where that provider's Authentication-Results stands.",
        examples=["microsoft", "google"],
    )
    host: Host | None = Field(
        default=None, description="The server. null: the provider's.", examples=["imap.example.com", "127.0.0.1"]
    )
    port: int | None = Field(
        default=None, ge=1, le=65535, description="null: 993, and 143 where tls is not `implicit`.", examples=[993]
    )
    tls: Literal["implicit", "starttls", "none"] | None = Field(
        default=None, description=f"{_TLS} null: `implicit`.", examples=["implicit"]
    )
    ca_file: FilePath | None = Field(default=None, description=_CA, examples=["/etc/inboxd/tls/ca.pem"])
    user: User = Field(
        description="The login name. With oauth2 the address of the mailbox, a shared one, too.",
        examples=["support@example.com"],
    )
    password_file: FilePath | None = Field(
        default=None, description="File that holds the password. In its place: `oauth2`.", examples=["support-password"]
    )
    oauth2: OAuth2Form | None = Field(
        default=None,
        description="Signing in by OAuth 2.0, in place of a password; its keys stand below.",
        examples=[{"client_id": "11111111-2222-3333-4444-555555555555", "tenant": "example.com"}],
    )
    address: Recipient | None = Field(
        default=None,
        description="The desk's address whose mail lies here. null: `user`, where that is an address.",
        examples=["support@example.com"],
    )
    folders: list[Folder] = Field(
        default=["INBOX"],
        min_length=1,
        description="The folders to fetch from, each by its whole name as the server shows it.",
        examples=[["INBOX", "INBOX/Web form"]],
    )
    sent: Folder | None = Field(
        default=None,
        description="The folder that holds what people of the desk sent from this mailbox: an answer found there joins "
        "its ticket, so that clocks stop and nobody answers twice; other mail in it is passed over.",
        examples=["Sent Items", "[Gmail]/Sent Mail"],
    )
    after: AfterText = Field(
        default=After(action="keep"),
        description="What is done with a mail on the server once it is stored here. `keep` changes nothing there.",
        examples=["keep", "seen", "move:Filed", "delete"],
    )
    start: StartText = Field(
        default=Start(what="now"),
        description=(
            "What becomes of the mail that lies there at the first connect. `now`: noted, never filed. `history`: "
            "filed quietly, closed and with its own dates. `all`: filed as new. A date: as new from that day on."
        ),
        examples=["now", "history", "all", "2026-01-31"],
    )
    authserv_id: AuthservId | None = Field(
        default=None,
        description=(
            "The name that your own mail server puts into its Authentication-Results; only such a one is believed. "
            "null: none is, but the provider's."
        ),
        examples=["mx.example.com"],
    )
    max_size: int = Field(
        default=52_428_800,
        ge=65_536,
        le=1_073_741_824,
        description="Largest mail that is fetched whole, in bytes; of a larger one the beginning is filed.",
        examples=[52_428_800],
    )


def _way(value: Any) -> str:
    return "name" if isinstance(value, str) else "keys"


SignIn = Annotated[Annotated[OAuth2Form, Tag("keys")] | Annotated[MailboxReference, Tag("name")], Discriminator(_way)]


class OutgoingForm(Form):
    """The server that inboxd sends mail through (docs/sending.md). `check` proves the connection and the sign-in.

    Without this section nothing is sent: what would go out waits in the outbox (`inboxd outbox list`).
    """

    provider: Literal["microsoft", "google"] | None = Field(
        default=None, description=f"{_PROVIDER}.", examples=["microsoft", "google"]
    )
    host: Host | None = Field(
        default=None, description="The server. null: the provider's.", examples=["smtp.example.com", "127.0.0.1"]
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="null: 465 with tls `implicit`, else 587 where inboxd signs in and 25 where it does not.",
        examples=[587],
    )
    tls: Literal["implicit", "starttls", "none"] | None = Field(
        default=None, description=f"{_TLS} null: `starttls`.", examples=["starttls"]
    )
    ca_file: FilePath | None = Field(default=None, description=_CA, examples=["/etc/inboxd/tls/ca.pem"])
    user: User | None = Field(
        default=None,
        description="The login name. null: no sign-in, or with `oauth2: imap.NAME` the user of that mailbox.",
        examples=["support@example.com"],
    )
    password_file: FilePath | None = Field(
        default=None, description="File that holds the password. In its place: `oauth2`.", examples=["smtp-password"]
    )
    oauth2: SignIn | None = Field(
        default=None,
        description="Signing in by OAuth 2.0: its keys stand below; or `imap.NAME`, the sign-in of that mailbox.",
        examples=["imap.support"],
    )
    from_: Address | None = Field(
        default=None,
        alias="from",
        description="The address that mail is sent from. null: the desk's address that was written to.",
        examples=["support@example.com"],
    )
    envelope: Envelope | None = Field(
        default=None,
        description="The sender on the envelope of automatic mail, where its bounces go. null: the null sender, so "
        "that no program answers. `from`: the From address, as what people write always has it.",
        examples=["from"],
    )
    mode: Literal["send", "hold"] = Field(
        default="send",
        description="`hold`: nothing but pages is sent until `inboxd outbox release`.",
        examples=["hold"],
    )
    undo_seconds: int = Field(
        default=0,
        ge=0,
        le=3600,
        description="For how long a reply waits before it is sent, so that `inboxd tickets undo` can take it back.",
        examples=[10],
    )
    most_an_hour: int = Field(
        default=1000,
        ge=100,
        le=100_000,
        description="Receipts, questions and other automatic mail to customers, all together. Past it something must "
        "be wrong (a flood, a circle), and the rest is suppressed.",
        examples=[5000],
    )
