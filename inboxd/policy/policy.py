"""The desk's policy as it stands now: rules, directory and zone, swapped as one.

A story takes `current` once and decides with that to its end, so that a reload in the middle of a message never mixes
two policies.
"""

import threading
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo

from inboxd.accounts import Directory, Kept, Layer
from inboxd.policy.greetings import Greetings
from inboxd.policy.office import Office
from rules.ruleset import RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules, accounts, the zone in which a day begins, what the desk writes with and what callers hear."""

    rules: RuleSet
    directory: Directory
    zone: tzinfo
    office: Office = field(default_factory=Office)
    greetings: Greetings = field(default_factory=Greetings)

    def day_of(self, moment: datetime) -> date:
        """Return the desk's day of an aware moment."""
        return moment.astimezone(self.zone).date()


class PolicyHolder:
    """Holds the one reference, and lays the files over what the store keeps whichever of the two is renewed."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._swapping = threading.Lock()

    @property
    def current(self) -> Policy:
        """The policy to decide with, from any thread: take it once, and decide with that to the end."""
        return self._policy

    @current.setter
    def current(self, policy: Policy) -> None:
        """Take over what the files say; of what the store keeps, the latest that is known stays."""
        with self._swapping:
            kept = self._policy.directory.kept
            self._policy = replace(policy, directory=policy.directory.with_kept(kept))

    def keep(self, kept: Layer[Kept]) -> None:
        """Take over what the store keeps of the directory; what the files say stays."""
        with self._swapping:
            self._policy = replace(self._policy, directory=self._policy.directory.with_kept(kept))
