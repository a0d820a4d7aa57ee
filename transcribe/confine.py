"""What the child process gives up before it looks at a stranger's recording."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_MAX_DESCRIPTORS = 32
_NICENESS = 10


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends; raises SystemExit if it has."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Between fork and the line above the parent may have died already; then nobody would ever kill us.
    if os.getppid() != parent:
        raise SystemExit(f"started by process {parent}, which is gone")


def confine(*, address_space_bytes: int, cpu_seconds: int) -> None:
    """Limit this process, for good: memory, time, files, privileges; and let mail go before speech."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    # No core file holds a caller's words, and no other process of this user reads this one's memory.
    _prctl(_PR_SET_DUMPABLE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, address_space_bytes)
    # The soft limit sends SIGXCPU, which the parent can name; the hard one SIGKILL, if that is blocked.
    _limit(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 2)
    _limit(resource.RLIMIT_NOFILE, _MAX_DESCRIPTORS)
    # Nothing is written but the answer, which is a pipe and does not count.
    _limit(resource.RLIMIT_FSIZE, 0)
    os.nice(_NICENESS)


def private_output() -> int:
    """Move standard output to a descriptor of our own, and leave standard error in its place.

    C libraries print; what they print must not end up within the answer. Returns the descriptor.
    """
    answer = os.dup(1)  # not inheritable, unlike 1
    os.dup2(2, 1)
    return answer


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    # A lower limit that the service manager set stays.
    ceiling = resource.getrlimit(which)[1]
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        hard = min(hard, ceiling)
    resource.setrlimit(which, (min(soft, hard), hard))


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    unused = ctypes.c_ulong(0)
    if libc.prctl(option, ctypes.c_ulong(value), unused, unused, unused) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), f"prctl({option})")
