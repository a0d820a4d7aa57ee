"""Random bytes, and real messages with pieces torn out, doubled, swapped and spoilt, through a running daemon.

Each must end with a place that has a name, without one traceback in the daemon's log and without the death of a worker.
`python -m tests.bench.fuzz_pipeline CORPUS` runs 1,000 of each; CORPUS is a folder of .eml files.
Same seed, same bytes.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from inboxd.control.client import connect
from inboxd.control.wire import Backend
from inboxd.settings import load
from tests.harness.desk import Daemon, Desk

# What a parser looks for, put where it does not belong.
_SPICE: Final = (
    b"\r\n\r\n", b"\r\n ", b"\n", b"\r", b"\0", b"\xff\xfe", b"=?utf-8?b?", b"?=", b"--", b"Content-Type: ",
    b"charset=", b"multipart/mixed; boundary=", b"Content-Transfer-Encoding: base64\r\n", b"From: <", b"Subject: =?",
    b"begin 644 x\r\n",
    b"<" * 500, b"(" * 300, b"=3D=", b"&#x110000;", b"Message-ID: <", b"filename*0*=utf-8''%", b"quoted-printable",
)  # fmt: skip
_LONGEST: Final = 64 * 1024
_AHEAD: Final = 32


def random_messages(count: int, seed: int) -> Iterator[bytes]:
    """Bytes by chance, from none to some ten thousand."""
    chance = random.Random(f"{seed}-bytes")
    for _ in range(count):
        yield chance.randbytes(int(2 ** chance.uniform(0, 14)) - 1)


def mutated_messages(originals: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Real messages with one to eight things wrong."""
    chance = random.Random(f"{seed}-mutants")
    for _ in range(count):
        message = chance.choice(originals)[:_LONGEST]
        for _ in range(chance.randint(1, 8)):
            message = _spoilt(message, originals, chance)
        yield message


def _spoilt(message: bytes, originals: list[bytes], chance: random.Random) -> bytes:
    # The beginning is where the structure is.
    at = int(len(message) * chance.random() ** 3)
    end = min(len(message), at + int(2 ** chance.uniform(0, 10)))
    kind = chance.randrange(7)
    if kind == 0:
        return message[:at] + message[end:]
    if kind == 1:
        return message[:at] + message[at:end] * chance.randint(2, 20) + message[end:]
    if kind == 2:
        return message[:at] + chance.randbytes(end - at) + message[end:]
    if kind == 3:
        return message[:at] + chance.choice(_SPICE) + message[at:]
    if kind == 4:
        other = chance.choice(originals)[:_LONGEST]
        cut = chance.randrange(len(other) + 1)
        return message[:at] + other[cut : cut + 4096] + message[end:]
    if kind == 5:
        return message[:end]
    lines = message.splitlines(keepends=True)
    first = lines[:30]
    chance.shuffle(first)
    return b"".join(first + lines[30:])


@dataclass(slots=True)
class Outcome:
    """What became of everything."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {status}" for status, count in self.statuses.most_common())
        return "\n  ".join([f"{counted}; the slowest took {self.slowest:.1f} s behind those before it", *self.wrong])


def feed(desk: Desk, daemon: Daemon, messages: Iterator[bytes]) -> Outcome:
    """Hand everything in through the daemon's socket and hold each to its place."""
    outcome = Outcome()
    backend = connect(load(desk.config).control.socket)
    assert backend is not None
    waiting: list[tuple[str, bytes, float]] = []
    for number, raw in enumerate(messages):
        envelope = {"mail_from": "someone@client.example", "rcpt_tos": ["support@example.com"]}
        accepted = backend.call("ingest.accept", {"name": str(number), "kind": "mail", "envelope": envelope}, raw)
        waiting.append((str(accepted["intake_id"]), raw, time.monotonic()))
        if len(waiting) >= _AHEAD:
            _conclude(backend, outcome, *waiting.pop(0))
    for one in waiting:
        _conclude(backend, outcome, *one)
    if daemon.process.poll() is not None:
        outcome.wrong.append(f"the daemon ended with {daemon.process.returncode}")
    log = daemon.log()
    if "Traceback" in log:
        outcome.wrong.append("a traceback:\n" + log[max(0, log.index("Traceback") - 2000) :][:4000])
    outcome.wrong += [f"a worker died: {line}" for line in daemon.events("worker_died")]
    return outcome


def _conclude(backend: Backend, outcome: Outcome, queue_id: str, raw: bytes, began: float) -> None:
    ended = backend.call("ingest.outcome", {"intake_id": queue_id, "wait_seconds": 60})
    outcome.slowest = max(outcome.slowest, time.monotonic() - began)
    status = "nothing" if ended is None else str(ended["status"])
    outcome.statuses[status] += 1
    named = status in ("filed", "threaded") or (ended is not None and ended["reason"])
    if not named:
        outcome.wrong.append(f"{queue_id}: {status} without a reason, of {raw[:200]!r}")


def originals_in(corpus: Path) -> list[bytes]:
    """The messages of a folder, in an order that does not change."""
    return [path.read_bytes() for path in sorted(corpus.rglob("*.eml"))]


def main() -> int:
    """The command line; exit 1 when anything went wrong."""
    options = argparse.ArgumentParser(prog="fuzz_pipeline", description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path)
    options.add_argument("--count", type=int, default=1000, help="of each kind")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    kinds = {
        "random": random_messages(given.count, given.seed),
        "mutated": mutated_messages(originals_in(given.corpus), given.count, given.seed),
    }
    failed = False
    for kind, messages in kinds.items():
        with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary:
            desk = Desk.init(Path(temporary) / "desk")
            daemon = desk.start()
            try:
                outcome = feed(desk, daemon, messages)
            finally:
                daemon.kill()
            print(f"{kind}: {outcome}", flush=True)
            failed = failed or bool(outcome.wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
