"""The parent's end of a worker process: hand over a message, get its reading or the worth of its signatures.

One `MessageReader` belongs to one thread at a time. Its child holds no store handle and no secret; what it answers is
bounded in size and validated before anything believes it.
"""

import json
import os
import queue
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

import structlog

from inboxd.message import Message, from_json, unread
from inboxd.signatures import Order, Report, wire

WALL_SECONDS_A_MESSAGE = 20.0
START_SECONDS = 30.0
PAUSES_AFTER_KILL = (0.0, 0.5, 1.0, 2.0)
ANSWER_LIMIT = 32 * 1024 * 1024
_TOO_SLOW = f"took longer than {WALL_SECONDS_A_MESSAGE:.0f} seconds"

_Answer = TypeVar("_Answer")

log = structlog.get_logger("inboxd.worker_process")


@runtime_checkable
class Extract(Protocol):
    """Opens an attachment of a mail by its place there, or a file `inside` it, in a process of its own.

    Who sends a mail may have built it to break its reader. Raises WorkerDied, and IndexError where there is none.
    """

    def __call__(self, raw: bytes | Path, index: int, inside: int | None = None) -> bytes: ...  # noqa: D102 the class says it


class WorkerDied(Exception):
    """The worker process ended, hung or answered nonsense while it read a message."""


class WorkerKilled(WorkerDied):
    """The worker process got SIGKILL, which no limit of its own sends."""


class MessageReader:
    """Reads messages in a child process; starts it by need and after each death."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, None when none runs."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def read(self, raw: bytes | Path) -> Message:
        """Return the reading of a message; of one that ends its workers, what can be said without them."""
        try:
            return self._stubborn(raw, {}, from_json)
        except WorkerDied as death:
            return unread(raw, f"its worker {death}, again and again")

    def verify(self, raw: bytes | Path, order: Order) -> Report:
        """Return what the signatures of a message are worth. Raises WorkerDied when it ends its workers."""
        return self._stubborn(raw, {"verify": wire.plain(order)}, wire.report)

    def attachment(self, raw: bytes | Path, index: int, inside: int | None = None) -> bytes:
        """Return the bytes of a message's attachment, or of a file `inside` it. Raises WorkerDied."""
        return self._stubborn(raw, {"attachment": index, "inside": inside}, bytes)

    def _stubborn(self, raw: bytes | Path, request: dict[str, Any], parse: Callable[[bytes], _Answer]) -> _Answer:
        """Ask again when the worker ended; raises the last WorkerDied.

        A message that ends a fresh worker twice is at fault. `kill -9` comes from outside (short memory, an operator)
        and is no fault of the message as long as it comes only now and then: after a pause the worker gets another
        chance, for some seconds in all.
        """
        pauses, chances = iter(PAUSES_AFTER_KILL), 2
        while True:
            try:
                return self._ask(raw, request, parse)
            except WorkerKilled as error:
                death: WorkerDied = error
                pause = next(pauses, None)
            except WorkerDied as error:
                death, pause, chances = error, 0.0, chances - 1
            log.warning("worker_died", reason=str(death))
            self.close()
            if pause is None or not chances:
                raise death
            time.sleep(pause)

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, raw: bytes | Path, request: dict[str, Any], parse: Callable[[bytes], _Answer]) -> _Answer:
        fresh = self.pid is None
        child = self._start() if fresh else self._child
        assert child is not None
        deadline = time.monotonic() + WALL_SECONDS_A_MESSAGE + (START_SECONDS if fresh else 0)
        try:
            if isinstance(raw, Path):
                self._send(child, json.dumps({"path": str(raw), **request}).encode() + b"\n", deadline)
            else:
                self._send(child, json.dumps({"size": len(raw), **request}).encode() + b"\n" + raw, deadline)
            length = int.from_bytes(self._receive(child, 8, deadline), "big")
            if length > ANSWER_LIMIT:
                raise WorkerDied(f"answered {length} bytes, over the limit of {ANSWER_LIMIT}")
            answer = self._receive(child, length, deadline)
        except OSError as error:
            raise _death(child) from error
        try:
            return parse(answer)
        except ValueError as error:
            raise WorkerDied("answered nonsense") from error

    def _start(self) -> subprocess.Popen[bytes]:
        self.close()
        # -P: the current folder is no place to import from, whoever started the daemon there.
        command = [sys.executable, "-P", "-m", "inboxd.worker_child"]
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(Path(__file__).parent.parent),
            "LC_ALL": "C.UTF-8",
        }
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
        )
        assert self._child.stdin is not None
        # A child that does not read must not hold up its thread for ever.
        os.set_blocking(self._child.stdin.fileno(), False)
        return self._child

    def _send(self, child: subprocess.Popen[bytes], request: bytes, deadline: float) -> None:
        assert child.stdin is not None
        rest = memoryview(request)
        while rest:
            if not select.select([], [child.stdin], [], max(0.0, deadline - time.monotonic()))[1]:
                raise WorkerDied(_TOO_SLOW)
            rest = rest[os.write(child.stdin.fileno(), rest) :]

    def _receive(self, child: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
        assert child.stdout is not None
        received = bytearray()
        while len(received) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
                raise WorkerDied(_TOO_SLOW)
            chunk = os.read(child.stdout.fileno(), min(size - len(received), 1 << 20))
            if not chunk:
                raise _death(child)
            received += chunk
        return bytes(received)


class ReaderPool:
    """As many readers as messages are read side by side; whoever reads borrows one."""

    def __init__(self, size: int) -> None:
        self._readers = [MessageReader() for _ in range(size)]
        # The one used last is asked first: in quiet times a single child serves, and no others start.
        self._free: queue.LifoQueue[MessageReader] = queue.LifoQueue()
        for reader in self._readers:
            self._free.put(reader)

    def read(self, raw: bytes | Path) -> Message:
        """Return the reading of a message; waits while all readers are busy."""
        with self._borrowed() as reader:
            return reader.read(raw)

    def verify(self, raw: bytes | Path, order: Order) -> Report:
        """Return what the signatures of a message are worth; waits while all readers are busy. Raises WorkerDied."""
        with self._borrowed() as reader:
            return reader.verify(raw, order)

    def attachment(self, raw: bytes | Path, index: int, inside: int | None = None) -> bytes:
        """Return the bytes of an attachment, or of a file `inside` it; waits while all are busy. Raises WorkerDied."""
        with self._borrowed() as reader:
            return reader.attachment(raw, index, inside)

    def close(self) -> None:
        """End all children. Nobody reads any more when this is called."""
        for reader in self._readers:
            reader.close()

    @contextmanager
    def _borrowed(self) -> Iterator[MessageReader]:
        reader = self._free.get()
        try:
            yield reader
        finally:
            self._free.put(reader)


def _death(child: subprocess.Popen[bytes]) -> WorkerDied:
    try:
        code = child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return WorkerDied("closed its answers")
    if code == -signal.SIGKILL:
        return WorkerKilled("was killed")
    return WorkerDied(f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}")
