"""What an operation works with, and who asks for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inboxd.authentication import Checker
from inboxd.intake import Intake
from inboxd.message import Message
from inboxd.on_file import OnFile
from inboxd.policy import PolicyHolder
from inboxd.settings import Mailbox, Settings
from store.open import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One actor's view of the house.

    `work_on` starts the jobs of an intake; `through` is told of each that somebody waited for and that has come to its
    end; `running` tells what only a running daemon knows (listeners, since when); `reload` lets it read rules and
    accounts again; `audit` compares mailboxes with the store; `signed_in` is told the name of a refresh token that a
    person has just brought.
    """

    actor: str
    settings: Settings
    store: Store
    intake: Intake
    policy: PolicyHolder
    on_file: OnFile
    read: Callable[[bytes | Path], Message]
    checker: Checker
    wake: Callable[[], None]
    work_on: Callable[[str], None]
    through: Callable[[str], None]
    running: Callable[[], dict[str, Any]]
    reload: Callable[[], dict[str, Any]]
    audit: Callable[[Sequence[Mailbox]], list[dict[str, Any]]]
    signed_in: Callable[[str], None]

    @property
    def staff_name(self) -> str:
        """The name under which this actor's changes stand: the configured one of the login, else the login."""
        member = self.settings.staff_by_login(self.actor)
        return self.actor if member is None else member.name
