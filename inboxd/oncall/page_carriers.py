"""How a page leaves the house other than by mail: a call, a text message, a webhook."""

import io
import json
from typing import TYPE_CHECKING, Final

import requests
from twilio.twiml.voice_response import VoiceResponse

from inboxd.phone_api import PhoneApi
from inboxd.phone_api.http import TooLarge, exchange
from inboxd.remote.trouble import Troubled
from inboxd.send.carrier import Begin, Later, Never
from inboxd.settings import Settings
from store import pages
from store.outbox import OutboxItem

if TYPE_CHECKING:
    from store.open import Store

_WEBHOOK_SECONDS: Final = 20.0
_LARGEST_ANSWER: Final = 64 * 1024
_KEY_SECONDS: Final = 10
_TIMES_SAID: Final = 3


class PageCarriers:
    """Takes pages out by call (`tel:`), text message (`sms:`) and webhook (`https:`)."""

    def __init__(self, store: "Store", settings: Settings, phone: PhoneApi | None) -> None:
        self._store = store
        self._phone = phone
        twilio, http = settings.twilio, settings.http
        # Pages are written in English, whatever language the desk greets its customers in.
        english = twilio is not None and twilio.language.lower().startswith("en")
        self._words: dict[str, str] = {"language": twilio.language if twilio is not None and english else "en-US"}
        if twilio is not None and english and twilio.voice is not None:
            self._words["voice"] = twilio.voice
        self._public_url = None if http is None else http.public_url

    def call(self, item: OutboxItem, begin: Begin) -> None:
        """Place the call; it reads the page out and waits for key 1."""
        phone, number, from_ = self._ready(item)
        with self._store.read() as connection:
            paged = pages.of_item(connection, item.id)
        twiml = self._twiml(item, None if paged is None else paged.token)
        begin()
        try:
            phone.place_call(to=number, from_=from_, twiml=twiml)
        except Troubled as troubled:
            raise _not_taken(troubled) from troubled

    def sms(self, item: OutboxItem, begin: Begin) -> None:
        """Send the text message."""
        phone, number, from_ = self._ready(item)
        begin()
        try:
            phone.send_sms(to=number, from_=from_, body=item.text)
        except Troubled as troubled:
            raise _not_taken(troubled) from troubled

    def webhook(self, item: OutboxItem, begin: Begin) -> None:
        """Post the page as JSON; any answer of 2xx takes it, and one of 4xx but 408 and 429 refuses it for good."""
        begin()
        body = {
            "id": item.id,
            "kind": item.kind,
            "to": item.to_name,
            "ticket": item.ticket_ref,
            "subject": item.subject,
            "text": item.text,
        }
        headers = {"Content-Type": "application/json", "User-Agent": "inboxd"}
        try:
            status, _ = exchange(
                "POST",
                item.to_address,
                io.BytesIO(),
                limit=_LARGEST_ANSWER,
                whole_seconds=_WEBHOOK_SECONDS,
                headers=headers,
                data=json.dumps(body).encode(),
            )
        except TooLarge:
            return  # it was heard, and has much to say
        except requests.RequestException as error:
            raise Later(f"the webhook does not answer: {type(error).__name__}", unknown=True) from None
        if status in range(200, 300):
            return
        if status in range(400, 500) and status not in (408, 429):
            raise Never(f"the webhook refuses the page (HTTP {status}): look at its address in the rules file")
        raise Later(f"the webhook answers HTTP {status}")

    def _ready(self, item: OutboxItem) -> tuple[PhoneApi, str, str]:
        if self._phone is None:
            raise Later("nothing here places calls: the configuration has no section twilio", everyone=True)
        if item.from_address is None:
            raise Never("no number to page from: name twilio.page_from, or a line in the rules file")
        return self._phone, item.to_address.partition(":")[2], item.from_address

    def _twiml(self, item: OutboxItem, token: str | None) -> str:
        """Say the page some times; where the provider can reach us, each time with a wait for key 1."""
        response = VoiceResponse()
        takes = item.ticket_id is not None
        if self._public_url is None or token is None:
            ending = " To stop these calls: inboxd, oncall, ack, and the reference." if takes else ""
            for _ in range(_TIMES_SAID):
                response.say(item.text + ending, **self._words)
                response.pause(length=2)
            return str(response)
        action = f"{self._public_url}/twilio/page/{token}"
        ask = "Press 1 to take it." if takes else "Press 1 to see that keys arrive."
        for _ in range(_TIMES_SAID):
            # `finish_on_key` "" : with one digit wanted nothing else ends it, and # is no answer.
            gather = response.gather(
                num_digits=1, action=action, method="POST", timeout=_KEY_SECONDS, finish_on_key="", input="dtmf"
            )
            gather.say(f"{item.text} {ask}", **self._words)
        return str(response)


def _not_taken(troubled: Troubled) -> Later | Never:
    kind = troubled.trouble.kind
    if kind == "refused":
        return Never(str(troubled))
    return Later(str(troubled), unknown=kind == "temporary", everyone=kind == "credentials")
