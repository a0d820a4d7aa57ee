"""What `status` says of mailboxes, and what it calls a problem."""

from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from inboxd.desk.status import mailboxes, problems
from store.mailbox_audit import FolderCount

ZONE = ZoneInfo("America/Chicago")
SETTINGS = SimpleNamespace(imap=[SimpleNamespace(name="support", folders=("INBOX", "Alarms"))])
NOTHING = {"stored": 0, "old": 0, "partial": 0, "unreadable": 0, "owed": 0}


def counted(folder, mailbox="support", **counts):
    return FolderCount(mailbox=mailbox, folder=folder, **{**NOTHING, **counts})


def found(**changes):
    well = {"running": True, "mailboxes": [], "pages": [], "oldest_waiting_seconds": None, "quarantined": 0}
    well["outbox"] = {"failed": 0, "oldest": None}
    return {**well, "quarantined_since": None, **changes}


def test_mail_that_failed_or_waits_too_long_is_a_problem_and_a_held_one_is_none():
    waiting = {"id": 7, "waiting_seconds": 1200, "reason": "the server is away"}
    said = list(problems(found(outbox={"failed": 2, "oldest": waiting}), ZONE))
    assert said[0] == "The outbox waits, its oldest item for 20 minutes: the server is away"
    assert said[1].startswith("2 in the outbox failed")
    fresh = {**waiting, "waiting_seconds": 5}
    assert list(problems(found(outbox={"failed": 0, "held": 3, "oldest": fresh}), ZONE)) == []


def test_a_mailbox_without_a_fetcher_has_no_state_and_its_counts():
    (box,) = mailboxes(SETTINGS, [], [counted("INBOX", stored=3, owed=1), counted("INBOX", mailbox="gone", old=1)])
    assert box == {
        "name": "support",
        "state": None,
        "trouble": None,
        "since": None,
        "last_success_at": None,
        "folders": [
            {"folder": "INBOX", "trouble": None, **NOTHING, "stored": 3, "owed": 1},
            {"folder": "Alarms", "trouble": None, **NOTHING},
        ],
    }


def test_what_the_fetcher_says_stands_beside_the_counts():
    view = {"name": "support", "state": "idle", "trouble": None, "since": "2026-01-13T16:00:00Z"}
    view["folders"] = [{"folder": "Alarms", "trouble": "no such folder"}]
    (box,) = mailboxes(SETTINGS, [view], [counted("Alarms", old=2)])
    assert (box["state"], box["since"], box["last_success_at"]) == ("idle", "2026-01-13T16:00:00Z", None)
    assert box["folders"][1] == {"folder": "Alarms", "trouble": "no such folder", **NOTHING, "old": 2}


def test_a_folder_that_is_fetched_no_more_stays_while_mails_of_it_are_counted():
    (box,) = mailboxes(SETTINGS, [], [counted("Archive", stored=1)])
    assert [each["folder"] for each in box["folders"]] == ["INBOX", "Alarms", "Archive"]


def test_nothing_is_a_problem_where_all_is_well():
    (box,) = mailboxes(SETTINGS, [], [counted("INBOX", stored=3)])
    assert list(problems(found(mailboxes=[box], oldest_waiting_seconds=3), ZONE)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"running": False}, ["No daemon is running"]),
        (
            {"not_ready": "the store cannot be written: no"},
            ["Mail cannot be taken in: the store cannot be written: no."],
        ),
        ({"little_room": ["/srv: only 3 MB are left"]}, ["/srv: only 3 MB are left."]),
        ({"not_reloaded": ["rules.yaml:3:1: unknown key"]}, ["Not reloaded, what was read before holds; mend this"]),
        (
            {"quarantined": 2, "quarantined_since": "2026-01-13T16:00:00Z"},
            ["2 in quarantine, the first since 2026-01-13 10:00:00 CST"],
        ),
        (
            {"pages": [{"ticket": "48213-7", "since": "2026-01-13T16:00:00Z"}]},
            ["Nobody has taken the page of 48213-7, since 2026-01-13 10:00:00 CST"],
        ),
        (
            {"clock": {"set_by_seconds": -90_120, "set_at": "2026-01-13T16:00:00Z"}},
            ["This machine's clock was set back by 1d 1h 2m, and showed 2026-01-13 10:00 CST then: where that"],
        ),
        (
            {"clock": {"ahead_of_database_seconds": -3600}},
            ["This machine's clock is 1h behind the database's: let a time server set it"],
        ),
        (
            {"clock": {"ahead_of_provider_seconds": 3600}},
            ["This machine's clock is 1h ahead of the phone provider's: let a time server set it"],
        ),
        ({"oldest_waiting_seconds": 660}, ["Work has waited for 11 minutes"]),
        ({"oldest_waiting_seconds": 660, "running": False}, ["No daemon is running"]),
    ],
)
def test_what_needs_a_person_is_a_sentence(changes, words):
    said = list(problems(found(**changes), ZONE))
    assert [one.startswith(word) for one, word in zip(said, words, strict=True)] == [True]


def test_a_clock_that_was_set_a_little_or_taken_back_needs_nobody():
    for clock in ({"set_by_seconds": 59}, {"set_by_seconds": 0}, {"ahead_of_database_seconds": 2}):
        assert list(problems(found(clock=clock), ZONE)) == []


def test_trouble_of_a_mailbox_and_of_one_folder_are_two_problems():
    (box,) = mailboxes(SETTINGS, [], [])
    box["trouble"] = "The password is wrong."
    box["folders"][1]["trouble"] = "There is no such folder."
    assert list(problems(found(mailboxes=[box]), ZONE)) == [
        "Mailbox support: The password is wrong.",
        "Mailbox support, folder Alarms: There is no such folder.",
    ]
