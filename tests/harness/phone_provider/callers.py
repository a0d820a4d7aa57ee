"""People who call: the provider asks the desk what to say, does it, and tells the desk how it went.

Signatures are made here by an HMAC of our own (the provider's published recipe), not by the library that checks them.
"""

import base64
import hashlib
import hmac
import http.client
import random
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.harness.phone_provider.provider import Provider
from tests.harness.phone_provider.state import ACCOUNT, VERSION, Record


def sign(token: str, url: str, form: dict[str, str]) -> str:
    """The signature of a webhook: HMAC-SHA1 over the address and all fields in order of their names."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that is to reach the desk: the address as the desk is known outside, and the fields."""

    url: str
    form: dict[str, str]
    signature: str


@dataclass
class Caller:
    """Calls a desk. `listener` is where the desk really listens; `public_url` is what the outside knows."""

    provider: Provider
    listener: tuple[str, int]
    public_url: str
    heard: list[str] = field(default_factory=list)
    pending: list[Delivery] = field(default_factory=list)

    def deliver(self, delivery: Delivery, **headers: str) -> tuple[int, str]:
        """Bring one webhook to the desk, through the proxy that stands before it; give status and body."""
        parts = urlsplit(delivery.url)
        connection = http.client.HTTPConnection(*self.listener, timeout=15)
        try:
            connection.request(
                "POST",
                parts.path + (f"?{parts.query}" if parts.query else ""),
                urlencode(delivery.form),
                {
                    "Host": urlsplit(self.public_url).netloc,
                    "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                    "X-Twilio-Signature": delivery.signature,
                    **headers,
                },
            )
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def delivery(self, url: str, form: dict[str, str]) -> Delivery:
        """Sign a webhook as the provider does."""
        return Delivery(url, form, sign(self.provider.token, url, form))

    def call(
        self,
        caller: str,
        called: str,
        *,
        says: bytes | None,
        seconds: int = 4,
        at: datetime | None = None,
        told: dict[str, str] | None = None,
        status: str = "completed",
        error_code: int | None = None,
    ) -> Record:
        """Call a number, hear what the desk says, speak (`says` None: hang up), and hang up.

        What the provider then owes the desk waits in `pending`, in its usual order. Gives the call's record.
        """
        state = self.provider.state
        number = next(each for each in state.numbers.values() if each["phone_number"] == called)
        call = state.add_call(caller, called, at=at)
        form = self._form(call, status="ringing") | (told or {})
        http_status, twiml = self.deliver(self.delivery(number["voice_url"], form))
        assert http_status == 200, (http_status, twiml)
        verb = self._listen(twiml)
        if verb is not None:
            self._record(call, verb, says, seconds, status, error_code, at)
        state.end_call(call["sid"], seconds + 5)
        if number["status_callback"]:
            done = self._form(call, status="completed") | {"CallDuration": str(seconds + 5)}
            self.pending.append(self.delivery(number["status_callback"], done))
        return call

    def deliver_all(self, *, shuffled: random.Random | None = None) -> list[int]:
        """Bring all that waits, and give the answers' status codes."""
        waiting, self.pending = self.pending, []
        if shuffled is not None:
            shuffled.shuffle(waiting)
        return [self.deliver(each)[0] for each in waiting]

    def _listen(self, twiml: str) -> ET.Element | None:
        root = ET.fromstring(twiml)
        assert root.tag == "Response"
        self.heard += [(each.text or "").strip() for each in root.iter("Say")]
        return root.find("Record")

    def _record(
        self,
        call: Record,
        verb: ET.Element,
        says: bytes | None,
        seconds: int,
        status: str,
        error_code: int | None,
        at: datetime | None,
    ) -> None:
        empty = says is None
        recording = self.provider.state.add_recording(
            call["sid"], says or b"", seconds=0 if empty else seconds, at=at,
            status="absent" if empty else status, error_code=16102 if empty else error_code,
        )  # fmt: skip
        about = {
            "RecordingSid": recording["sid"],
            "RecordingUrl": f"https://api.twilio.com/{VERSION}/Accounts/{ACCOUNT}/Recordings/{recording['sid']}",
            "RecordingDuration": recording["duration"],
        }
        if not empty:
            self.pending.append(self.delivery(verb.attrib["action"], self._form(call) | about | {"Digits": "hangup"}))
        if (callback := verb.get("recordingStatusCallback")) is not None:
            form = about | {
                "AccountSid": ACCOUNT, "CallSid": call["sid"], "RecordingStatus": recording["status"],
                "RecordingChannels": "1", "RecordingSource": "RecordVerb", "RecordingTrack": "inbound",
                "RecordingStartTime": recording["start_time"], "ErrorCode": str(recording["error_code"] or 0),
            }  # fmt: skip
            self.pending.append(self.delivery(callback, form))

    def _form(self, call: Record, status: str = "in-progress") -> dict[str, Any]:
        return {
            "CallSid": call["sid"], "AccountSid": ACCOUNT, "From": call["from"], "To": call["to"],
            "Caller": call["from"], "Called": call["to"], "CallStatus": status, "Direction": "inbound",
            "ApiVersion": VERSION, "FromCity": "", "FromState": "", "FromZip": "", "FromCountry": "US",
            "ToCity": "", "ToState": "", "ToZip": "", "ToCountry": "US", "CallerName": "",
        }  # fmt: skip
