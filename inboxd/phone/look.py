"""Everything about the phone that a person can have set up wrong: account, numbers, addresses; changes nothing."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import requests

from inboxd.phone import addresses
from inboxd.phone.lines import compare
from inboxd.phone_api import PhoneApi
from inboxd.phone_api.http import TooLarge, exchange
from inboxd.phone_api.troubles import reason
from inboxd.remote.trouble import Troubled
from inboxd.settings import Twilio
from rules.ruleset import Line

Said = tuple[Literal["ok", "warning", "failed"], str, str]

_SECONDS: Final = 20.0
_LARGEST: Final = 64 * 1024
_NOT_ALLOWED: Final = 405
_NOT_FOUND: Final = 404


def look(
    api: PhoneApi, settings: Twilio, lines: Sequence[Line], *, public_url: str | None, running: bool
) -> Iterator[Said]:
    """Give level, sentence and place of each finding. `running`: a daemon answers behind the public address."""
    try:
        status = api.account_status()
        numbers = api.numbers()
    except Troubled as troubled:
        yield "failed", str(troubled), "twilio"
        return
    if status != "active":
        yield "failed", f"the account is {status}: nobody can call", "twilio"
    else:
        yield "ok", f"signed in at {settings.api_url}; the account is active", "twilio"
    compared = list(compare(lines, numbers, public_url=public_url, fallback_url=settings.fallback_url))
    for each in compared:
        if each.problem is not None:
            level, what = each.problem
            yield level, what, each.number
        else:
            yield "ok", f"the line {each.line.name if each.line else ''}, set up as configured", each.number
    if not lines:
        yield "warning", "the rules file has no lines: every call is taken alike, and greeted at any hour", "lines"
    if public_url is None:
        yield "ok", "no public_url: the provider is asked every minute, and no webhook comes", "http"
    elif not running:
        yield "warning", "no daemon is running: its webhooks were not tried", public_url
    else:
        yield from _public(public_url)


def _public(public_url: str) -> Iterator[Said]:
    """Ask for our own webhooks from outside, as the provider does, and for what must not answer there."""
    try:
        voice, health = (_status(public_url + path) for path in (addresses.VOICE, "/healthz"))
    except (requests.RequestException, TooLarge) as error:
        why = "it answers without end" if isinstance(error, TooLarge) else reason(error)
        yield "failed", f"does not lead to inboxd: {why}; the proxy has to pass {addresses.ROOT} on", public_url
        return
    # A webhook is a POST: whatever else answers to a GET is not ours.
    if voice != _NOT_ALLOWED:
        yield "failed", f"{addresses.VOICE} gives HTTP {voice}: the proxy has to pass {addresses.ROOT} on", public_url
    else:
        yield "ok", "leads to the webhooks", public_url
    if health != _NOT_FOUND:
        yield (
            "failed",
            f"/healthz gives HTTP {health} there: pass on {addresses.ROOT} alone",
            public_url,
        )


def _status(url: str) -> int:
    class Nowhere:
        def write(self, data: bytes, /) -> object:
            return len(data)

    status, _ = exchange("GET", url, Nowhere(), limit=_LARGEST, whole_seconds=_SECONDS)
    return status
