"""Run a child process that may hang, crash, flood or be hostile, and come back in bounded time and memory."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

_CHUNK = 64 * 1024
_DIAGNOSTICS = 8 * 1024
_LOOK_FOR_CANCEL = 0.05

Ending = Literal["exited", "timeout", "cancelled", "flooded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the child ended.

    `how`: "exited" by itself (or killed by somebody else), or killed here for a reason. `status`: exit
    status, or minus the signal. `output`: its standard output, complete when it exited. `diagnostics`: the
    end of its standard error, printable.
    """

    how: Ending
    status: int
    output: bytes
    diagnostics: str


def run(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    request: bytes,
    descriptors: Sequence[int],
    wall_seconds: float,
    output_bytes: int,
    cancel: threading.Event | None,
) -> Ended:
    """Start the child in a session of its own, hand it `request` (less than 64 KiB) and wait.

    At the end, whatever that is (an exception here included), nothing of the child's process group is left.
    `descriptors` are inherited. Raises OSError when the child cannot be started.
    """
    with subprocess.Popen(
        list(arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd="/",
        pass_fds=tuple(descriptors),
        start_new_session=True,
    ) as process:
        try:
            _hand_over(process, request)
            watch = _Watch(process, output_bytes)
            how = watch.until_the_end(time.monotonic() + wall_seconds, cancel)
        finally:
            # Before the child is waited for: until then its number cannot be given to another process group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
        watch.drain()
    return Ended(how=how, status=status, output=watch.output, diagnostics=watch.diagnostics)


def _hand_over(process: subprocess.Popen[bytes], request: bytes) -> None:
    assert process.stdin is not None
    # A child that died at once has closed the pipe; its exit status says more than this error.
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(request)
        process.stdin.flush()
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()


class _Watch:
    """Reads both pipes while the child lives, so that it never blocks on a full one."""

    def __init__(self, process: subprocess.Popen[bytes], output_bytes: int) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._pid = process.pid
        self._out, self._err = process.stdout.fileno(), process.stderr.fileno()
        self._limit = output_bytes
        self._tail = b""
        self.output = b""
        os.set_blocking(self._out, False)
        os.set_blocking(self._err, False)

    @property
    def diagnostics(self) -> str:
        """The end of standard error; control characters are escaped, for it goes into a log."""
        text = self._tail.decode("utf-8", errors="backslashreplace")
        lines = ("".join(c if c.isprintable() else repr(c)[1:-1] for c in line) for line in text.splitlines())
        return "\n".join(lines).strip()

    def until_the_end(self, deadline: float, cancel: threading.Event | None) -> Ending:
        """Read until the child is a zombie, or has to be killed."""
        exited = os.pidfd_open(self._pid)
        try:
            with selectors.DefaultSelector() as selector:
                for descriptor in (exited, self._out, self._err):
                    selector.register(descriptor, selectors.EVENT_READ)
                return self._loop(selector, exited, deadline, cancel)
        finally:
            os.close(exited)

    def _loop(
        self,
        selector: selectors.DefaultSelector,
        exited: int,
        deadline: float,
        cancel: threading.Event | None,
    ) -> Ending:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return "timeout"
            if cancel is not None and cancel.is_set():
                return "cancelled"
            # An Event cannot be selected on; twenty looks a second cost nothing beside a recogniser.
            for key, _events in selector.select(left if cancel is None else min(left, _LOOK_FOR_CANCEL)):
                # Not its pipes' end but its own: a process that it left behind could hold the pipes open.
                if key.fd == exited:
                    return "exited"
                if not self._take(key.fd):
                    selector.unregister(key.fd)
            if len(self.output) > self._limit:
                return "flooded"

    def drain(self) -> None:
        """Take what the dead child left in its pipes; never waits."""
        for descriptor in (self._out, self._err):
            with contextlib.suppress(BlockingIOError):
                while len(self.output) <= self._limit and self._take(descriptor):
                    pass

    def _take(self, descriptor: int) -> bool:
        data = os.read(descriptor, _CHUNK)
        if descriptor == self._out:
            self.output += data
        else:
            self._tail = (self._tail + data)[-_DIAGNOSTICS:]
        return bool(data)
