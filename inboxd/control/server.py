"""The daemon's end of the control socket.

The loop only moves bytes: each call runs in a thread, so that a slow store never stops the listeners. Who calls is
asked of the kernel; who may call is decided by the socket's mode (0660) and the folder it lies in.
"""

import asyncio
import fcntl
import json
import os
import socket
import stat
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any

import structlog
from aiohttp import web

from inboxd.control import peer
from inboxd.control.wire import MAX_ARGUMENTS, MAX_PAYLOAD, PREFIX, WAITS, Backend, address, refusal
from inboxd.errors import InboxdError, TryLater, UsageWrong

log = structlog.get_logger(__name__)

_IN_MEMORY = 1024 * 1024  # a body above this lies in an unnamed temporary file until its turn
_WAITERS = 32  # calls that may sleep at the same time (each `tickets watch` does); more wait in line, for some seconds
Bound = tuple[socket.socket, tuple[int, int]]  # a listening socket, and device and inode of its file
_STATUS = {2: 400, 75: 503}  # exit code → HTTP status; any other error is 422


def bind(path: Path) -> Bound:
    """Listen at `path`.

    Raises TryLater when another daemon answers there, InboxdError when the place cannot be had. A socket that a dead
    daemon left behind is removed, and nothing else ever is.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise InboxdError(f"control socket {path}: {error.strerror}: {path.parent}") from error
    try:
        # Two starting daemons must not each find the other's socket, bound and not yet listening, and remove it.
        fcntl.flock(folder, fcntl.LOCK_EX)
        _remove_stale(path)
        return _listen(path)
    except OSError as error:
        raise InboxdError(f"control socket {path}: {error.strerror or error}") from error
    finally:
        os.close(folder)


def _remove_stale(path: Path) -> None:
    """Remove the socket at `path` when nobody listens there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise InboxdError(f"control socket {path}: a file that is no socket is in its place; move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, address(path) as name:
        probe.settimeout(2.0)
        try:
            probe.connect(name)
        except ConnectionRefusedError:
            path.unlink()
            return
        except (TimeoutError, BlockingIOError):
            pass  # somebody holds it and is too busy to answer: taken all the same
    raise TryLater(f"another daemon answers at {path}")


def _listen(path: Path) -> Bound:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with address(path) as name:
            sock.bind(name)
        # Before listen() every connect is refused, so no umask, however open, lets anybody in for a moment.
        path.chmod(0o660)
        sock.listen(128)
        sock.setblocking(False)
        found = path.lstat()
    except BaseException:
        sock.close()
        raise
    return sock, (found.st_dev, found.st_ino)


def _give_up(bound: Bound, path: Path) -> None:
    bound[0].close()
    path.unlink(missing_ok=True)


class Server:
    """A listening control socket; close it to stop."""

    def __init__(self, path: Path, bound: Bound, runner: web.ServerRunner, waiters: Executor) -> None:
        self.path = path
        self._sock, self._file = bound
        self._runner = runner
        self._waiters = waiters

    async def close(self) -> None:
        """Stop listening, let calls under way finish (for ten seconds at most), remove the socket's file."""
        self._unlink()
        # A connection accepted in the very turn in which asyncio's server closes fails an assertion there and is
        # never closed (cpython#109564). So: accept no more, let what was accepted be taken on, then close.
        asyncio.get_running_loop().remove_reader(self._sock.fileno())
        await _turns(3)
        await self._runner.cleanup()
        await _turns(1)  # closed transports let go of their sockets in the next turn
        self._waiters.shutdown(wait=False, cancel_futures=True)

    def _unlink(self) -> None:
        """Remove the file if it is still ours: a successor may have bound its own there."""
        try:
            found = self.path.lstat()
        except FileNotFoundError:
            return
        if (found.st_dev, found.st_ino) == self._file:
            self.path.unlink(missing_ok=True)


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def serve(
    path: Path,
    backend_for: Callable[[str], Backend],
    executor: Executor,
    *,
    max_payload: int = MAX_PAYLOAD,
) -> Server:
    """Answer calls at `path` until the returned server is closed.

    `backend_for` gets the caller's login name, in a thread of `executor`, and the calls of its backend run in such
    threads too. Raises TryLater when another daemon answers at `path`, InboxdError when it cannot be bound.
    """
    bound = bind(path)
    waiters = ThreadPoolExecutor(_WAITERS, thread_name_prefix="control-wait")
    calls = _Calls(backend_for, executor, waiters, max_payload)
    runner = web.ServerRunner(web.Server(calls.answer, access_log=None), shutdown_timeout=10.0)
    try:
        await runner.setup()
        await web.SockSite(runner, bound[0]).start()
    except BaseException:
        await asyncio.to_thread(_give_up, bound, path)
        raise
    return Server(path, bound, runner, waiters)


class _Calls:
    """One request in, one JSON answer out."""

    def __init__(
        self, backend_for: Callable[[str], Backend], executor: Executor, waiters: Executor, max_payload: int
    ) -> None:
        self._backend_for = backend_for
        self._executor = executor
        self._waiters = waiters
        self._max_payload = max_payload
        self._large = asyncio.Semaphore(1)  # one large payload in memory at a time bounds the daemon's size

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer `request`; nothing is raised to the web server but a lost connection or a cancelled task."""
        operation = request.path.removeprefix(PREFIX)
        try:
            return _respond(200, {"value": await self._call(operation, request)})
        except InboxdError as error:
            return _respond(_STATUS.get(error.exit_code, 422), refusal(error))
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:  # the boundary: a defect in one operation must not take the socket down
            log.exception("control_call_failed", operation=operation)
            return _respond(
                500, {"error": f"{operation} failed in the daemon; its log has the details", "exit_code": 1}
            )

    async def _call(self, operation: str, request: web.BaseRequest) -> Any:
        if request.method != "POST" or operation == request.path:
            raise UsageWrong(f"no such call: {request.method} {request.path}")
        transport = request.transport
        if transport is None:
            raise ConnectionResetError(operation)
        uid = peer.of(transport.get_extra_info("socket")).uid
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            try:
                arguments = await self._read(request, spool)
            except OSError as error:
                if isinstance(error, ConnectionError):
                    raise
                raise TryLater(f"the daemon has no room for the payload: {error.strerror}") from error
            if spool.tell() <= _IN_MEMORY:
                return await self._run(operation, arguments, spool, uid)
            async with self._large:
                return await self._run(operation, arguments, spool, uid)

    async def _read(self, request: web.BaseRequest, spool: IO[bytes]) -> dict[str, Any]:
        """Take the body in: return the arguments, leave the payload in `spool`."""
        line: bytearray | None = bytearray()
        async for chunk in request.content.iter_any():
            if line is None:
                spool.write(chunk)
            else:
                end = chunk.find(b"\n")
                line += chunk if end < 0 else chunk[:end]
                if len(line) > MAX_ARGUMENTS:
                    raise UsageWrong(f"the arguments are larger than {MAX_ARGUMENTS} bytes")
                if end >= 0:
                    spool.write(chunk[end + 1 :])
                    arguments = _arguments(bytes(line))
                    line = None
            if spool.tell() > self._max_payload:
                raise UsageWrong(f"the payload is larger than {self._max_payload} bytes")
        if line is not None:
            raise UsageWrong("the arguments do not end with a line end")
        return arguments

    async def _run(self, operation: str, arguments: dict[str, Any], spool: IO[bytes], uid: int) -> Any:
        executor = self._waiters if operation in WAITS else self._executor
        work = partial(self._in_thread, operation, arguments, spool, uid)
        return await asyncio.get_running_loop().run_in_executor(executor, work)

    def _in_thread(self, operation: str, arguments: dict[str, Any], spool: IO[bytes], uid: int) -> Any:
        spool.seek(0)
        return self._backend_for(peer.login(uid)).call(operation, arguments, spool.read())


def _arguments(line: bytes) -> dict[str, Any]:
    try:
        arguments = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageWrong("the arguments are not JSON") from error
    if not isinstance(arguments, dict):
        raise UsageWrong("the arguments are not an object")
    return arguments


def _respond(status: int, answer: dict[str, Any]) -> web.Response:
    return web.Response(status=status, text=json.dumps(answer), content_type="application/json")
