"""Names in a rules file that nobody has: an account, a role, a plan, a queue, a person.

The rules load with them, for accounts and people come and go; but a rule that waits for such a name never holds.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

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


@dataclass(frozen=True, kw_only=True)
class _There:
    """What there is: found out once, and only where it is asked for."""

    rules: RuleSet
    settings: Settings
    directory: accounts.Directory

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
            case "queue asked for" if use.name not in self._queues:
                return f'no rule gives the queue "{use.name}"{suggest_of(use.name, self._queues)}'
            case "queue" if any(each.notify for each in self.settings.staff) and use.name not in self._noticed:
                near = suggest_of(use.name, self._noticed)
                return f'nobody of `staff` takes notices of the queue "{use.name}"{near}'
            case "person" if self._staff and use.name not in self._staff:
                return f'nobody of `staff` is called "{use.name}"{suggest_of(use.name, self._staff)}'
            case "approver" if use.name not in self._staff:
                near = suggest_of(use.name, self._staff)
                return (
                    f"`override` names {use.name}, and `staff` does not: only the login {use.name} could allow it{near}"
                )
        return None

    @cached_property
    def _roles(self) -> Collection[str]:
        return dict.fromkeys(each.role for account in self.directory for each in account.contacts if each.role)

    @cached_property
    def _plans(self) -> Collection[str]:
        return dict.fromkeys(account.plan for account in self.directory if account.plan)

    @cached_property
    def _queues(self) -> Collection[str]:
        given = (use.name for use in self.rules.outside if use.kind == "queue")
        worked = (queue for member in self.settings.staff for queue in member.queues)
        return dict.fromkeys((*given, *worked, *self.settings.templates.queues))

    @cached_property
    def _noticed(self) -> Collection[str]:
        return dict.fromkeys(queue for each in self.settings.staff if each.notify for queue in each.queues)

    @cached_property
    def _staff(self) -> Collection[str]:
        return dict.fromkeys(each.name for each in self.settings.staff)
