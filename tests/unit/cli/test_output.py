"""JSON Lines and errors."""

import io
import json
import sys

from hypothesis import given
from hypothesis import strategies as st

from inboxd.cli.output import Output, json_line
from inboxd.errors import ConfigurationWrong, InboxdError
from rules.mistakes import Mistake


@given(st.text(st.characters(codec=None)))
def test_any_text_is_one_line_of_utf8_that_reads_back_as_the_same(text):
    line = json_line({"text": text})
    assert line.encode("utf-8").decode("utf-8").splitlines() == [line]
    assert json.loads(line) == {"text": text}


def test_readable_letters_stay_readable_and_what_a_terminal_obeys_does_not():
    assert json_line({"s": "grüße \x1b[2J \x9b \u202e"}) == '{"s": "grüße \\u001b[2J \\u009b \\u202e"}'


def in_ascii(monkeypatch):
    """Make stdout and stderr what a machine with an ASCII locale has; return what reads them."""
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr(sys, "stderr", stderr)
    return lambda: (stdout.buffer.getvalue().decode("utf-8"), stderr.buffer.getvalue().decode("ascii"))


def test_json_is_utf8_whatever_the_locale_is(monkeypatch):
    streams = in_ascii(monkeypatch)
    out = Output()
    out.json = True
    out.show({"subject": "Grüße"}, str)
    assert streams() == ('{"subject": "Grüße"}\n', "")


def test_text_for_a_person_survives_a_locale_that_lacks_its_letters(monkeypatch):
    streams = in_ascii(monkeypatch)
    Output().show({"subject": "Grüße"}, lambda value: value["subject"])
    assert streams() == ("Gr\\xfc\\xdfe\n", "")


def test_an_error_is_one_line_on_stderr(capsys):
    Output().error(InboxdError("no \x1b[31mticket"))
    assert capsys.readouterr() == ("", "inboxd: no \\x1b[31mticket\n")


def test_with_json_an_error_is_on_stdout_too(capsys):
    out = Output()
    out.json = True
    out.error(InboxdError("no ticket"))
    assert capsys.readouterr() == ('{"error": "no ticket"}\n', "inboxd: no ticket\n")


def test_mistakes_are_lines_that_begin_with_their_place(capsys):
    out = Output()
    out.json = True
    places = ((2, 3, "x"), (9, 1, "y"))
    mistakes = [Mistake(file="a.yaml", line=line, column=column, message=text) for line, column, text in places]
    out.error(ConfigurationWrong("", mistakes))
    stdout, stderr = capsys.readouterr()
    assert stderr == "a.yaml:2:3: x\na.yaml:9:1: y\n"
    assert [json.loads(line) for line in stdout.splitlines()] == [
        {"error": "a.yaml:2:3: x", "file": "a.yaml", "line": 2, "column": 3, "message": "x"},
        {"error": "a.yaml:9:1: y", "file": "a.yaml", "line": 9, "column": 1, "message": "y"},
    ]


def test_one_failed_item_of_several_is_said_on_both_streams(capsys):
    out = Output()
    out.json = True
    out.item({"path": "a.eml", "error": "cannot be read"}, str)
    assert capsys.readouterr() == ('{"path": "a.eml", "error": "cannot be read"}\n', "inboxd: a.eml: cannot be read\n")
