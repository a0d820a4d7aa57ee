"""The two system calls of Linux that confinement needs and Python has no function for."""

from __future__ import annotations

import ctypes
import os

_LIBC = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int, pointer: ctypes.c_void_p | None = None) -> None:
    """Change something about this process (manual page prctl, section 2); raises OSError."""
    unused = ctypes.c_ulong(0)
    _check(_LIBC.prctl(option, ctypes.c_ulong(value), pointer or unused, unused, unused), f"prctl({option})")


def syscall(number: int, *arguments: object) -> int:
    """Call a system call by number; integers go as 64 bits. Raises OSError."""
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _check(_LIBC.syscall(ctypes.c_long(number), *wide), f"system call {number}")


def _check(answer: int, what: str) -> int:
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), what)
    return answer
