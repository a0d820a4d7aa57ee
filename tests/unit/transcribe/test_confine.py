"""What the child gives up is really gone."""

import os
import sys
from pathlib import Path

import pytest

from transcribe import confine, supervise

CONFINED = """
import os, resource, sys
from transcribe import confine
sys.stdin.read()
confine.confine(address_space_bytes=256 * 1024**2, cpu_seconds=2)
"""


def run(code):
    """Supervise an interpreter that runs `code`."""
    return supervise.run(
        [sys.executable, "-c", code],
        environment={"PYTHONPATH": str(Path(confine.__file__).parents[1])},
        request=b"{}",
        descriptors=[],
        wall_seconds=60.0,
        output_bytes=100_000,
        cancel=None,
    )


def test_memory_is_limited():
    ended = run(CONFINED + "bytearray(300 * 1024**2)")
    assert "MemoryError" in ended.diagnostics


def test_processor_time_is_limited():
    assert run(CONFINED + "while True: pass").status == -24


def test_no_file_can_be_written(tmp_path):
    ended = run(CONFINED + f"open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(b'x')")
    assert "File too large" in ended.diagnostics
    assert (tmp_path / "x").stat().st_size == 0


def test_descriptors_are_few_and_no_core_is_left():
    ended = run(
        CONFINED
        + "print(resource.getrlimit(resource.RLIMIT_CORE))\n"
        + "[os.open('/dev/null', os.O_RDONLY) for _ in range(40)]"
    )
    assert ended.output == b"(0, 0)\n"
    assert "Too many open files" in ended.diagnostics


def test_limits_cannot_be_raised_again():
    ended = run(
        CONFINED + "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 32))",
    )
    assert ended.status == 1


def test_what_a_c_library_prints_stays_out_of_the_answer():
    ended = run(
        "import os, ctypes\n"
        "from transcribe import confine\n"
        "answer = confine.private_output()\n"
        "libc = ctypes.CDLL(None); libc.puts(b'noise of a library'); libc.fflush(None)\n"
        "os.write(answer, b'answer')"
    )
    assert ended.output == b"answer"
    assert ended.diagnostics == "noise of a library"


def test_a_child_whose_parent_is_gone_ends_at_once():
    ended = run("from transcribe import confine\nconfine.die_with_parent(1)\nprint('went on')")
    assert ended.output == b""
    assert "which is gone" in ended.diagnostics


def test_a_child_whose_parent_lives_goes_on():
    ended = run(f"from transcribe import confine\nconfine.die_with_parent({os.getpid()})\nprint('went on')")
    assert ended.output == b"went on\n"


def test_this_process_is_not_confined():
    with pytest.raises(SystemExit):
        confine.die_with_parent(0)
    confine._prctl(confine._PR_SET_PDEATHSIG, 0)
