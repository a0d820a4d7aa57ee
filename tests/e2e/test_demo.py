"""`make demo` holds what it shows: its exit code is 0 only when each step was seen to be true."""

import subprocess
import sys
from pathlib import Path


def test_the_demo_sees_each_step_come_true() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "priority medium" in done.stdout
    assert "inboxd -c desk/inboxd.yaml run" in done.stdout
