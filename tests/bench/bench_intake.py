"""Messages accepted and filed per second on 20 connections, beside Postfix delivering to a Maildir, in the same run.

    .venv/bin/python -m tests.bench.bench_intake [--messages 2000] [--size 2000] [--store postgresql]

Both are fed by Postfix's own smtp-source (Debian package postfix), one message a connection and twenty side by side,
in turn and more than once, because machines are noisy: what counts is the ratio of the medians. CPU is that of the
whole process group (utime + stime of all its processes, ended ones included), per message filed.
"""

import argparse
import os
import pwd
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.harness.desk import Desk, wait_until
from tests.plugins.postgres import PostgresServer

TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class Run:
    """One run: messages a second until the last was acknowledged, until the last was filed, CPU ms a message."""

    accepted: float
    filed: float
    cpu_ms: float


def measure(port: int, messages: int, size: int, filed: Callable[[], int], cpu: Callable[[], float]) -> Run:
    before, spent, began = filed(), cpu(), time.monotonic()
    subprocess.run(
        f"smtp-source -4 -s {CONNECTIONS} -m {messages} -l {size} -f bench@client.example -t support@example.com "
        f"127.0.0.1:{port}".split(),
        check=True,
    )
    accepted = time.monotonic() - began
    wait_until(lambda: filed() - before >= messages, within=600, what=f"{messages} filed", every=0.05)
    total = time.monotonic() - began
    return Run(messages / accepted, messages / total, (cpu() - spent) * 1000 / messages)


def group_cpu(leader: int) -> float:
    """Seconds of CPU of a process, its descendants, and what those that ended had used."""
    total, todo = 0.0, [leader]
    while todo:
        pid = todo.pop()
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                todo += [int(child) for child in children.read_text().split()]
        except OSError:
            continue  # it ended meanwhile; its parent counts it from now on
        total += sum(int(value) for value in stat[11:15]) / TICK
    return total


class Postfix:
    """A Postfix of its own in a folder, delivering to a Maildir."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        user = "nobody"
        self.maildir = folder / "mail"
        for name in ("spool", "data", "mail", "etc"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o755)
        for name in ("data",):
            shutil.chown(folder / name, "postfix")
        shutil.chown(self.maildir, user)
        account = pwd.getpwnam(user)
        (folder / "etc" / "virtual").write_text("support@example.com support/\n")
        (folder / "etc" / "main.cf").write_text(
            f"""compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.example.com
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = example.com
virtual_mailbox_base = {self.maildir}
virtual_mailbox_maps = inline:{{support@example.com=support/}}
virtual_uid_maps = static:{account.pw_uid}
virtual_gid_maps = static:{account.pw_gid}
virtual_minimum_uid = 1
maillog_file = /dev/null
maillog_file_prefixes = /dev
smtpd_peername_lookup = no
"""
        )
        master = Path("/usr/share/postfix/master.cf.dist")
        source = master if master.exists() else Path("/etc/postfix/master.cf")
        lines = source.read_text().splitlines()
        kept = [line for line in lines if not line.startswith("smtp      inet")]
        (folder / "etc" / "master.cf").write_text(
            "\n".join([f"127.0.0.1:{port} inet n - n - - smtpd", *(_unchrooted(line) for line in kept)]) + "\n"
        )
        (folder / "etc" / "dynamicmaps.cf").touch()
        self.command("start")
        wait_until(lambda: self.pid is not None, within=30, what="a master process")
        time.sleep(1)

    def command(self, word: str) -> None:
        subprocess.run(["postfix", "-c", str(self.folder / "etc"), word], check=True, capture_output=True)

    @property
    def pid(self) -> int | None:
        try:
            return int((self.folder / "spool" / "pid" / "master.pid").read_text())
        except OSError:
            return None

    def delivered(self) -> int:
        new = self.maildir / "support" / "new"
        return sum(1 for _ in new.iterdir()) if new.exists() else 0

    def stop(self) -> None:
        self.command("stop")


def _unchrooted(line: str) -> str:
    """Debian's master.cf runs services in a chroot that this folder does not have."""
    fields = line.split()
    if line[:1].strip() and not line.startswith("#") and len(fields) >= 8 and fields[1] in {"unix", "inet", "pass"}:
        fields[4] = "n"
        return " ".join(fields)
    return line


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--size", type=int, default=2000, help="bytes of a message")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    chosen = options.parse_args()
    if shutil.which("smtp-source") is None:
        sys.exit("bench_intake: needs Postfix and its smtp-source: apt-get install postfix")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        if chosen.store == "sqlite":
            return _compare(Path(name), None, chosen)
        with PostgresServer.running() as server, server.database() as database:
            server.execute("ALTER SYSTEM SET fsync = on")
            server.execute("SELECT pg_reload_conf()")
            return _compare(Path(name), server.url(database), chosen)


def _compare(folder: Path, url: str | None, chosen: argparse.Namespace) -> int:
    folder.chmod(0o755)
    desk = Desk.init(folder / "desk", {"store": {"url": url}} if url else {})
    daemon = desk.start()
    postfix = Postfix(folder / "postfix", 20000 + os.getpid() % 10000)
    ours: list[Run] = []
    theirs: list[Run] = []
    try:
        for _ in range(chosen.rounds):
            for runs, port, filed, cpu in (
                (ours, daemon.ports["smtp"], partial(_filed, desk), partial(group_cpu, daemon.pid)),
                (theirs, postfix.port, postfix.delivered, partial(group_cpu, postfix.pid or 0)),
            ):
                runs.append(measure(port, chosen.messages, chosen.size, filed, cpu))
    finally:
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.wait(60)
        postfix.stop()
    _print(ours, theirs)
    return 0


def _filed(desk: Desk) -> int:
    intake = desk.json("status")[0]["intake"]
    return int(intake["total"] - intake["waiting"])


def _print(ours: list[Run], theirs: list[Run]) -> None:
    print(f"{'':24}{'inboxd':>12}{'Postfix':>12}{'ratio':>10}")
    for label, field in (
        ("acknowledged a second", "accepted"),
        ("filed a second", "filed"),
        ("CPU ms a message", "cpu_ms"),
    ):
        a = statistics.median(getattr(run, field) for run in ours)
        b = statistics.median(getattr(run, field) for run in theirs)
        print(f"{label:24}{a:12.1f}{b:12.1f}{a / b:9.2f}x")


if __name__ == "__main__":
    sys.exit(main())
