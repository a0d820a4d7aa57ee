"""Who is at the other end of a Unix socket: the kernel says, so nobody can claim another's name."""

import pwd
import socket
import struct
from dataclasses import dataclass
from typing import Protocol

_UCRED = struct.Struct("iII")  # pid, uid, gid (unix(7), SO_PEERCRED)


class HasOptions(Protocol):
    """A socket, or asyncio's wrapper around one."""

    def getsockopt(self, level: int, optname: int, buflen: int, /) -> bytes:
        """As socket.socket.getsockopt with a buffer's length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A process as it was when it connected."""

    pid: int
    uid: int


def of(sock: HasOptions) -> Peer:
    """Ask the kernel who connected `sock`."""
    pid, uid, _gid = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(pid=pid, uid=uid)


def login(uid: int) -> str:
    """Return the login name of `uid`, or `uid N` where the system knows none.

    Blocks: a directory service may be asked.
    """
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
