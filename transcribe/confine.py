"""What the child process gives up before it looks at a stranger's recording."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import sysconfig
from pathlib import Path

from transcribe import landlock, seccomp
from transcribe.kernel import prctl

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_MAX_DESCRIPTORS = 32
_NICENESS = 19
# What the dynamic loader and the libraries' choice of instructions look at.
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
    "/dev/null",
    "/dev/urandom",
)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends; raises SystemExit if it has."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Between fork and the line above the parent may have died already; then nobody would ever kill us.
    if os.getppid() != parent:
        raise SystemExit(f"started by process {parent}, which is gone")


def confine(*, address_space_bytes: int, cpu_seconds: int) -> None:
    """Limit this process, for good: memory, time, files, privileges; and let mail go before speech."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    # No core file holds a caller's words, and no other process of this user reads this one's memory.
    prctl(_PR_SET_DUMPABLE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, address_space_bytes)
    # The soft limit sends SIGXCPU, which the parent can name; the hard one SIGKILL, if that is blocked.
    _limit(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 2)
    _limit(resource.RLIMIT_NOFILE, _MAX_DESCRIPTORS)
    # Nothing is written but the answer, which is a pipe and does not count.
    _limit(resource.RLIMIT_FSIZE, 0)
    # A courtesy, which a service manager's filter of system calls may forbid.
    with contextlib.suppress(PermissionError):
        os.nice(_NICENESS)


def shut_in(model: Path | None) -> None:
    """Leave this process its descriptors, its libraries and its model: no other file, no network, no program."""
    here = str(Path(__file__).parent)
    libraries = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    landlock.read_only([*_SYSTEM, *libraries, sys.prefix, sys.base_prefix, here, *([str(model)] if model else [])])
    seccomp.forbid()


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    # A lower limit that the service manager set stays.
    ceiling = resource.getrlimit(which)[1]
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        hard = min(hard, ceiling)
    resource.setrlimit(which, (min(soft, hard), hard))
