"""Fail the n-th call of one kind during one delivery, for n = 1, 2, … until a delivery meets no failure.

Whatever fails, a message is kept exactly once after its 250, and refused for now otherwise (4yz, or the connection
ends); after it the daemon goes on. `python -m tests.bench.fault_sweep` runs each kind to its end; the end-to-end tests
run the first few n of each. Needs strace.
"""

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.harness.desk import Daemon, Desk
from tests.harness.ledger import Ledger
from tests.harness.mails import mail
from tests.harness.tracing import traced

# What fails and how. `write` is the log's and the workers' pipes, too; sockets are written with other calls.
FAULTS: Final = {
    "sync-EIO": "fsync,fdatasync:error=EIO",
    "pwrite-ENOSPC": "pwrite64:error=ENOSPC",
    "pwrite-EIO": "pwrite64:error=EIO",
    "write-ENOSPC": "write:error=ENOSPC",
    "open-EIO": "openat:error=EIO",
    "open-EMFILE": "openat:error=EMFILE",
    "rename-EIO": "rename,renameat,renameat2,link,linkat,mkdir:error=EIO",
    "unlink-EIO": "unlink,unlinkat,ftruncate:error=EIO",
    "sync-KILL": "fsync,fdatasync:signal=KILL",
    "pwrite-KILL": "pwrite64:signal=KILL",
    "rename-KILL": "rename:signal=KILL",
    # Between the commit and the client's 250.
    "send-KILL": "sendto:signal=KILL",
}

# A small message goes into a row; a large one is a file, synced and renamed, before there is a row.
LARGE_LINES: Final = 6000


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What one sweep has found."""

    fault: str
    deliveries: int = 0
    injected: int = 0
    reached: int = 0
    clean: bool = False
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def hold(self, true: bool, sentence: str) -> None:
        """Note the sentence as wrong unless the condition is true."""
        if not true:
            self.wrong.append(sentence)

    def __str__(self) -> str:
        end = "to a clean run" if self.clean else "cut short"
        heard = ", ".join(f"{count} times {code or 'closed'}" for code, count in sorted(self.answers.items()))
        lines = [f"{self.fault}: {self.deliveries} deliveries, {self.injected} calls failed, {end}; heard {heard}"]
        return "\n  ".join(lines + self.wrong)


def sweep(desk: Desk, fault: str, folder: Path, *, at_most: int) -> Outcome:
    """Sweep one kind of fault on a daemon of its own; a clean run or `at_most` ends it. Traces are left in `folder`."""
    outcome, ledger = Outcome(fault=fault), Ledger()
    daemon = desk.start()
    try:
        ledger.deliver(daemon.ports["smtp"], "warm")
        while not outcome.clean and outcome.reached < at_most:
            outcome.reached += 1
            met = 0
            for size in ("small", "large"):
                path = folder / f"{fault}-{size}-{outcome.reached}.strace"
                met += _deliver(daemon, ledger, outcome, size, path)
                if daemon.process.poll() is not None:
                    outcome.hold(FAULTS[fault].endswith("KILL"), f"the daemon ended, {path.name}:\n{daemon.log()}")
                    daemon.kill()
                    daemon = desk.start()
                ledger.deliver(daemon.ports["smtp"], f"{fault} {size} {outcome.reached}", within=60)
            outcome.injected += met
            outcome.clean = not met
        # A claim or a filing that failed comes again by itself.
        outcome.wrong += ledger.audit(desk, within=120)
        outcome.hold(daemon.stop() == 0, "the daemon did not end with 0 on SIGTERM")
    finally:
        daemon.kill()
    return outcome


def _deliver(daemon: Daemon, ledger: Ledger, outcome: Outcome, size: str, path: Path) -> int:
    """Deliver one message while the n-th call fails in each thread, and tell how many did."""
    subject = f"{outcome.fault} {size} {outcome.reached}"
    text = "".join(f"{line:78}\n" for line in range(LARGE_LINES)) if size == "large" else "Short.\n"
    calls = FAULTS[outcome.fault]
    options = ("-e", f"trace={calls.partition(':')[0]}", "-e", f"inject={calls}:when={outcome.reached}")
    with traced(daemon.pid, path, *options) as trace:
        outcome.answers[ledger.send(daemon.ports["smtp"], subject, mail(subject, text)).code] += 1
    outcome.deliveries += 1
    if killed := trace.killed():
        # Its last thread may still be on the way out.
        daemon.process.wait(30)
    return len(trace.injected()) + killed


def main() -> int:
    """The command line; exit 1 when anything was lost, doubled or refused for good."""
    options = argparse.ArgumentParser(prog="fault_sweep", description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("--at-most", type=int, default=200, help="the largest n")
    options.add_argument("--store", default="sqlite", help="sqlite, or the URL of an empty PostgreSQL database")
    options.add_argument("faults", nargs="*", default=list(FAULTS), help=f"of {', '.join(FAULTS)}")
    given = options.parse_args()
    failed = False
    with tempfile.TemporaryDirectory(prefix="fault-sweep-") as temporary:
        changes = None if given.store == "sqlite" else {"store": {"url": given.store, "blobs": None}}
        for fault in given.faults:
            folder = Path(temporary) / fault
            outcome = sweep(Desk.init(folder / "desk", changes), fault, folder, at_most=given.at_most)
            print(outcome, flush=True)
            failed = failed or bool(outcome.wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
