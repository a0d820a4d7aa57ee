"""The form of a call over the control socket, known to both of its ends.

A call is `POST /v1/<operation>`; its body is one line of JSON (the arguments, an object) and, after that line's end,
the payload's bytes as they are. The answer is `{"value": …}`, or `{"error": …, "exit_code": n}` in one clear sentence,
with `"mistakes": [{file, line, column, message}]` beside them when a file is wrong.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from inboxd.errors import ConfigurationWrong, InboxdError, TryLater, UsageWrong
from rules.mistakes import Mistake

PREFIX = "/v1/"
MAX_ARGUMENTS = 4 * 1024 * 1024  # a note's text and a voicemail's known transcript travel here
MAX_PAYLOAD = 64 * 1024 * 1024  # bytes; more than twice the largest mail that is accepted by default
WAITS = frozenset(
    {"audit", "ingest.outcome", "import.outcomes", "tickets.watch"}
)  # operations that sleep until something has happened

_SUN_PATH = 107  # bytes of a socket's name in sockaddr_un (unix(7)), without the final NUL


class Backend(Protocol):
    """What commands call: the daemon behind its socket, or the store opened in this process."""

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        """Do `operation` and return a JSON value. Raises InboxdError; its exit code travels along."""


@contextmanager
def address(path: Path) -> Iterator[str]:
    """Give a name for the socket at `path` that fits into sockaddr_un, however long the path is.

    The name holds inside the `with` block only. Raises OSError when the folder is not there.
    """
    if len(os.fsencode(path)) <= _SUN_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        short = f"/proc/self/fd/{folder}/{path.name}"
        if len(os.fsencode(short)) > _SUN_PATH:
            raise InboxdError(f"the control socket's file name is too long: {path.name}; 80 bytes will do")
        yield short
    finally:
        os.close(folder)


def refusal(error: InboxdError) -> dict[str, Any]:
    """Say `error` in the form it has on the wire."""
    answer: dict[str, Any] = {"error": str(error), "exit_code": error.exit_code}
    if isinstance(error, ConfigurationWrong):
        answer["mistakes"] = [asdict(mistake) for mistake in error.mistakes]
    return answer


def refused(answer: dict[str, Any]) -> InboxdError:
    """Give the error of the daemon the class that ends this command with the same exit code."""
    text, code = str(answer["error"]), answer.get("exit_code")
    if code == ConfigurationWrong.exit_code:
        return ConfigurationWrong(text, (Mistake(**mistake) for mistake in answer.get("mistakes", ())))
    for kind in (UsageWrong, TryLater):
        if kind.exit_code == code:
            return kind(text)
    return InboxdError(text)
