"""Single values that say where the phone is; ValueError says what would be right."""

import re
from urllib.parse import urlsplit

from inboxd import addresses
from inboxd.settings import values
from inboxd.settings.remote_values import is_loopback

_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")


def api_url(text: str) -> str:
    """Check the base address of the provider's API, or of a proxy that stands before it."""
    return _base_url(text, "write it like https://api.example.com")


def public_url(text: str) -> str:
    """Check the address under which the provider reaches the HTTP listener, as its signatures have it."""
    right = "write it like https://desk.example.com"
    url = _base_url(text, right)
    if urlsplit(url).path:
        raise ValueError(f'"{text}" has a path, and inboxd answers below /twilio/ of a host alone: {right}')
    return url


def _base_url(text: str, right: str) -> str:
    """Return a URL that paths are put behind, without a last slash: https, or http within this machine."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if not parts.hostname or parts.scheme not in {"https", "http"} or not text.isprintable() or " " in text:
        raise ValueError(f'"{text}" is no URL: {right}')
    if parts.username is not None or parts.password is not None:
        # Not repeated: it may hold a password.
        raise ValueError(f"a URL with a name or password in it: {right}")
    if "?" in text or "#" in text:
        raise ValueError(f'"{text}" has a part behind ? or #: {right}')
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f'"{text}" would go over the network in the clear: write https://')
    return text.rstrip("/")


def account_sid(text: str) -> str:
    """Check the id of an account at the provider."""
    if not _ACCOUNT_SID.fullmatch(text):
        raise ValueError("must be the Account SID that the provider's console shows: AC and 32 hexadecimal digits")
    return text


def number(text: str) -> str:
    """Check a number as E.164 writes it."""
    if not _E164.fullmatch(text):
        raise ValueError(f'"{text}" is no number in E.164: write it like +15550190, without spaces')
    return text


def sender(text: str) -> str:
    """Check the address that a phone system's mails are from, or `@domain` for all of a domain."""
    if text.startswith("@"):
        return f"@{values.domain(text[1:])}"
    if problem := addresses.problem(text, dotless=True):
        raise ValueError(problem)
    return addresses.shown(text)
