"""CPU of the daemon for each mail: to accept, claim and file it; on SQLite and on PostgreSQL.

    .venv/bin/python -m tests.bench.bench_filing [--messages 600] [--folder DIR]

The real door, claim and story work on a fresh store, as many side by side as in a daemon with two readers. Mails are
read beforehand, since in a daemon processes of their own do that. What is told is the CPU of this process (utime +
stime of all its threads) in milliseconds a mail: for PostgreSQL that is without the server's. `strangers` is a mail
that opens a ticket, each from another address and domain; `file` one from an author who writes all of them within the
hour (a program); `join` one that answers such a mail. The DNS was asked before: its stand-in would count here, too.
"""

import argparse
import asyncio
import os
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from inboxd import accounts, logs
from inboxd.authentication import Checker
from inboxd.authentication.trust import Trust
from inboxd.intake.door import Intake
from inboxd.intake.envelope import Envelope
from inboxd.judging.examine import Examiner
from inboxd.mail_story.process_message import MessageStory
from inboxd.mail_story.voicemail_mail import PhoneSystems
from inboxd.message import Message, parse
from inboxd.policy.policy import Policy, PolicyHolder
from inboxd.resolver import Resolver
from inboxd.signatures import Order, Report
from rules import load as rules_load
from store import intake as rows
from store import jobs
from store.claimant import claimant
from store.open import Store
from tests.harness.dns import nowhere
from tests.plugins.postgres import PostgresServer

SESSIONS = 20
HANDS = 8
A_CLAIM = 16
BODY_BYTES = 1500

ENVELOPE = Envelope(
    mail_from="ops@acme.example", rcpt_tos=("support@example.com",), client_ip="192.0.2.1", helo="mx.acme.example"
)
RULES = Path(__file__).parents[2] / "config" / "default" / "rules.yaml"
ACCOUNTS = """
accounts:
  - id: acme
    name: Acme Widgets
    plan: standard
    contacts: [{name: Operations, addresses: [ops@acme.example], authorized: true, role: primary}]
"""


AUTHOR = "Operations <ops@acme.example>"


def mail(number: int, *, author: str = AUTHOR, answers: int | None = None) -> bytes:
    """Write a mail of 2 kB; its author is on file unless another one is named."""
    message = EmailMessage()
    message["From"] = author
    message["To"] = "support@example.com"
    message["Subject"] = f"Printer {number} does not print"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    message["Message-ID"] = f"<{number}@acme.example>"
    if answers is not None:
        message["In-Reply-To"] = message["References"] = f"<{answers}@acme.example>"
    line = f"Number {number}: the printer on the second floor shows a red light and prints nothing.\n"
    message.set_content(line * (BODY_BYTES // len(line)))
    return message.as_bytes()


def accept_all(store: Store, mails: Sequence[bytes]) -> None:
    """Accept mails on as many sessions as a busy server has."""
    intake = Intake(store, lambda _: None)
    waiting = list(reversed(mails))

    async def session() -> None:
        while waiting:
            spool = intake.spool()
            spool.write(waiting.pop())
            await intake.accept(ENVELOPE, spool)
            spool.discard()

    async def sessions() -> None:
        await asyncio.gather(*(session() for _ in range(SESSIONS)))

    asyncio.run(sessions())


def claim_all(store: Store) -> list[jobs.Job]:
    """Claim everything, as many at once as a worker does."""
    me, claimed = claimant(), list[jobs.Job]()
    while more := store.write(lambda txn: jobs.claim(txn, lane="mail", claimant=me, lease_seconds=600, limit=A_CLAIM)):
        claimed += more
    return claimed


def file_all(story: MessageStory, claimed: Sequence[jobs.Job]) -> None:
    """Run the story of each job on as many hands as a worker has."""
    waiting: queue.SimpleQueue[jobs.Job | None] = queue.SimpleQueue()
    for job in (*claimed, *[None] * HANDS):
        waiting.put(job)

    def hand() -> None:
        while (job := waiting.get()) is not None:
            with logs.bound(queue_id=job.intake_id, job=job.id, kind=job.kind):
                story(job)

    hands = [threading.Thread(target=hand) for _ in range(HANDS)]
    for thread in hands:
        thread.start()
    for thread in hands:
        thread.join()


def unsigned(raw: bytes | Path, order: Order) -> Report:
    """Stand for the worker that checks signatures: these mails have none, so nobody asks."""
    raise AssertionError(f"{raw!r} is not signed: {order}")


def measure(store: Store, policy: Policy, number: int) -> dict[str, float]:
    """Tell the CPU milliseconds a mail of each step."""
    first = mail(3 * number)
    strangers = [mail(2 * number + each, author=f"Office <office@firm{each}.example>") for each in range(number)]
    opening = [mail(each) for each in range(number)]
    joining = [mail(number + each, answers=each) for each in range(number)]
    read: dict[bytes | Path, Message] = {raw: parse(raw) for raw in (first, *strangers, *opening, *joining)}
    host, _, port = nowhere().rpartition(":")
    checker = Checker(Resolver([(host, int(port))]), unsigned, Trust())
    story = MessageStory(
        store,
        PolicyHolder(policy),
        Examiner(store, read.__getitem__, checker),
        systems=PhoneSystems(patterns={}),
        wake=lambda: None,
    )
    told: dict[str, float] = {}

    def spend(step: str, work: Callable[[], object]) -> None:
        before = time.process_time()
        work()
        told[step] = (time.process_time() - before) * 1000 / number

    for message in read.values():
        checker.check(b"", message, ENVELOPE.plain(), datetime.now(UTC))
    claimed: list[jobs.Job] = []
    # What the first statement of each kind costs is no mail's.
    accept_all(store, [first])
    file_all(story, claim_all(store))
    accept_all(store, strangers)
    claimed = claim_all(store)
    spend("strangers", lambda: file_all(story, claimed))
    claimed = []
    spend("accept", lambda: accept_all(store, opening))
    spend("claim", lambda: claimed.extend(claim_all(store)))
    spend("file", lambda: file_all(story, claimed))
    accept_all(store, joining)
    claimed = claim_all(store)
    spend("join", lambda: file_all(story, claimed))
    with store.read() as connection:
        ended = rows.by_status(connection)
    assert ended == {"filed": 2 * number + 1, "threaded": number}, ended
    return told | {"together": told["accept"] + told["claim"] + told["strangers"]}


def main() -> None:
    """Measure both and print a table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--messages", type=int, default=600)
    options.add_argument("--folder", type=Path, help="where the SQLite file lies")
    chosen = options.parse_args()
    told: dict[str, dict[str, float]] = {}
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        logs.configure("json", "info", nowhere)
        (Path(folder) / "accounts.yaml").write_text(ACCOUNTS)
        directory = accounts.load(Path(folder) / "accounts.yaml", plans=None)
        policy = Policy(rules=rules_load.load(RULES), directory=directory, zone=UTC)
        with Store.open(f"sqlite:///{folder}/inboxd.db", role="daemon", create=True) as store:
            told["sqlite"] = measure(store, policy, chosen.messages)
        with (
            PostgresServer.running() as server,
            Store.open(server.url("postgres"), role="daemon", create=True) as store,
        ):
            told["postgresql"] = measure(store, policy, chosen.messages)
    steps = list(told["sqlite"])
    print(f"{'CPU ms a mail':<14}", *(f"{step:>10}" for step in steps))
    for database, figures in told.items():
        print(f"{database:<14}", *(f"{figures[step]:10.2f}" for step in steps))


if __name__ == "__main__":
    main()
