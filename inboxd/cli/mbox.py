"""The mails of an mbox file, one after another (RFC 4155 and the mboxrd way of quoting)."""

import re
from collections.abc import Iterator
from pathlib import Path

from inboxd.cli.files import unreadable
from inboxd.control.wire import MAX_PAYLOAD
from inboxd.errors import InboxdError

_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def mails(path: Path) -> Iterator[bytes]:
    """Yield each mail without its From line; one is held at a time. Raises InboxdError where it cannot be read."""
    lines: list[bytes] = []
    size = 0
    after_blank = True
    try:
        with path.open("rb") as file:
            # A line without an end is as long as its file: read with a bound, like everything foreign.
            while line := file.readline(MAX_PAYLOAD):
                # A From line without an empty line before it is somebody's sentence.
                if after_blank and line.startswith(b"From "):
                    if lines:
                        yield _mail(lines)
                    lines, size = [], 0
                lines.append(line)
                size += len(line)
                if size > MAX_PAYLOAD:
                    raise InboxdError(f"holds a mail larger than {MAX_PAYLOAD // (1024 * 1024)} MiB")
                after_blank = line in (b"\n", b"\r\n")
    except OSError as error:
        raise unreadable(error) from error
    if lines:
        yield _mail(lines)


def _mail(lines: list[bytes]) -> bytes:
    if len(lines) > 1 and lines[-1] in (b"\n", b"\r\n"):
        del lines[-1]  # it separates, and is no part of the mail
    return _QUOTED.sub(rb"\1", b"".join(lines[1:]))
