"""The form for systemd's journal: a priority on every line, nothing that the journal knows by itself."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from inboxd.logs.journal import is_the_journal

Start = Callable[..., io.StringIO]

SAY = """
from inboxd import logs
import structlog
logs.configure(logs.fitting(), "info")
structlog.get_logger("inboxd.daemon").info("ready", pid=7)
"""


def stream_of(path: Path) -> str:
    found = path.stat()
    return f"{found.st_dev}:{found.st_ino}"


def said(log_file: Path, journal_stream: str) -> str:
    """What a process writes whose standard error is `log_file` and whose `$JOURNAL_STREAM` is `journal_stream`."""
    with log_file.open("w") as stderr:
        environment = {**os.environ, "JOURNAL_STREAM": journal_stream}
        subprocess.run([sys.executable, "-c", SAY], stderr=stderr, env=environment, check=True, timeout=60)
    return log_file.read_text("utf-8")


@pytest.mark.parametrize(
    ("level", "priority"), [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)]
)
def test_a_line_begins_with_its_priority_and_leaves_time_and_level_to_the_journal(
    start: Start, level: str, priority: int
) -> None:
    out = start("journald", "debug")
    getattr(structlog.get_logger("inboxd.daemon"), level)("listening", listener="smtp", address="127.0.0.1:41233")
    assert out.getvalue() == (
        f"<{priority}>event=listening listener=smtp address=127.0.0.1:41233 logger=inboxd.daemon\n"
    )


def test_each_line_of_a_traceback_bears_the_priority_of_its_event(start: Start) -> None:
    out = start("journald")
    try:
        raise ValueError("first\nsecond\n<0>event=forged")
    except ValueError:
        structlog.get_logger("inboxd.worker").exception("job_failed", job=7)
    first, *rest = out.getvalue().splitlines()
    assert first == "<3>event=job_failed job=7 logger=inboxd.worker"
    assert len(rest) > 4
    assert all(line.startswith("<3>    ") for line in rest)
    assert rest[-1] == "<3>    <0>event=forged"


def test_no_line_is_so_long_that_the_journal_would_cut_it_and_believe_a_priority_behind_the_cut(start: Start) -> None:
    out = start("journald")
    filling = "\N{CYCLONE}" * 1_990
    structlog.get_logger("inboxd.worker").info("many", values=[f"<0>{filling}"] * 50)
    try:
        raise ValueError(filling * 16)
    except ValueError:
        structlog.get_logger("inboxd.worker").exception("job_failed")
    assert max(len(line.encode()) for line in out.getvalue().splitlines()) < 48 * 1024
    assert "characters)\n" in out.getvalue()


def test_standard_error_that_is_the_journal_is_written_for_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    assert said(log, stream_of(log)) == "<6>event=ready pid=7 logger=inboxd.daemon\n"


def test_standard_error_sent_elsewhere_is_written_for_people(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    assert " info    event=ready " in said(tmp_path / "log", stream_of(other))


@pytest.mark.parametrize("value", ["", ":", "12", "a:b", "1:2:3", "-1:-1"])
def test_a_journal_stream_that_is_none_is_not_believed(value: str) -> None:
    assert not is_the_journal(2, {"JOURNAL_STREAM": value})


def test_a_closed_descriptor_is_not_the_journal() -> None:
    assert not is_the_journal(987, {"JOURNAL_STREAM": "1:2"})
