"""`inboxd ingest` and `why` against a running daemon."""

import pytest

from inboxd.errors import InboxdError, TryLater

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


@pytest.fixture
def mail(tmp_path):
    """Write a mail; return its path."""

    def write(name, body=b"hello"):
        path = tmp_path / name
        path.write_bytes(b"From: a@b.example\nSubject: x\n\n" + body + b"\n")
        return path

    return write


def test_results_come_in_the_order_of_the_paths(call, desk, mail):
    paths = [mail(f"{number}.eml", b"%d" % number) for number in range(100)]
    ended = call("ingest", "--json", *paths)
    assert ended.code == 0
    assert [each["path"] for each in ended.json] == [str(path) for path in paths]
    assert all(b"\n%d\n" % number in desk.taken[each["intake_id"]] for number, each in enumerate(ended.json))


def test_each_object_has_every_field_of_the_contract(call, desk, mail):
    (result,) = call("ingest", "--json", mail("a.eml")).json
    assert list(result) == ["path", "intake_id", "status", "reason", "ticket", "error"]
    assert result["ticket"]["ref"] == "10010-1"


def test_many_are_under_way_at_the_same_time_but_not_all(call, desk, mail):
    call("ingest", *(mail(f"{number}.eml") for number in range(50)))
    names = [name for name, _, _ in desk.calls if name.startswith("ingest.")]
    assert names.index("ingest.outcome") == 32
    assert names.count("ingest.accept") == names.count("ingest.outcome") == 50


def test_the_kind_is_told_by_the_content_and_not_by_the_name(call, desk, tmp_path, mail):
    sound = tmp_path / "message.eml"
    sound.write_bytes(WAV)
    call("ingest", sound, mail("recording.wav"))
    assert [arguments["kind"] for name, arguments, _ in desk.calls if name == "ingest.accept"] == ["voicemail", "mail"]


@pytest.mark.parametrize("option", [("--caller", "+15550100"), ("--called", "+15550190")])
@pytest.mark.parametrize("content", [b"", b"two words", b"From nobody"])
def test_what_comes_with_a_caller_or_a_line_is_a_voicemail_whatever_it_holds(call, desk, tmp_path, option, content):
    path = tmp_path / "recording.wav"
    path.write_bytes(content)
    assert call("ingest", path, *option).code == 0
    assert call("why", path, *option).code == 0
    kinds = {name: arguments["kind"] for name, arguments, _ in desk.calls if "kind" in arguments}
    assert kinds == {"ingest.accept": "voicemail", "why.message": "voicemail"}


def test_a_bad_path_is_reported_and_the_others_go_on(call, desk, mail, tmp_path):
    missing = tmp_path / "missing.eml"
    ended = call("ingest", "--json", mail("a.eml"), missing, mail("b.eml"))
    assert ended.code == 1
    assert [each["status"] for each in ended.json] == ["filed", None, "filed"]
    assert ended.json[1] == {
        "path": str(missing), "intake_id": None, "status": None, "reason": None, "ticket": None,
        "error": "cannot be read: No such file or directory",
    }  # fmt: skip
    assert ended.err == f"inboxd: {missing}: cannot be read: No such file or directory\n"


def test_what_was_accepted_keeps_its_id_when_its_outcome_is_not_known(call, desk, mail):
    ended = call("ingest", "--json", mail("a.eml", b"lost"), mail("b.eml"))
    assert [(each["status"], each["intake_id"], each["error"]) for each in ended.json] == [
        (None, "Q0", "the store is busy"),
        ("filed", "Q1", None),
    ]


def test_when_only_the_moment_was_wrong_the_exit_code_says_try_later(call, desk, mail):
    assert call("ingest", mail("a.eml", b"lost"), mail("b.eml")).code == 75
    desk.refuse[b"never"] = InboxdError("not that one")
    assert call("ingest", mail("a.eml", b"lost"), mail("b.eml", b"never")).code == 1
    desk.refuse[b"busy"] = TryLater("busy")
    assert call("ingest", mail("b.eml", b"busy")).code == 75


def test_quarantine_is_a_status_and_no_failure(call, desk, mail):
    ended = call("ingest", mail("a.eml", b"hostile"))
    assert ended.code == 0
    assert "quarantined: a rule holds it" in ended.out


def test_the_envelope_travels_with_each_path(call, desk, mail):
    call(
        "ingest", mail("a.eml"), "--client-ip", "192.0.2.7", "--helo", "mx.b.example", "--mail-from", "<a@b.example>",
        "--rcpt-to", "support@example.com", "--mailbox", "support", "--received-at", "2026-01-13T10:00:00-06:00",
    )  # fmt: skip
    sent = desk.last("ingest.accept")
    assert sent["received_at"] == "2026-01-13T16:00:00Z"
    assert {name: value for name, value in sent["envelope"].items() if value} == {
        "client_ip": "192.0.2.7", "helo": "mx.b.example", "mail_from": "a@b.example",
        "rcpt_tos": ["support@example.com"], "mailbox": "support",
    }  # fmt: skip


def test_without_a_time_the_moment_of_filing_counts(call, desk, mail):
    call("ingest", mail("a.eml"))
    assert "received_at" not in desk.last("ingest.accept")


def test_known_words_travel_with_the_recording(call, desk, tmp_path):
    sound, words = tmp_path / "a.wav", tmp_path / "words.txt"
    sound.write_bytes(WAV)
    words.write_text("server is down, grüße", encoding="utf-8")
    call("ingest", sound, "--caller", "+1 555 0100", "--called", "+15550190", "--transcript", words)
    envelope = desk.last("ingest.accept")["envelope"]
    assert (envelope["caller"], envelope["called"]) == ("+15550100", "+15550190")
    assert envelope["transcript"] == "server is down, grüße"


@pytest.mark.parametrize(
    "options",
    [
        ["--transcript", "missing.txt"],
        ["--received-at", "yesterday"],
        ["--caller", "5550100"],
        ["--client-ip", "example.com"],
    ],
)
def test_a_wrong_option_files_nothing(call, desk, mail, options):
    ended = call("ingest", mail("a.eml"), *options)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert desk.calls == []


def test_one_transcript_is_not_the_words_of_two_recordings(call, desk, mail, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("x")
    assert call("ingest", mail("a.eml"), mail("b.eml"), "--transcript", words).code == 2
    assert desk.calls == []


MBOX = b"From a@b.example Tue Jan 13 10:00:00 2026\nSubject: x\n\nx\n"


def test_what_holds_many_needs_a_choice_and_nothing_is_filed_without_one(call, desk, mail, tmp_path):
    (tmp_path / "mbox").write_bytes(MBOX)
    (tmp_path / "Maildir" / "cur").mkdir(parents=True)
    for path, what in (("mbox", "is an mbox"), ("Maildir", "is a Maildir"), ("", "is a directory")):
        ended = call("ingest", mail("a.eml"), tmp_path / path)
        assert ended.code == 2
        assert f"{what}" in ended.err
        assert "choose --history or --as-new" in ended.err
        assert "files old mail quietly" in ended.err
    both = call("ingest", "--history", "--as-new", tmp_path / "mbox")
    assert both.code == 2
    assert "exclude each other" in both.err
    assert desk.calls == []


def test_old_mail_says_what_wants_a_look_and_adds_up(call, desk, mail, tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "mbox").write_bytes(MBOX + b"\n" + MBOX.replace(b"\nx\n", b"\nhostile\n") + b"\n" + MBOX)
    (folder / "notes.txt").write_bytes(b"nothing")
    ended = call("ingest", "--history", folder)
    assert ended.code == 0
    ends = "1 filed, 0 threaded, 1 duplicate, 0 ignored, 1 quarantined, 0 rejected, 0 failed"
    assert ended.out == f"{folder}/mbox#2: quarantined: a rule holds it\n"
    assert ended.err.splitlines() == [
        f"inboxd: left out: {folder}/notes.txt is no mail, no mbox and no recording",
        f"inboxd: 3 messages: {ends}; 1 left out",
    ]


def test_mail_as_new_is_shown_line_by_line(call, desk, tmp_path):
    (tmp_path / "mbox").write_bytes(MBOX)
    ended = call("ingest", "--as-new", tmp_path / "mbox")
    assert ended.out == f"{tmp_path}/mbox#1: filed as 10010-1\n"
    assert desk.last("import.take")["envelope"]["history"] is False
    assert desk.last("import.outcomes")["whole"] is False


def test_a_single_mail_may_be_old_too(call, desk, mail):
    ended = call("ingest", "--json", "--history", mail("a.eml"))
    assert (ended.code, ended.json[0]["status"]) == (0, "filed")
    sent = desk.last("import.take")
    assert sent["envelope"]["history"] is True
    assert desk.last("import.outcomes")["whole"] is True


def test_a_time_for_old_mail_is_for_what_has_none(call, desk, mail):
    call("ingest", "--history", "--received-at", "2019-01-13T10:00:00Z", mail("a.eml"))
    assert desk.last("import.take")["received_at"] == "2019-01-13T10:00:00Z"


def test_a_failure_among_many_is_exit_code_1_and_one_that_nobody_answers_75(call, desk, tmp_path, monkeypatch):
    from inboxd.cli import import_feed

    (tmp_path / "mbox").write_bytes(MBOX)
    ended = call("ingest", "--json", "--history", tmp_path / "mbox", tmp_path / "gone")
    assert (ended.code, len(ended.json)) == (1, 2)
    monkeypatch.setattr(import_feed.Feed.__init__, "__kwdefaults__", {"patience_seconds": 0.0})
    desk.refuse[b"x"] = TryLater("busy")
    (tmp_path / "other").write_bytes(MBOX.replace(b"\nx\n", b"\nother x\n"))
    ended = call("ingest", "--history", tmp_path / "other")
    assert ended.code == 75
    assert "1 not through (give the same command again)" in ended.err
    assert "nothing is filed twice" in ended.err


IMAP = (
    "\nimap: [{name: support, host: 127.0.0.1, user: support, password_file: secret, address: support@example.com}]\n"
)


@pytest.mark.parametrize("command", ["ingest", "why"])
def test_a_mailbox_is_one_of_those_that_the_configuration_names(call, desk, mail, tmp_path, command):
    assert call(command, mail("a.eml"), "--mailbox", "other").code == 0
    config = tmp_path / "inboxd.yaml"
    config.write_text(config.read_text() + IMAP)
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "secret").write_text("x")
    (tmp_path / "credentials" / "secret").chmod(0o600)
    before = len(desk.calls)
    ended = call(command, mail("a.eml"), "--mailbox", "other")
    assert ended.code == 2
    assert "there is no such mailbox; the configuration names support" in ended.err
    assert len(desk.calls) == before
    assert call(command, mail("a.eml"), "--mailbox", "support").code == 0


def test_why_of_a_ticket_prints_the_text_and_nothing_a_terminal_obeys(call, desk):
    assert call("why", "10010-1").out == "Ticket 10010-1\n  because \\x1b[2J\n"
    assert call("why", "10010-1", "--json").json == [desk.do_why("10010-1")]


def test_why_of_a_file_sends_its_bytes_and_files_nothing(call, desk, mail):
    path = mail("a.eml")
    assert call("why", path, "--client-ip", "192.0.2.7").out == f"{path}: nothing was filed\n"
    sent = desk.last("why.message")
    assert (sent["kind"], sent["envelope"]["client_ip"]) == ("mail", "192.0.2.7")
    assert desk.calls[-1][2] == path.read_bytes()
    assert desk.taken == {}


def test_why_of_neither_is_wrong_usage(call, desk):
    ended = call("why", "no-such-file.eml")
    assert ended.code == 2
    assert "neither a file nor a reference" in ended.err
