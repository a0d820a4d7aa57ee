"""A line that nobody shall see: pasted into a terminal without echo, or read from a pipe."""

import contextlib
import os
import sys
import termios
from collections.abc import Iterator
from typing import Final

from inboxd.errors import UsageWrong

_LONGEST: Final = 64 * 1024
_BACKSPACES: Final = b"\x7f\x08"
_ENDS: Final = b"\r\n\x04"
# What terminals put around pasted text, where a shell before us has asked for it.
_PASTE_MARKS: Final = (b"\x1b[200~", b"\x1b[201~")


def read_hidden_line(prompt: str) -> str:
    """Return one line from stdin without its end; on a terminal after `prompt`, and nothing of it is shown.

    Raises UsageWrong when there is nothing, or more than any answer is.
    """
    line = _from_terminal(sys.stdin.fileno(), prompt) if sys.stdin.isatty() else _from_pipe()
    if len(line) > _LONGEST:
        raise UsageWrong("what came in is too long for an answer: paste one line")
    for mark in _PASTE_MARKS:
        line = line.replace(mark, b"")
    return line.decode("utf-8", "replace").strip()


def _from_pipe() -> bytes:
    return sys.stdin.buffer.readline(_LONGEST + 1)


def _from_terminal(terminal: int, prompt: str) -> bytes:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    try:
        with _letter_by_letter(terminal):
            return _typed(terminal)
    finally:
        sys.stderr.write("\n")
        sys.stderr.flush()


def _typed(terminal: int) -> bytes:
    line = bytearray()
    while len(line) <= _LONGEST:
        letter = os.read(terminal, 1)
        if not letter or letter in _ENDS:
            break
        if letter in _BACKSPACES:
            del line[-1:]
        else:
            line += letter
    return bytes(line)


@contextlib.contextmanager
def _letter_by_letter(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    hidden = termios.tcgetattr(terminal)
    # Not line by line: a terminal cuts its lines at 4,096 bytes without a word (termios(3)), and answers may be longer.
    hidden[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(terminal, termios.TCSADRAIN, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
