"""The lines of the rules file and the numbers at the provider: what is on one side only, and where calls go."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from inboxd.phone import addresses
from inboxd.phone_api import LineAt, NumberAt
from rules.ruleset import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One number. `line` None: at the provider only; `there` None: in the rules file only."""

    number: str
    line: Line | None
    there: NumberAt | None
    wanted: LineAt

    @property
    def changes(self) -> LineAt:
        """What is to be set at the provider: the addresses that are not as wanted, "" for those that are."""
        if self.there is None or self.line is None:
            return LineAt()
        wanted, now = asdict(self.wanted), asdict(self.there.at)
        return LineAt(**{name: value for name, value in wanted.items() if value not in ("", now[name])})

    @property
    def unanswered(self) -> bool:
        """Whether nothing answers here, and nothing would be set that does: without webhooks only a fallback can.

        A number that still leads to the webhooks is answered by nobody then.
        """
        if self.there is None or self.line is None or self.wanted.voice_url:
            return False
        now = self.there.at.voice_url
        return not now or now.endswith(addresses.VOICE)

    @property
    def problem(self) -> tuple[Literal["failed", "warning"], str] | None:
        """What needs a person, with how bad it is."""
        if self.line is None:
            return "failed", "is at the provider, and no line of the rules file: its callers are taken as unknown-line"
        if is_example(self.number):
            return "failed", f"the line {self.line.name} still has a number for examples: write your own"
        if self.there is None:
            return "failed", f"the line {self.line.name} is in the rules file, and the account has no such number"
        if self.there.application is not None:
            return "failed", "a TwiML application rules over this number: take it off in the provider's console"
        if self.unanswered:
            return "failed", (
                "nothing answers its calls: without http.public_url they need twilio.fallback_url, the address of what "
                "`inboxd phone twiml` prints (docs/phone.md)"
            )
        if self.changes != LineAt():
            return "failed", "calls do not come here as configured: run `inboxd phone setup`"
        # Without webhooks nobody asks us for a greeting, so that it does not matter whether we are away.
        if self.wanted.status_callback and not self.there.at.voice_fallback_url:
            return "warning", "it has no fallback: while inboxd is away, callers hear an error (docs/phone.md)"
        return None


def is_example(number: str) -> bool:
    """Whether a number is one of +1 555 01xx, which the shipped books have and nobody can call."""
    return number.startswith("+155501") and len(number) == len("+15550190")


def compare(
    lines: Sequence[Line], numbers: Sequence[NumberAt], *, public_url: str | None, fallback_url: str | None
) -> Iterator[Compared]:
    """Hold both sides against each other: first the lines in their order, then numbers that are no line."""
    by_number = {each.number: each for each in numbers}
    wanted = _wanted(public_url, fallback_url)
    for line in lines:
        yield Compared(number=line.number, line=line, there=by_number.pop(line.number, None), wanted=wanted)
    for number, there in sorted(by_number.items()):
        yield Compared(number=number, line=None, there=there, wanted=LineAt())


def _wanted(public_url: str | None, fallback_url: str | None) -> LineAt:
    fallback = fallback_url or ""
    if public_url is None:
        # Nobody can ask us: the fallback greets and records, and the poller brings what was said.
        return LineAt(voice_url=fallback, voice_method="POST" if fallback else "")
    return LineAt(
        voice_url=public_url + addresses.VOICE,
        voice_method="POST",
        voice_fallback_url=fallback,
        voice_fallback_method="POST" if fallback else "",
        status_callback=public_url + addresses.STATUS,
        status_callback_method="POST",
        sms_url=public_url + addresses.SMS,
        sms_method="POST",
    )
