"""The directory kept up to date with the store: read at the start, after each change by a command, and on a tick.

Nodes that share a PostgreSQL hear of each other's changes by the number of the last event.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from inboxd.accounts import Directory, Kept, Layer
from inboxd.accounts.kept import kept_from
from inboxd.accounts.results import Results
from inboxd.errors import ConfigurationWrong, InboxdError
from inboxd.policy.policy import Policy, PolicyHolder
from rules.collector import without_garbage_collector
from rules.mistakes import Mistake
from store import accounts as rows
from store.accounts import AccountsChanged, Changes
from store.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

T = TypeVar("T")
log = structlog.get_logger("inboxd.on_file")

# Beyond this many, reading everything is quicker than asking for each.
_MANY: Final = 20_000
_TRIES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """The directory as it was at a revision of the store."""

    revision: int
    directory: Directory


class NoStore:
    """Stands in the place of a store that nobody has made yet: the accounts file can be looked at without one."""

    def __init__(self, error: InboxdError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        """Whoever needs the store hears that there is none."""
        raise self._error

    def close(self) -> None:
        """There is nothing to close."""


class OnFile:
    """Reads what the store keeps of the directory into the policy, and changes it."""

    def __init__(self, store: "Store | NoStore", policy: PolicyHolder) -> None:
        self._store = store
        self._policy = policy
        self._revision: int | None = None
        self._refreshing = threading.Lock()
        self._changing = threading.Lock()  # what this process decides at the same time would only be decided again
        self._away = False
        self.results = Results()

    def refresh(self) -> bool:
        """Read what changed in the store since the last time; True when something did. Raises StoreError."""
        with self._refreshing:
            return self._refresh()

    def look(self) -> None:
        """Refresh on a tick: while the store is away, what was read last stays, and that is said once."""
        try:
            changed = self.refresh()
        except StoreError as error:
            if not self._away:
                self._away = True
                log.warning("accounts_not_refreshed", error=str(error))
            return
        self._away = False
        if changed:
            log.info("accounts_refreshed", accounts=len(self._policy.current.directory))

    def change(
        self,
        decide: Callable[[Directory], tuple[Changes, T]],
        beside: "Callable[[Connection, T], None] | None" = None,
    ) -> T:
        """Decide on changes to the directory as it is now, and make them; return what `decide` gave beside them.

        `decide` runs again when somebody else was faster, so that nothing is decided on what is no more. Without
        events nothing is written of the directory. `beside` gets what `decide` gave and writes what belongs to it, in
        the same transaction. Raises StoreError.
        """
        with self._changing:
            for _ in range(_TRIES):
                try:
                    return self._change(decide, beside)
                except AccountsChanged as error:
                    refused = error
        raise refused

    def _change(
        self,
        decide: Callable[[Directory], tuple[Changes, T]],
        beside: "Callable[[Connection, T], None] | None",
    ) -> T:
        state = self._state()
        changes, result = decide(state.directory)

        def write(txn: "Connection") -> None:
            if changes.events:
                rows.write(txn, changes, expected=state.revision)
            if beside is not None:
                beside(txn, result)

        if changes.events or beside is not None:
            self._store.write(write)
            # What is committed is done; if the store goes away just now, the tick reads it later.
            self.look()
        return result

    def _state(self) -> _State:
        with self._refreshing:
            self._refresh()
            assert self._revision is not None
            return _State(revision=self._revision, directory=self._policy.current.directory)

    def events(self, account_id: str) -> list[rows.Event]:
        """Return what commands did to an account. Raises StoreError."""
        if isinstance(self._store, NoStore):
            return []
        with self._store.read() as connection:
            return rows.events(connection, account_id)

    def _refresh(self) -> bool:
        if isinstance(self._store, NoStore):
            self._revision = 0
            return False
        with self._store.read() as connection:
            revision = rows.revision(connection)
            if revision == self._revision:
                return False
            changed: set[str] | None = None
            if self._revision is not None:
                changed = rows.changed_since(connection, self._revision)
            if changed is None or len(changed) > _MANY or revision < (self._revision or 0):
                with without_garbage_collector():
                    kept = Layer(kept_from(*rows.read(connection)).values())
            else:
                found: dict[str, Kept | None] = dict.fromkeys(changed)
                found.update(kept_from(*rows.read(connection, changed)))
                kept = self._policy.current.directory.kept.replaced(found)
        self._policy.keep(kept)
        self._revision = revision
        return True


def demand_plans(policy: Policy, rules_file: Path | None) -> None:
    """Raise ConfigurationWrong when the rules do not name the plan of an account that the store keeps."""
    if rules_file is None or policy.rules.plans is None:
        return
    file, named = policy.directory.file, frozenset(policy.rules.plans)
    kept = (each.account for each in policy.directory.kept if each.id not in file)
    wrong = [account for account in kept if account and account.plan and account.plan not in named]
    if not wrong:
        return
    line = _line_of_plans(rules_file)
    messages = (
        f'"{each.plan}" is not named here, and the account {each.id} has it ({each.source}): '
        f"name it, or first `inboxd accounts set {each.id} --plan PLAN`"
        for each in wrong
    )
    raise ConfigurationWrong(
        f"{rules_file} does not name the plans of accounts on file",
        (Mistake(file=str(rules_file), line=line, column=1, message=f"plans: {message}") for message in messages),
    )


def _line_of_plans(rules_file: Path) -> int:
    found = re.search(r"^plans\s*:", rules_file.read_text("utf-8", "replace"), re.MULTILINE)
    return 1 if found is None else found.string.count("\n", 0, found.start()) + 1
