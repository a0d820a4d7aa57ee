"""Files out of reach: the child may read libraries and its model, and change nothing (Linux 5.13 and later).

The recording is no exception: it comes as an open descriptor, which this does not concern. Without it, a child that
a recording has taken over could delete the store, whose owner it shares.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterable

from transcribe.kernel import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_BITS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
_BITS_NOW = 16
_BIND_AND_CONNECT_TCP = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the kernel's version of Landlock, 0 where there is none or it is switched off."""
    try:
        return syscall(_CREATE_RULESET, None, 0, _VERSION)
    except OSError as error:
        if error.errno in {errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}:
            return 0
        raise


def read_only(readable: Iterable[str]) -> None:
    """Leave this process nothing of the file system but reading what lies under `readable`.

    Needs no_new_privs. Does nothing on a kernel without Landlock; paths that do not exist are passed over.
    """
    known = version()
    if known == 0:
        return
    # An older kernel refuses a structure that asks for what it does not know.
    size = 8 if known < 4 else 16 if known < 6 else 24
    rules = _Ruleset(
        files=(1 << _BITS_BY_VERSION.get(known, _BITS_NOW)) - 1,
        network=_BIND_AND_CONNECT_TCP,
        scoped=_ABSTRACT_SOCKETS_AND_SIGNALS,
    )
    ruleset = syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    for path in readable:
        _allow(ruleset, path)
    syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
    rule = _PathBeneath(allowed=_READ_FILE | (_READ_DIR if is_folder else 0), parent=descriptor)
    syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(descriptor)
