"""Rules and accounts read again while the daemon runs: all of it or nothing, and never two at once."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

import structlog

from inboxd import service_manager
from inboxd.errors import ConfigurationWrong, InboxdError, TryLater
from inboxd.policy.load_policy import load_policy
from inboxd.policy.policy import PolicyHolder
from inboxd.settings import Settings, load

log = structlog.get_logger("inboxd.reload")

# What a reload takes over from inboxd.yaml: zone, templates, limits and the two files make the policy. The rest is
# built at the start.
_TAKEN_OVER = frozenset({"path", "desk", "templates", "limits", "rules", "accounts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What holds now. `restart_needed` names the sections that changed and that only a restart takes over."""

    configuration: str
    rules: int
    accounts: int
    restart_needed: tuple[str, ...]


class Reload:
    """Call `run` from any thread but the event loop's. `open` is set when the daemon is up, and not before."""

    def __init__(
        self, started_with: Settings, policy: PolicyHolder, ended: Callable[[InboxdError | None], None]
    ) -> None:
        """`ended` hears how each reload ended: None, or what was wrong; the service manager waits for it."""
        self._started_with = started_with
        self._policy = policy
        self._ended = ended
        self.open = False
        # Whoever comes second reads the files again: what holds at the end is what stood there last.
        self._one_at_a_time = threading.Lock()

    def run(self, actor: str) -> dict[str, Any]:
        """Read everything, then swap one reference; return what `Reloaded` says.

        Raises ConfigurationWrong with every mistake of the first file that is wrong, TryLater while the daemon starts;
        then the old policy stays.
        """
        if not self.open:
            raise TryLater("the daemon is still starting, and reads its files meanwhile")
        with self._one_at_a_time:
            service_manager.reloading()
            wrong: InboxdError | None = None
            try:
                reloaded = self._swap()
            except InboxdError as error:
                wrong = error
                for mistake in _mistakes(error):
                    log.error("not_reloaded", mistake=mistake, by=actor)
                raise
            finally:
                self._ended(wrong)
            log.info("reloaded", by=actor, **{key: value for key, value in asdict(reloaded).items() if value})
            return asdict(reloaded)

    def _swap(self) -> Reloaded:
        settings = load(self._started_with.path)
        policy = load_policy(settings, self._policy.current.directory.kept)
        self._policy.current = policy
        return Reloaded(
            configuration=str(settings.path),
            rules=sum(len(section.rules) for section in policy.rules.sections),
            accounts=len(self._policy.current.directory),
            restart_needed=_restart_needed(self._started_with, settings),
        )


def _mistakes(error: InboxdError) -> tuple[str, ...]:
    mistakes = error.mistakes if isinstance(error, ConfigurationWrong) else ()
    return tuple(map(str, mistakes)) or (str(error),)


def _restart_needed(before: Settings, now: Settings) -> tuple[str, ...]:
    return tuple(
        each.name
        for each in fields(Settings)
        if each.name not in _TAKEN_OVER and getattr(before, each.name) != getattr(now, each.name)
    )
