"""A child that hangs, floods or leaves others behind is brought to an end."""

import sys
import threading
import time
from pathlib import Path

import pytest

from transcribe import supervise

ENVIRONMENT = {"PYTHONPATH": str(Path(supervise.__file__).parents[1])}


def run(code, **changes):
    """Supervise an interpreter that runs `code`."""
    options = {
        "environment": ENVIRONMENT,
        "request": b"{}",
        "descriptors": [],
        "wall_seconds": 60.0,
        "output_bytes": 1_000_000,
        "cancel": None,
        **changes,
    }
    return supervise.run([sys.executable, "-c", code], **options)


def gone(pid):
    """Whether a process is dead, within a generous bound; a zombie that nobody reaps is dead."""
    for _ in range(600):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False


LEAVES_ONE_BEHIND = """
import os, sys, time
if os.fork() == 0:
    print(os.getpid(), file=sys.stderr, flush=True)
    time.sleep(600)
{then}
"""


def test_request_and_answer_go_through_the_pipes():
    ended = run("import sys; print(sys.stdin.read()[::-1])", request=b"abc")
    assert (ended.how, ended.status, ended.output) == ("exited", 0, b"cba\n")


def test_an_answer_larger_than_a_pipe_arrives_whole():
    assert len(run("print('x' * 500_000)").output) == 500_001


def test_a_hanging_child_and_what_it_started_are_killed_at_the_deadline():
    ended = run(LEAVES_ONE_BEHIND.format(then="time.sleep(600)"), wall_seconds=3.0)
    assert (ended.how, ended.status) == ("timeout", -9)
    assert gone(int(ended.diagnostics))


def test_what_a_child_leaves_behind_neither_holds_up_the_parent_nor_survives():
    ended = run(LEAVES_ONE_BEHIND.format(then="print('done', flush=True); time.sleep(1); os._exit(0)"))
    assert (ended.how, ended.output) == ("exited", b"done\n")
    assert gone(int(ended.diagnostics))


def test_a_child_is_killed_when_the_caller_cancels():
    cancel = threading.Event()
    timer = threading.Timer(0.5, cancel.set)
    timer.start()
    ended = run("import time; time.sleep(600)", cancel=cancel)
    timer.join()
    assert (ended.how, ended.status) == ("cancelled", -9)


def test_a_flood_on_standard_output_is_stopped_early():
    ended = run("import os\nwhile True: os.write(1, bytes(65536))", output_bytes=100_000)
    assert ended.how == "flooded"
    assert len(ended.output) <= 100_000 + 64 * 1024


def test_a_flood_on_standard_error_leaves_its_printable_end():
    ended = run("import os\nfor _ in range(2000): os.write(2, b'x' * 1000)\nos.write(2, b'\\x1b[31mred \\xff end')")
    assert ended.how == "exited"
    assert len(ended.diagnostics) < 10_000
    assert ended.diagnostics.endswith("\\x1b[31mred \\xff end")


def test_a_child_that_reads_nothing_is_no_error():
    assert run("import os; os.close(0)", request=b"x" * 60_000).status == 0


def test_a_program_that_is_not_there_is_an_error_of_the_system():
    with pytest.raises(FileNotFoundError):
        supervise.run(
            ["/nonexistent/python"],
            environment={},
            request=b"",
            descriptors=[],
            wall_seconds=1.0,
            output_bytes=1,
            cancel=None,
        )


def test_the_child_gets_no_more_environment_than_it_is_given(monkeypatch):
    monkeypatch.setenv("DESK_PASSWORD", "secret")
    assert b"secret" not in run("import os; print(dict(os.environ))").output


def test_no_descriptors_leak():
    before = set(Path("/proc/self/fd").iterdir())
    for _ in range(5):
        run("pass")
    assert set(Path("/proc/self/fd").iterdir()) == before
