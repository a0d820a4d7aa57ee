"""The numbers in Microsoft's refusals (AADSTS…) and what an administrator does about each."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"\bAADSTS(\d{4,7})\b")
_SECRETS: Final = "Entra admin center: App registrations, the application, Certificates & secrets"
_PERMISSIONS: Final = "Entra admin center: App registrations, the application, API permissions"

# number: what is wrong, what to do; {login} is the command by which a person signs in.
_KNOWN: Final[dict[str, tuple[str, str]]] = {
    "7000215": (
        "the client secret is wrong",
        f"Put the secret's Value, not its Secret ID, into client_secret_file ({_SECRETS}).",
    ),
    "7000222": (
        "the client secret has expired",
        f"Make a new one and put its Value into client_secret_file ({_SECRETS}).",
    ),
    "7000218": (
        "the application wants a secret",
        "Set Allow public client flows to Yes (App registrations, the application, Authentication).",
    ),
    "700016": (
        "there is no such application in this directory",
        "Copy Application (client) ID and Directory (tenant) ID from the application's overview page.",
    ),
    "700025": (
        "this is a public client, which must not send a secret",
        "Leave client_secret_file out of oauth2.",
    ),
    "90002": (
        "there is no such directory",
        "Copy the Directory (tenant) ID from the application's overview page into tenant.",
    ),
    "900023": (
        "the tenant is no directory",
        "Copy the Directory (tenant) ID from the application's overview page into tenant.",
    ),
    "65001": (
        "nobody has agreed to the application's permissions",
        f"Grant admin consent ({_PERMISSIONS}), or sign in and agree: {{login}}.",
    ),
    "500011": (
        "Exchange Online is not known in this directory",
        "See that the directory has mailboxes in Exchange Online, and that scope is left out.",
    ),
    "70011": ("the scope is wrong", "Leave scope out of oauth2, so that inboxd asks for what mail needs."),
    "1002012": (
        "the scope is wrong for client credentials",
        "Leave scope out of oauth2: it must be https://outlook.office365.com/.default.",
    ),
    "70000": ("the refresh token is of another application or broken", "Sign in anew: {login}."),
    "70008": ("the refresh token has expired", "Sign in anew: {login}."),
    "700082": ("the refresh token has expired: it was not used for 90 days", "Sign in anew: {login}."),
    "700084": ("the refresh token has expired", "Sign in anew: {login}."),
    "50173": ("the sign-in was revoked, as by a changed password", "Sign in anew: {login}."),
    "50034": ("there is no such account in this directory", "Sign in with an account of it: {login}."),
    "50053": ("the account is locked", "Unlock it in the Entra admin center, then sign in anew: {login}."),
    "50055": ("the password of the account has expired", "Set a new one, then sign in anew: {login}."),
    "50057": ("the account is disabled", "Enable it in the Entra admin center, or sign in with another: {login}."),
    "50076": ("the directory now asks for a second factor", "Sign in anew: {login}."),
    "50078": ("the second factor is too long ago", "Sign in anew: {login}."),
    "50079": ("the account has to set up a second factor", "Set it up in a browser, then sign in anew: {login}."),
    "50105": (
        "the account is not assigned to the application",
        "Assign it (Enterprise applications, the application, Users and groups), then sign in: {login}.",
    ),
    "53000": (
        "conditional access refuses this machine",
        "Let an administrator except this application or address.",
    ),
    "53003": (
        "conditional access refuses this sign-in",
        "Let an administrator except this application or address.",
    ),
    "50011": (
        "the redirect address is not registered for the application",
        "Add http://localhost under Mobile and desktop applications (the application, Authentication).",
    ),
    "9002313": ("the request is malformed", "Compare client_id and tenant with the application's overview page."),
}


def explained(description: str, login: str) -> tuple[str, str] | None:
    """Return what is wrong and what to do about it, for a description that holds a number we know."""
    for number in _NUMBER.findall(description):
        if number in _KNOWN:
            what, advice = _KNOWN[number]
            return what, advice.format(login=login)
    return None
