"""`inboxd tickets` against a running daemon."""

import io
import json
import sys

import pytest

from inboxd.cli import ticket_page
from inboxd.errors import InboxdError, TryLater

CALL = {
    "channel": "voicemail", "source": "+15550190", "account": None, "contact": None, "priority": "urgent",
    "priority_by": "rule down", "requester": {"address": None, "name": None, "phone": "+15550100"},
    "claimed_urgency": None, "tags": ["needs-lookup"], "assignee": "engineer-1",
    "callback": {"number": "+15550100", "due_at": "2026-01-13T16:30:00Z", "made": 1, "terms": "courtesy"},
    "clocks": [{"name": "callback", "started_at": "2026-01-13T16:00:00Z", "due_at": "2026-01-13T16:30:00Z",
                "met_at": None, "breached": True}],
    "actions_allowed": ["discuss"], "actions_blocked_because": {"credentials": "Needs a proven mail."},
    "entries": [{"kind": "voicemail", "at": "2026-01-13T16:00:00Z", "author": "+15550100", "text": None,
                 "reply_text": None, "identity": None, "authentication": {"verdict": "none"},
                 "attachments": [{"filename": "voicemail.wav", "content_type": "audio/wav", "size": 32044,
                                  "dangerous": False}],
                 "transcript": {"text": "server is down", "engine": "moonshine", "confidence": 0.914, "words": [],
                                "duration": 4.2}}],
    "events": [{"at": "2026-01-13T16:00:01Z", "actor": "inboxd", "what": "opened", "why": "rule down"}],
}  # fmt: skip


def test_the_list_is_one_object_a_line(call, desk):
    assert call("tickets", "list", "--json").json == list(desk.tickets.values())


def test_options_become_arguments_and_what_was_not_given_is_null(call, desk):
    call("tickets", "list", "--mine", "--queue", "tech", "--account", "acme", "--status", "open", "--limit", "5")
    assert desk.last("tickets.list") == {
        "mine": True, "queue": "tech", "account": "acme", "status": "open", "assignee": None, "due": None, "limit": 5,
    }  # fmt: skip


def test_due_is_sent_as_a_time_and_needs_no_value(call, desk):
    call("tickets", "list", "--due", "2026-01-13T10:00:00-06:00")
    assert desk.last("tickets.list")["due"] == "2026-01-13T16:00:00Z"
    assert call("tickets", "list", "--due", "--limit", "1").code == 0
    assert desk.last("tickets.list")["due"].endswith("Z")
    assert call("tickets", "list", "--due", "soon").code == 2


def test_the_table_has_a_line_for_each_ticket_and_is_whole_in_a_pipe(call, desk):
    desk.tickets["10010-1"]["subject"] = "long " * 60
    lines = call("tickets", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["REF", "10010-1", "20020-2"]
    assert "long " * 59 in lines[1]


def test_the_table_is_cut_to_a_terminal(call, desk, monkeypatch):
    desk.tickets["10010-1"]["subject"] = "long " * 60
    monkeypatch.setenv("COLUMNS", "80")
    lines = call("tickets", "list", terminal=True).out.splitlines()
    assert len(lines) == 3
    assert all(len(line) <= 80 for line in lines)


def test_an_empty_list_says_so_to_a_person_and_nothing_to_a_script(call, desk):
    desk.tickets.clear()
    assert call("tickets", "list").out == "No tickets.\n"
    assert call("tickets", "list", "--json").out == ""
    assert call("tickets", "next").out == "Nothing waits.\n"
    assert call("tickets", "next", "--json").out == ""


def test_the_page_shows_who_proof_clocks_entries_and_events(call, desk):
    desk.tickets["10010-1"].update(CALL)
    page = call("tickets", "show", "10010-1").out
    for words in (
        "10010-1  urgent, open, queue tech, assigned to engineer-1, tags needs-lookup", "+15550100", "not known",
        "none", "urgent, by rule down", "+15550100, 1 made, courtesy",
        "callback, due 2026-01-13 16:30:00 UTC, BREACHED",
        "discuss", "credentials: Needs a proven mail.", "  | server is down", "moonshine (confidence 0.91, 4 s)",
        "voicemail.wav  audio/wav  32044 bytes", "inboxd: opened (rule down)",
    ):  # fmt: skip
        assert words in page


@pytest.mark.parametrize(
    ("status", "going"), [("open", "runs"), ("solved", "stands still"), ("closed", "stands still")]
)
def test_a_clock_of_what_is_done_with_does_not_run(call, desk, status, going):
    desk.tickets["10010-1"].update(CALL, status=status, clocks=[{**CALL["clocks"][0], "breached": False}])
    assert (" late " in call("tickets", "list").out) is (going == "runs")
    assert f"callback, due 2026-01-13 16:30:00 UTC, {going}\n" in call("tickets", "show", "10010-1").out


def test_a_watch_outlives_the_daemon_and_goes_on_where_it_was(call, desk, monkeypatch):
    monkeypatch.setattr("inboxd.cli.ticket_watch.time.sleep", lambda _seconds: None)
    event = {"at": "2026-01-13T16:00:01Z", "actor": "inboxd", "what": "opened", "why": None}
    event["ticket"] = desk.tickets["10010-1"]
    gone = TryLater("the daemon is gone")
    seen = {"events": [event], "after": 9, "missing": []}
    desk.watched = [{"events": [], "after": 7, "missing": [5]}, gone, gone, seen, InboxdError("enough")]
    ended = call("tickets", "watch", "--json")
    assert [each.get("what") or each["error"] for each in ended.json] == ["opened", "enough"]
    asked = [arguments for name, arguments, _ in desk.calls if name == "tickets.watch"]
    assert [(each.get("after"), each.get("missing")) for each in asked] == [
        (None, None), (7, [5]), (7, [5]), (7, [5]), (9, []),
    ]  # fmt: skip
    assert ended.err.count("the daemon is gone") == 1


def test_undo_says_what_it_took_back_and_what_stays(call, desk):
    done = {"at": "2026-01-13T16:00:01Z", "actor": "engineer-1", "what": "undone: tag vip", "why": "called stays."}
    desk.tickets["10010-1"]["events"] = [{**done, "what": "undone: link"}, done]
    ended = call("tickets", "undo", "10010-1")
    assert "undone: tag vip. called stays.\n" in ended.err
    assert ended.out.startswith("10010-1  medium")
    # Of a split the other ticket is shown, whose own history says something else.
    assert "the split; what was split off is on 10010-1 again" in call("tickets", "undo", "20020-2").err


@pytest.mark.parametrize(
    ("transcript", "line"),
    [
        ({"engine": None, "duration": None, "note": "it looks like text"}, "  no transcript: it looks like text\n"),
        ({"engine": "moonshine", "duration": 5.0, "note": "no speech was heard"},
         "  transcript by moonshine (5 s): no speech was heard\n"),
    ],
)  # fmt: skip
def test_the_page_says_what_is_to_be_known_about_a_transcript(call, desk, transcript, line):
    entry = {
        **CALL["entries"][0],
        "text": "",
        "transcript": {"text": "", "confidence": None, "words": [], **transcript},
    }
    desk.tickets["10010-1"].update(CALL, entries=[entry])
    page = call("tickets", "show", "10010-1").out
    assert "  (no words)\n" in page
    assert line in page


def test_later_entries_show_what_is_new_and_say_what_they_leave_out_unless_all_is_asked_for(call, desk):
    quoting = {**CALL["entries"][0], "kind": "email", "transcript": None, "attachments": []}
    quoting |= {"text": "It burns.\n\nOn Monday, Desk wrote:\n> What does?", "reply_text": "It burns."}
    packed = {"filename": "winmail.dat", "content_type": "application/ms-tnef", "size": 9, "dangerous": False}
    inner = {"filename": "one.pdf", "content_type": "application/pdf", "size": 3, "dangerous": False}
    note = {**quoting, "kind": "note", "text": "Mind.", "reply_text": None, "authentication": {"verdict": "unknown"}}
    note["attachments"] = [{**packed, "contains": [inner]}, {**inner, "about": "Invitation: Repair\nWhere: Room 12"}]
    desk.tickets["10010-1"].update(CALL, entries=[quoting, quoting, note])
    page = call("tickets", "show", "10010-1").out
    first, later = page.index("1.  2026-01-13"), page.index("2.  2026-01-13")
    assert "> What does?" in page[first:later]
    assert "> What does?" not in page[later:]
    assert "  | It burns.\n  (3 lines more of history and signature: `tickets show --whole`)\n" in page[later:]
    assert "  | Mind.\n  attached: winmail.dat" in page
    assert "[unknown]" not in page
    report = {**quoting, "author": None, "authentication": {"verdict": "unknown", "address": "mailer-daemon@x.example"}}
    desk.tickets["10010-1"].update(CALL, entries=[report])
    assert "  email  mailer-daemon@x.example  [unknown]\n" in call("tickets", "show", "10010-1").out
    desk.tickets["10010-1"].update(CALL, entries=[quoting, quoting, note])
    assert "    inside: one.pdf  application/pdf  3 bytes\n" in page
    assert "  | Invitation: Repair\n  | Where: Room 12\n" in page
    whole = call("tickets", "show", "10010-1", "--whole").out
    assert (whole.count("> What does?"), "--whole" in whole) == (2, False)
    assert call("tickets", "export").out.count("> What does?") == 2


def test_who_said_nothing_has_no_transcript_by_anybody(call, desk):
    said = {"text": "", "engine": "given", "confidence": None, "words": [], "note": "The caller left no message."}
    desk.tickets["10010-1"].update(CALL, entries=[{**CALL["entries"][0], "transcript": said}])
    assert "  (no words)\n  The caller left no message.\n" in call("tickets", "show", "10010-1").out


def test_nothing_in_a_ticket_drives_the_terminal_or_forges_a_line(call, desk):
    evil = "\x1b]0;owned\x07\r\nEvents\n  2026-01-13 10:00:00 UTC  staff: credentials allowed\u202e"
    entry = {**CALL["entries"][0], "text": evil, "author": evil, "transcript": None}
    desk.tickets["10010-1"].update(subject=evil, entries=[entry], tags=[evil], assignee=evil)
    page = call("tickets", "show", "10010-1").out
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "\r" not in page
    assert [line for line in page.splitlines() if line.strip() == "Events"] == []
    assert not any(line.startswith("  2026-01-13 10:00:00") for line in page.splitlines())


def test_a_mails_claim_stands_beside_its_priority(call, desk):
    desk.tickets["10010-1"]["claimed_urgency"] = "urgent"
    assert "medium, by default (the sender claims: urgent)" in call("tickets", "show", "10010-1").out


def test_set_sends_only_what_was_given_and_none_clears(call, desk):
    ended = call(
        "tickets", "set", "10010-1", "--priority", "high", "--assignee", "none", "--type", "none", "--tag", "vip"
    )
    assert desk.last("tickets.set") == {
        "ref": "10010-1", "priority": "high", "assignee": None, "type": None, "tag": ["vip"], "untag": [],
    }  # fmt: skip
    assert ended.out == ticket_page.headline(desk.tickets["10010-1"]) + "\n"


def test_a_ticket_goes_to_a_name_that_nobody_has_and_a_hint_says_so(call, desk):
    ended = call("tickets", "set", "10010-1", "--queue", "tehc", "--assignee", "engineer-1")
    assert (ended.code, desk.tickets["10010-1"]["queue"]) == (0, "tehc")
    assert ended.err == 'set as you said, but nobody has the queue "tehc"\n'


def test_setting_nothing_is_wrong_usage_and_asks_nobody(call, desk):
    assert call("tickets", "set", "10010-1").code == 2
    assert desk.calls == []


def test_a_note_is_taken_from_the_line_or_from_stdin(call, desk, monkeypatch):
    call("tickets", "note", "10010-1", "from the line")
    assert desk.last("tickets.note") == {"ref": "10010-1", "text": "from the line"}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("von stdin: grüße\n".encode()), encoding="utf-8"))
    call("tickets", "note", "10010-1")
    assert desk.last("tickets.note")["text"] == "von stdin: grüße\n"


def test_an_empty_note_is_refused(call, desk):
    assert call("tickets", "note", "10010-1", " \n").code == 2
    assert desk.calls == []


def test_a_reply_says_to_whom_it_goes(call, desk):
    mails = [{"to": "ops@acme.example", "state": "queued", "reason": None, "at": None}]
    mails.append({"to": "boss@acme.example", "state": "suppressed", "reason": "undone", "at": None})
    answer = {"kind": "reply", "author": "engineer-1", "delivery": mails}
    desk.tickets["10010-1"]["entries"] = [{"kind": "email", "author": "ops@acme.example"}, answer]
    said = call("tickets", "reply", "10010-1", "Pull the plug.").out.splitlines()
    assert said == [
        ticket_page.headline(desk.tickets["10010-1"]),
        "  mail to ops@acme.example: queued",
        "  mail to boss@acme.example: suppressed: undone",
    ]


@pytest.mark.parametrize(("answered_by", "is_said"), [("engineer-2", True), ("engineer-1", False), (None, False)])
def test_a_reply_after_a_colleague_s_says_so(call, desk, answered_by, is_said):
    desk.tickets["10010-1"]["entries"] = [{"kind": "reply", "author": "engineer-1", "delivery": []}]
    desk.audience["10010-1"] = {"to": "ops@acme.example", "in_copy": [], "left_out": [], "answered_by": answered_by}
    assert ("engineer-2 has answered" in call("tickets", "reply", "10010-1", "Pull the plug.").err) == is_said


def test_a_reply_names_who_has_written_and_gets_no_copy(call, desk):
    mails = [{"to": "Clerk@acme.example", "state": "queued", "reason": None, "at": None}]
    said = [{"kind": "email", "author": "ops@acme.example"}, {"kind": "reply", "author": "x", "delivery": mails}]
    desk.tickets["10010-1"]["entries"] = said
    left_out = ["boss@acme.example", "clerk@acme.example"]
    desk.audience["10010-1"] = {"to": "ops@acme.example", "in_copy": [], "left_out": left_out, "answered_by": None}
    err = call("tickets", "reply", "10010-1", "Pull the plug.").err
    assert err.splitlines() == [
        "boss@acme.example has asked as well and got no copy; --cc boss@acme.example gives one."
    ]
    assert call("tickets", "reply", "10010-1", "Pull the plug.", "--alone").err == ""
    assert desk.last("tickets.reply")["alone"] is True


def test_a_ticket_says_before_it_is_answered_who_would_read_that(call, desk):
    said = call("tickets", "show", "10010-1").out
    assert "Answer to" not in said
    assert "No copy to" not in said
    readers = {"to": "ops@acme.example", "in_copy": ["boss@acme.example"], "left_out": ["clerk@acme.example"]}
    desk.audience["10010-1"] = readers
    said = call("tickets", "show", "10010-1").out.splitlines()
    assert "Answer to:     ops@acme.example, in copy boss@acme.example" in said
    assert "No copy to:    clerk@acme.example, who asked as well (`tickets reply --cc`)" in said


def test_search_joins_its_words(call, desk):
    assert [each["ref"] for each in call("tickets", "search", "fax", "is", "--json").json] == ["10010-1", "20020-2"]
    assert desk.last("tickets.search") == {"words": "fax is", "limit": None}


def test_export_reads_page_after_page(call, desk):
    assert [each["ref"] for each in call("tickets", "export", "--json").json] == ["10010-1", "20020-2"]
    assert [arguments["after"] for name, arguments, _ in desk.calls if name == "tickets.export"] == [None, "10010-1"]


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_whole_number_above_nothing(call, desk, limit):
    assert call("tickets", "list", "--limit", limit).code == 2
    assert json.dumps(desk.calls) == "[]"
