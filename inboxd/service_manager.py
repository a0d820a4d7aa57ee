"""Tells the service manager how we are (sd_notify(3)): one datagram, nothing where nobody asked."""

import os
import socket
import time
from collections.abc import Mapping

import structlog

log = structlog.get_logger("inboxd.service_manager")


def notify(state: str) -> None:
    """Send assignments, one a line: `READY=1`, `STATUS=…`. Does nothing without `$NOTIFY_SOCKET`."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # an abstract socket
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.settimeout(5)  # a manager that is stopped must not stop us, too
            sock.connect(address)
            sock.sendall(state.encode())
    except OSError as error:
        # The manager will draw its own conclusions; mail that could be taken in is no reason to end.
        log.warning("not_notified", state=state, error=str(error))


def reloading() -> None:
    """Say that a reload begins. `READY=1` must follow, whatever becomes of it.

    The time is what `Type=notify-reload` (systemd 253) wants; older ones leave it alone.
    """
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}\nSTATUS=Reading rules and accounts")


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> float | None:
    """Return the time within which the manager wants `WATCHDOG=1` (sd_watchdog_enabled(3)), None when it wants none."""
    named = environment.get("WATCHDOG_PID")
    try:
        # The variables are inherited; they are meant for the process that they name.
        if named and int(named) != os.getpid():
            return None
        microseconds = int(environment.get("WATCHDOG_USEC", "0"))
    except ValueError:
        return None
    return microseconds / 1_000_000 if microseconds > 0 else None
