"""What the provider holds: numbers, calls, recordings, messages, each as its API shows it."""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "0123456789abcdef0123456789abcdef"
VERSION = "2010-04-01"
BASE = f"/{VERSION}/Accounts/{ACCOUNT}"

Record = dict[str, Any]


def new_sid(kind: str) -> str:
    """An id as the provider makes them: two letters and 32 hexadecimal digits."""
    return kind + secrets.token_hex(16)


def rfc2822(at: datetime | None) -> str | None:
    """A time as the API writes it."""
    return None if at is None else format_datetime(at.astimezone(UTC))


@dataclass
class State:
    """Everything the account has. Each recording's sound stands in `media`, by its SID."""

    calls: dict[str, Record] = field(default_factory=dict)
    recordings: dict[str, Record] = field(default_factory=dict)
    numbers: dict[str, Record] = field(default_factory=dict)
    messages: dict[str, Record] = field(default_factory=dict)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    twiml: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add_number(self, number: str, name: str = "", **at: str) -> Record:
        """Give the account a number."""
        sid, now = new_sid("PN"), rfc2822(datetime.now(UTC))
        record = {
            "account_sid": ACCOUNT, "address_sid": None, "address_requirements": "none", "api_version": VERSION,
            "beta": False, "capabilities": {"mms": True, "sms": True, "voice": True, "fax": False},
            "date_created": now, "date_updated": now, "friendly_name": name or number, "identity_sid": None,
            "phone_number": number, "origin": "twilio", "sid": sid, "sms_application_sid": None,
            "sms_fallback_method": "POST", "sms_fallback_url": "", "sms_method": "POST", "sms_url": "",
            "status_callback": "", "status_callback_method": "POST", "trunk_sid": None,
            "uri": f"{BASE}/IncomingPhoneNumbers/{sid}.json", "voice_receive_mode": "voice",
            "voice_application_sid": None, "voice_caller_id_lookup": False, "voice_fallback_method": "POST",
            "voice_fallback_url": "", "voice_method": "POST", "voice_url": "", "emergency_status": "Active",
            "emergency_address_sid": None, "emergency_address_status": "unregistered", "bundle_sid": None,
            "status": "in-use", "type": None, **at,
        }  # fmt: skip
        with self.lock:
            self.numbers[sid] = record
        return record

    def add_call(
        self, caller: str, called: str, *, at: datetime | None = None, direction: str = "inbound", **more: Any
    ) -> Record:
        """Let a call begin."""
        sid, began = new_sid("CA"), rfc2822(at or datetime.now(UTC))
        record = {
            "sid": sid, "date_created": began, "date_updated": began, "parent_call_sid": None,
            "account_sid": ACCOUNT, "to": called, "to_formatted": called, "from": caller, "from_formatted": caller,
            "phone_number_sid": None, "status": "in-progress", "start_time": began, "end_time": None,
            "duration": None, "price": None, "price_unit": "USD", "direction": direction, "answered_by": None,
            "api_version": VERSION, "forwarded_from": None, "group_sid": None, "caller_name": None,
            "queue_time": "0", "trunk_sid": None, "uri": f"{BASE}/Calls/{sid}.json",
            "subresource_uris": {"recordings": f"{BASE}/Calls/{sid}/Recordings.json"}, **more,
        }  # fmt: skip
        with self.lock:
            self.calls[sid] = record
        return record

    def end_call(self, sid: str, seconds: int) -> None:
        """Let a call end."""
        with self.lock:
            self.calls[sid] |= {"status": "completed", "duration": str(seconds), "end_time": rfc2822(datetime.now(UTC))}

    def add_recording(
        self,
        call_sid: str,
        sound: bytes,
        *,
        seconds: int = 4,
        status: str = "completed",
        at: datetime | None = None,
        kind: str = "audio/x-wav",
        **more: Any,
    ) -> Record:
        """Keep what was said in a call."""
        sid, made = new_sid("RE"), rfc2822(at or datetime.now(UTC))
        path = f"{BASE}/Recordings/{sid}"
        record = {
            "account_sid": ACCOUNT, "api_version": VERSION, "call_sid": call_sid, "conference_sid": None,
            "date_created": made, "date_updated": made, "start_time": made, "duration": str(seconds), "sid": sid,
            "price": None, "price_unit": "USD", "status": status, "channels": 1, "source": "RecordVerb",
            "error_code": None, "uri": f"{path}.json", "encryption_details": None,
            "subresource_uris": {
                "add_on_results": f"{path}/AddOnResults.json", "transcriptions": f"{path}/Transcriptions.json",
            },
            "media_url": f"https://api.twilio.com{path}", **more,
        }  # fmt: skip
        with self.lock:
            self.recordings[sid] = record
            self.media[sid] = (kind, sound)
        return record

    def account(self) -> Record:
        """The account itself."""
        now = rfc2822(datetime.now(UTC))
        return {
            "auth_token": TOKEN, "date_created": now, "date_updated": now, "friendly_name": "desk",
            "owner_account_sid": ACCOUNT, "sid": ACCOUNT, "status": "active", "subresource_uris": {},
            "type": "Full", "uri": f"{BASE}.json",
        }  # fmt: skip

    def add_message(self, to: str, from_: str, body: str) -> Record:
        """Send a text message."""
        sid, now = new_sid("SM"), rfc2822(datetime.now(UTC))
        record = {
            "body": body, "num_segments": "1", "direction": "outbound-api", "from": from_, "to": to,
            "date_updated": now, "price": None, "error_message": None, "uri": f"{BASE}/Messages/{sid}.json",
            "account_sid": ACCOUNT, "num_media": "0", "status": "queued", "messaging_service_sid": None, "sid": sid,
            "date_sent": None, "date_created": now, "error_code": None, "price_unit": "USD", "api_version": VERSION,
            "subresource_uris": {},
        }  # fmt: skip
        with self.lock:
            self.messages[sid] = record
        return record
