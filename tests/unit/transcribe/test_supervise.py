"""A child that hangs, crashes, floods or leaves others behind is brought to an end; and so is what forked it."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.harness.processes import below
from transcribe import supervise
from transcribe.fork_server import EXIT_FAILED


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


def wait_for(number, *, beside):
    """Wait until this process has so many more below it; gives them."""
    for _ in range(3000):
        if len(started := set(below(os.getpid())) - beside) >= number:
            return started
        time.sleep(0.02)
    raise AssertionError(f"there are only {started}")


LEAVES_ONE_BEHIND = """
if os.fork() == 0:
    print(os.getpid(), file=sys.stderr, flush=True)
    time.sleep(600)
{then}
"""


def test_request_and_answer_come_through(in_child):
    ended = in_child("print(request.decode()[::-1])", request=b"abc")
    assert (ended.how, ended.status, ended.output) == ("exited", 0, b"cba\n")


def test_the_recording_is_open_in_the_child_and_its_standard_input_is_empty(in_child, tmp_path):
    (tmp_path / "call.wav").write_bytes(b"RIFF")
    ended = in_child("print(os.read(recording, 9), sys.stdin.read() == '')", path=tmp_path / "call.wav")
    assert ended.output == b"b'RIFF' True\n"


def test_an_answer_larger_than_a_pipe_arrives_whole(in_child):
    assert len(in_child("print('x' * 500_000)").output) == 500_001


def test_an_exception_is_told_on_standard_error(in_child):
    ended = in_child("1 / 0")
    assert (ended.how, ended.status) == ("exited", EXIT_FAILED)
    assert ended.diagnostics.endswith("ZeroDivisionError: division by zero")


def test_a_hanging_child_and_what_it_started_are_killed_at_the_deadline(in_child):
    ended = in_child(LEAVES_ONE_BEHIND.format(then="time.sleep(600)"), wall_seconds=3.0)
    assert (ended.how, ended.status) == ("timeout", -9)
    assert gone(int(ended.diagnostics))


def test_what_a_child_leaves_behind_neither_holds_up_the_parent_nor_survives(in_child):
    ended = in_child(LEAVES_ONE_BEHIND.format(then="print('done'); time.sleep(1); os._exit(0)"))
    assert (ended.how, ended.output) == ("exited", b"done\n")
    assert gone(int(ended.diagnostics))


def test_a_child_is_killed_when_the_caller_cancels(in_child):
    cancel = threading.Event()
    timer = threading.Timer(0.5, cancel.set)
    timer.start()
    ended = in_child("time.sleep(600)", cancel=cancel)
    timer.join()
    assert (ended.how, ended.status) == ("cancelled", -9)


def test_a_flood_on_standard_output_is_stopped_early(in_child):
    ended = in_child("while True: os.write(answer_to, bytes(65536))", output_bytes=100_000)
    assert ended.how == "flooded"
    assert len(ended.output) <= 100_000 + 64 * 1024


def test_a_flood_on_standard_error_leaves_its_printable_end(in_child):
    ended = in_child("for _ in range(2000): os.write(2, b'x' * 1000)\nos.write(2, b'\\x1b[31mred \\xff end')")
    assert ended.how == "exited"
    assert len(ended.diagnostics) < 10_000
    assert ended.diagnostics.endswith("\\x1b[31mred \\xff end")


def test_a_program_that_is_not_there_is_an_error_of_the_system(run_in):
    with supervise.ForkServer(["/nonexistent/python"], {}) as server, pytest.raises(FileNotFoundError):
        run_in(server)


def test_a_program_that_does_not_serve_is_an_error_with_its_exit_status(run_in):
    server = supervise.ForkServer([sys.executable, "-c", "raise SystemExit(3)"], {})
    with server, pytest.raises(OSError, match="ends at once, with exit status 3"):
        run_in(server)


def test_the_child_gets_no_more_environment_than_it_is_given(in_child, monkeypatch):
    monkeypatch.setenv("DESK_PASSWORD", "secret")
    assert b"secret" not in in_child("print(dict(os.environ))").output


def test_no_descriptors_leak(fork_server, run_in):
    with fork_server("pass") as server:
        run_in(server)
        before = set(Path("/proc/self/fd").iterdir())
        for _ in range(5):
            run_in(server)
        assert set(Path("/proc/self/fd").iterdir()) == before


def test_a_child_holds_nothing_but_its_own_descriptors(fork_server, run_in):
    held = "(number for number in range(64) if os.path.exists(f'/proc/self/fd/{number}'))"
    code = f"print(recording, answer_to, *{held})\ntime.sleep(1)"
    with fork_server(code) as server, ThreadPoolExecutor(2) as pool:
        for ended in pool.map(run_in, [server, server]):
            recording, answer_to, *found = map(int, ended.output.split())
            assert set(found) == {0, 1, 2, recording, answer_to}


def test_one_process_forks_them_all(fork_server, run_in):
    with fork_server("print(os.getppid())") as server:
        assert len({run_in(server).output for _ in range(3)}) == 1


def test_a_server_that_was_killed_is_replaced(fork_server, run_in):
    with fork_server("print(os.getppid())") as server:
        first = int(run_in(server).output)
        os.kill(first, signal.SIGKILL)
        assert int(run_in(server).output) != first
    assert gone(first)


def test_a_server_that_another_thread_has_just_retired_is_passed_over(fork_server, run_in):
    with fork_server("print(os.getppid())") as server:
        first = run_in(server).output
        server._ready().hang_up()
        assert run_in(server).output != first


def test_after_a_crash_children_lie_elsewhere_in_memory_and_those_at_work_go_on(fork_server, run_in):
    code = "print(os.getppid())\n{'crash': os.abort, 'wait': lambda: time.sleep(2)}.get(request.decode(), int)()"
    with fork_server(code) as server, ThreadPoolExecutor(1) as pool:
        others = set(below(os.getpid()))
        at_work = pool.submit(run_in, server, request=b"wait")
        wait_for(2, beside=others)
        crashed = run_in(server, request=b"crash")
        assert crashed.status == -signal.SIGABRT
        assert run_in(server).output != crashed.output
        assert (at_work.result().how, at_work.result().status) == ("exited", 0)


def test_a_child_dies_with_the_process_that_forked_it(fork_server, run_in):
    with fork_server("print(os.getpid()); time.sleep(600)") as server, ThreadPoolExecutor(1) as pool:
        others = set(below(os.getpid()))
        at_work = pool.submit(run_in, server)
        started = wait_for(2, beside=others)
        server.close()
        assert at_work.result().status == -signal.SIGKILL
        assert all(map(gone, started))
