"""The phone as a person meets it: a real daemon, a provider that calls, and the commands."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.phone_provider import Caller, Provider

RULES = """
lines:
  help: {number: "+19525550190", hours: office, greeting: {open: leave-a-message, closed: closed-until}, default: true}
calendars:
  office: {mon-fri: 08:00-17:00}
"""
LINE = "+19525550190"


@pytest.fixture
def phone_line(tmp_path: Path, provider: Provider) -> Desk:
    """A desk with one line at the provider, and a public address that is the listener itself."""
    desk = Desk.init(tmp_path / "desk")
    (desk.folder / "phone-rules.yaml").write_text(RULES, "utf-8")
    provider.state.add_number(LINE, "help line")
    desk.change({"twilio": provider.section(desk.folder), "rules": None, "smtp": None})
    settings = desk.settings() | {"rules": "phone-rules.yaml"}
    desk.config.write_text(json.dumps(settings), "utf-8")
    return desk


@pytest.fixture
def answering(phone_line: Desk) -> Iterator[Daemon]:
    daemon = phone_line.start()
    yield daemon
    daemon.kill()


def test_a_recording_is_fetched_filed_transcribed_and_accounted_for_without_a_webhook(
    phone_line: Desk, provider: Provider
) -> None:
    sound = speech()
    call = provider.state.add_call("+15550100", LINE)
    provider.state.add_recording(call["sid"], sound, seconds=5)
    provider.state.end_call(call["sid"], 20)
    daemon = phone_line.start()
    try:
        wait_until(lambda: phone_line.json("tickets", "list") != [], within=30, what="a ticket")
        wait_until(phone_line.settled, within=60, what="the words")
        (listed,) = phone_line.json("tickets", "list")
        (ticket,) = phone_line.json("tickets", "show", listed["ref"])
        assert ticket["requester"]["phone"] == "+15550100"
        assert len(ticket["entries"][0]["transcript"]["text"].split()) > 3
        total = phone_line.json("audit")[-1]
        assert (total["on_server"], total["stored"], total["gap"]) == (1, 1, 0)
        (status,) = phone_line.json("status")
        assert status["phone"]["recordings"]["stored"] == 1
        assert status["phone"]["trouble"] is None

        provider.fail("GET", 401, 20003, times=None)
        assert phone_line.try_run("audit").returncode == 1
        found = phone_line.try_run("check")
        assert found.returncode == 1
        assert "auth_token_file" in found.stderr
    finally:
        assert daemon.stop() == 0


def test_setup_check_twiml_and_block_do_what_they_say(phone_line: Desk, provider: Provider) -> None:
    settings = phone_line.settings()
    settings["http"]["public_url"] = "https://desk.example.com"
    settings["twilio"]["fallback_url"] = "https://handler.twilio.com/twiml/EH" + "0" * 32
    phone_line.config.write_text(json.dumps(settings), "utf-8")
    provider.state.add_number("+19525550177", "forgotten")
    more = '  private: {number: "+15550191"}\n  forgotten: {number: "+19525550192"}\ncalendars:'
    (phone_line.folder / "phone-rules.yaml").write_text(RULES.replace("calendars:", more), "utf-8")

    checked = phone_line.try_run("check")
    assert checked.returncode == 1
    assert "inboxd phone setup" in checked.stderr
    assert "+19525550177" in checked.stderr
    assert "+15550191: the line private still has a number for examples" in checked.stderr
    assert "+19525550192: the line forgotten is in the rules file, and the account has no such number" in checked.stderr
    (phone_line.folder / "phone-rules.yaml").write_text(RULES, "utf-8")

    (planned,) = phone_line.json("phone", "setup", "--dry-run")
    number = next(each for each in provider.state.numbers.values() if each["phone_number"] == LINE)
    assert number["voice_url"] == ""
    assert planned["changes"]["voice_url"] == "https://desk.example.com/twilio/voice"
    phone_line.run("phone", "setup")
    assert number["voice_url"] == "https://desk.example.com/twilio/voice"
    assert number["voice_fallback_url"].startswith("https://handler.twilio.com/")
    assert number["status_callback"] == "https://desk.example.com/twilio/status"
    assert phone_line.json("phone", "setup")[0]["changes"] == {}

    printed = phone_line.run("phone", "twiml")
    assert "<Record" in printed
    here = phone_line.settings()["store"]["url"]
    phone_line.change({"store": {"url": "postgresql+psycopg://nobody@127.0.0.1:1/away"}})
    assert phone_line.run("phone", "twiml") == printed  # whatever is away, the fallback can be had
    phone_line.change({"store": {"url": here}})
    phone_line.run("phone", "block", "+15550166", "--until", "4h")
    (blocked,) = phone_line.json("phone", "blocked")
    assert blocked["number"] == "+15550166"
    phone_line.run("phone", "unblock", "+15550166")
    assert phone_line.try_run("phone", "unblock", "+15550166").returncode == 1


def test_a_caller_is_greeted_by_the_daemon_and_hears_the_reference_of_the_ticket(
    phone_line: Desk, provider: Provider
) -> None:
    settings = phone_line.settings()
    settings["http"]["public_url"] = "https://desk.example.com"
    phone_line.config.write_text(json.dumps(settings), "utf-8")
    phone_line.run("phone", "setup")
    daemon = phone_line.start()
    try:
        caller = Caller(provider, ("127.0.0.1", daemon.ports["http"]), "https://desk.example.com")
        caller.call("+15550100", LINE, says=None)
        caller.deliver_all()
        wait_until(lambda: phone_line.json("tickets", "list") != [], within=60, what="a ticket")
        (ticket,) = phone_line.json("tickets", "list")
        assert "called, left no message" in ticket["subject"]
    finally:
        assert daemon.stop() == 0


def speech() -> bytes:
    """Somebody who speaks: the shared data have it, and the recogniser's package ships one."""
    shared = os.environ.get("INBOXD_SHARED")
    if shared and (path := Path(shared) / "speech" / "librivox-0870.wav").is_file():
        return path.read_bytes()
    import moonshine_voice

    return next(Path(moonshine_voice.__file__).parent.rglob("beckett.wav")).read_bytes()
