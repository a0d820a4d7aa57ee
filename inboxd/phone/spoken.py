"""What is said to callers, as TwiML: the greeting of a line at a time, what follows a message, the fallback."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from twilio.twiml.voice_response import VoiceResponse

from inboxd.phone import addresses
from inboxd.policy.greetings import Greetings
from inboxd.policy.policy import Policy
from inboxd.settings import Twilio
from inboxd.templates import Words
from rules.calendars import Calendar

_OPEN: Final = "leave-a-message"
_CLOSED: Final = "closed-until"
_AFTER: Final = "say-reference"
_EMPTY: Final = "nothing-heard"
# Seconds of silence that end a message: people look for a number.
_SILENCE: Final = 8
_WEEK: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Speaks for a desk; `public_url` is where the provider asks what to say next, None where it asks nobody."""

    settings: Twilio
    public_url: str | None = None

    def greet(self, policy: Policy, called: str | None, at: datetime) -> str:
        """Greet a caller of a line at a time, and let them speak."""
        line = policy.rules.line_of(called)
        name, opens = _OPEN, None
        if line is not None:
            calendar = policy.rules.calendars.get(line.hours or "")
            closed = calendar is not None and calendar.state(at) == "closed"
            if closed and calendar is not None:
                opens = _opens(calendar, at, policy, self._language)
            name = (line.greeting_closed or _CLOSED) if closed else (line.greeting_open or _OPEN)
        response = VoiceResponse()
        self._say(response, policy.greetings, name, opens=opens)
        self._record(response, self.public_url)
        self._say(response, policy.greetings, _EMPTY)
        response.hangup()
        return str(response)

    def thank(self, policy: Policy, called: str | None, ref: str | None) -> str:
        """End a call after its message: with the reference, digit by digit."""
        line = policy.rules.line_of(called)
        name = (line.after if line is not None else None) or _AFTER
        if ref is None and name == _AFTER:
            name = "thank-you"
        response = VoiceResponse()
        self._say(response, policy.greetings, name, reference=None if ref is None else digits(ref))
        response.hangup()
        return str(response)

    def fallback(self, greetings: Greetings) -> str:
        """Greet and record without asking anybody: what a TwiML Bin holds for when the desk is away.

        No key ends the message there: the provider would begin anew with the greeting.
        """
        response = VoiceResponse()
        self._say(response, greetings, _OPEN)
        self._record(response, None)
        self._say(response, greetings, _EMPTY)
        response.hangup()
        return str(response)

    def answer(self, words: str) -> str:
        """Say one sentence and hang up."""
        response = VoiceResponse()
        response.say(words, **self._how)
        response.hangup()
        return str(response)

    def refuse(self) -> str:
        """Turn a caller away."""
        response = VoiceResponse()
        response.reject(reason="rejected")
        return str(response)

    @property
    def _language(self) -> str:
        return self.settings.language

    @property
    def _how(self) -> dict[str, str]:
        voice = {} if self.settings.voice is None else {"voice": self.settings.voice}
        return {"language": self.settings.language, **voice}

    def _say(self, response: VoiceResponse, greetings: Greetings, name: str, **places: str | None) -> None:
        if words := greetings.say(name, self._language, **places):
            response.say(words, **self._how)

    def _record(self, response: VoiceResponse, public_url: str | None) -> None:
        """Let the caller speak; `public_url` None: nobody is asked what to say afterwards."""
        then: dict[str, str] = {}
        if public_url is not None:
            then = {
                "action": public_url + addresses.RECORDED,
                "method": "POST",
                # Any other key is pressed by mistake, and must not end the message.
                "finish_on_key": "#",
                "recording_status_callback": public_url + addresses.RECORDING,
                "recording_status_callback_method": "POST",
                # A text with spaces: a list would be written as Python writes lists.
                "recording_status_callback_event": "completed absent",
            }
        response.record(
            max_length=self.settings.longest,
            timeout=_SILENCE,
            play_beep=True,
            trim="do-not-trim",
            transcribe=False,
            **{"finish_on_key": "", **then},
        )


def digits(ref: str) -> str:
    """Write a reference so that a voice says it digit by digit, with a breath before the check digit."""
    return ", ".join(" ".join(part) for part in ref.split("-"))


def _opens(calendar: Calendar, at: datetime, policy: Policy, language: str) -> str | None:
    """Say when a line opens next as people there do: the day, today's as such, and the time of its calendar's zone.

    None where that is a week away or more: the name of a day would be taken for the nearest.
    """
    now = at.astimezone(calendar.zone)
    begins = next((each.begins.astimezone(calendar.zone) for each in calendar.stretches(at)), None)
    if begins is None or (days := (begins.date() - now.date()).days) >= _WEEK:
        return None
    words = policy.office.templates.words
    found = next((words[each] for each in (language, language.partition("-")[0], "en") if each in words), Words())
    day = found.today if days == 0 and found.today else found.days[begins.weekday()]
    return f"{day}, {begins:%H:%M}"


# How long a call may last beyond the message itself: greeting, silence, thanks.
AROUND_A_MESSAGE: Final = timedelta(minutes=3)
