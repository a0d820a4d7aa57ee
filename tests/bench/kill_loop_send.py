"""Kill the daemon again and again while it sends, then count: nothing lost, nothing twice but in the one window.

    .venv/bin/python -m tests.bench.kill_loop_send --kills 100 --store sqlite

While no daemon runs, mails are queued; then one starts and sends them to a smarthost on loopback that takes its time
over each answer, and at a random moment `kill -9` goes to the whole process group. At the end every mail must have been
taken; one that was taken more than once must be the same bytes each time, under the same Message-ID, and there can be
no more such copies than mails were under way when the daemon was killed.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from inboxd.outbox import Letter, queue
from inboxd.settings import load
from inboxd.wiring.sending import HANDS
from inboxd.wiring.stores import open_store
from tests.harness.desk import Desk, wait_until
from tests.harness.smarthost import Smarthost
from tests.harness.stores import section

_A_LIFE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found; `wrong` is empty when the promise held."""

    kills: int
    mails: int
    taken: int
    doubles: int
    seconds: float
    wrong: list[str]

    def __str__(self) -> str:
        return (
            f"{self.mails} mails, {self.kills} kills, {self.taken} taken by the smarthost: {self.doubles} second "
            f"copies in the window; {len(self.wrong)} wrong, in {self.seconds:.0f} s"
        )


def kill_loop(desk: Desk, smarthost: Smarthost, *, kills: int, seed: int = 1) -> Outcome:
    """Run it on a desk that sends to the smarthost, which is running."""
    started, chance = time.monotonic(), random.Random(seed)
    mails = 0
    for _ in range(kills):
        mails += _queue(desk, _A_LIFE, mails)
        daemon = desk.start()
        time.sleep(chance.uniform(0.05, 1.2))
        daemon.kill()
    daemon = desk.start()
    try:
        wait_until(lambda: _all_sent(desk, mails), within=120 + kills, what="every item sent", every=0.5)
    finally:
        daemon.stop()
    return _counted(smarthost, kills=kills, mails=mails, seconds=time.monotonic() - started)


def _queue(desk: Desk, number: int, first: int) -> int:
    with open_store(load(desk.config), "command") as store:
        for index in range(first, first + number):
            letter = Letter(
                kind="reply",
                to=f"reader-{index}@acme.example",
                from_address="support@example.com",
                subject=f"mail {index}",
                text="An answer.\n",
                automatic=False,
                created_at=int(time.time() * 1000),
            )
            store.write(lambda txn, letter=letter: queue(txn, letter))
    return number


def _all_sent(desk: Desk, mails: int) -> bool:
    return len(desk.json("outbox", "list", "--state", "sent")) == mails


def _counted(smarthost: Smarthost, *, kills: int, mails: int, seconds: float) -> Outcome:
    copies: dict[str, list[bytes]] = defaultdict(list)
    for taken in smarthost.taken:
        copies[taken.recipient].append(taken.raw)
    doubles = sum(len(each) - 1 for each in copies.values())
    wrong = [f"{mails - len(copies)} of {mails} mails were never taken"] if len(copies) != mails else []
    wrong += [f"{to}: its copies differ" for to, each in copies.items() if len(set(each)) > 1]
    if doubles > kills * HANDS:
        wrong.append(f"{doubles} second copies of {kills} kills: more than were under way")
    return Outcome(kills=kills, mails=mails, taken=len(smarthost.taken), doubles=doubles, seconds=seconds, wrong=wrong)


def outgoing(smarthost: Smarthost) -> dict[str, object]:
    """The section `outgoing` of a desk that sends there."""
    return {"host": "127.0.0.1", "port": smarthost.port, "tls": "none", "mode": "send"}


def main() -> int:
    """The command line; exit 1 when anything was lost, or doubled elsewhere than in the window."""
    options = argparse.ArgumentParser(prog="kill_loop_send", description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite", help="its server is made, too")
    options.add_argument("--json", action="store_true", help="the figures as one JSON object")
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="kill-loop-send-") as folder,
        section(given.store) as changes,
        Smarthost(pause=0.02).running() as smarthost,
    ):
        desk = Desk.init(Path(folder) / "desk", {**changes, "outgoing": outgoing(smarthost)})
        outcome = kill_loop(desk, smarthost, kills=given.kills, seed=given.seed)
    print(json.dumps({name: getattr(outcome, name) for name in Outcome.__slots__}) if given.json else outcome)
    print(*outcome.wrong[:50], sep="\n", file=sys.stderr)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
