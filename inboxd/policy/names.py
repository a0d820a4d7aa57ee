"""Names that nobody has: in a rules file an account, a role, a plan, a queue, a person; on a ticket the last two.

The rules load with them, for accounts and people come and go; but a rule that waits for such a name never holds. A
ticket that is given to such a name by a person is in nobody's list.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from inboxd import accounts
from inboxd.settings import Settings
from rules.mistakes import Mistake
from rules.ruleset import NameUse, RuleSet
from rules.yaml_errors import suggest_of


def of_nobody(rules: RuleSet, settings: Settings, directory: accounts.Directory | None) -> Iterator[Mistake]:
    """Give a warning for each name that nobody has, with its place and what there is.

    `directory` holds what commands put on file, too; None: that is not known, and of accounts nothing is told. Without
    any account, and without `staff`, a desk has not come so far.
    """
    there = _There(rules=rules, settings=settings, directory=directory or accounts.Directory())
    for use in rules.outside:
        message = there.wrong(use)
        if message is not None:
            yield Mistake(file=use.file, line=use.line, column=use.column, message=message)


def of_nobody_on_ticket(rules: RuleSet, settings: Settings, changes: Mapping[str, Any]) -> Iterator[str]:
    """Say which `queue` and `assignee`, of the fields that a person changes, nobody has, and what there is.

    Where there is no queue at all, and without `staff`, any name will do.
    """
    there = _There(rules=rules, settings=settings)
    queue, assignee = changes.get("queue"), changes.get("assignee")
    if queue is not None and there.queues and queue not in there.queues:
        yield f'no rule gives the queue "{queue}", and nobody of `staff` works on it{suggest_of(queue, there.queues)}'
    if assignee is not None and there.staff and assignee not in there.staff:
        yield there.wrong_person(assignee)


@dataclass(frozen=True, kw_only=True)
class _There:
    """What there is: found out once, and only where it is asked for."""

    rules: RuleSet
    settings: Settings
    directory: accounts.Directory = field(default_factory=accounts.Directory)

    def wrong(self, use: NameUse) -> str | None:
        """Say what is wrong with a name; None where somebody has it."""
        match use.kind:
            case "account" if len(self.directory) and self.directory.get(use.name) is None:
                ids = (account.id for account in self.directory)
                return f'no account "{use.name}" is on file{suggest_of(use.name, ids)}'
            case "role" if len(self.directory) and use.name not in self._roles:
                return f'no contact has the role "{use.name}"{suggest_of(use.name, self._roles)}'
            case "plan" if self.rules.plans is None and len(self.directory) and use.name not in self._plans:
                near = suggest_of(use.name, self._plans)
                return f'no account has the plan "{use.name}"{near} (`plans: […]` would name all there may be)'
            case "queue asked for" if use.name not in self.queues:
                return f'no rule gives the queue "{use.name}"{suggest_of(use.name, self.queues)}'
            case "queue" if any(each.notify for each in self.settings.staff) and use.name not in self._noticed:
                near = suggest_of(use.name, self._noticed)
                return f'nobody of `staff` takes notices of the queue "{use.name}"{near}'
            case "person" if self.staff and use.name not in self.staff:
                return self.wrong_person(use.name)
            case "approver" if use.name not in self.staff:
                near = suggest_of(use.name, self.staff)
                return (
                    f"`override` names {use.name}, and `staff` does not: only the login {use.name} could allow it{near}"
                )
        return None

    def wrong_person(self, name: str) -> str:
        """Say that nobody is called so."""
        return f'nobody of `staff` is called "{name}"{suggest_of(name, self.staff)}'

    @cached_property
    def _roles(self) -> Collection[str]:
        return dict.fromkeys(each.role for account in self.directory for each in account.contacts if each.role)

    @cached_property
    def _plans(self) -> Collection[str]:
        return dict.fromkeys(account.plan for account in self.directory if account.plan)

    @cached_property
    def queues(self) -> Collection[str]:
        """Each that a rule gives, that somebody works on, or that writes in a name of its own."""
        given = (use.name for use in self.rules.outside if use.kind == "queue")
        worked = (queue for member in self.settings.staff for queue in member.queues)
        return dict.fromkeys((*given, *worked, *self.settings.templates.queues))

    @cached_property
    def _noticed(self) -> Collection[str]:
        return dict.fromkeys(queue for each in self.settings.staff if each.notify for queue in each.queues)

    @cached_property
    def staff(self) -> Collection[str]:
        """The names of all people."""
        return dict.fromkeys(each.name for each in self.settings.staff)
