"""What fetching costs: draining waiting mail beside a bare imapclient, and how soon a mail that comes is a ticket.

    .venv/bin/python -m tests.bench.bench_imap_drain [--mails 5000] [--size 2000] [--rounds 5] [--arrivals 20]

Drain: inboxd's fetcher in this process, with a real SQLite store (each mail committed with its bytes, its first job and
its row in the ledger), until all are in the store; and a bare imapclient that fetches the same UIDs in batches of 100
and throws them away. Alternating, from the same Dovecot, medians compared. No worker files meanwhile.

Arrival: a real daemon, and a bare imapclient idling in the same mailbox. From the moment at which that one hears of a
mail to the moment at which its ticket is opened.
"""

import argparse
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from imapclient import IMAPClient
from sqlalchemy import func, select

from inboxd.settings.sections import After
from store.open import Store
from store.schema import entries
from tests.harness.desk import Desk, wait_until
from tests.harness.dovecot import HOST, Account, Dovecot
from tests.harness.mails import mail
from tests.harness.pulled import Pulled, mailbox


def fill(account: Account, mails: int, size: int) -> None:
    """Lay so many mails of about this size into the inbox."""
    with account.session() as client:
        for number in range(mails):
            client.append("INBOX", mail(f"Report {number}", ("Words of a mail. " * 4 + "\n") * (size // 69)))


def bare(account: Account) -> float:
    """Seconds in which imapclient fetches everything, in batches of 100."""
    client = IMAPClient("127.0.0.1", account.server.port, ssl=False)
    client.login(account.user, account.password)
    began = time.perf_counter()
    client.select_folder("INBOX", readonly=True)
    uids = client.search("ALL")
    fetched = 0
    for start in range(0, len(uids), 100):
        fetched += len(client.fetch(uids[start : start + 100], ["BODY.PEEK[]", "INTERNALDATE"]))
    took = time.perf_counter() - began
    assert fetched == len(uids)
    client.logout()
    return took


def ours(account: Account, after: After) -> float:
    """Seconds from the fetcher's start, its connect included, to the commit of the last mail."""
    wanted = len(account.uids())
    with tempfile.TemporaryDirectory(prefix="drain-") as folder:
        pulled = Pulled.open(Path(folder))
        box = mailbox(
            pulled.folder, password=account.password, port=account.server.port, user=account.user, after=after
        )
        # Asked past SQLAlchemy: the question must not cost what is measured. Rows only come, so the last one tells.
        reader = sqlite3.connect(f"file:{folder}/inboxd.db?mode=ro", uri=True)

        def all_in() -> bool:
            return bool(reader.execute("SELECT max(id) FROM mailbox_messages").fetchone()[0] == wanted)

        try:
            began = time.perf_counter()
            pulled.start(box)
            wait_until(all_in, within=600, what="all mails stored", every=0.01)
            took = time.perf_counter() - began
            assert pulled.states() == {"stored": wanted}
            return took
        finally:
            reader.close()
            pulled.close()


def drain(dovecot: Dovecot, mails: int, size: int, rounds: int) -> None:
    """Both, alternating."""
    account = dovecot.account()
    fill(account, mails, size)
    ways: dict[str, Callable[[], float]] = {
        "bare imapclient": lambda: bare(account),
        "inboxd, after: keep": lambda: ours(account, After(action="keep")),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()  # once for nothing: caches on both sides
    for _ in range(rounds):
        for name, way in ways.items():
            took[name].append(way())
    took["inboxd, after: seen"] = [ours(account, After(action="seen"))]
    base = statistics.median(took["bare imapclient"])
    print(f"{mails} mails of {size} bytes, median of {rounds} rounds (the last line: one)")
    for name, seconds in took.items():
        median = statistics.median(seconds)
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"{name:22} {median:6.2f} s ({spread})  {mails / median:7.0f} mails/s  {median / base:5.2f} times bare")


class Idler(threading.Thread):
    """A bare imapclient that idles, and notes when it hears of mail."""

    def __init__(self, account: Account) -> None:
        super().__init__(daemon=True)
        self._client = IMAPClient("127.0.0.1", account.server.port, ssl=False)
        self._client.login(account.user, account.password)
        self._client.select_folder("INBOX", readonly=True)
        self._client.idle()
        self.heard_at: float = 0.0
        self.heard = threading.Event()
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            if any(answer[-1] == b"EXISTS" for answer in self._client.idle_check(timeout=0.5) if len(answer) == 2):
                self.heard_at = time.perf_counter()
                self.heard.set()
        self._client.idle_done()
        self._client.logout()


def arrival(dovecot: Dovecot, arrivals: int) -> None:
    """One mail after the other, each when the one before is a ticket."""
    account = dovecot.account()
    later, from_append = [], []
    with tempfile.TemporaryDirectory(prefix="arrival-") as folder:
        desk = Desk.init(Path(folder) / "desk")
        password = desk.folder / "password"
        password.write_text(account.password)
        password.chmod(0o600)
        section = {"name": "support", "host": HOST, "port": dovecot.tls_port, "ca_file": str(dovecot.ca_file)}
        section |= {"user": account.user, "password_file": str(password), "address": "support@example.com"}
        desk.change({"imap": [section]})
        daemon = desk.start()
        idler = Idler(account)
        idler.start()
        try:
            wait_until(lambda: bool(daemon.events("folder_begun")), within=60, what="the first look")
            time.sleep(2)
            with Store.open(f"sqlite:///{desk.folder}/inboxd.db", role="reader") as store, account.session() as client:
                for number in range(1, arrivals + 2):
                    idler.heard.clear()
                    began = time.perf_counter()
                    client.append("INBOX", mail(f"Report {number}"))
                    ticket_at = _when(store, number)
                    assert idler.heard.wait(30)
                    if number > 1:  # the first one warms the readers up
                        later.append(ticket_at - idler.heard_at)
                        from_append.append(ticket_at - began)
        finally:
            idler.enough.set()
            idler.join()
            daemon.stop()
    later.sort()
    print(f"ticket after a bare idling client hears: median {statistics.median(later) * 1000:.0f} ms, "
          f"largest {later[-1] * 1000:.0f} ms of {len(later)}; after the APPEND began: median "
          f"{statistics.median(from_append) * 1000:.0f} ms")  # fmt: skip


def _when(store: Store, number: int) -> float:
    """Wait until there are so many entries, and say when."""
    count = select(func.count()).select_from(entries)
    while True:
        with store.read() as connection:
            if connection.scalar(count) >= number:
                return time.perf_counter()
        time.sleep(0.002)


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mails", type=int, default=5000)
    options.add_argument("--size", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--arrivals", type=int, default=20)
    given = options.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with Dovecot.running() as dovecot:
        if given.mails:
            drain(dovecot, given.mails, given.size, given.rounds)
        if given.arrivals:
            arrival(dovecot, given.arrivals)


if __name__ == "__main__":
    main()
