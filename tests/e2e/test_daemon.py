"""The daemon as a whole: it says that it is ready, files what comes in, ends in good order, and is alone."""

import json
import os
import signal
import smtplib
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.mails import hand_in, mail


def filed(desk: Desk, queue_id: str) -> dict[str, object]:
    """Wait until a message has its place and give its intake row."""

    def there() -> bool:
        return desk.json("intake", "show", queue_id)[0]["status"] is not None

    wait_until(there, within=60, what=f"a status of {queue_id}", every=0.1)
    return desk.json("intake", "show", queue_id)[0]


def test_a_mail_becomes_a_ticket_and_bears_one_queue_id_from_the_answer_to_the_log(desk: Desk, daemon: Daemon) -> None:
    queue_id = hand_in(daemon.ports["smtp"], mail("URGENT!!! Fax server", X_Priority="1"))
    row = filed(desk, queue_id)
    assert row["status"] == "filed"
    ticket = desk.json("tickets", "show", str(row["ticket"]))[0]
    assert ticket["subject"] == "URGENT!!! Fax server"
    assert (ticket["priority"], ticket["claimed_urgency"]) == ("medium", "urgent")
    assert ticket["authentication"]["verdict"] == "unknown"
    events = [line["event"] for line in daemon.events() if line.get("queue_id") == queue_id]
    assert "accepted" in events
    assert "filed" in events


def test_the_same_mail_twice_is_one_ticket(desk: Desk, daemon: Daemon) -> None:
    raw = mail()
    rows = [filed(desk, hand_in(daemon.ports["smtp"], raw)) for _ in range(2)]
    assert [row["status"] for row in rows] == ["filed", "duplicate"]
    assert [ticket["ref"] for ticket in desk.json("tickets", "list")] == [rows[1]["ticket"]]


def test_a_mail_for_another_domain_is_refused_and_leaves_nothing(desk: Desk, daemon: Daemon) -> None:
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        hand_in(daemon.ports["smtp"], mail(), recipient="someone@elsewhere.example")
    assert refused.value.smtp_code == 550
    assert desk.json("intake", "list") == []


def test_a_path_that_does_not_exist_is_reported_and_the_others_are_filed(desk: Desk, daemon: Daemon) -> None:
    (desk.folder / "one.eml").write_bytes(mail("One"))
    done = desk.try_run("--json", "ingest", str(desk.folder / "gone.eml"), str(desk.folder / "one.eml"))
    assert done.returncode == 1
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert {Path(outcome["path"]).name: outcome["status"] for outcome in outcomes} == {
        "gone.eml": None,
        "one.eml": "filed",
    }


def test_ingest_files_a_mail_without_a_daemon(desk: Desk) -> None:
    (desk.folder / "one.eml").write_bytes(mail("One"))
    assert desk.json("ingest", str(desk.folder / "one.eml"))[0]["status"] == "filed"
    assert [ticket["subject"] for ticket in desk.json("tickets", "list")] == ["One"]


def test_a_second_daemon_on_the_same_store_ends_with_75(desk: Desk, daemon: Daemon) -> None:
    second = desk.try_run("run")
    assert second.returncode == 75, second.stderr
    assert daemon.process.poll() is None


def test_healthz_and_readyz_answer(daemon: Daemon) -> None:
    for path in ("healthz", "readyz"):
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.ports['http']}/{path}", timeout=30) as answer:
            assert answer.status == 200


def test_sigterm_ends_it_with_0_and_leaves_no_process_behind(daemon: Daemon) -> None:
    assert daemon.stop() == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(daemon.pid, 0)


def test_systemd_is_told_when_it_is_ready_and_when_it_stops(desk: Desk, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(60)
        desk.environment["NOTIFY_SOCKET"] = str(tmp_path / "n")
        daemon = desk.start(wait=False)
        try:
            assert b"READY=1" in manager.recv(4096)
            assert daemon.is_ready()
            daemon.process.send_signal(signal.SIGTERM)
            while b"STOPPING=1" not in (told := manager.recv(4096)):
                assert told.startswith(b"STATUS=")  # on a slow machine the heartbeat speaks in between
            assert daemon.stop() == 0
        finally:
            daemon.kill()
