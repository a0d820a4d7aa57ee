"""Fifty thousand accounts: how long they take, how much memory, and how long anybody waits for the daemon meanwhile.

    python -m tests.bench.bench_accounts [--accounts 50000]

A daemon on SQLite gets small mails, one after the other, and asks for /healthz in between. Then accounts are imported,
imported again, changed by a command and reloaded from a file. For each: how long it took, how many mails were
acknowledged, and the longest that a mail waited for its 250, and /healthz for its answer: the longest stall of the
event loop, as a client feels it.
"""

import argparse
import http.client
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness.desk import Daemon, Desk
from tests.harness.mails import mail

_LOAD = """
import resource, sys, time
from pathlib import Path
from inboxd import accounts
begun = time.perf_counter()
found = accounts.load(Path(sys.argv[1]), None)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{len(found)} accounts in {time.perf_counter() - begun:.1f} s, peak {peak} MiB of memory")
"""
_HEADER = "account_id,account_name,plan,contact_name,addresses,numbers,authorized,role,valid_until"


def as_yaml(accounts: int) -> Iterator[str]:
    """Each with two contacts."""
    yield "accounts:"
    for each in range(accounts):
        yield (
            f"  - id: y{each}\n    name: Account {each}\n    plan: standard\n    contacts:\n"
            f"      - {{name: Operations, addresses: [ops@y{each}.example], numbers: ['+1555{each:07}'], "
            "authorized: true, role: primary, valid_until: null}\n"
            f"      - {{name: Front desk, addresses: [desk@y{each}.example], numbers: ['+1556{each:07}']}}"
        )


def as_csv(accounts: int) -> Iterator[str]:
    """Other accounts, of the same size: two rows each."""
    yield _HEADER
    for each in range(accounts):
        yield f"c{each},Customer {each},standard,Operations,ops@c{each}.example,+1557{each:07},true,primary,"
        yield f"c{each},,,Front desk,desk@c{each}.example,+1558{each:07},false,user,2099-12-31"


@dataclass(slots=True)
class Load:
    """Clients of the daemon; what they felt since the last `reset`."""

    daemon: Daemon
    stopping: threading.Event = field(default_factory=threading.Event)
    mails: int = 0
    longest: dict[str, float] = field(default_factory=dict)

    def send(self) -> None:
        """Send mails until the end."""
        with smtplib.SMTP("127.0.0.1", self.daemon.ports["smtp"], timeout=120) as client:
            while not self.stopping.is_set():
                with self._felt("mail"):
                    client.sendmail("a@client.example", "support@example.com", mail())
                self.mails += 1

    def ping(self) -> None:
        """Ask whether the daemon lives until the end, every few milliseconds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.ports["http"], timeout=120)
        while not self.stopping.wait(0.003):
            with self._felt("loop"):
                connection.request("GET", "/healthz")
                connection.getresponse().read()
        connection.close()

    @contextmanager
    def _felt(self, what: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.longest[what] = max(self.longest.get(what, 0.0), time.perf_counter() - begun)

    def reset(self) -> None:
        self.mails, self.longest = 0, {}


def memory(daemon: Daemon, name: str = "VmRSS") -> int:
    """The daemon's resident memory in MiB."""
    lines = Path(f"/proc/{daemon.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) // 1024


def measure(name: str, load: Load, daemon: Daemon, work: Callable[[], object]) -> None:
    """Do the work under load, and print what it cost."""
    load.reset()
    begun = time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    waits = "  ".join(f"{what} {longest * 1000:6.0f} ms" for what, longest in sorted(load.longest.items()))
    print(f"{name:<28} {seconds:6.1f} s  {load.mails / seconds:6.1f} mails/s  longest: {waits}  {memory(daemon)} MiB")


def main() -> None:
    """Make the desk, and measure each thing once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=50_000)
    accounts: int = parser.parse_args().accounts
    with tempfile.TemporaryDirectory() as folder:
        yaml, csv = Path(folder) / "accounts.yaml", Path(folder) / "customers.csv"
        yaml.write_text("\n".join(as_yaml(accounts)) + "\n")
        csv.write_text("\n".join(as_csv(accounts)) + "\n")
        done = subprocess.run([sys.executable, "-c", _LOAD, str(yaml)], check=True, capture_output=True, text=True)
        print(f"accounts.yaml alone ({yaml.stat().st_size >> 20} MiB): {done.stdout}", end="")
        desk = Desk.init(Path(folder) / "desk")
        daemon = desk.start()
        load = Load(daemon)
        threads = [threading.Thread(target=load.send), threading.Thread(target=load.ping)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(3)
            measure("nothing but mail", load, daemon, lambda: time.sleep(10))
            measure("import, dry run", load, daemon, lambda: desk.run("accounts", "import", str(csv), "--dry-run"))
            measure("import", load, daemon, lambda: desk.run("accounts", "import", str(csv)))
            measure("import of the same again", load, daemon, lambda: desk.run("accounts", "import", str(csv)))
            add = ("accounts", "add-contact", "c1", "--name", "Night", "--address", "night@c1.example")
            measure("add-contact", load, daemon, lambda: desk.run(*add))
            (desk.folder / "accounts.yaml").write_bytes(yaml.read_bytes())
            measure("reload of accounts.yaml", load, daemon, lambda: desk.run("reload"))
            measure("reload again", load, daemon, lambda: desk.run("reload"))
            measure("accounts export", load, daemon, lambda: desk.run("accounts", "export", "--format", "csv"))
            print(f"peak of the daemon: {memory(daemon, 'VmHWM')} MiB")
        finally:
            load.stopping.set()
            for thread in threads:
                thread.join()
            daemon.stop()


if __name__ == "__main__":
    main()
