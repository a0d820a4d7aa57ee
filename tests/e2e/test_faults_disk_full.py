"""A full disk under the real daemon: refused for now, never for good, nothing sent twice, and over when it is back."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.kill_loop_send import outgoing
from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.ledger import Ledger
from tests.harness.mails import mail
from tests.harness.smarthost import Smarthost
from tests.plugins.needs import needs

MEGABYTE = 1 << 20
FULL = {(452, "4.3.1"), (451, "4.3.0")}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        needs("the right to mount a tmpfs", "run the tests as root, outside of a container that forbids mount(2)")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def daemon(small_disk: Path) -> Iterator[Daemon]:
    """A daemon whose store, blobs, spool and log are all on the small disk."""
    running = Desk.init(small_disk / "desk").start()
    yield running
    running.kill()


@pytest.fixture
def desk(small_disk: Path) -> Desk:
    return Desk(folder=small_disk / "desk")


def fill(folder: Path) -> Path:
    """Take all the space that is left, and give the file that holds it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (65536, 4096, 1):
            try:
                while file.write(b"\0" * piece):
                    pass
            except OSError:
                continue
    return ballast


def resize(folder: Path, megabytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={megabytes}m", folder], check=True)


def large(subject: str) -> bytes:
    return mail(subject, "".join(f"{number:70}\n" for number in range(10_000)))


def hold_refused(ledger: Ledger, subject: str) -> None:
    answers = ledger.answers[subject]
    assert {(one.code, one.text.split()[0]) for one in answers} <= FULL, answers


def test_a_full_disk_is_answered_with_452_and_mail_is_taken_again_when_there_is_space(
    small_disk: Path, desk: Desk, daemon: Daemon
) -> None:
    ledger, port = Ledger(), daemon.ports["smtp"]
    assert ledger.send(port, "before").code == 250
    ballast = fill(small_disk)
    bodies = {"small one": None, "in the row": mail("in the row", "x" * 70 + "\n" * 3000), "a file": large("a file")}
    for subject, raw in bodies.items():
        for _ in range(2):
            ledger.send(port, subject, raw)
        hold_refused(ledger, subject)
        assert any(one.code == 452 for one in ledger.answers[subject]), ledger.answers[subject]
    assert daemon.process.poll() is None
    ballast.unlink()
    for subject, raw in bodies.items():
        ledger.deliver(port, subject, raw, within=30)
    assert ledger.audit(desk) == []
    assert daemon.stop() == 0


def test_a_disk_that_fills_while_mail_comes_in_loses_and_doubles_nothing(
    small_disk: Path, desk: Desk, daemon: Daemon
) -> None:
    ledger, port = Ledger(), daemon.ports["smtp"]
    refused: list[str] = []
    for number in range(400):
        subject = f"report {number}"
        raw = large(subject) if number % 10 == 9 else mail(subject, f"{number:70}\n" * 300)
        if ledger.send(port, subject, raw).code != 250:
            hold_refused(ledger, subject)
            refused.append(subject)
        if len(refused) == 10:
            break
    assert len(refused) == 10, "the disk was never full"
    assert daemon.process.poll() is None
    resize(small_disk, 64)
    for subject in refused:
        ledger.deliver(port, subject, within=30)
    assert ledger.audit(desk) == []
    assert daemon.stop() == 0


def test_a_command_without_a_daemon_names_the_full_disk(small_disk: Path) -> None:
    desk = Desk.init(small_disk / "desk")
    desk.run("outbox", "release", "--all")  # which makes the store
    fill(small_disk)
    ended = desk.try_run("status")
    assert ended.returncode == 75
    assert "cannot be opened: disk I/O error; its disk is full, make room" in ended.stderr


def test_a_mail_that_is_taken_while_the_disk_is_full_is_sent_once(small_disk: Path) -> None:
    with Smarthost().running() as smarthost:
        smarthost.answer("DATA", "wait")
        desk = Desk.init(small_disk / "desk", {"outgoing": outgoing(smarthost)})
        daemon = desk.start()
        try:
            assert Ledger().send(daemon.ports["smtp"], "help").code == 250
            assert smarthost.asked.wait(30)
            ballast = fill(small_disk)
            smarthost.go.set()
            wait_until(lambda: bool(smarthost.taken), within=30, what="the mail taken")
            wait_until(lambda: "are left on this disk" in desk.run("status"), within=30, what="the problem said")
            assert [one["state"] for one in desk.json("outbox", "list")] == ["sending"]
            ballast.unlink()
            wait_until(
                lambda: [one["state"] for one in desk.json("outbox", "list")] == ["sent"],
                within=60, what="the mail known as sent", every=0.5,
            )  # fmt: skip
            # The word was kept, not asked for again.
            assert len(smarthost.taken) == 1
            assert daemon.stop() == 0
        finally:
            daemon.kill()
    assert len(smarthost.taken) == 1
