"""Why a mail server does not take a token that its provider gave: the missing permission by its name, and where it is.

A token that cannot be read (Google's are no JWT) still has its usual reasons.
"""

from dataclasses import dataclass
from typing import Final, Literal

from inboxd.oauth.claims import Claims, claims_of
from inboxd.oauth.sasl import Refusal
from inboxd.remote.trouble import Trouble
from inboxd.settings import OAuth2

Protocol = Literal["imap", "smtp"]

# As an application and as a person who signed in.
_MICROSOFT: Final[dict[Protocol, tuple[str, str]]] = {
    "imap": ("IMAP.AccessAsApp", "IMAP.AccessAsUser.All"),
    "smtp": ("SMTP.SendAsApp", "SMTP.Send"),
}
_GRAPH: Final = frozenset({"https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"})
_GOOGLE: Final = "https://mail.google.com/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-in that a server refused: as whom, where, and what the server said in words and as a challenge."""

    protocol: Protocol
    user: str
    server: str
    words: str
    refusal: Refusal


def explained(oauth2: OAuth2, token: str, attempt: Attempt) -> Trouble:
    """Say which permission is missing, or what else it may be when the token has it."""
    claims = claims_of(token)
    match oauth2.provider:
        case "microsoft":
            problem, advice = _microsoft(oauth2, claims, attempt)
        case "google":
            problem, advice = _google(oauth2, attempt)
        case None:
            problem, advice = _other(oauth2, claims, attempt)
    said = ", ".join(filter(None, (attempt.words, attempt.refusal.status and f"status {attempt.refusal.status}")))
    return Trouble(
        kind="credentials",
        what=f"{attempt.server} does not let {attempt.user} in with the access token{problem} ({said}).",
        advice=advice,
    )


def _microsoft(oauth2: OAuth2, claims: Claims | None, attempt: Attempt) -> tuple[str, str]:
    app = oauth2.grant == "client-credentials"
    needed = _MICROSOFT[attempt.protocol][0 if app else 1]
    if claims is not None and claims.audience.rstrip("/") in _GRAPH:
        return ", which is for Microsoft Graph", "Leave scope out of oauth2: inboxd then asks for Exchange Online."
    if claims is not None and needed not in (claims.permissions or ()):
        where = (
            "APIs my organization uses, Office 365 Exchange Online, Application permissions"
            if app
            else "Microsoft Graph, Delegated permissions"
        )
        then = "grant admin consent" if app else f"run {_login(oauth2)}"
        advice = (
            "Entra admin center, App registrations, the application, API permissions, Add a permission, "
            f"{where}: add {needed}, then {then}."
        )
        return f", which lacks the permission {needed}", advice
    switch = (
        f"let it use IMAP: Set-CASMailbox -Identity {attempt.user} -ImapEnabled $true"
        if attempt.protocol == "imap"
        else f"let it use SMTP AUTH: Set-CASMailbox -Identity {attempt.user} -SmtpClientAuthenticationDisabled $false"
    )
    has = ", though that has the permission" if claims is not None else ""
    if app:
        return has, (
            "In Exchange Online PowerShell: New-ServicePrincipal with the Object ID of the Enterprise application (not "
            f"of the app registration), then Add-MailboxPermission -Identity {attempt.user} -User with that Object ID "
            f"-AccessRights FullAccess; and {switch}. It may take an hour to hold."
        )
    who = claims.by if claims is not None and claims.by else "whoever signed in"
    return has, f"See that {who} has Full Access to the mailbox {attempt.user}, and {switch}."


def _google(oauth2: OAuth2, attempt: Attempt) -> tuple[str, str]:
    advice = (
        f"Run {_login(oauth2)}, sign in as {attempt.user}, and leave the box ticked that lets the application read and "
        f"send mail (scope {_GOOGLE}); see that IMAP is on for that account."
    )
    return "", advice


def _other(oauth2: OAuth2, claims: Claims | None, attempt: Attempt) -> tuple[str, str]:
    wanted = attempt.refusal.scope
    if wanted and claims is not None and claims.permissions is not None:
        missing = sorted(set(wanted.split()) - claims.permissions)
        if missing:
            return f", which lacks the scope {' '.join(missing)}", f"Add it to scope in oauth2 of {oauth2.name}."
    asks = f" The server asks for the scope {wanted}." if wanted else ""
    return "", f"See that the token is for this server and for {attempt.user} (scope in oauth2 of {oauth2.name}).{asks}"


def _login(oauth2: OAuth2) -> str:
    return f"inboxd oauth login {oauth2.name.removeprefix('imap.')}"
