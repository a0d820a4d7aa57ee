"""What the tests of rules share: facts with few words, and rules from a few lines."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rules.facts import Facts
from rules.load import loads
from rules.mistakes import MistakesFound
from rules.ruleset import RuleSet

CHICAGO = ZoneInfo("America/Chicago")


def local(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.fixture
def at() -> Callable[..., datetime]:
    """A time on the desk's wall: `at("2026-06-10 16:59")`."""
    return local


@pytest.fixture
def mail() -> Callable[..., Facts]:
    """Facts of a mail: `mail(text="…", account_id="acme")`."""

    def make(**facts: Any) -> Facts:
        given: dict[str, Any] = {
            "channel": "email",
            "source": "support@example.com",
            "received_at": local("2026-06-10 09:00"),
            "verdict": "unknown",
        }
        return Facts(**(given | facts))

    return make


@pytest.fixture
def call() -> Callable[..., Facts]:
    """Facts of a voicemail: `call(called="+15550191", text="…")`."""

    def make(**facts: Any) -> Facts:
        called = facts.get("called", "+15550190")
        given: dict[str, Any] = {
            "channel": "voicemail",
            "source": called or "unknown",
            "called": called,
            "received_at": local("2026-06-10 09:00"),
            "verdict": "none",
        }
        return Facts(**(given | facts))

    return make


@pytest.fixture
def mistakes() -> Callable[[str], list[str]]:
    """The mistakes of a rules file as they are printed; none when it loads."""

    def of(text: str) -> list[str]:
        try:
            loads(text, "rules.yaml")
        except MistakesFound as found:
            return [str(mistake) for mistake in found.mistakes]
        return []

    return of


@pytest.fixture
def tech_line() -> RuleSet:
    path = Path(__file__).with_name("tech-line.yaml")
    return loads(path.read_text(), "rules.yaml")
