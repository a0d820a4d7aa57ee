"""Who holds a job: which process of which boot of which host, so that the next one can tell that it is gone."""

import os
import secrets
import socket
from pathlib import Path

from sqlalchemy import ColumnElement

from store.clock import boot_id


def claimant(host: str | None = None) -> str:
    """Give a fresh name for a worker of this process: `host:boot:pid:start:random`."""
    pid = os.getpid()
    return ":".join((host or this_host(), boot_id(), str(pid), _started(pid) or "0", secrets.token_hex(4)))


def this_host() -> str:
    """Give this machine's name as claimants carry it."""
    return socket.gethostname().replace(":", "-")


def of_host(column: ColumnElement[str | None], host: str) -> ColumnElement[bool]:
    """Give the condition that a claimant is of this host."""
    return column.startswith(host + ":", autoescape=True)


def is_gone(name: str) -> bool:
    """Tell whether the process of a claimant of this host has ended. A name of another form is of none that lives."""
    match name.split(":"):
        case [_, boot, pid, start, _] if pid.isdecimal():
            # The kernel gives a pid again; with the start time it names one process only.
            return boot != boot_id() or _started(int(pid)) != start
        case _:
            return True


def _started(pid: int) -> str | None:
    """Give a process's start in ticks since boot (proc(5), field 22); None when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field is the command in parentheses and may hold anything, spaces and parentheses included.
    after = stat.rpartition(")")[2].split()
    # A zombie runs nothing any more; it only waits for its parent.
    return None if after[0] in {"Z", "X"} else after[19]
