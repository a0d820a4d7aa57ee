"""What `provider: microsoft` and `provider: google` fill in."""

from dataclasses import dataclass
from typing import Final

from inboxd.settings.sections import Provider, TlsMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a provider's mail is fetched or handed over."""

    host: str
    port: int
    tls: TlsMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Servers and endpoints of a provider. `{tenant}` stands where the directory belongs.

    `app_scope` is for client credentials (None: the provider has no such way to mail), `imap_scope` and
    `smtp_scope` for a person who signs in, `login_scope` is asked for beside either.
    """

    imap: Server
    smtp: Server
    token_url: str
    authorize_url: str
    app_scope: str | None
    imap_scope: str
    smtp_scope: str
    login_scope: str


PRESETS: Final[dict[Provider, Preset]] = {
    "microsoft": Preset(
        imap=Server(host="outlook.office365.com", port=993, tls="implicit"),
        smtp=Server(host="smtp.office365.com", port=587, tls="starttls"),
        token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",  # noqa: S106 - an address
        authorize_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        app_scope="https://outlook.office365.com/.default",
        imap_scope="https://outlook.office.com/IMAP.AccessAsUser.All",
        smtp_scope="https://outlook.office.com/SMTP.Send",
        login_scope="offline_access",  # without it no refresh token comes (OpenID Connect Core 11)
    ),
    "google": Preset(
        imap=Server(host="imap.gmail.com", port=993, tls="implicit"),
        smtp=Server(host="smtp.gmail.com", port=587, tls="starttls"),
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        app_scope=None,
        imap_scope="https://mail.google.com/",
        smtp_scope="https://mail.google.com/",
        login_scope="",
    ),
}
