"""What idle mailboxes cost: the daemon with 20 of them beside the same daemon with none, and with their server dead.

    .venv/bin/python -m tests.bench.bench_imap_idle [--mailboxes 20] [--seconds 60]

Each mailbox is an account of a real Dovecot, over TLS, with some mail in it that was fetched. Shown of the daemon and
its processes: CPU seconds a minute, memory (PSS: what is shared is counted once), threads and open files; and what
one mailbox adds to each.
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.dovecot import HOST, Dovecot
from tests.harness.mails import mail
from tests.harness.processes import below

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of a process group: CPU seconds so far, bytes, and numbers of threads and open files."""

    cpu: float
    memory: int
    threads: int
    files: int


def cost(pid: int) -> Cost:
    """Add up a process and those below it."""
    cpu = memory = threads = files = 0.0
    for one in (pid, *below(pid)):
        folder = Path(f"/proc/{one}")
        fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        cpu += (int(fields[11]) + int(fields[12])) / TICKS
        threads += int(fields[17])
        rollup = (folder / "smaps_rollup").read_text("ascii", "replace").splitlines()
        memory += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) * 1024
        files += len(list((folder / "fd").iterdir()))
    return Cost(cpu=cpu, memory=int(memory), threads=int(threads), files=int(files))


def measure(daemon: Daemon, seconds: float) -> Cost:
    """Look, wait so long, look again: CPU is per minute."""
    before = cost(daemon.pid)
    time.sleep(seconds)
    after = cost(daemon.pid)
    per_minute = (after.cpu - before.cpu) * 60 / seconds
    return Cost(cpu=per_minute, memory=after.memory, threads=after.threads, files=after.files)


def started(folder: Path, dovecot: Dovecot, mailboxes: int) -> tuple[Desk, Daemon]:
    """A daemon with so many mailboxes, each with two mails that are filed."""
    desk = Desk.init(folder)
    sections = []
    for number in range(mailboxes):
        account = dovecot.account()
        account.append(mail(f"Report {number}"), mail(f"Alarm {number}"))
        password = desk.folder / f"password-{number}"
        password.write_text(account.password)
        password.chmod(0o600)
        sections.append(
            {"name": f"box{number}", "host": HOST, "port": dovecot.tls_port, "ca_file": str(dovecot.ca_file),
             "user": account.user, "password_file": str(password), "address": "support@example.com", "start": "all"}
        )  # fmt: skip
    desk.change({"imap": sections} if sections else {})
    daemon = desk.start()
    wait_until(lambda: _settled(desk, mailboxes), within=120, what="all mail filed", every=0.5)
    time.sleep(5)
    return desk, daemon


def _settled(desk: Desk, mailboxes: int) -> bool:
    (status,) = desk.json("status")
    filed = status["intake"]["total"] - status["intake"]["waiting"]
    return filed == 2 * mailboxes and all(box["state"] == "idle" for box in status["mailboxes"])


def main() -> None:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mailboxes", type=int, default=20)
    options.add_argument("--seconds", type=float, default=60)
    given = options.parse_args()
    found: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory(prefix="idle-") as temporary, Dovecot.running() as dovecot:
        for name, number in (("none", 0), ("idle", given.mailboxes)):
            _, daemon = started(Path(temporary) / name, dovecot, number)
            try:
                found[name] = measure(daemon, given.seconds)
                if number:
                    dovecot.stop()
                    found["server dead"] = measure(daemon, given.seconds)
                    dovecot.start()
                    wait_until(lambda: _settled(Desk(Path(temporary) / "idle"), given.mailboxes), within=400,
                               what="every mailbox idle again", every=1)  # fmt: skip
            finally:
                daemon.stop()
    for name, one in found.items():
        print(f"{name:12} {one.cpu:6.2f} CPU s/min  {one.memory / 1e6:7.1f} MB", end="")
        print(f"  {one.threads:4} threads  {one.files:4} files")
    base, idle = found["none"], found["idle"]
    each = (idle.memory - base.memory) / given.mailboxes / 1e6
    print(f"one mailbox adds {(idle.cpu - base.cpu) / given.mailboxes:.3f} CPU s/min, {each:.2f} MB, "
          f"{(idle.threads - base.threads) / given.mailboxes:.1f} threads, "
          f"{(idle.files - base.files) / given.mailboxes:.1f} files")  # fmt: skip


if __name__ == "__main__":
    main()
