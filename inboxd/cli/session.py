"""What a command has at hand: the common options, the settings they lead to, and somebody who does the work."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inboxd.cli.output import Output

if TYPE_CHECKING:
    from datetime import tzinfo

    from inboxd.control.wire import Backend
    from inboxd.settings import LogFormat, LogLevel, Settings


class Session:
    """One run of the command line."""

    def __init__(self) -> None:
        self.config: Path | None = None
        self.log_level: LogLevel | None = None
        self.out = Output()
        self._settings: Settings | None = None

    @property
    def debug(self) -> bool:
        """Whether internal errors show their traceback."""
        return self.log_level == "debug" or os.environ.get("INBOXD_DEBUG", "0") not in ("", "0")

    def chosen_config(self) -> Path | None:
        """Return the configuration file that the caller named, by option or by environment."""
        named = os.environ.get("INBOXD_CONFIG")
        return self.config or (Path(named) if named else None)

    def config_path(self) -> Path:
        """Return the configuration file. Raises ConfigurationWrong where there is none."""
        from inboxd.settings import find

        return find(None if self.config is None else str(self.config))

    def settings(self) -> "Settings":
        """Read the configuration, once. Raises ConfigurationWrong with every mistake in it."""
        if self._settings is None:
            from inboxd.settings import load

            self._settings = load(self.config_path())
        return self._settings

    def zone(self) -> "tzinfo":
        """Return the desk's zone, in which people are told the time."""
        return self.settings().desk.zone

    @contextmanager
    def backend(self) -> "Iterator[Backend]":
        """Give the running daemon, or else the store opened in this process until the block ends."""
        from inboxd.control.client import connect

        settings = self.settings()
        remote = connect(settings.control.socket)
        if remote is not None:
            yield remote
            return
        # Only now: this import costs more than all the rest of a command that a daemon answers.
        from inboxd.wiring.local_backend import open_backend

        self.log_as("console", "warning")
        with open_backend(settings, actor=actor()) as backend:
            yield backend

    def log_as(self, form: "LogFormat | None", level: "LogLevel") -> None:
        """Send this process's log to stderr; `form` None: as it fits there; `--log-level` outweighs `level`."""
        from inboxd import logs

        logs.configure(form or logs.fitting(), self.log_level or level)

    def call(self, operation: str, arguments: dict[str, Any] | None = None, payload: bytes = b"") -> Any:
        """Do one operation and return its value."""
        with self.backend() as backend:
            return backend.call(operation, arguments or {}, payload)


def actor() -> str:
    """Return the name that a change made in this process is attributed to."""
    return os.environ.get("SUDO_USER") or os.environ.get("LOGNAME") or _process_user()


def _process_user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
