"""What the provider says of a call, a recording, a number: its words, in our types."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

RecordingStatus = Literal["in-progress", "paused", "stopped", "processing", "completed", "absent", "failed", "deleted"]
# A day of the provider's clock, and a little more: who speaks longer is nobody.
_LONGEST_SECONDS: Final = 100_000
_STATUSES: Final[dict[str, RecordingStatus]] = {each: each for each in get_args(RecordingStatus)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call. `caller` and `called` as the provider writes them; `attestation` is the STIR/SHAKEN verdict."""

    sid: str
    caller: str
    called: str
    status: str
    direction: str
    started_at: datetime | None
    ended_at: datetime | None
    seconds: int | None
    forwarded_from: str | None
    caller_name: str | None
    attestation: str | None

    @property
    def is_over(self) -> bool:
        """Whether nobody speaks any more."""
        return self.status in {"completed", "busy", "failed", "no-answer", "canceled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording. `source` is `RecordVerb` for what a caller was asked to say; `encrypted`: only the key reads it."""

    sid: str
    call_sid: str
    status: RecordingStatus
    source: str
    created_at: datetime | None
    started_at: datetime | None
    seconds: int | None
    error_code: int | None
    encrypted: bool

    @property
    def is_under_way(self) -> bool:
        """Whether it may still become something to fetch."""
        return self.status in {"in-progress", "paused", "stopped", "processing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAt:
    """Where the provider turns to when somebody calls a number: addresses it asks, "" for none."""

    voice_url: str = ""
    voice_method: str = ""
    voice_fallback_url: str = ""
    voice_fallback_method: str = ""
    status_callback: str = ""
    status_callback_method: str = ""
    sms_url: str = ""
    sms_method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAt:
    """A number of the account; `application` is the TwiML application that rules over its addresses, if any."""

    sid: str
    number: str
    name: str
    at: LineAt
    application: str | None


def call(found: Any) -> Call:
    """Read a call as twilio's client gives it."""
    return Call(
        sid=str(found.sid),
        caller=_text(found._from),  # noqa: SLF001 - `from` is a word of Python, so the client calls it so
        called=_text(found.to),
        status=str(found.status or ""),
        direction=_text(found.direction),
        started_at=_time(found.start_time) or _time(found.date_created),
        ended_at=_time(found.end_time),
        seconds=_number(found.duration),
        forwarded_from=_text(found.forwarded_from) or None,
        caller_name=_text(found.caller_name) or None,
        attestation=_text(getattr(found, "stir_verstat", None)) or None,
    )


def recording(found: Any) -> Recording:
    """Read a recording as twilio's client gives it."""
    return Recording(
        sid=str(found.sid),
        call_sid=_text(found.call_sid),
        # A state that nobody has told us of is one in which it cannot be fetched yet.
        status=_STATUSES.get(str(found.status), "processing"),
        source=str(found.source or ""),
        created_at=_time(found.date_created),
        started_at=_time(found.start_time),
        seconds=_number(found.duration),
        error_code=found.error_code if isinstance(found.error_code, int) else None,
        encrypted=bool(found.encryption_details),
    )


def number(found: Any) -> NumberAt:
    """Read a number of the account as twilio's client gives it."""
    at = LineAt(**{name: getattr(found, name) or "" for name in LineAt.__slots__})
    application = found.voice_application_sid or None
    return NumberAt(
        sid=found.sid, number=found.phone_number, name=found.friendly_name or "", at=at, application=application
    )


def _text(found: Any) -> str:
    # What is no text is not the API's, and nothing that a call could be filed under.
    return found if isinstance(found, str) else ""


def _time(found: Any) -> datetime | None:
    # What the client cannot read it hands on as it came.
    return found if isinstance(found, datetime) else None


def _number(text: str | None) -> int | None:
    # Durations come as text, and as "-1" while nobody knows.
    try:
        seconds = int(text or "")
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds <= _LONGEST_SECONDS else None
