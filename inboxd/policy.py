"""The desk's policy as it stands now: rules, directory and zone, swapped as one.

A story takes `current` once and decides with that to its end, so that a reload in the middle of a message never mixes
two policies.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from inboxd.accounts import Directory
from rules.ruleset import RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules, accounts and the zone in which a day begins."""

    rules: RuleSet
    directory: Directory
    zone: tzinfo

    def day_of(self, moment: datetime) -> date:
        """Return the desk's day of an aware moment."""
        return moment.astimezone(self.zone).date()


class PolicyHolder:
    """Holds the one reference; assignment is atomic."""

    def __init__(self, policy: Policy) -> None:
        self.current = policy
