"""The page of `inboxd status`: problems first, a line for each folder of each mailbox."""

from inboxd.cli.status_page import render

COUNTS = {"stored": 1203, "old": 20143, "partial": 0, "unreadable": 0, "owed": 2}


def status(**changes):
    return {
        "version": "1.0", "configuration": "/etc/inboxd/inboxd.yaml", "store": "sqlite:////var/lib/inboxd/inboxd.db",
        "problems": [], "running": True, "pid": 41, "seconds_up": 7300,
        "listeners": [{"listener": "smtp", "address": "127.0.0.1:8025"}],
        "jobs": {"mail": {"ready": 2, "later": 0, "running": 1, "dead": 0}}, "oldest_waiting_seconds": 4,
        "intake": {"total": 1205, "waiting": 2, "filed": 1203}, "quarantined": 0, "quarantined_since": None,
        "outbox": {"queued": 3, "sending": 0, "sent": 8, "held": 2, "oldest": {"waiting_seconds": 90}},
        "mailboxes": [], **changes,
    }  # fmt: skip


def mailbox(**changes):
    folders = [{"folder": "INBOX", "trouble": None, **COUNTS}, {"folder": "Alarms", "trouble": "gone", **COUNTS}]
    box = {"name": "support", "state": "idle", "trouble": None, "since": None, "last_success_at": None}
    return {**box, "folders": folders, **changes}


def test_all_well_is_said_in_one_line_before_everything_else():
    lines = render(status()).splitlines()
    assert lines[0] == "inboxd 1.0, running for 2h as process 41"
    assert lines[2] == "All is well: nothing needs a person."
    assert "Work:          mail: 2 ready, 1 running; the oldest for 4s" in lines
    assert "Came in:       1,205 (2 waiting, 1,203 filed)" in lines
    assert "Outbox:        3 queued (2 held until `inboxd outbox release`), 8 sent; the oldest waits for 1m" in lines
    assert not any("MAILBOX" in line for line in lines)


def test_problems_come_first_and_foreign_words_in_them_are_harmless():
    lines = render(status(problems=["Mailbox support: it said \x1b[2J\nand more"])).splitlines()
    assert lines[2:4] == ["1 thing needs a person:", "  ! Mailbox support: it said \\x1b[2J and more"]


def test_each_folder_has_a_line_and_the_mailbox_is_named_once():
    lines = render(status(mailboxes=[mailbox()])).splitlines()[-3:]
    assert [" ".join(line.split()) for line in lines] == [
        "MAILBOX STATE FOLDER STORED OLD PARTIAL UNREADABLE OWED LAST LOOK",
        "support idle INBOX 1,203 20,143 0 0 2 never",
        "Alarms (!) 1,203 20,143 0 0 2",
    ]


def test_a_mailbox_that_nobody_fetches_says_so():
    assert "not fetched" in render(status(running=False, mailboxes=[mailbox(state=None)]))


def test_deadlines_ahead_are_no_work_that_waits():
    def work(**mail):
        jobs = {"mail": {"ready": 0, "later": 0, "planned": 0, "running": 0, "dead": 0, **mail}}
        page = render(status(jobs=jobs, oldest_waiting_seconds=None))
        return next(line.removeprefix("Work:").strip() for line in page.splitlines() if line.startswith("Work:"))

    assert work(later=78, planned=78) == "nothing waits; 78 planned for later (deadlines and the like)"
    assert work(later=80, planned=78) == "mail: 2 later; 78 planned for later (deadlines and the like)"
    assert work() == "nothing waits"
