"""System calls of the real daemon fail one after the other while a message comes in: kept once, or refused for now."""

from pathlib import Path

import pytest

from tests.bench.fault_sweep import FAULTS, sweep
from tests.harness import tracing
from tests.harness.desk import Desk
from tests.plugins.needs import needs

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(autouse=True)
def _strace() -> None:
    if not tracing.usable():
        needs("strace", "apt-get install strace (and the right to trace: ptrace(2))")


@pytest.mark.parametrize("fault", FAULTS)
def test_the_nth_call_fails_and_the_message_is_kept_once_or_refused_for_now(
    fault: str, desk: Desk, tmp_path: Path
) -> None:
    # Each death costs a start of the daemon; the bench goes to the end of all of them.
    outcome = sweep(desk, fault, tmp_path, at_most=1 if fault.endswith("KILL") else 3)
    assert outcome.wrong == [], str(outcome)
    assert outcome.injected > 0, str(outcome)
