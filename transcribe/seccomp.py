"""System calls that hearing never needs and an attacker would: they fail with EPERM from here on.

A list of what is forbidden, not of what is allowed: the libraries' own needs change with every version of them and of
the C library, and a recogniser that dies of an update would cost more than this last of several walls is worth.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from transcribe.kernel import prctl

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x10000
_OTHER_ABI = 0x40000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Sockets, other programs, other processes, and io_uring, which would do all of it by another way.
_FORBIDDEN = {
    "x86_64": (41, 53, 57, 58, 59, 62, 101, 112, 200, 272, 310, 311, 321, 322, 424, 425),
    "aarch64": (97, 117, 129, 130, 157, 198, 199, 221, 270, 271, 280, 281, 424, 425),
}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_TGKILL = {"x86_64": 234, "aarch64": 131}
_PRLIMIT = {"x86_64": 302, "aarch64": 261}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def forbid() -> None:
    """Forbid sockets, execve, fork, ptrace and signals to others; needs no_new_privs.

    Threads can still be started, and abort() works. Does nothing on other machines than x86-64 and 64-bit ARM, or
    on a kernel without seccomp.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return
    code = _program(machine, os.getpid())
    program = _Program(length=len(code) // 8, instructions=code)
    try:
        prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.cast(ctypes.pointer(program), ctypes.c_void_p))
    except OSError as error:
        if error.errno != errno.EINVAL:  # a kernel built without it
            raise


def _program(machine: str, own: int) -> bytes:
    """Assemble the filter (classic BPF); each rule below ends in a return, or falls through to the next."""
    refuse = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    argument = (_LOAD, 0, 0, _FIRST_ARGUMENT)
    code = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        refuse,
        (_LOAD, 0, 0, _NUMBER),
        # x86-64's second set of numbers for the same calls.
        (_AT_LEAST, 0, 1, _OTHER_ABI),
        refuse,
        # Its flags are behind a pointer, where a filter cannot look; the C library falls back to clone.
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
    ]
    for number in _FORBIDDEN[machine]:
        code += [(_EQUAL, 0, 1, number), refuse]
    code += [(_EQUAL, 0, 4, _CLONE[machine]), argument, (_ANY_BIT, 0, 1, _CLONE_THREAD), allow, refuse]
    code += [(_EQUAL, 0, 4, _TGKILL[machine]), argument, (_EQUAL, 0, 1, own), allow, refuse]
    code += [(_EQUAL, 0, 5, _PRLIMIT[machine]), argument, (_EQUAL, 1, 0, 0), (_EQUAL, 0, 1, own), allow, refuse]
    code.append(allow)
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
