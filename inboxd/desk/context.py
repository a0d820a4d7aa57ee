"""What an operation works with, and who asks for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from inboxd.authentication import Checker
from inboxd.intake.door import Intake
from inboxd.message import Message
from inboxd.policy.on_file import OnFile
from inboxd.policy.policy import PolicyHolder
from inboxd.settings import Mailbox, Settings
from inboxd.worker_process import Extract
from store.open import Store


@runtime_checkable
class Phone(Protocol):
    """What can be asked of the phone's room, which lies above the desk."""

    def setup(self, dry_run: bool) -> list[dict[str, Any]]:
        """Set the addresses of each line at the provider."""

    def look(self) -> list[dict[str, Any]]:
        """Look at what is set up there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One actor's view of the house.

    `work_on` starts the jobs of an intake; `through` is told of each that somebody waited for and that has come to its
    end; `running` tells what only a running daemon knows (listeners, since when); `reload` lets it read rules and
    accounts again; `audit` compares mailboxes, and where asked the phone, with the store; `signed_in` is told the name
    of a refresh token that a person has just brought; `extract` opens an attachment of a mail;
    `phone` None: no provider is configured.
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
    audit: Callable[[Sequence[Mailbox], bool], list[dict[str, Any]]]
    signed_in: Callable[[str], None]
    extract: Extract
    phone: Phone | None = None

    @property
    def staff_name(self) -> str:
        """The name under which this actor's changes stand: the configured one of the login, else the login."""
        member = self.settings.staff_by_login(self.actor)
        return self.actor if member is None else member.name
