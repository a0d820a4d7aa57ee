"""Each command on a real desk: mail and voicemail are filed without a daemon, the rest is asked of a running one."""

import os
import pwd
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
from store.file_lock import FileLock
from tests.harness.cli import Ended, call
from tests.harness.control import serving
from tests.harness.desk import Desk

MAIL = (
    b"From: Operations <ops@acme.example>\r\nTo: support@example.com\r\nSubject: URGENT: fax is slow\r\n"
    b"Message-ID: <1@acme.example>\r\nDate: Tue, 13 Jan 2026 10:00:00 -0600\r\n\r\nThe fax server is slow.\r\n"
)
WAV = (
    b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
    b"data\x00\x00\x00\x00"
)
TICKET_FIELDS = [
    "ref", "channel", "source", "subject", "status", "type", "queue", "priority", "priority_by", "claimed_urgency",
    "tags", "assignee", "account", "contact", "requester", "identity", "authentication", "callback", "clocks",
    "actions_allowed", "actions_blocked_because", "entries", "events", "created_at", "updated_at", "closed_at",
]  # fmt: skip
INTAKE_FIELDS = [
    "id", "channel", "source", "state", "status", "reason", "ticket", "sha256", "size", "received_at", "attempts",
]  # fmt: skip


class Filed:
    """A desk with one mail and one voicemail, filed by commands that had no daemon to ask."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk.init(folder / "desk")
        (folder / "mail.eml").write_bytes(MAIL)
        (folder / "call.wav").write_bytes(WAV)
        (folder / "words.txt").write_text("my server is down")
        (self.mail,) = self.desk.json("ingest", str(folder / "mail.eml"), "--received-at", "2026-01-13T16:00:00Z")
        (self.call,) = self.desk.json(
            "ingest", str(folder / "call.wav"), "--caller", "+1 555 0100", "--called", "+15550190",
            "--transcript", str(folder / "words.txt"), "--received-at", "2026-01-13T16:05:00Z",
        )  # fmt: skip
        by_eng1 = Desk(folder=self.desk.folder, environment={**self.desk.environment, "SUDO_USER": "eng1"})
        ref = self.call["ticket"]["ref"]
        (self.changed,) = by_eng1.json("tickets", "set", ref, "--priority", "high", "--tag", "vip")


@pytest.fixture(scope="module")
def filed(tmp_path_factory) -> Iterator[Filed]:
    """The desk, its daemon running."""
    made = Filed(tmp_path_factory.mktemp("filed"))
    daemon = made.desk.start()
    yield made
    daemon.kill()


@pytest.fixture
def ask(filed) -> Callable[..., Ended]:
    """Run a command on the desk."""
    return lambda *arguments: call("-c", filed.desk.config, *arguments)


@pytest.fixture
def ask_json(ask):
    """Run a command that must go well; return the objects it prints."""

    def run(*arguments):
        ended = ask("--json", *arguments)
        assert (ended.code, ended.err) == (0, "")
        return ended.json

    return run


def test_a_mail_becomes_a_ticket_with_every_field_and_its_claim_is_no_priority(filed):
    assert list(filed.mail) == ["path", "intake_id", "status", "reason", "ticket", "error"]
    assert filed.mail["status"] == "filed"
    ticket = filed.mail["ticket"]
    assert list(ticket) == TICKET_FIELDS
    assert (ticket["channel"], ticket["priority"], ticket["claimed_urgency"]) == ("email", "medium", "urgent")
    assert ticket["created_at"] == "2026-01-13T16:00:00Z"


def test_known_words_are_the_voicemails_transcript(filed):
    ticket = filed.call["ticket"]
    assert (ticket["channel"], ticket["authentication"]["verdict"]) == ("voicemail", "none")
    (entry,) = ticket["entries"]
    assert entry["transcript"]["text"] == "my server is down"


def test_the_list_holds_both_and_shows_neither_entries_nor_events(filed, ask_json):
    found = ask_json("tickets", "list")
    assert {each["ref"] for each in found} == {filed.mail["ticket"]["ref"], filed.call["ticket"]["ref"]}
    assert all(each["entries"] == each["events"] == [] for each in found)
    assert all(list(each) == TICKET_FIELDS for each in found)


def test_a_ticket_is_shown_by_its_reference_in_each_of_its_forms(filed, ask_json):
    ref = filed.mail["ticket"]["ref"]
    for form in (ref, ref.replace("-", ""), f"[#{ref}]", f"T-{ref}"):
        assert ask_json("tickets", "show", form)[0]["ref"] == ref


def test_a_reference_with_a_wrong_digit_is_refused_in_words(filed, ask):
    ref = filed.mail["ticket"]["ref"]
    wrong = str((int(ref[0]) + 1) % 10) + ref[1:]
    ended = ask("tickets", "show", wrong)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("inboxd: ")
    assert len(ended.err.splitlines()) == 1


def test_search_finds_by_subject_and_by_transcript(filed, ask_json):
    assert [each["ref"] for each in ask_json("tickets", "search", "fax")] == [filed.mail["ticket"]["ref"]]
    assert [each["ref"] for each in ask_json("tickets", "search", "server", "down")] == [filed.call["ticket"]["ref"]]


def test_a_change_without_a_daemon_is_attributed_to_who_asked_sudo(filed):
    assert (filed.changed["priority"], filed.changed["priority_by"]) == ("high", "staff eng1")
    assert "vip" in filed.changed["tags"]
    assert {event["actor"] for event in filed.changed["events"] if event["what"].startswith("priority")} == {"eng1"}


def test_a_change_through_the_daemon_is_attributed_to_the_login_of_its_peer(filed, ask_json, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "somebody-else")
    ref = filed.call["ticket"]["ref"]
    (ticket,) = ask_json("tickets", "set", ref, "--assignee", "engineer-2", "--untag", "vip")
    assert ticket["assignee"] == "engineer-2"
    assert "vip" not in ticket["tags"]
    login = pwd.getpwuid(os.geteuid()).pw_name
    assert {event["actor"] for event in ticket["events"] if event["what"].startswith("assignee")} == {login}
    (ticket,) = ask_json("tickets", "set", ref, "--assignee", "none")
    assert ticket["assignee"] is None


def test_a_note_becomes_an_entry(filed, ask_json):
    (ticket,) = ask_json("tickets", "note", filed.mail["ticket"]["ref"], "Angerufen, niemand da: später.")
    assert ticket["entries"][-1]["kind"] == "note"
    assert ticket["entries"][-1]["text"] == "Angerufen, niemand da: später."


def test_export_gives_every_ticket_whole_in_the_order_of_creation(filed, ask_json):
    found = ask_json("tickets", "export")
    assert [each["ref"] for each in found] == [filed.mail["ticket"]["ref"], filed.call["ticket"]["ref"]]
    assert all(each["entries"] and each["events"] for each in found)


def test_why_explains_a_ticket_and_a_file_that_is_not_filed(filed, ask, ask_json):
    ref = filed.mail["ticket"]["ref"]
    assert f"Ticket {ref}" in ask("why", ref).out
    before = len(ask_json("intake", "list"))
    assert "Nothing was filed" in ask("why", filed.mail["path"]).out
    assert len(ask_json("intake", "list")) == before
    assert "was not listened to" not in ask("why", filed.mail["path"]).out
    assert "was not listened to" in ask("why", filed.call["path"]).out


def test_what_came_in_is_listed_with_every_field(filed, ask_json):
    found = {each["id"]: each for each in ask_json("intake", "list", "--status", "filed")}
    assert set(found) == {filed.mail["intake_id"], filed.call["intake_id"]}
    assert all(list(each) == INTAKE_FIELDS for each in found.values())
    assert found[filed.mail["intake_id"]]["size"] == len(MAIL)
    (shown,) = ask_json("intake", "show", filed.mail["intake_id"])
    assert shown["ticket"] == filed.mail["ticket"]["ref"]


def test_what_came_in_can_be_had_back_byte_for_byte(filed, ask):
    assert ask("intake", "show", "--raw", filed.mail["intake_id"]).out.encode() == MAIL
    done = subprocess.run(
        filed.desk.command("intake", "show", "--raw", filed.call["intake_id"]), capture_output=True, check=True
    )
    assert done.stdout == WAV


def test_the_same_mail_again_is_a_duplicate_of_the_first(filed, ask_json):
    (again,) = ask_json("ingest", filed.mail["path"])
    assert (again["status"], again["ticket"]["ref"]) == ("duplicate", filed.mail["ticket"]["ref"])


def test_accounts_outbox_and_status_are_for_scripts_and_for_people(ask, ask_json):
    accounts = ask_json("accounts", "list")
    assert ask_json("accounts", "show", accounts[0]["id"]) == [accounts[0]]
    assert {item["kind"] for item in ask_json("outbox", "list")} == {"acknowledgement"}
    (status,) = ask_json("status")
    assert status["running"] is True
    for line in (["accounts", "list"], ["accounts", "show", accounts[0]["id"]], ["outbox", "list"], ["status"]):
        assert ask(*line).out.strip()


def test_the_daemon_holds_its_store_against_an_upgrade(ask):
    ended = ask("db", "upgrade")
    assert ended.code == 75
    assert "stop it first" in ended.err


class _Answers:
    """A daemon that says what it was asked."""

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        return [operation, len(payload)]


def test_a_command_waits_for_a_daemon_that_has_just_begun(tmp_path):
    desk = Desk.init(tmp_path / "desk")
    settings = load(desk.config)
    database = settings.store.sqlite_path
    lock = FileLock(database, "daemon", 0)  # it has its store, and does not listen yet
    try:
        with open_backend(settings, actor="eng1") as backend, ExitStack() as stack, ThreadPoolExecutor(1) as pool:
            asked = pool.submit(backend.call, "ingest.accept", {}, b"mail")
            assert wait([asked], timeout=0.5).not_done
            stack.enter_context(serving(lambda _actor: _Answers(), settings.control.socket))
            assert asked.result(30) == ["ingest.accept", 4]
            assert backend.call("outbox.release", {}) == ["outbox.release", 0]
            assert backend.houses() == ()
    finally:
        lock.release()


def test_commands_answer_without_a_daemon(tmp_path):
    desk = Desk.init(tmp_path / "desk")
    (result,) = desk.json("db", "upgrade")
    assert result["from"] == result["to"]
    assert desk.run("tickets", "list") == "No tickets.\n"
    (status,) = desk.json("status")
    assert status["running"] is False


def test_the_rules_are_counted_when_they_hold_no_mistake(ask, ask_json):
    (checked,) = ask_json("rules", "check")
    assert checked["rules"] > 0
    assert f"{checked['rules']} rules in {checked['sections']} sections, no mistakes" in ask("rules", "check").out


def test_mistakes_in_a_rules_file_end_with_78_and_their_places(ask, tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text("plnas: [x]\ndecide: 5\n")
    ended = ask("rules", "check", rules)
    assert ended.code == 78
    assert [line.split(": ")[0] for line in ended.err.splitlines()] == [f"{rules}:1:1", f"{rules}:2:9"]


def test_init_overwrites_nothing(filed):
    before = filed.desk.config.read_bytes()
    ended = call("init", filed.desk.folder)
    assert ended.code == 1
    assert "overwrites nothing" in ended.err
    assert filed.desk.config.read_bytes() == before


def test_init_ends_with_what_to_edit_next(tmp_path):
    said = call("init", tmp_path / "new").out
    assert all(f"{tmp_path}/new/{name}" in said for name in ("inboxd.yaml", "rules.yaml", "accounts.yaml"))
    assert call("-c", tmp_path / "new" / "inboxd.yaml", "rules", "check").code == 0


def test_a_policy_that_does_not_come_with_inboxd_is_wrong_usage(tmp_path):
    assert call("init", tmp_path / "new", "--policy", "no-such-book").code == 2
    assert not (tmp_path / "new").exists()


def test_a_store_of_a_later_version_is_named_by_check_and_by_run(tmp_path):
    desk = Desk.init(tmp_path / "desk")
    desk.run("db", "upgrade")
    database = sqlite3.connect(desk.folder / "inboxd.db")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    for command in ("check", "run"):
        done = desk.try_run(command)
        assert done.returncode == 78, command
        assert "newer inboxd" in done.stderr


def test_a_recording_is_heard_and_what_is_none_is_reported(filed, shared):
    ended = call("transcribe", shared / "speech" / "cards-001.wav", filed.mail["path"], "--json")
    assert ended.code == 1
    heard, refused = ended.json
    assert list(heard) == list(refused) == [
        "path", "text", "confidence", "duration", "language", "engine", "model", "words", "numbers", "error",
    ]  # fmt: skip
    assert heard["text"]
    assert heard["numbers"] == {"callback": [], "references": [], "accounts": []}
    assert refused["error"]
    assert refused["text"] is None


def test_a_daemon_that_is_told_to_stop_ends_with_0_and_its_socket_is_gone(tmp_path):
    desk = Desk.init(tmp_path / "desk")
    daemon = desk.start()
    assert (desk.folder / "control.sock").is_socket()
    assert desk.try_run("run").returncode == 75
    assert daemon.stop() == 0
    assert not (desk.folder / "control.sock").exists()
