"""A process that loads once what each recording needs, and forks a child for each: the child's side of supervise.py.

To start an interpreter with its libraries costs as much as to hear three seconds of speech. No stranger's byte is ever
looked at in this process, only in its children, each of which hears one recording and ends.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from transcribe import confine

MAX_REQUEST = 128 * 1024
EXIT_FAILED = 70
_DESCRIPTORS = 4  # of a request: its recording, its answer's pipe, its errors' pipe, its report

Work = Callable[[bytes, int, int], int]
"""What a child does: takes a request, the recording's descriptor and the answer's, and gives its exit status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    """A child at work; `exited` is its pidfd, which is readable when it has ended."""

    number: int
    exited: int
    report: socket.socket


def serve(control: socket.socket, work: Work) -> None:
    """Fork a child for each request on `control`; ends when its other end is closed and the last child has ended.

    A request's report gets a descriptor of its child (pidfd) at once, and the child's exit status (or minus its
    signal, in decimal) when the child has ended and nothing of its process group is left. A child whose report nobody
    holds any more is killed.
    """
    # What is here stays: no child has to copy a page because its collector looked at it.
    gc.freeze()
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while selector.get_map():
            for key, _events in selector.select():
                child: _Child | None = key.data
                if child is None:
                    _take(control, selector, work)
                elif selector.get_map().get(key.fd) != key:
                    pass  # buried in this round
                elif key.fd == child.exited:
                    _bury(child, selector)
                else:
                    selector.unregister(child.report)
                    os.kill(child.number, signal.SIGKILL)


def _take(control: socket.socket, selector: selectors.BaseSelector, work: Work) -> None:
    """Start what one request asks for."""
    request, descriptors, _flags, _address = socket.recv_fds(control, MAX_REQUEST, _DESCRIPTORS)
    if not request:
        selector.unregister(control)
        return
    recording, output, errors, report = descriptors
    server = os.getpid()
    number = os.fork()
    if number == 0:
        _become(work, request, recording, output, errors, server)
    for descriptor in (recording, output, errors):
        os.close(descriptor)
    child = _Child(number=number, exited=os.pidfd_open(number), report=socket.socket(fileno=report))
    selector.register(child.exited, selectors.EVENT_READ, child)
    selector.register(child.report, selectors.EVENT_READ, child)
    with contextlib.suppress(BrokenPipeError):  # who asked is gone, and that is seen next
        socket.send_fds(child.report, [b"started"], [child.exited])


def _bury(child: _Child, selector: selectors.BaseSelector) -> None:
    # Before the child is waited for: until then its number cannot be given to another process group.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.number, signal.SIGKILL)
    _number, status = os.waitpid(child.number, 0)
    selector.unregister(child.exited)
    os.close(child.exited)
    if child.report in selector.get_map():
        selector.unregister(child.report)
    with child.report, contextlib.suppress(BrokenPipeError):
        child.report.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(work: Work, request: bytes, recording: int, output: int, errors: int, server: int) -> None:
    """Be the child of one request; does not return."""
    status = EXIT_FAILED
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        # C libraries print; what they print must not end up within the answer.
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        _close_all_but({0, 1, 2, recording, output})
        confine.die_with_parent(server)
        status = work(request, recording, output)
    except BaseException:  # noqa: BLE001 the process's edge: the parent logs what stands on standard error
        traceback.print_exc()
    finally:
        # The kernel frees it all at once; to take networks apart one by one costs a tenth of a short recording.
        os._exit(status)


def _close_all_but(kept: set[int]) -> None:
    """Close what is the server's own: by the other children's reports and processes this one could meddle with them."""
    for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if descriptor not in kept:
            with contextlib.suppress(OSError):  # the listing's own is closed already
                os.close(descriptor)
