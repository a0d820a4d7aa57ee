"""What a rule holds back, what fails, what a killed worker leaves: everything stays in sight and can be replayed."""

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

from tests.harness.mails import mail

HOLDING = """
decide:
  hold:
    - {rule: lottery, when: {subject: [lottery]}, then: {quarantine: Looks like advertising.}}
    - {rule: machine, when: {subject: [nightly report]}, then: {reject: Nobody reads these.}}
"""


def test_what_a_rule_quarantines_is_held_with_its_reason_and_can_be_replayed(make_desk):
    desk = make_desk(HOLDING)
    outcome = desk.mail(mail("You won the lottery"))
    assert outcome["status"] == "quarantined"
    assert outcome["ticket"] is None
    assert "advertising" in outcome["reason"]
    held = desk.call("intake.list", status="quarantined")
    assert [row["id"] for row in held] == [outcome["intake_id"]]
    (desk.folder / "rules.yaml").write_text("")
    desk.reload()
    desk.call("intake.replay", id=outcome["intake_id"])
    again = desk.call("ingest.outcome", intake_id=outcome["intake_id"], wait_seconds=30)
    assert again["status"] == "filed"


def test_what_a_rule_rejects_is_kept_and_says_by_what(make_desk):
    desk = make_desk(HOLDING)
    outcome = desk.mail(mail("Nightly report of backups"))
    assert (outcome["status"], outcome["ticket"]) == ("rejected", None)
    shown = desk.call("intake.show", id=outcome["intake_id"])
    assert shown["reason"] == "Nobody reads these."
    assert shown["decisions"][0]["decision"]["trace"]


def test_a_discarded_item_is_ignored_by_a_named_person_and_keeps_its_bytes(make_desk):
    desk = make_desk(HOLDING)
    outcome = desk.mail(mail("You won the lottery"))
    discarded = desk.call("intake.discard", id=outcome["intake_id"])
    assert discarded["status"] == "ignored"
    assert "engineer" in discarded["reason"]
    assert discarded["size"] > 0


def test_a_killed_worker_costs_no_mail(desk):
    assert desk.mail(mail("warm up"))["status"] == "filed"
    for pid in _workers():
        os.kill(pid, signal.SIGKILL)
    assert desk.mail(mail("after the kill"))["status"] == "filed"


def test_a_mail_that_kills_its_worker_each_time_is_filed_unread(desk):
    assert desk.mail(mail("warm up"))["status"] == "filed"
    stop = threading.Event()
    killer = threading.Thread(target=_kill_workers_until, args=(stop,))
    killer.start()
    try:
        outcome = desk.mail(mail("no worker lives to read this"))
    finally:
        stop.set()
        killer.join()
    assert outcome["status"] == "filed"
    assert "its worker was killed, again and again" in desk.call("why", ref=outcome["ticket"]["ref"])["text"]
    assert outcome["ticket"]["entries"][0]["attachments"][0]["content_type"] == "message/rfc822"


def _kill_workers_until(stop: threading.Event) -> None:
    while not stop.wait(0.002):
        for pid in _workers():
            with suppress(ProcessLookupError):  # it died of the last one, between the look and the signal
                os.kill(pid, signal.SIGKILL)


def _workers() -> list[int]:
    found = []
    for children in Path("/proc/self/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread or child that ended while we looked
            for pid in children.read_text().split():
                if b"inboxd.worker_child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(int(pid))
    return found
