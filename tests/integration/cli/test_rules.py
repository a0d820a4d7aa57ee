"""`inboxd rules` on a real desk: tests of the file, one sentence, old mail against changed rules, pictures."""

import xml.dom.minidom
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.cli import Ended, call
from tests.harness.desk import Desk

RULES = """\
desk: {zone: America/Chicago}
plans: [standard, 24x7]
lines: {help: {number: +15550190, default: true}, private: {number: +15550191}}
calendars: {office: {mon-fri: 08:00-17:00}}
clocks: {callback: {within: {urgent: 30m, medium: 2h, low: 4h}, calendar: office}}
phrases: {stopped: [down, stopped]}
actions: {discuss: {}, credentials: {needs: {proof: authenticated}, else: Needs proof.}}
decide:
  who:
    - {rule: nobody, when: {account.known: false}, then: {queue: look-up, tag: needs-lookup}}
    - {rule: known, then: {queue: tech}}
  priority:
    - {rule: mail, when: {channel: email}, then: {priority: medium}}
    - {rule: down, when: {says: stopped}, then: {priority: urgent}}
tests:
  - {test: a stranger is looked up, mail: {account: null}, expect: {queue: look-up, priority: medium}}
  - {test: down is urgent, call: {says: It is down}, expect: {priority: urgent}}
"""
ACCOUNTS = """\
accounts:
  - id: acme
    name: Acme Widgets
    plan: standard
    contacts:
      - {name: Operations, addresses: [ops@acme.example], numbers: [+15550101], authorized: true, role: primary}
"""
MBOX = b"".join(
    b"From x@example.org Mon Jan 12 10:00:00 2026\n"
    b"From: <%b>\nTo: support@example.com\nSubject: %b\nMessage-ID: <%d@example.org>\n"
    b"Date: Mon, 12 Jan 2026 10:0%d:00 -0600\n\n%b\n\n" % (sender, subject, number, number, subject)
    for number, (sender, subject) in enumerate(
        [(b"ops@acme.example", b"The server is down"), (b"visitor@example.org", b"Hello there")]
    )
)

Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk whose mailbox of two mails, and one call, were filed by the rules above."""
    made = Desk.init(tmp_path_factory.mktemp("rules") / "desk")
    folder = made.folder
    (folder / "rules.yaml").write_text(RULES)
    (folder / "accounts.yaml").write_text(ACCOUNTS)
    (folder / "old.mbox").write_bytes(MBOX)
    (folder / "words.txt").write_text("Everything has stopped")
    (folder / "call.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(28))
    made.json("ingest", "--as-new", str(folder / "old.mbox"))
    made.json(
        "ingest", str(folder / "call.wav"), "--caller", "+15550101", "--called", "+15550191",
        "--transcript", str(folder / "words.txt"), "--received-at", "2026-01-14T08:05:00Z",
    )  # fmt: skip
    return made


@pytest.fixture
def run(desk: Desk) -> Run:
    return lambda *given: call("-c", desk.folder / "inboxd.yaml", *given)


def changed(desk: Desk, *pairs: tuple[str, str]) -> Path:
    text = RULES
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path = desk.folder / "changed.yaml"
    path.write_text(text)
    return path


def test_the_tests_of_the_file_run_without_store_and_network(run: Run) -> None:
    ended = run("rules", "test")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.out.splitlines()] == ["holds", "holds"]
    assert [each["holds"] for each in run("--json", "rules", "test").json] == [True, True]


def test_a_test_that_comes_out_otherwise_is_told_with_its_reason_and_ends_with_1(run: Run, desk: Desk) -> None:
    path = changed(desk, ("says: stopped}, then: {priority: urgent}", "says: stopped}, then: {priority: low}"))
    ended = run("rules", "test", path)
    assert ended.code == 1
    assert "wanted urgent" in ended.out
    assert f"rule down in priority ({path}:14)" in ended.out
    assert ended.err.strip() == "inboxd: 1 of 2 tests failed"
    assert run("rules", "check", path).code == 1


def test_check_holds_the_rules_to_the_templates_of_the_desk_as_a_reload_would(run: Run, desk: Desk) -> None:
    path = changed(desk, ("then: {queue: tech}}", "then: {queue: tech, acknowledge: recieved}}"))
    ended = run("rules", "check", path)
    assert ended.code == 78
    assert ended.err.strip() == f'{path}:11:54: no template "recieved"; did you mean "received"?'
    # Without a configuration nobody knows which there are.
    assert call("rules", "check", path).code == 0


def test_check_tells_of_rules_that_never_decide_and_runs_the_tests(run: Run, desk: Desk) -> None:
    known = "    - {rule: known, then: {queue: tech}}\n"
    path = changed(desk, (known, known + "    - {rule: late, when: {says: stopped}, then: {tag: late}}\n"))
    ended = run("rules", "check", path)
    assert ended.code == 0
    assert f'{path}:12: rule "late" never decides: "known" on line 11 always holds' in ended.err
    (answer,) = run("--json", "rules", "check", path).json
    assert (answer["tests"], answer["error"], answer["warnings"][0]["line"]) == (2, None, 12)
    # The configured file, its tests included, is part of the check of everything.
    assert "2 tests hold" in run("check").out


def test_check_tells_of_names_that_nobody_has_and_knows_what_commands_put_on_file(run: Run, desk: Desk) -> None:
    known = "    - {rule: known, then: {queue: tech}}\n"
    asks = "    - {rule: big, when: {account.id: [acme, globex, acne]}, then: {tag: big}}\n"
    path = changed(desk, (known, asks + known))
    run("accounts", "add", "globex", "--name", "Globex", "--plan", "standard")
    ended = run("rules", "check", path)
    assert (ended.code, ended.err.strip()) == (
        0, f'warning  {path}:11:53: no account "acne" is on file; did you mean "acme"?'
    )  # fmt: skip
    (answer,) = run("--json", "rules", "check", path).json
    assert [(each["line"], each["column"]) for each in answer["warnings"]] == [(11, 53)]
    assert call("rules", "check", path).err == ""


def test_one_sentence_is_decided_for_who_is_on_file_and_nothing_is_filed(run: Run) -> None:
    before = run("--json", "tickets", "list").out
    ended = run(
        "rules", "try", "--call", "private", "--caller", "+15550101", "--at", "2026-06-12 16:45", "It", "stopped"
    )
    assert ended.code == 0
    for words in ("Acme Widgets", "down (", "decides", "priority urgent by rule down", "Mon 2026-06-15 08:15"):
        assert words in ended.out
    (answer,) = run("--json", "rules", "try", "--mail", "ops@acme.example", "--proof", "unverified", "URGENT").json
    assert (answer["decision"]["priority"], answer["facts"]["claimed_urgency"]) == ("medium", "urgent")
    assert answer["decision"]["actions_allowed"] == ["discuss"]
    (stranger,) = run("--json", "rules", "try", "--mail", "visitor@example.org", "Hello").json
    assert stranger["decision"]["tags"] == ["needs-lookup"]
    (planned,) = run("--json", "rules", "try", "--mail", "visitor@example.org", "--plan", "24x7", "Hello").json
    assert planned["facts"]["account_plan"] == "24x7"
    assert run("--json", "tickets", "list").out == before


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("Hello",), "give one of --mail FROM and --call LINE"),
        (("--call", "hotline", "Hello"), "the rules name these lines: help, private"),
        (("--mail", "a@b.example", "--plan", "gold", "Hello"), "the rules know standard, 24x7"),
        (("--mail", "a@b.example", "--at", "noon", "Hello"), "'noon' is not a time: write 2026-01-14 02:05"),
        (("--mail", "a@b.example", "--at", "2026-01-14T25:00Z", "Hello"), "is not a time"),
        (("--mail", "ops", "Hello"), "--mail ops: "),
        (("--call", "help", "--caller", "555-0101", "Hello"), "write the number with its country, like +15550100"),
    ],
)
def test_a_try_that_makes_no_sense_is_wrong_usage(run: Run, given: tuple[str, ...], told: str) -> None:
    ended = run("rules", "try", *given)
    assert ended.code == 2
    assert told in ended.err


def test_a_try_knows_whom_commands_put_on_file_and_addresses_with_a_name(run: Run) -> None:
    run("accounts", "add-contact", "acme", "--name", "Night shift", "--address", "night@acme.example")
    ended = run("rules", "try", "--mail", "Night shift <night@acme.example>", "It stopped")
    assert "on file for Night shift of Acme Widgets (acme)" in ended.out


def test_changed_rules_are_held_against_what_was_decided(run: Run, desk: Desk) -> None:
    path = changed(
        desk,
        ("- {rule: known, then: {queue: tech}}", "- {rule: known, then: {queue: support}}"),
        ("{rule: mail, when: {channel: email}, then: {priority: medium}}",
         "{rule: mail, when: {channel: email}, then: {priority: low}}"),
    )  # fmt: skip
    before = run("--json", "tickets", "export").out
    *cases, total = run("--json", "rules", "simulate", path, "--since", "2026-01-01T00:00:00Z").json
    assert total == {"messages": 3, "differ": 3, "error": None}
    by_subject = {each["subject"]: {one["key"]: one["would_be"] for one in each["differences"]} for each in cases}
    assert by_subject["Hello there"].keys() == {"priority", "callback"}
    assert {key: by_subject["The server is down"][key] for key in ("queue", "priority")} == {
        "queue": "support",
        "priority": "low",
    }
    (call_case,) = [each for each in cases if each["channel"] == "voicemail"]
    assert [(one["key"], one["was"], one["would_be"]) for one in call_case["differences"]] == [
        ("queue", "tech", "support")
    ]
    shown = run("rules", "simulate", path, "--since", "3650d").out
    assert "3 messages, 3 would be decided otherwise by" in shown
    assert "WOULD BE" in shown
    assert run("--json", "tickets", "export").out == before


def test_a_file_that_names_no_zone_is_in_that_of_the_desk_as_for_the_daemon(run: Run, desk: Desk) -> None:
    path = changed(desk, ("desk: {zone: America/Chicago}\n", ""))
    assert run("rules", "check", path).code == 0
    assert run("rules", "simulate", path).code == 0
    ended = call("rules", "check", path)
    assert (ended.code, "has no zone" in ended.err) == (78, True)


def test_the_rules_as_they_are_would_decide_nothing_otherwise(run: Run, desk: Desk) -> None:
    ended = run("rules", "simulate", desk.folder / "rules.yaml", "--since", "3650d")
    assert ended.out.startswith("3 messages, 0 would be decided otherwise")


def test_changed_rules_can_be_tried_on_a_mailbox_that_was_never_filed(run: Run, desk: Desk) -> None:
    path = changed(
        desk,
        ("when: {account.known: false}, then: {queue: look-up", "when: {account.known: false}, then: {queue: sales"),
    )
    *cases, total = run("--json", "rules", "simulate", path, "--on", desk.folder / "old.mbox").json
    assert total == {"messages": 2, "differ": 1, "error": None}
    assert cases[0]["path"].endswith("old.mbox#2")
    assert cases[0]["received_at"] == "2026-01-12T16:01:00Z"
    assert cases[0]["differences"] == [{"key": "queue", "was": "look-up", "would_be": "sales"}]


def test_changed_rules_may_ask_for_what_was_there_before_those_mails(run: Run, desk: Desk) -> None:
    asks = "    - {rule: again, when: {earlier.tickets: {within: 30d}}, then: {tag: again}, continue: true}\n"
    path = changed(desk, ("  who:\n", f"  who:\n{asks}"))
    later = desk.folder / "later.eml"
    later.write_bytes(
        b"From: ops@acme.example\r\nSubject: Once more\r\nDate: Tue, 20 Jan 2026 10:00:00 -0600\r\n\r\nHello\r\n"
    )
    (found, _) = run("--json", "rules", "simulate", path, "--on", later).json
    assert found["differences"] == [{"key": "tags", "was": [], "would_be": ["again"]}]


def test_a_changed_file_with_mistakes_is_refused_before_anything_is_read(run: Run, desk: Desk) -> None:
    path = changed(desk, ("{rule: down, when", "{rule: down, wehn"))
    ended = run("rules", "simulate", path)
    assert ended.code == 78
    assert ended.err.startswith(f'{path}:14:20: unknown key "wehn"; did you mean "when"?')


def test_the_rules_are_drawn_as_text_and_as_a_picture(run: Run) -> None:
    text = run("rules", "graph").out
    assert text.startswith("flowchart TD")
    assert 's1r1{"down<br>says: stopped"}' in text
    picture = xml.dom.minidom.parseString(run("rules", "graph", "--svg").out)
    words = [node.firstChild.data for node in picture.getElementsByTagName("text") if node.firstChild]
    assert {"who", "nobody", "account.known: false", "queue: look-up", "rules.yaml:14"} <= set(words)


def test_a_drawing_says_what_a_clock_becomes_and_keeps_signs_of_its_own_language(run: Run, desk: Desk) -> None:
    path = changed(
        desk,
        ("{queue: tech}}", "{queue: tech, clocks: {callback: {within: {urgent: 5m, low: 1h}, calendar: office}}}}"),
        ("says: stopped}, then: {priority: urgent}", "says: [don't]}, then: {notice: 'Look <here> #9; & \"now\"'}"),
    )
    text = run("rules", "graph", path).out
    assert "clock callback: urgent 5m, low 1h in office" in text
    assert "says: don't" in text
    assert "notice: [Look #lt;here#gt; #35;9; #amp; #quot;now#quot;]" in text


def test_schemas_are_written_one_by_one_and_together(run: Run) -> None:
    (rules,) = run("--json", "schema", "rules").json
    assert rules["title"] == "rules.yaml of inboxd"
    (all_of_them,) = run("--json", "schema").json
    assert list(all_of_them) == ["inboxd.yaml", "rules.yaml", "accounts.yaml"]
    assert all_of_them["rules.yaml"] == rules
