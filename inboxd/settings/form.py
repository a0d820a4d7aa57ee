"""The form of inboxd.yaml: every key with its type, its default, what it does and an example.

`docs/configuration.md` is made from these models, so a key that is not described here cannot exist.
"""

from typing import Literal

from pydantic import Field

from inboxd.settings.canary_form import CanaryForm
from inboxd.settings.fields import (
    Address,
    AuthservId,
    BlobFolder,
    Domain,
    FilePath,
    FilterName,
    Form,
    Hostname,
    Language,
    Listen,
    Name,
    Nameserver,
    Network,
    PublicUrl,
    Recipient,
    ReferenceMark,
    StoreUrl,
    Zone,
)
from inboxd.settings.limits_form import LimitsForm
from inboxd.settings.phone_form import TwilioForm, VoicemailMailForm
from inboxd.settings.remote_form import ImapForm, OutgoingForm
from inboxd.settings.values import Endpoint


class DeskForm(Form):
    """The desk itself."""

    zone: Zone | None = Field(
        default=None,
        description="Where the desk is: what `today` and `valid_until` mean. null: the zone of the machine.",
        examples=["America/Chicago"],
    )


class StoreForm(Form):
    """Where everything is kept."""

    url: StoreUrl | None = Field(
        default=None,
        description=(
            "`sqlite:///FILE` (relative to this file; four slashes for an absolute path) or "
            "`postgresql://USER@HOST:PORT/DATABASE`. Never with a password: `password_file` is for that. "
            "null: `inboxd.db` beside this file, `/var/lib/inboxd/inboxd.db` when this file lies below /etc."
        ),
        examples=["sqlite:////var/lib/inboxd/inboxd.db"],
    )
    password_file: FilePath | None = Field(
        default=None,
        description="File that holds the password of the PostgreSQL user. null: none is sent.",
        examples=["store-password"],
    )
    blobs: BlobFolder | None = Field(
        default=None,
        description=(
            "Folder for recordings and large messages. null: the folder `blobs` beside an SQLite file; in "
            "the database on PostgreSQL. With PostgreSQL a folder must be one that all machines share."
        ),
        examples=["/var/lib/inboxd/blobs"],
    )


class SmtpForm(Form):
    """Mail that is delivered to inboxd by SMTP. Without this section nothing listens for mail."""

    listen: Listen = Field(
        default=Endpoint(host="127.0.0.1", port=8025),
        description="Address and port to listen on. Port 0: any free one; the log says which.",
        examples=["127.0.0.1:8025", "[::1]:8025"],
    )
    hostname: Hostname | None = Field(
        default=None,
        description="The name inboxd greets with and puts into Message-IDs. null: the name of the machine.",
        examples=["mail.example.com"],
    )
    recipients: list[Recipient] = Field(
        min_length=1,
        description=(
            "The desk's own addresses. Mail to any other is refused with 550 5.1.1: inboxd never relays. "
            "Upper and lower case are the same."
        ),
        examples=[["support@example.com"]],
    )
    max_size: int = Field(
        default=26_214_400,
        ge=65_536,
        le=104_857_600,
        description="Largest message that is taken, in bytes; larger ones are refused with 552 5.3.4. An attachment "
        "counts a third more than its file: base64 makes four bytes of three.",
        examples=[26_214_400],
    )
    certificate_file: FilePath | None = Field(
        default=None,
        description="PEM file with the certificate and its chain, for STARTTLS. null: no STARTTLS.",
        examples=["/etc/inboxd/tls/fullchain.pem"],
    )
    key_file: FilePath | None = Field(
        default=None,
        description="PEM file with the private key of `certificate_file`, without a passphrase (chmod 600).",
        examples=["/etc/inboxd/tls/key.pem"],
    )


class HttpForm(Form):
    """Webhooks of the phone provider below `/twilio/`, and `/healthz` and `/readyz` for monitoring.

    Without this section nothing listens for HTTP.
    """

    listen: Listen = Field(
        default=Endpoint(host="127.0.0.1", port=8080),
        description="Address and port to listen on. Port 0: any free one; the log says which.",
        examples=["127.0.0.1:8080"],
    )
    public_url: PublicUrl | None = Field(
        default=None,
        description=(
            "Where the phone provider reaches this listener, through a proxy that ends TLS. Its signatures are checked "
            "against this address, and nothing but `/twilio/` answers under its name. null: no webhooks, the provider "
            "is asked every minute."
        ),
        examples=["https://desk.example.com"],
    )


class SpeechForm(Form):
    """How recordings become text."""

    engine: Literal["moonshine", "vosk"] = Field(
        default="moonshine",
        description="The recogniser. `moonshine` comes with inboxd; `vosk` takes any model of its own.",
        examples=["vosk"],
    )
    model: FilePath | None = Field(
        default=None,
        description="Folder of the recogniser's model. null: the one that comes with the engine.",
        examples=["/var/lib/inboxd/models/vosk-model-en-us-0.22"],
    )


class DnsForm(Form):
    """Name servers for the checks of senders. A resolver on this machine, or near it, keeps those quick."""

    nameservers: list[Nameserver] = Field(
        min_length=1,
        description="Network addresses of the name servers to ask, with a port where it is not 53.",
        examples=[["127.0.0.1:5353"]],
    )


class AuthenticationForm(Form):
    """Whose word about a mail counts beside what inboxd checks itself. Nobody's, unless it stands here."""

    trusted_relays: list[Network] = Field(
        default=[],
        description=(
            "Machines of your own that hand mail on to inboxd by SMTP. The server that counts is then the one that the "
            "relay had the mail from, as its Received field says."
        ),
        examples=[["10.0.0.0/8"]],
    )
    trusted_authserv_ids: list[AuthservId] = Field(
        default=[],
        description=(
            "Names under which those relays, and the servers of mailboxes, write Authentication-Results. Such a result "
            "counts only above what a stranger could have written."
        ),
        examples=[["mx.example.com"]],
    )
    trusted_arc_sealers: list[Domain] = Field(
        default=[],
        description=(
            "Domains of mailing lists and forwarders whose ARC seals are believed: they change mail on its way and say "
            "what they had found before. Whoever stands here can vouch for every sender."
        ),
        examples=[["forwarder.example.com"]],
    )
    trusted_filter: FilterName | None = Field(
        default=None,
        description=(
            "The header field in which your own spam filter writes its verdict, for rules (`spam: true`). It has to "
            "take away what strangers wrote under that name."
        ),
        examples=["X-Spam-Flag"],
    )


class StaffForm(Form):
    """One person of the desk's staff."""

    name: Name = Field(description="The name that tickets and notes show; unique.", examples=["engineer-1"])
    login: Name | None = Field(
        default=None,
        description="Login name on this machine: whose commands these are.",
        examples=["eng1"],
    )
    addresses: list[Address] = Field(
        default=[], description="Mail addresses of this person.", examples=[["engineer-1@example.com"]]
    )
    queues: list[Name] = Field(
        default=[], description="The queues this person works on.", examples=[["tech", "look-up"]]
    )
    notify: bool = Field(
        default=False,
        description="Whether this person gets notices by mail, to the first address: of these queues, and of what "
        "comes in on tickets that they work on.",
        examples=[True],
    )


class QueueVoiceForm(Form):
    """In whose name a queue writes."""

    queue: Name = Field(description="The queue, as rules name it.", examples=["tech"])
    from_: Address | None = Field(
        default=None,
        alias="from",
        description="The address that this queue writes from. null: as `outgoing.from` has it.",
        examples=["tech@example.com"],
    )
    name: Name | None = Field(
        default=None,
        description="The name beside the desk's address in From. null: the desk's.",
        examples=["Tech line"],
    )
    signature: str | None = Field(
        default=None,
        max_length=1000,
        description="What stands below each mail. null: the desk's.",
        examples=["Tech line, +1 555 0190"],
    )


class TemplatesForm(Form):
    """What inboxd writes by itself; docs/mail-out.md says who gets what."""

    folder: FilePath | None = Field(
        default=None,
        description=(
            "Folder with templates of your own, one file each (received.yaml). They take the place of the shipped ones "
            "of the same name. null: the shipped ones."
        ),
        examples=["templates"],
    )
    language: Language = Field(
        default="en",
        description="The language for whoever does not say theirs (Content-Language of a mail).",
        examples=["de"],
    )
    reference: ReferenceMark = Field(
        default="[#{reference}]",
        description="How subjects write a ticket's reference.",
        examples=["T-{reference}"],
    )
    name: Name | None = Field(
        default=None,
        description="The name beside the desk's address in From. null: the address alone.",
        examples=["Example Support"],
    )
    signature: str | None = Field(
        default=None,
        max_length=1000,
        description="What stands below each mail. null: nothing.",
        examples=["Example Support, +1 555 0100"],
    )
    queues: list[QueueVoiceForm] = Field(
        default=[],
        description="Queues that write in a name of their own.",
        examples=[[{"queue": "tech", "name": "Tech line"}]],
    )


class LogForm(Form):
    """What inboxd says of its work, on standard error."""

    format: Literal["console", "json", "journald"] | None = Field(
        default=None,
        description=(
            "`console`: a line of key=value for people. `json`: one object a line, for collectors. `journald`: "
            "key=value with the priority that `journalctl -p` asks for, without a time of its own. "
            "null: `journald` where standard error is systemd's journal, else `console`."
        ),
        examples=["json"],
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important kind of line that is written.", examples=["warning"]
    )


class ControlForm(Form):
    """The socket by which commands speak to the running daemon."""

    socket: FilePath | None = Field(
        default=None,
        description=(
            "Path of the Unix socket. null: `control.sock` beside an SQLite file; with PostgreSQL "
            "`/run/inboxd/control.sock` when this file lies below /etc, else `control.sock` beside this file."
        ),
        examples=["/run/inboxd/control.sock"],
    )


class WorkersForm(Form):
    """How many work at a time."""

    mail: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Processes that read mail. null: one for each processor, at least 2, at most 8.",
        examples=[4],
    )


class SettingsForm(Form):
    """The configuration file. A section that is left out starts nothing, or stands for its defaults."""

    desk: DeskForm = Field(default=DeskForm(), description="The desk itself.")
    store: StoreForm = Field(default=StoreForm(), description="Where everything is kept.")
    smtp: SmtpForm | None = Field(default=None, description="Mail that is delivered to inboxd by SMTP.")
    http: HttpForm | None = Field(default=None, description="Webhooks of the phone, and health for monitoring.")
    imap: list[ImapForm] = Field(default=[], description="Mailboxes that inboxd fetches mail from.")
    outgoing: OutgoingForm | None = Field(default=None, description="The server that inboxd sends mail through.")
    limits: LimitsForm = Field(default=LimitsForm(), description="From when on mail is a flood.")
    canary: CanaryForm | None = Field(default=None, description="Mail of the desk to itself, that has to come back.")
    twilio: TwilioForm | None = Field(default=None, description="The phone provider.")
    voicemail_mail: list[VoicemailMailForm] = Field(
        default=[], description="Phone systems whose voicemails come by mail."
    )
    speech: SpeechForm = Field(default=SpeechForm(), description="How recordings become text.")
    dns: DnsForm | None = Field(default=None, description="Name servers. null: those of the machine.")
    authentication: AuthenticationForm = Field(
        default=AuthenticationForm(), description="Whose word about a mail counts."
    )
    staff: list[StaffForm] = Field(default=[], description="The people of the desk.")
    templates: TemplatesForm = Field(default=TemplatesForm(), description="What inboxd writes by itself.")
    log: LogForm = Field(default=LogForm(), description="What inboxd says of its work.")
    control: ControlForm = Field(default=ControlForm(), description="How commands reach the daemon.")
    workers: WorkersForm = Field(default=WorkersForm(), description="How many work at a time.")
    rules: FilePath | None = Field(
        default=None,
        description="The rules file. null: no rules; everything is filed as medium, without clocks.",
        examples=["rules.yaml"],
    )
    accounts: FilePath | None = Field(
        default=None,
        description="The accounts file. null: nobody is on file.",
        examples=["accounts.yaml"],
    )
