"""One message as the conditions of the rules look at it; what is costly to know is found out once and by need."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from rules.facts import Facts
from rules.phrases import Words

if TYPE_CHECKING:
    from rules.ruleset import RuleSet


class View:
    """Facts, and what the rules file makes of them. `tags` grow while rules run; nothing else changes."""

    def __init__(self, ruleset: "RuleSet", facts: Facts) -> None:
        self.facts = facts
        self.tags: dict[str, None] = dict.fromkeys(facts.staff_tags)
        self._ruleset = ruleset
        self._said: Mapping[str, tuple[str, ...]] | None = None
        self._subject: Mapping[str, tuple[str, ...]] | None = None
        self.line, self.line_known = _line(ruleset, facts)

    @property
    def said(self) -> Mapping[str, tuple[str, ...]]:
        """The phrase lists found in subject or text, with the phrases."""
        if self._said is None:
            self._said = self._ruleset.phrases.match(Words(self.facts.subject, self.facts.text))
        return self._said

    @property
    def said_in_subject(self) -> Mapping[str, tuple[str, ...]]:
        """The same of the subject alone."""
        if self._subject is None:
            self._subject = self._ruleset.phrases.match(Words(self.facts.subject))
        return self._subject

    def hours(self, calendar: str) -> Literal["open", "closed"]:
        """Whether the calendar is open when the message was received."""
        return self._ruleset.calendars[calendar].state(self.facts.received_at)


def _line(ruleset: "RuleSet", facts: Facts) -> tuple[str | None, bool | None]:
    """The name of the line called, and whether its number is one that the file names; of mail neither."""
    if facts.channel != "voicemail":
        return None, None
    default = None
    for line in ruleset.lines:
        if line.number == facts.called:
            return line.name, True
        if line.default:
            default = line.name
    return default, False
