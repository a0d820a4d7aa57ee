"""What a test needs from outside: it skips and says what is missing, or fails where nothing may be skipped.

`INBOXD_NO_SKIPS=1` turns each skip into a failure (CI sets it). At the end every missing thing stands once,
with the command that installs it and the number of tests it cost.
"""

import os
import re
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

_SAID = re.compile(r"needs (?P<what>[^:]+): (?P<how>.+)", re.DOTALL)


def needs(what: str, how: str) -> NoReturn:
    """End this test: `what` is not on this machine, `how` is the command that brings it."""
    sentence = f"needs {what}: {how}"
    if os.environ.get("INBOXD_NO_SKIPS") == "1":
        pytest.fail(f"{sentence} (INBOXD_NO_SKIPS=1: nothing may be skipped)", pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data that does not come with the source; `INBOXD_SHARED` names it."""
    named = os.environ.get("INBOXD_SHARED")
    if not named or not Path(named).is_dir():
        needs("the shared test data", "set INBOXD_SHARED to the folder that holds corpus/ and speech/")
    return Path(named)


def missing(reports: list[pytest.TestReport]) -> dict[tuple[str, str], int]:
    """Count the skipped tests by what they needed and how to get it."""
    found: Counter[tuple[str, str]] = Counter()
    for report in reports:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if said := _SAID.search(reason):
            found[said["what"], said["how"].strip()] += 1
    return dict(found)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was not tested here."""
    absent = missing(terminalreporter.stats.get("skipped", []))
    if not absent:
        return
    terminalreporter.section("not tested on this machine")
    for (what, how), count in sorted(absent.items()):
        terminalreporter.write_line(f"{what}: {count} test{'' if count == 1 else 's'} skipped. To run them: {how}")
