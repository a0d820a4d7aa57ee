"""How long a report of 50,000 tickets takes, as a multiple of reading the same rows alone.

.venv/bin/python -m tests.bench.bench_report [TICKETS]
"""

import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from inboxd.clocks.service_levels import Levels
from store import measures, tickets
from store.open import Store
from store.tickets import NewTicket

HOUR = 3_600_000
START = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000)


def made(number: int, rng: random.Random) -> NewTicket:
    at = START + number * 600_000
    clocks = []
    for name, hours in (("first-response", 1), ("callback", 4), ("resolution", 24)):
        met = at + int(rng.expovariate(1 / (hours * HOUR)))
        clocks.append(
            {
                "name": name, "started_at": at, "due_at": at + hours * HOUR, "warn_at": at, "met_at": met, "told": [],
                "paused_at": None, "pauses": [], "spent": (met - at) // 1000, "explanation": "4h of office (…): " * 4,
            }
        )  # fmt: skip
    account = {"id": f"account-{rng.randrange(200)}", "name": "Example", "plan": rng.choice(["standard", "24x7"])}
    return NewTicket(
        channel="email", source="support@example.com", subject="Fax", created_at=at, account=account,
        priority=rng.choice(["medium", "low"]), type=rng.choice(["incident", "problem"]), clocks=tuple(clocks),
    )  # fmt: skip


def main(count: int) -> None:
    rng = random.Random(1)
    with TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'inboxd.db'}", role="command", create=True)
        for first in range(0, count, 5000):
            new = [made(number, rng) for number in range(first, min(first + 5000, count))]
            store.write(lambda txn, new=new: [tickets.open_ticket(txn, each) for each in new])
        levels = Levels(
            by=("account", "plan", "priority", "type"), period="month", zone=ZoneInfo("America/Chicago"), priority=str
        )
        with store.read() as connection:
            began = time.process_time()
            read = sum(1 for _ in measures.tickets(connection))
            reading = time.process_time() - began
            began = time.process_time()
            rows = levels.report(measures.tickets(connection), START + 10**12)
            whole = time.process_time() - began
        print(f"{read} tickets, {len(rows)} groups: {whole:.2f} s, {whole / reading:.2f} times reading the rows alone")
        store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
