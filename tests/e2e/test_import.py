"""The import as a person runs it: real commands, a real daemon, real kills; what was ended half-way is given again."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.mails import hand_in, mail

pytestmark = pytest.mark.timeout(600)

SUMMARY = ("filed", "threaded", "duplicate", "ignored", "quarantined", "rejected", "failed")


def old(number: int, **headers: str) -> bytes:
    raw = mail(f"Number {number}", sender="someone@client.example", Message_ID=f"<{number}@client.example>", **headers)
    return raw.replace(b"Tue, 13 Jan 2026 16:00:00", b"Tue, 12 Mar 2019 %02d:%02d:00" % (number // 60, number % 60))


def write_mbox(path: Path, count: int) -> Path:
    """Every other mail answers the one before it."""
    mails = [
        old(each, **({"In_Reply_To": f"<{each - 1}@client.example>"} if each % 2 else {})) for each in range(count)
    ]
    path.write_bytes(b"".join(b"From x@client.example Tue Mar 12 10:00:00 2019\n" + each + b"\n" for each in mails))
    return path


def begin(desk: Desk, path: Path) -> "subprocess.Popen[bytes]":
    """Start an import that has a process group of its own; what it prints goes to `out.jsonl` and `err.txt`."""
    command = desk.command("--json", "ingest", "--history", str(path))
    with (desk.folder / "out.jsonl").open("wb") as out, (desk.folder / "err.txt").open("wb") as err:
        return subprocess.Popen(
            command,
            stdout=out,
            stderr=err,
            start_new_session=True,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509 - it takes no lock: one handler is set
        )


def _heed_interrupts() -> None:
    """Heed SIGINT again: what a shell runs in the background inherits that it is ignored (POSIX 2.11)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def results(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (desk.folder / "out.jsonl").read_text().splitlines()]


def complaints(desk: Desk) -> str:
    return (desk.folder / "err.txt").read_text()


def under_way(desk: Desk) -> None:
    wait_until(lambda: (desk.folder / "out.jsonl").stat().st_size > 0, within=60, what="a first result")


def said(stderr: str) -> Counter[str]:
    words = stderr.splitlines()[-1].partition(": ")[2].partition(": ")[2].partition(";")[0].split(", ")
    return +Counter({word.split()[1]: int(word.split()[0]) for word in words})


def hold(desk: Desk, count: int) -> None:
    """Nothing is lost and nothing doubled: a row and an entry for each mail, a ticket for each two."""
    rows = desk.json("intake", "list")
    assert len(rows) == count
    assert Counter(row["status"] for row in rows) == {"filed": count // 2, "threaded": count // 2}
    tickets = desk.json("tickets", "export")
    assert Counter(len(ticket["entries"]) for ticket in tickets) == {2: count // 2}
    assert {ticket["status"] for ticket in tickets} == {"closed"}
    assert len({entry["text"] + ticket["subject"] for ticket in tickets for entry in ticket["entries"]}) == count // 2


def test_a_mailbox_is_imported_beside_a_daemon_and_the_summary_adds_up(desk: Desk, daemon: Daemon) -> None:
    path = write_mbox(desk.folder / "old.mbox", 20)
    (desk.folder / "folder").mkdir()
    (desk.folder / "folder" / "a.eml").write_bytes(old(1000))
    (desk.folder / "folder" / "notes.txt").write_bytes(b"nothing\n")
    (desk.folder / "folder" / "gone.eml").symlink_to("nowhere")
    done = desk.try_run("--json", "ingest", "--history", str(path), str(desk.folder / "folder"))
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(list(each) == ["path", "intake_id", "status", "reason", "ticket", "error"] for each in found)
    assert Counter(each["status"] for each in found) == {"filed": 11, "threaded": 10, None: 1}
    assert said(done.stderr) == {"filed": 11, "threaded": 10, "failed": 1}
    assert "notes.txt is no mail" in done.stderr
    assert "22 messages" in done.stderr
    assert desk.json("tickets", "list") == []
    # What is sent, is sent for mail that comes now.
    live = hand_in(daemon.ports["smtp"], mail())
    wait_until(desk.settled, within=60, what="the live mail filed", every=0.1)
    assert [ticket["status"] for ticket in desk.json("tickets", "list")] == ["open"]
    assert desk.json("intake", "show", live)[0]["status"] == "filed"


@pytest.mark.parametrize("beside_a_daemon", [True, False])
def test_a_command_that_is_killed_again_and_again_is_completed_by_the_next(desk: Desk, beside_a_daemon: bool) -> None:
    count, chance = 240, random.Random(7)
    path = write_mbox(desk.folder / "old.mbox", count)
    daemon = desk.start() if beside_a_daemon else None
    try:
        for _ in range(4):
            command = begin(desk, path)
            # Most often in the middle of it, sometimes while it starts.
            if chance.random() < 0.75:
                under_way(desk)
            time.sleep(chance.uniform(0, 0.5))
            os.killpg(command.pid, signal.SIGKILL)
            command.wait()
        done = desk.try_run("--json", "ingest", "--history", str(path), timeout=300)
        assert done.returncode == 0, done.stderr
        assert said(done.stderr).total() == count
        assert len(done.stdout.splitlines()) == count
        hold(desk, count)
    finally:
        if daemon is not None:
            daemon.kill()


def test_a_daemon_that_is_killed_under_an_import_is_waited_for(desk: Desk) -> None:
    count, chance = 240, random.Random(11)
    path = write_mbox(desk.folder / "old.mbox", count)
    daemon = desk.start()
    try:
        command = begin(desk, path)
        under_way(desk)
        for _ in range(3):
            time.sleep(chance.uniform(0, 0.6))
            daemon.kill()
            daemon = desk.start()
        assert command.wait(300) == 0, complaints(desk)
        # Killed between a commit and its answer, a mail is known the next time: it is no duplicate for that.
        assert said(complaints(desk)) == {"filed": count // 2, "threaded": count // 2}
        assert len(results(desk)) == count
        hold(desk, count)
    finally:
        daemon.kill()


def test_a_command_that_is_interrupted_says_how_far_it_came(desk: Desk, daemon: Daemon) -> None:
    path = write_mbox(desk.folder / "old.mbox", 1500)
    command = begin(desk, path)
    under_way(desk)
    command.send_signal(signal.SIGINT)
    assert command.wait(60) == 130
    err = complaints(desk)
    assert "not through (give the same command again)" in err
    assert "1500 messages" in err


def test_a_maildir_that_a_server_writes_into_meanwhile_is_read_as_it_can_be(desk: Desk, daemon: Daemon) -> None:
    root = desk.folder / "Maildir"
    for name in ("cur", "new", "tmp"):
        (root / name).mkdir(parents=True)
    for number in range(60):
        (root / "new" / f"15524{number:05}.M1P1.host").write_bytes(old(number))
    command = begin(desk, root)
    moved = 0
    for each in sorted((root / "new").iterdir(), reverse=True):
        each.rename(root / "cur" / f"{each.name}:2,S")
        moved += 1
    assert moved == 60
    assert command.wait(120) == 0, complaints(desk)
    assert said(complaints(desk)) == {"filed": 60}
    assert len(desk.json("intake", "list")) == 60
