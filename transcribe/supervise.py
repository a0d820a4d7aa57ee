"""Run a child process that may hang, crash, flood or be hostile, and come back in bounded time and memory."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

_CHUNK = 64 * 1024
_DIAGNOSTICS = 8 * 1024
_LOOK_FOR_CANCEL = 0.05
_REPORT = 64
_PATIENCE = 60.0
"""Seconds for what takes a tenth of one: to load libraries, to bury a child. Longer means that it hangs."""

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


class ForkServer:
    """Children for requests, all forked by one process (fork_server.py); threads may share it.

    That process is started with the first request, and anew where it has gone. It ends with `close` or with this
    process, and so do its children.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """`arguments` run a program that serves the socket whose number is added to them."""
        self._arguments, self._environment = list(arguments), dict(environment)
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._retired: list[_Server] = []

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """End the process, and with it what it still runs; a later request starts it anew."""
        with self._lock:
            servers, self._server, self._retired = [*self._retired, self._server], None, []
        for server in servers:
            if server is not None:
                server.end()

    def run(
        self,
        request: bytes,
        recording: int,
        *,
        wall_seconds: float,
        output_bytes: int,
        cancel: threading.Event | None,
    ) -> Ended:
        """Have a child answer `request` (up to fork_server.MAX_REQUEST bytes) about an open file; wait for its end.

        At the end, whatever that is (an exception here included), nothing of the child's process group is left.
        Raises OSError when no child can be started.
        """
        deadline = time.monotonic() + wall_seconds
        with contextlib.ExitStack() as opened:
            child = self._fork(request, recording, opened)
            watch = _Watch(child, output_bytes)
            try:
                how = watch.until_the_end(deadline, cancel)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(child.exited, signal.SIGKILL)
                status = child.status()
            watch.drain()
        if how == "exited" and status < 0:
            # All children find their memory laid out alike: who crashed one shall not learn where to hit the next.
            self._retire(child.server)
        return Ended(how=how, status=status, output=watch.output, diagnostics=watch.diagnostics)

    def _fork(self, request: bytes, recording: int, opened: contextlib.ExitStack) -> _Child:
        for _attempt in range(2):
            server = self._ready()
            try:
                child = server.fork(request, recording, opened)
            except TimeoutError:
                self._retire(server)
                server.end()
                raise
            if child is not None:
                return child
            # It was killed while it had nothing to do, most likely: the next does better.
            self._retire(server)
        raise OSError(f"the process that starts it ends at once, with exit status {server.end()}")

    def _ready(self) -> _Server:
        with self._lock:
            if self._server is None:
                self._server = _Server(self._arguments, self._environment)
            return self._server

    def _retire(self, server: _Server) -> None:
        """Have no more children from it; it ends with its last one."""
        with self._lock:
            self._retired = [old for old in self._retired if old.is_running()]
            if self._server is server:
                self._server = None
                server.hang_up()
                self._retired.append(server)


class _Server:
    """The process that forks, while it lives."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._speaking = threading.Lock()
        with contextlib.ExitStack() as failed:
            failed.enter_context(self._control)
            with theirs:
                self._process = subprocess.Popen(
                    [*arguments, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=environment,
                    cwd="/",
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            failed.pop_all()

    def fork(self, request: bytes, recording: int, opened: contextlib.ExitStack) -> _Child | None:
        """Have it fork a child; None when it has ended, or is to end. What is opened here is closed with `opened`."""
        out, out_theirs = os.pipe()
        err, err_theirs = os.pipe()
        report, report_theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        opened.callback(os.close, out)
        opened.callback(os.close, err)
        opened.enter_context(report)
        report.settimeout(_PATIENCE)
        handed_over = (recording, out_theirs, err_theirs, report_theirs.fileno())
        try:
            with self._speaking:
                if self._control.fileno() < 0:
                    return None  # another thread has hung up
                socket.send_fds(self._control, [request], handed_over)
        except (BrokenPipeError, ConnectionResetError):
            return None
        finally:
            os.close(out_theirs)
            os.close(err_theirs)
            report_theirs.close()
        _started, descriptors, _flags, _address = socket.recv_fds(report, _REPORT, 1)
        if not descriptors:
            return None
        opened.callback(os.close, descriptors[0])
        return _Child(server=self, exited=descriptors[0], out=out, err=err, report=report)

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def hang_up(self) -> None:
        """Let it end with its last child."""
        with self._speaking:
            self._control.close()

    def end(self) -> int:
        """Kill it, and so its children; returns how it ended."""
        self.hang_up()
        self._process.kill()
        return self._process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    """A child at work: its pidfd, its pipes, and where its server reports its end."""

    server: _Server
    exited: int
    out: int
    err: int
    report: socket.socket

    def status(self) -> int:
        """Wait until nothing of it is left; returns its exit status, or minus its signal."""
        # Without a report its server was killed, and the kernel has killed the child with it.
        return int(self.report.recv(_REPORT) or -signal.SIGKILL)


class _Watch:
    """Reads both pipes while the child lives, so that it never blocks on a full one."""

    def __init__(self, child: _Child, output_bytes: int) -> None:
        self._exited, self._out, self._err = child.exited, child.out, child.err
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
        """Read until the child has ended, or has to be killed."""
        with selectors.DefaultSelector() as selector:
            for descriptor in (self._exited, self._out, self._err):
                selector.register(descriptor, selectors.EVENT_READ)
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    return "timeout"
                if cancel is not None and cancel.is_set():
                    return "cancelled"
                # An Event cannot be selected on; twenty looks a second cost nothing beside a recogniser.
                for key, _events in selector.select(left if cancel is None else min(left, _LOOK_FOR_CANCEL)):
                    # Not its pipes' end but its own: a process that it left behind could hold the pipes open.
                    if key.fd == self._exited:
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
