"""One message as the conditions of the rules look at it; what is costly to know is found out once and by need."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from rules.calendars import clamp
from rules.decision import Priority
from rules.facts import Facts
from rules.phrases import Words, folded

if TYPE_CHECKING:
    from rules.ruleset import RuleSet

Found = Mapping[str, tuple[str, ...]]


class View:
    """Facts, and what the rules file makes of them.

    `tags`, `queue`, `type` and `priority` are what is decided so far, what people set standing above it; they change
    while rules run, nothing else does.
    """

    def __init__(self, ruleset: "RuleSet", facts: Facts) -> None:
        self.facts = facts
        self.tags: dict[str, None] = dict.fromkeys(facts.staff_tags)
        self.queue: str | None = facts.staff_queue
        self.type: str | None = facts.staff_type
        self.priority: Priority = facts.staff_priority or "medium"
        self._ruleset = ruleset
        self.line, self.line_known = _line(ruleset, facts)
        self.is_call = facts.channel == "voicemail"

    @cached_property
    def said(self) -> Found:
        """The phrase lists found in subject or text, with the phrases."""
        return self._with_probable(self._ruleset.phrases.match(Words(self.facts.subject, self.facts.text)))

    @cached_property
    def said_in_subject(self) -> Found:
        """The same of the subject alone."""
        return self._ruleset.phrases.match(Words(self.facts.subject))

    @cached_property
    def said_in_body(self) -> Found:
        """The same of the body or the transcript alone."""
        return self._with_probable(self._ruleset.phrases.match(Words(self.facts.text)))

    def _with_probable(self, said: Found) -> Found:
        """Add the phrases that the transcript has only as it was probably meant, marked as that."""
        if not self.facts.probably:
            return said
        also = self._ruleset.phrases.match(Words(self.facts.probably))
        fresh = {
            name: tuple(f"{one} (probably)" for one in phrases if one not in said.get(name, ()))
            for name, phrases in also.items()
        }
        return {**said, **{name: (*said.get(name, ()), *phrases) for name, phrases in fresh.items() if phrases}}

    @cached_property
    def subject_words(self) -> tuple[str, ...]:
        """The subject's words, folded as phrases are."""
        return tuple(folded(self.facts.subject))

    @cached_property
    def matched(self) -> frozenset[str]:
        """The patterns found in subject or text, never half in each."""
        return self.matched_in_subject | self._ruleset.patterns.match(self.facts.text)

    @cached_property
    def matched_in_subject(self) -> frozenset[str]:
        """The patterns found in the subject."""
        return self._ruleset.patterns.match(self.facts.subject)

    @property
    def proof(self) -> str:
        """What is proven of the message, or was confirmed by a reply from the address on file."""
        return "authenticated" if self.facts.confirmed else self.facts.verdict

    def hours(self, calendar: str) -> Literal["open", "closed"]:
        """Whether the calendar is open when the message was received."""
        return self._ruleset.calendars[calendar].state(self.facts.received_at)

    def day(self, calendar: str) -> Literal["working", "free", "holiday"]:
        """What kind of day it is, by the calendar's own clock, when the message was received."""
        found = self._ruleset.calendars[calendar]
        today = clamp(self.facts.received_at).astimezone(found.zone).date()
        if found.intervals(today):
            return "working"
        return "holiday" if found.week[today.weekday()] else "free"

    def earlier(self, kind: str, of: str, within: timedelta) -> int:
        """How many tickets, calls or pages there were before, no longer ago than `within`."""
        since = self.facts.received_at - within
        return sum(
            one.kind == kind and one.of == of and since < one.at <= self.facts.received_at for one in self.facts.earlier
        )


def _line(ruleset: "RuleSet", facts: Facts) -> tuple[str | None, bool | None]:
    """The name of the line called, and whether its number is one that the file names; of mail neither."""
    if facts.channel != "voicemail":
        return None, None
    line = ruleset.line_of(facts.called)
    return (None, False) if line is None else (line.name, line.number == facts.called)
