"""Questions and orders to the provider, one method each; safe from any thread."""

import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, TypeVar

from twilio.rest import Client

from inboxd.phone_api import media, records
from inboxd.phone_api.http import BoundClient, Sink
from inboxd.phone_api.records import Call, LineAt, NumberAt, Recording
from inboxd.phone_api.troubles import NotThere, said
from inboxd.settings import Twilio

_Found = TypeVar("_Found", Call, Recording)

_PAGE: Final = 1000
# Ten million recordings: more is an answer that has no end.
_MOST_PAGES: Final = 10_000


class PhoneApi:
    """One account at the provider. Everything raises NotThere and Troubled; ConfigurationWrong for the token's file."""

    def __init__(self, settings: Twilio) -> None:
        self._settings = settings
        self._http = BoundClient(settings.api_url)
        self._lock = threading.Lock()
        self._made: tuple[str, Client] | None = None

    def account_status(self) -> str:
        """Ask for the account's own state: `active`, `suspended`, `closed`. Proves the credentials."""
        with said("The account"):
            return str(self._client().api.accounts(self._settings.account_sid).fetch().status or "")

    def now(self) -> datetime | None:
        """Tell what time it is at the provider by its last answer; None before the first, and where it says none."""
        return self._http.now()

    def call(self, sid: str) -> Call:
        """Ask about a call."""
        with said(f"Call {sid}"):
            return _of(sid, records.call(self._client().calls(sid).fetch()))

    def calls_to(self, number: str, since: datetime) -> Iterator[Call]:
        """List the calls to one of our numbers that began after a moment (UTC)."""
        with said(f"The calls to {number}"):
            for found in _all(self._client().calls.page(to=number, start_time_after=since, page_size=_PAGE)):
                yield records.call(found)

    def recording(self, sid: str) -> Recording:
        """Ask about a recording."""
        with said(f"Recording {sid}"):
            return _of(sid, records.recording(self._client().recordings(sid).fetch()))

    def recordings(self, since: datetime) -> Iterator[Recording]:
        """List the recordings made after a moment (UTC), the latest first."""
        with said("The recordings"):
            for found in _all(self._client().recordings.page(date_created_after=since, page_size=_PAGE)):
                yield records.recording(found)

    def recordings_of(self, call_sid: str) -> list[Recording]:
        """List the recordings of a call."""
        with said(f"The recordings of call {call_sid}"):
            return [records.recording(each) for each in _all(self._client().recordings.page(call_sid=call_sid))]

    def fetch_media(self, recording_sid: str, into: Sink) -> None:
        """Write the sound of a recording into a sink, which is spoiled where this raises; MediaTooLarge, too."""
        base = f"{self._settings.api_url}/2010-04-01/Accounts/{self._settings.account_sid}/Recordings/{recording_sid}"
        auth = (self._settings.account_sid, self._settings.auth_token.read())
        media.fetch(f"{base}.wav", auth, into, limit=self._settings.max_size, what=f"Recording {recording_sid}")

    def delete_recording(self, sid: str) -> None:
        """Delete a recording at the provider; one that is gone already is deleted."""
        try:
            with said(f"Deleting recording {sid}"):
                self._client().recordings(sid).delete()
        except NotThere:
            return

    def numbers(self) -> list[NumberAt]:
        """List the account's numbers, and where their calls go."""
        with said("The account's numbers"):
            return [
                records.number(found) for found in _all(self._client().incoming_phone_numbers.page(page_size=_PAGE))
            ]

    def set_number(self, sid: str, at: LineAt) -> None:
        """Say where the calls of a number go; what is "" stays as it is."""
        changes = {name: value for name, value in asdict(at).items() if value}
        with said(f"Number {sid}"):
            self._client().incoming_phone_numbers(sid).update(**changes)

    def place_call(
        self, *, to: str, from_: str, twiml: str, status_callback: str | None = None, ring_seconds: int = 30
    ) -> str:
        """Call somebody and play TwiML to them; give the call's SID. `status_callback` hears how it ended."""
        more: dict[str, Any] = {}
        if status_callback is not None:
            more = {"status_callback": status_callback, "status_callback_event": ["completed"]}
        with said(f"A call to {to}"):
            made = self._client().calls.create(to=to, from_=from_, twiml=twiml, timeout=ring_seconds, **more)
            return str(made.sid)

    def send_sms(self, *, to: str, from_: str, body: str) -> str:
        """Send a text message; give its SID."""
        with said(f"A text message to {to}"):
            return str(self._client().messages.create(to=to, from_=from_, body=body).sid)

    def _client(self) -> Client:
        """Give the client for the token as it stands in its file now: a new one wants no restart."""
        token = self._settings.auth_token.read()
        with self._lock:
            if self._made is None or self._made[0] != token:
                # A dictionary that is not empty: with an empty one the client looks into the process's environment,
                # and TWILIO_EDGE or TWILIO_REGION there would lead it elsewhere.
                client = Client(self._settings.account_sid, token, http_client=self._http, environment={"INBOXD": "1"})
                client.api.base_url = self._settings.api_url
                self._made = (token, client)
            return self._made[1]


def _of(sid: str, found: _Found) -> _Found:
    """Give what was asked for. Raises ValueError where something else was answered."""
    if found.sid != sid:
        raise ValueError("an answer about something else")
    return found


def _all(page: Any) -> Iterator[Any]:
    """Give what a page and all those after it hold; the library would follow an address that leads back for ever.

    An address elsewhere is not asked (`BoundClient`). Raises ValueError where the pages have no end.
    """
    seen: set[str] = set()
    while page is not None:
        yield from page
        after = page.next_page_url
        if after in seen or len(seen) == _MOST_PAGES:
            raise ValueError("pages without end")
        seen.add(after)
        page = page.next_page()
