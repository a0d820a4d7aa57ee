"""The client's end of the control socket: the standard library only, so that a command starts fast."""

import http.client
import json
import socket
from pathlib import Path
from typing import Any

from inboxd.control.wire import PREFIX, address, refused
from inboxd.errors import InboxdError, TryLater

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 120.0  # how long an operation may take that does not say itself how long it waits


class _Connection(http.client.HTTPConnection):
    """HTTP over the Unix socket at `path`."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("inboxd", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = _dial(self.path)
        self.sock.settimeout(self.timeout)


def _dial(path: Path) -> socket.socket:
    """Connect to the socket at `path`. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(_CONNECT_SECONDS)
        with address(path) as name:
            sock.connect(name)
    except BaseException:
        sock.close()
        raise
    return sock


def connect(path: Path) -> "ControlBackend | None":
    """Return the daemon that answers at `path`, or None when none does.

    Raises InboxdError when a daemon may be there and this user is not let in.
    """
    try:
        _dial(path).close()
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return None
    except PermissionError as error:
        raise InboxdError(
            f"no permission to speak to the daemon at {path}: its group must be one of yours (usually inboxd)"
        ) from error
    except OSError as error:
        # EAGAIN is a full backlog, ETIMEDOUT a daemon that is stopped: it is there, so its store is not ours to open.
        raise TryLater(f"the daemon at {path} does not answer: {error.strerror or error}") from error
    return ControlBackend(path)


class ControlBackend:
    """A running daemon. Each call has a connection of its own, so none meets one that went stale."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        """Do `operation` in the daemon and return its value.

        Raises InboxdError as the daemon raised it, and TryLater when the daemon went away or was too slow.
        """
        wait = float(arguments.get("wait_seconds") or 0.0)
        connection = _Connection(self.path, _ANSWER_SECONDS + wait)
        try:
            return _value(*_exchange(connection, operation, arguments, payload))
        except TimeoutError as error:
            raise TryLater(f"the daemon gave no answer to {operation} within {_ANSWER_SECONDS:.0f} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise TryLater(f"the daemon went away during {operation}; whether it was done is not known") from error
        finally:
            connection.close()


def _exchange(connection: _Connection, operation: str, arguments: dict[str, Any], payload: bytes) -> tuple[int, bytes]:
    """Send one call, return the answer's status and body. Raises OSError, HTTPException."""
    line = json.dumps(arguments, separators=(",", ":")).encode() + b"\n"
    try:
        connection.connect()
    except OSError as error:
        raise TryLater(f"the daemon at {connection.path} is gone") from error
    try:
        # Two parts with a length said beforehand: the payload is neither copied nor chunked.
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(line) + len(payload))}
        connection.request("POST", PREFIX + operation, body=iter((line, payload)), headers=headers)
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before all was sent (too large): the reason stands in the answer, which is read next
    answer = connection.getresponse()
    return answer.status, answer.read()


def _value(status: int, body: bytes) -> Any:
    """Return the value of an answer, or raise the error it carries."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not ("value" in answer or isinstance(answer.get("error"), str)):
        raise InboxdError(f"the daemon answered what this command does not understand (status {status})")
    if "error" not in answer:
        return answer["value"]
    raise refused(answer)
