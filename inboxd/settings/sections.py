"""The settings as the program sees them: nothing left to resolve, every path absolute."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from inboxd import addresses
from inboxd.settings.secret import Place, SecretFile
from inboxd.settings.values import Endpoint, Network

LogFormat = Literal["console", "json", "journald"]
LogLevel = Literal["debug", "info", "warning", "error"]
Provider = Literal["microsoft", "google"]
TlsMode = Literal["implicit", "starttls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The desk itself. `zone` is where "today" is meant."""

    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """The store. `url` holds no password and may be shown; `blobs` None leaves the place to the store."""

    url: str
    password_file: SecretFile | None
    blobs: Path | None

    @property
    def sqlite_path(self) -> Path | None:
        """The SQLite file, None for PostgreSQL."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:") else None

    def connection_url(self) -> str:
        """Return the URL to connect with. It holds the password: never log it, never put it into an error.

        Raises ConfigurationWrong when the password file cannot be used.
        """
        if self.password_file is None:
            return self.url
        parts = urlsplit(self.url)
        user, _, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(self.password_file.read(), safe='')}@{host}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificate chain and private key of a listener."""

    certificate_file: Path
    certificate_place: Place = field(compare=False)
    key: SecretFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The SMTP listener. `max_size` in bytes; `tls` None offers no STARTTLS."""

    listen: Endpoint
    hostname: str
    recipients: tuple[str, ...]
    max_size: int
    tls: Tls | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """The HTTP listener. `public_url` has no slash at its end; None: no webhooks come."""

    listen: Endpoint
    public_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """How an access token is had. `name` is the key of its refresh token in the store (`imap.support`, `outgoing`).

    `grant`: client credentials (RFC 6749 4.4), or a refresh token, from the file `refresh_token` or kept in the store
    since somebody signed in. `authorize_url` None: nobody can sign in. `scope` is what client credentials ask for,
    `login_scope` what a person is asked for; empty: nothing is named, and the server decides.
    """

    name: str
    provider: Provider | None
    grant: Literal["client-credentials", "refresh-token"]
    token_url: str
    authorize_url: str | None
    client_id: str
    client_secret: SecretFile | None
    refresh_token: SecretFile | None
    scope: str
    login_scope: str
    ca_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is done with a mail on the server once it is stored; `folder` for `move` alone."""

    action: Literal["keep", "seen", "move", "delete"]
    folder: str | None = None

    def __str__(self) -> str:
        """As it stands in the file."""
        return self.action if self.folder is None else f"{self.action}:{self.folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What becomes of the mail that lies there at the first connect; `since` for `date` alone, in the desk's zone."""

    what: Literal["now", "history", "all", "date"]
    since: date | None = None

    def __str__(self) -> str:
        """As it stands in the file."""
        return self.what if self.since is None else self.since.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox that is pulled by IMAP. Exactly one of `password` and `oauth2` is there.

    `sent` is the one of `folders` that holds what was sent. `max_size` in bytes; `authserv_id` and `provider` say
    whose Authentication-Results count.
    """

    name: str
    provider: Provider | None
    host: str
    port: int
    tls: TlsMode
    ca_file: Path | None
    user: str
    password: SecretFile | None
    oauth2: OAuth2 | None
    address: str | None
    folders: tuple[str, ...]
    sent: str | None
    after: After
    start: Start
    authserv_id: str | None
    max_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """The smarthost. `user` None: no sign-in; else exactly one of `password` and `oauth2` is there.

    `from_address` None: the desk's address that was written to. `envelope` "null" is the null sender. A reply can be
    undone for `undo_seconds`. Of automatic mails, `most_an_hour` go out, staff's not counted.
    """

    provider: Provider | None
    host: str
    port: int
    tls: TlsMode
    ca_file: Path | None
    user: str | None
    password: SecretFile | None
    oauth2: OAuth2 | None
    from_address: str | None
    envelope: Literal["null", "from"]
    mode: Literal["send", "hold"]
    undo_seconds: int = 0
    most_an_hour: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Twilio:
    """The phone provider. `longest` in seconds, `max_size` in bytes; `api_url` has no slash at its end."""

    account_sid: str
    auth_token: SecretFile
    api_url: str
    recordings: Literal["keep", "delete"]
    longest: int
    max_size: int
    fallback_url: str | None
    page_from: str | None
    language: str
    voice: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailMail:
    """A phone system that sends voicemails by mail. `sender` is an address, or `@domain`; `lines` by mailbox."""

    sender: str
    networks: tuple[Network, ...]
    line: str
    lines: Mapping[str, str]
    patterns: Path | None

    @property
    def is_one_address(self) -> bool:
        """Whether nobody but the phone system writes from there; in a domain, people may have addresses, too."""
        return not self.sender.startswith("@")

    def is_from(self, address: str | None) -> bool:
        """Whether an address is one that its mails are from."""
        if address is None:
            return False
        if self.is_one_address:
            return addresses.key(address) == addresses.key(self.sender)
        return addresses.ascii_lower(address.rpartition("@")[2]) == self.sender[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The recogniser; `model` None is the one that comes with the engine."""

    engine: Literal["moonshine", "vosk"]
    model: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns:
    """Name servers to ask; empty: those of the machine."""

    nameservers: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """Whose word counts: relays by network, ids, domains and the filter's field in lower case."""

    trusted_relays: tuple[Network, ...]
    trusted_authserv_ids: tuple[str, ...]
    trusted_arc_sealers: tuple[str, ...]
    trusted_filter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """One person of the desk's staff."""

    name: str
    login: str | None
    addresses: tuple[str, ...]
    queues: tuple[str, ...]
    notify: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """In whose name is written: the display name in From, and what stands below a mail; "" for none.

    `address` None: the desk's that was written to.
    """

    name: str = ""
    signature: str = ""
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSettings:
    """What inboxd writes by itself. `folder` None: the shipped ones; `queues` are those with a voice of their own.

    `reference` is how subjects write a reference, with the place `{reference}`.
    """

    folder: Path | None
    language: str
    reference: str
    voice: Voice
    queues: Mapping[str, Voice]

    @property
    def greetings(self) -> Path | None:
        """The folder of what callers hear; None: what is shipped alone."""
        return None if self.folder is None else self.folder / "greetings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many tickets an hour are no flood: of an author under one subject, of an author, of a domain. None: any."""

    same_subject: int | None = 30
    sender: int | None = None
    domain: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """The desk's mail to itself: how often, and after how long without it there is an alarm, in seconds.

    `page` None: nobody is woken by it.
    """

    every: int
    limit: int
    page: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What is written of inboxd's work, and how. `format` None: what fits where standard error leads."""

    format: LogFormat | None
    level: LogLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """The Unix socket by which commands speak to the daemon."""

    socket: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Number of processes for each lane."""

    mail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration as read from `path`. `smtp`, `http`, `outgoing`, `twilio`, `canary`: None for none."""

    path: Path
    desk: Desk
    store: StoreSettings
    smtp: Smtp | None
    http: Http | None
    imap: tuple[Mailbox, ...]
    outgoing: Outgoing | None
    twilio: Twilio | None
    voicemail_mail: tuple[VoicemailMail, ...]
    speech: Speech
    dns: Dns
    authentication: Authentication
    staff: tuple[StaffMember, ...]
    templates: TemplateSettings
    log: Log
    control: Control
    workers: Workers
    rules: Path | None
    accounts: Path | None
    limits: Limits = Limits()
    canary: Canary | None = None

    @property
    def hostname(self) -> str:
        """The name by which other mail servers are greeted."""
        return self.smtp.hostname if self.smtp is not None else socket.gethostname()

    def staff_by_login(self, login: str) -> StaffMember | None:
        """Return who of the staff has this login name, None for nobody."""
        return next((member for member in self.staff if member.login == login), None)
