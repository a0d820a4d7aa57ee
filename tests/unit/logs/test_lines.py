"""A log line for people and for collectors, and what nobody outside can do to it."""

import io
import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inboxd.logs.clean import clean
from inboxd.logs.render import render_console, render_json

Start = Callable[..., io.StringIO]

_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (?:debug|info|warning|error) +event=")


def console(**event: Any) -> str:
    return render_console(None, "info", clean(None, "info", {"timestamp": "T", "level": "info", **event}))


def as_json(**event: Any) -> dict[str, Any]:
    line = render_json(None, "info", clean(None, "info", {"timestamp": "T", "level": "info", **event}))
    assert line.isascii()
    assert "\n" not in line
    return json.loads(line)


def test_a_listener_is_said_as_scripts_look_for_it(start: Start) -> None:
    out = start("console")
    structlog.get_logger("inboxd.daemon").info("listening", listener="smtp", address="127.0.0.1:41233")
    assert _LINE.match(out.getvalue())
    assert " event=listening listener=smtp address=127.0.0.1:41233 logger=inboxd.daemon\n" in out.getvalue()


def test_json_begins_with_time_level_and_event(start: Start) -> None:
    out = start("json")
    structlog.get_logger("inboxd.intake").warning("accepted", size=7, queue_id="0AB")
    line = json.loads(out.getvalue())
    assert list(line) == ["timestamp", "level", "event", "size", "queue_id", "logger"]
    assert (line["level"], line["event"], line["size"]) == ("warning", "accepted", 7)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("", '""'),
        ("gr\u00fcn", "gr\u00fcn"),
        ("a\r\nb\tc", '"a\\r\\nb\\tc"'),
        ("\x1b[2J\x07\x00", '"\\u001b[2J\\u0007\\u0000"'),
        ("\u202eexe.txt", '"\\u202eexe.txt"'),
        ("\u2028\x85", '"\\u2028\\u0085"'),
        ("\udcff", '"\\udcff"'),
        ("\U000e0041", '"\\U000e0041"'),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        (float("nan"), "nan"),
        ([1, "two"], '[1,"two"]'),
        (["two words"], '"[\\"two words\\"]"'),
        (b"\xffraw", "\u00ffraw"),
    ],
)
def test_a_value_for_people_is_one_word_or_stands_in_quotes(value: object, written: str) -> None:
    assert console(event="x", value=value) == f"T info    event=x value={written}"


def test_a_foreign_key_cannot_begin_a_new_pair() -> None:
    assert console(event="x", **{"a b=c\n": 1}) == 'T info    event=x "a b=c\\n"=1'


@given(st.text(), st.text(), st.sampled_from(["console", "json"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_foreign_text_stays_on_its_line(value: str, message: str, form: str) -> None:
    if form == "json":
        assert as_json(event="x", subject=value, message=message)["event"] == "x"
        return
    line = console(event="x", subject=value, message=message)
    assert line.isprintable()
    assert len(line.splitlines()) == 1


def test_lines_in_the_text_of_an_exception_are_indented_so_that_they_are_nobodys(start: Start) -> None:
    out = start("console")
    try:
        raise ValueError("bad\n2026-01-01T00:00:00.0Z info    event=listening listener=smtp\x1b[31m")
    except ValueError:
        structlog.get_logger("inboxd.worker").exception("failed")
    first, *rest = out.getvalue().rstrip("\n").split("\n")
    assert " event=failed " in first
    assert len(rest) > 3
    assert all(line.startswith("    ") and line.isprintable() for line in rest)


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_names_lines_and_never_values(start: Start, form: str) -> None:
    out = start(form)
    body = "the text of a mail"
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        structlog.get_logger("inboxd.worker").exception("failed", size=len(body))
    assert "RuntimeError: broken" in out.getvalue()
    assert "test_lines.py" in out.getvalue()
    assert body not in out.getvalue().replace('body = "the text of a mail"', "")


@pytest.mark.parametrize("form", ["console", "json"])
def test_an_exception_given_as_a_value_of_exc_info_is_shown(start: Start, form: str) -> None:
    out = start(form)
    structlog.get_logger("inboxd.worker").error("failed", exc_info=KeyError("missing"))
    structlog.get_logger("inboxd.worker").error("calm", exc_info=True)
    assert out.getvalue().count("KeyError: 'missing'") == 1


def test_a_library_says_its_lines_in_the_same_form(start: Start) -> None:
    out = start("json")
    logging.getLogger("somewhere.else").warning("lost %s\n2026", "it", extra={"password": "hidden", "attempt": 2})
    line = json.loads(out.getvalue())
    assert line["event"] == "lost it\n2026"
    assert line["logger"] == "somewhere.else"
    assert line["attempt"] == 2
    assert line["password"] == "[redacted]"


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "PASSWORD",
        "db_password",
        "auth_token",
        "Authorization",
        "client-secret",
        "cookie",
        "api_key",
        "passphrase",
    ],
)
def test_a_value_under_the_name_of_a_secret_is_left_out(key: str) -> None:
    assert as_json(event="x", **{key: "hidden"})[key] == "[redacted]"
    assert as_json(event="x", inner={"deep": [{key: "hidden"}]})["inner"]["deep"][0][key] == "[redacted]"


@pytest.mark.parametrize(
    "key", ["password_file", "token_url", "credentials_directory", "authorized", "author", "tokenizer_path"]
)
def test_where_a_secret_lies_and_who_may_do_what_is_said(key: str) -> None:
    assert as_json(event="x", **{key: "shown"})[key] == "shown"


def test_the_password_in_a_url_is_left_out_wherever_it_stands() -> None:
    url = "postgresql://inboxd:hidden@db.example.com/inboxd"
    assert "hidden" not in console(event=f"cannot reach {url}", url=url, urls=[url])
    assert "postgresql://inboxd:[redacted]@db.example.com/inboxd" in console(event="x", url=url)
    assert "hidden" not in console(event="x", exc_info=ValueError(url))


def test_endless_values_are_cut() -> None:
    line = as_json(event="x", subject="s" * 1_000_000, many=list(range(10_000)))
    assert line["subject"] == "s" * 2_000 + "\u2026 (1000000 characters)"
    assert len(line["many"]) == 50
    deep: Any = "bottom"
    for _ in range(2_000):
        deep = [deep]
    assert as_json(event="x", deep=deep)["deep"] == [[[[["\u2026"]]]]]
    assert len(console(event="x", exc_info=ValueError("e" * 1_000_000))) < 40_000
