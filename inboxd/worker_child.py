"""A worker process: bytes in, reading out, no store handle, limited memory and time.

Runs as `python -m inboxd.worker_child`. A request on standard input is one JSON line `{"size": N}` followed by N
bytes, or `{"path": "…"}` for a large message that lies in a file. The answer is the length as eight bytes and the
message as JSON (`inboxd.message.wire`). With `"verify"` beside it, an order of `inboxd.signatures`, the answer is what
the signatures are worth; with `"attachment"`, a number, the bytes of that attachment; with
`"inside"` beside that, those of the file of that number in it. What a hostile message can do is to kill this process;
the parent starts another, and the message is filed unread, or unproven.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

MEMORY_LIMIT = 512 * 1024 * 1024
CPU_SECONDS_A_MESSAGE = 10
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Answer requests until standard input ends."""
    # A killed daemon must not leave workers behind (prctl(2)).
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests = sys.stdin.buffer
    # Whatever a library prints goes to standard error; the private copy carries answers alone.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(requests, answers)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Read one message after another. Anything that goes wrong ends the process: the parent sees it and acts."""
    while line := requests.readline():
        request = json.loads(line)
        _limit_cpu()
        raw = Path(request["path"]).read_bytes() if "path" in request else requests.read(request["size"])
        if "attachment" in request:
            answer = _attachment(raw, request["attachment"], request.get("inside"))
        else:
            answer = _verified(raw, request["verify"]) if "verify" in request else _read(raw)
        answers.write(len(answer).to_bytes(8, "big"))
        answers.write(answer)
        answers.flush()


def _read(raw: bytes) -> bytes:
    from inboxd.message import parse, to_json

    return json.dumps(to_json(parse(raw)), ensure_ascii=False).encode()


def _attachment(raw: bytes, index: int, inside: int | None) -> bytes:
    from inboxd.message.parse import attachment

    return attachment(raw, index, inside)


def _verified(raw: bytes, order: object) -> bytes:
    # By need: most mail of machines is unsigned, and a check costs 30 ms of imports.
    from inboxd.signatures import verify, wire

    return wire.to_json(verify(raw, wire.order(order)))


def _limit_cpu() -> None:
    """Allow this message its own seconds: the limit counts from the start of the process (setrlimit(2))."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS_A_MESSAGE, hard))


if __name__ == "__main__":
    main()
