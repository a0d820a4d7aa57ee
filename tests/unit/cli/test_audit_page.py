"""The page of `inboxd audit`: the worst first, one line for all mails of which the same is to be said."""

from inboxd.cli.audit_page import render

FIELDS = dict.fromkeys(("mailbox", "folder", "uidvalidity", "uid", "intake_id", "what"))
COUNTS = {"on_server": 0, "stored": 0, "old": 0, "partial": 0, "gap": 0}


def line(kind, what=None, **fields):
    error = what if kind in ("gap", "lost", "unknown") else None
    return {"kind": kind, **FIELDS, **COUNTS, "what": what, "error": error, **fields}


def inbox(kind, what=None, **fields):
    return line(kind, what, mailbox="support", folder="INBOX", uidvalidity=7, **fields)


def page(*lines):
    return [" ".join(one.split()) for one in render([*lines, line("total", on_server=6, stored=4, gap=2)]).splitlines()]


def test_where_nothing_is_found_it_says_so_below_the_counts():
    counted = inbox("folder", on_server=1206, stored=6, old=1200)
    assert page(counted) == [
        "MAILBOX FOLDER ON SERVER STORED OLD PARTIAL GAP",
        "support INBOX 1,206 6 1,200 0 0",
        "all 6 4 0 0 2",
        "",
        "No gap: everything on the servers is accounted for.",
    ]


def test_what_is_not_known_comes_first_and_uids_are_drawn_together():
    found = page(
        *(inbox("gap", "not in the store", uid=uid) for uid in (9, 3, 1, 2)),
        inbox("owed", "`after: seen` is still to be done with it", uid=4),
        line("unknown", "the server\x1b does not answer", mailbox="billing"),
        inbox("lost", "its bytes are gone", uid=5),
    )
    assert found[:5] == [
        "NOT KNOWN billing: the server\\x1b does not answer",
        "LOST support INBOX: 1 mail, UID 5: its bytes are gone",
        "GAP support INBOX: 4 mails, UID 1:3,9: not in the store",
        "owed support INBOX: 1 mail, UID 4: `after: seen` is still to be done with it",
        "",
    ]
    assert "No gap" not in found[-1]


def test_what_is_only_owed_is_no_gap():
    assert page(inbox("owed", "still to be done", uid=4))[-1].startswith("No gap")


def test_without_mailboxes_there_is_nothing_to_compare():
    assert page() == ["No mailbox and no phone is configured: there is nothing to compare."]
