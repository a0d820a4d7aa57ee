"""Mailboxes of a real server, fetched by the real daemon."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.bench.kill_loop_imap import Plan, kill_loop
from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.dovecot import HOST, Account, Dovecot
from tests.harness.mails import hand_in, mail

pytestmark = pytest.mark.timeout(600)


def section(desk: Desk, name: str, account: Account, **keys: Any) -> dict[str, Any]:
    """What inboxd.yaml says of a mailbox; its password goes into a file."""
    password = desk.folder / f"{name}-password"
    password.write_text(keys.pop("password", account.password))
    password.chmod(0o600)
    return {
        "name": name, "host": HOST, "port": account.server.tls_port, "ca_file": str(account.server.ca_file),
        "user": account.user, "password_file": str(password), "address": "support@example.com", "start": "all", **keys,
    }  # fmt: skip


@pytest.fixture
def accounts(dovecot: Dovecot) -> Sequence[Account]:
    return [dovecot.account(), dovecot.account()]


def filed(desk: Desk, count: int) -> list[dict[str, Any]]:
    """Wait until so much has come in and been filed, and give it."""

    def through() -> bool:
        rows = desk.json("intake", "list")
        return len(rows) >= count and all(row["status"] for row in rows)

    wait_until(through, within=60, what=f"{count} rows of the intake, filed", every=0.2)
    return desk.json("intake", "list")


def running(desk: Desk) -> Daemon:
    return desk.start()


def status_of(desk: Desk, name: str) -> dict[str, Any]:
    (status,) = desk.json("status")
    return next(box for box in status["mailboxes"] if box["name"] == name)


def test_the_same_mail_by_smtp_and_in_two_mailboxes_is_one_ticket(desk: Desk, accounts: Sequence[Account]) -> None:
    desk.change({"imap": [section(desk, f"box{number}", account) for number, account in enumerate(accounts)]})
    daemon = running(desk)
    try:
        raw = mail("Fax server", "Nothing goes out.\n")
        for number, account in enumerate(accounts):
            # Each way adds its own trace above the mail.
            trace = f"Received: from mx by box{number}.example; Tue, 13 Jan 2026 16:00:0{number} +0000\n".encode()
            account.append(trace + raw)
        hand_in(daemon.ports["smtp"], raw)
        rows = filed(desk, 3)
        assert sorted(row["status"] for row in rows) == ["duplicate", "duplicate", "filed"]
        (ticket,) = desk.json("tickets", "export")
        assert [entry["kind"] for entry in ticket["entries"]] == ["email"]
        assert {row["source"] for row in rows} >= {"support@example.com"}
    finally:
        daemon.kill()


def test_a_wrong_password_holds_up_no_other_mailbox_and_is_said_everywhere(
    desk: Desk, accounts: Sequence[Account]
) -> None:
    bad, good = accounts
    boxes = [section(desk, "bad", bad, password="hunter2hunter2"), section(desk, "good", good)]
    desk.change({"imap": boxes})
    good.append(mail("Fax server"))
    daemon = running(desk)
    try:
        filed(desk, 1)
        wait_until(lambda: bool(daemon.events("mailbox_trouble")), within=30, what="the trouble in the log")
        (said,) = daemon.events("mailbox_trouble")
        assert (said["mailbox"], said["level"]) == ("bad", "error")
        assert said["what"]
        assert said["advice"]
        assert status_of(desk, "good")["trouble"] is None
        assert said["what"] in status_of(desk, "bad")["trouble"]
        (status,) = desk.json("status")
        assert [problem for problem in status["problems"] if "Mailbox bad" in problem]
        page = desk.run("status")
        assert "1 thing needs a person:\n  ! Mailbox bad: " in page
        check = desk.try_run("check")
        assert check.returncode == 1
        assert "imap.bad: " in check.stderr
        for text in (daemon.log(), page, check.stdout + check.stderr):
            assert "hunter2" not in text
        # A person mends the file; nothing is restarted.
        (desk.folder / "bad-password").write_text(bad.password)
        bad.append(mail("Printer"))
        filed(desk, 2)
        wait_until(lambda: status_of(desk, "bad")["trouble"] is None, within=30, what="no trouble", every=0.2)
    finally:
        daemon.kill()


def test_audit_finds_what_was_taken_out_of_the_store_and_what_nobody_fetched(
    desk: Desk, accounts: Sequence[Account]
) -> None:
    account = accounts[0]
    desk.change({"imap": [section(desk, "support", account)]})
    account.append(*(mail(f"Report {number}") for number in range(4)))
    daemon = running(desk)
    try:
        filed(desk, 4)
        account.append(mail("just come"))
        done = desk.try_run("audit")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.endswith("No gap: everything on the servers is accounted for.\n")
        assert daemon.stop() == 0
    finally:
        daemon.kill()
    with closing(sqlite3.connect(desk.folder / "inboxd.db")) as store, store:
        store.execute("DELETE FROM mailbox_messages WHERE uid = 2")
        intake = store.execute("SELECT intake_id FROM mailbox_messages WHERE uid = 3").fetchone()[0]
        store.execute("DELETE FROM intake_raw WHERE intake_id = ?", (intake,))
    account.append(mail("while nobody looks"))
    done = desk.try_run("audit")
    assert done.returncode == 1
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "LOST support INBOX: 1 mail, UID 3: the ledger says that the mail is stored, and its bytes are gone" in lines
    assert "GAP support INBOX: 2 mails, UID 2,6: the mail lies on the server and is not in the store" in lines
    assert "support INBOX 6 3 0 0 3" in lines
    found = desk.try_run("audit", "--json", "--mailbox", "support")
    assert found.returncode == 1
    assert desk.try_run("audit", "--mailbox", "nobody").returncode == 2


def test_eight_kills_lose_double_and_mark_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    plan = Plan(kills=8, seed=7, restart_every=100, look_every=2)
    outcome = kill_loop(Desk.init(tmp_path / "desk"), dovecot, plan)
    assert outcome.wrong == [], str(outcome)
    assert outcome.quarantined == 0, str(outcome)
    # The loop has tried nothing unless mail came in while it killed.
    assert outcome.rows > 20, str(outcome)
