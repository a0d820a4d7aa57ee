"""A desk in a folder, as a person would set it up, and its real daemon as a process of its own.

Knows nothing of pytest: the fixtures of `tests/plugins/daemon.py`, the benches and `make demo` stand on it.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.harness.dns import nowhere

# Keys of a section, or the whole of one that is a list.
Section = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class DeskFailed(Exception):
    """A command or the daemon did not do what it should; the text carries what it printed."""


def inboxd() -> list[str]:
    """The command line of the inboxd that belongs to this Python: its console script where there is one."""
    script = Path(sys.executable).with_name("inboxd")
    return [str(script)] if script.exists() else [sys.executable, "-m", "inboxd"]


def wait_until(true: Callable[[], bool], *, within: float, what: str, every: float = 0.02) -> None:
    """Look again and again; DeskFailed with `what` when it did not come true `within` so many seconds."""
    give_up = time.monotonic() + within
    while not true():
        if time.monotonic() > give_up:
            raise DeskFailed(f"not within {within:g} s: {what}")
        time.sleep(every)


@dataclass(slots=True)
class Daemon:
    """One life of `inboxd run`: a process group of its own, so that one signal ends all of it."""

    process: subprocess.Popen[bytes]
    log_path: Path
    log_start: int
    listeners: frozenset[str]
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        return self.process.pid

    def log(self) -> str:
        """What this life has logged up to now."""
        with self.log_path.open("rb") as file:
            file.seek(self.log_start)
            return file.read().decode("utf-8", "replace")

    def events(self, event: str | None = None) -> list[dict[str, Any]]:
        """The complete log lines of this life; only those of one event when it is named."""
        whole = self.log().split("\n")[:-1]
        lines = [json.loads(line) for line in whole if line.startswith("{")]
        return [line for line in lines if event is None or line.get("event") == event]

    def is_ready(self) -> bool:
        """Whether each listener has said its address. DeskFailed when the daemon ended before."""
        self.ports.update(
            (line["listener"], int(str(line["address"]).rpartition(":")[2]))
            for line in self.events("listening")
            if line["listener"] in self.listeners
        )
        if self.listeners <= self.ports.keys():
            return True
        if self.process.poll() is not None:
            raise DeskFailed(f"the daemon ended with {self.process.returncode} before it listened:\n{self.log()}")
        return False

    def wait_ready(self, within: float = 60) -> None:
        """Return when it takes connections."""
        try:
            wait_until(self.is_ready, within=within, what="a `listening` line for each listener")
        except DeskFailed as failed:
            raise DeskFailed(f"{failed}\n{self.log()}") from None

    def stop(self, within: float = 30) -> int:
        """Ask it to end (SIGTERM) and give its exit code; kill it and fail when it does not."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(within)
            except subprocess.TimeoutExpired:
                self.kill()
                raise DeskFailed(f"no end {within:g} s after SIGTERM:\n{self.log()}") from None
        return self.process.returncode

    def kill(self) -> None:
        """`kill -9` to the whole process group, at once; harmless when it has ended."""
        # The group outlives its leader while a worker lives, so the signal goes out even when the leader is
        # gone; but not after it was waited for, when its number may be somebody else's.
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass(slots=True)
class Desk:
    """The folder of a desk: its files and the commands that work on it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def config(self) -> Path:
        return self.folder / "inboxd.yaml"

    @classmethod
    def init(cls, folder: Path, changes: Mapping[str, Section | None] | None = None) -> "Desk":
        """Make a desk by `inboxd init`: free ports of loopback, JSON logs, an empty DNS; then `change` it."""
        desk = cls(folder=folder)
        desk.run("init", str(folder), configured=False)
        free: dict[str, Section | None] = {
            name: {"listen": "127.0.0.1:0"} for name in ("smtp", "http") if desk.settings().get(name)
        }
        desk.change({**free, "log": {"format": "json"}, "dns": {"nameservers": [nowhere()]}})
        desk.change(changes or {})
        return desk

    def settings(self) -> dict[str, Any]:
        """What inboxd.yaml says, as plain data."""
        return yaml.safe_load(self.config.read_text("utf-8")) or {}

    def change(self, sections: Mapping[str, Section | None]) -> None:
        """Set keys in sections of inboxd.yaml; a section that is None goes, a list is replaced. Comments go, too."""
        settings = self.settings()
        for name, keys in sections.items():
            if keys is None:
                settings.pop(name, None)
            elif not isinstance(keys, Mapping):
                settings[name] = list(keys)
            else:
                settings[name] = {**(settings.get(name) or {}), **keys}
        # JSON is YAML in which nothing can be misread: every text stands in quotes.
        self.config.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")

    def command(self, *arguments: str, configured: bool = True) -> list[str]:
        """The whole command line of `inboxd ARGUMENTS` on this desk."""
        return [*inboxd(), *(["-c", str(self.config)] if configured else []), *arguments]

    def try_run(
        self, *arguments: str, stdin: bytes = b"", timeout: float = 120, configured: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, whatever its exit code."""
        done = subprocess.run(
            self.command(*arguments, configured=configured),
            input=stdin, capture_output=True, timeout=timeout, env=self.environment, check=False,
        )  # fmt: skip
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")
        )

    def run(self, *arguments: str, stdin: bytes = b"", timeout: float = 120, configured: bool = True) -> str:
        """Run one command and give its stdout; DeskFailed when its exit code is not 0."""
        done = self.try_run(*arguments, stdin=stdin, timeout=timeout, configured=configured)
        if done.returncode:
            raise DeskFailed(
                f"`inboxd {' '.join(arguments)}` ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def json(self, *arguments: str, stdin: bytes = b"", timeout: float = 120) -> list[dict[str, Any]]:
        """Run one command with --json and give its objects, one for each line."""
        return [json.loads(line) for line in self.run("--json", *arguments, stdin=stdin, timeout=timeout).splitlines()]

    def start(self, *, wait: bool = True, wrapper: Sequence[str] = ()) -> Daemon:
        """Start `inboxd run`; `wrapper` stands before it on the command line (strace, prlimit)."""
        log_path = self.folder / "daemon.log"
        with log_path.open("ab") as log:
            log_start = log.tell()
            process = subprocess.Popen(
                [*wrapper, *self.command("run")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, start_new_session=True,
            )  # fmt: skip
        listeners = frozenset(name for name in ("smtp", "http") if self.settings().get(name))
        daemon = Daemon(process=process, log_path=log_path, log_start=log_start, listeners=listeners)
        if wait:
            try:
                daemon.wait_ready()
            except BaseException:
                daemon.kill()
                raise
        return daemon

    def settled(self) -> bool:
        """Whether no intake waits for work any more: each is done, or dead and in quarantine."""
        return all(row["state"] in ("done", "dead") for row in self.json("intake", "list"))
