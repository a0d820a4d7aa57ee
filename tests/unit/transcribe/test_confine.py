"""What the child gives up is really gone."""

import pytest

from tests.plugins.needs import needs
from transcribe import confine, landlock
from transcribe.fork_server import EXIT_FAILED

CONFINED = """
import resource
from transcribe import confine
confine.confine(address_space_bytes=256 * 1024**2, cpu_seconds=2)
"""


def test_memory_is_limited(in_child):
    ended = in_child(CONFINED + "bytearray(300 * 1024**2)")
    assert "MemoryError" in ended.diagnostics


def test_processor_time_is_limited(in_child):
    assert in_child(CONFINED + "while True: pass").status == -24


def test_no_file_can_be_written(in_child, tmp_path):
    ended = in_child(CONFINED + f"open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(b'x')")
    assert "File too large" in ended.diagnostics
    assert (tmp_path / "x").stat().st_size == 0


def test_descriptors_are_few_and_no_core_is_left(in_child):
    ended = in_child(
        CONFINED
        + "print(resource.getrlimit(resource.RLIMIT_CORE))\n"
        + "[os.open('/dev/null', os.O_RDONLY) for _ in range(40)]"
    )
    assert ended.output == b"(0, 0)\n"
    assert "Too many open files" in ended.diagnostics


def test_limits_cannot_be_raised_again(in_child):
    ended = in_child(
        CONFINED + "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 32))",
    )
    assert ended.status == EXIT_FAILED


SHUT_IN = (
    CONFINED
    + """
from pathlib import Path
confine.shut_in(None)
def tried(name, act):
    try:
        act()
    except OSError as error:
        print(name, type(error).__name__)
    else:
        print(name, 'succeeded')
"""
)


def refused(in_child, acts):
    """Which of these actions a child that is shut in cannot do."""
    code = SHUT_IN + "".join(f"tried({name!r}, lambda: {act})\n" for name, act in acts.items())
    ended = in_child(code)
    assert (ended.status, ended.diagnostics) == (0, "")
    return dict(line.split() for line in ended.output.decode().splitlines())


def test_other_files_are_out_of_reach(in_child, tmp_path):
    if landlock.version() == 0:
        needs("a kernel with Landlock", "run Linux 5.13 or later with landlock among its security modules")
    other = tmp_path / "store.db"
    other.write_text("words of a customer")
    path = f"Path({str(other)!r})"
    outcome = refused(
        in_child,
        {
            "read": f"{path}.read_text()",
            "empty": f"os.truncate({path}, 0)",
            "delete": f"{path}.unlink()",
            "rename": f"{path}.rename({path}.with_suffix('.old'))",
            "link": f"{path}.with_suffix('.2').symlink_to('/etc/passwd')",
            "list": f"list({path}.parent.iterdir())",
            "passwords": "Path('/etc/passwd').read_text()",
            "libraries": "Path(os.__file__).read_bytes()",
        },
    )
    assert outcome.pop("libraries") == "succeeded"
    assert set(outcome.values()) == {"PermissionError"}
    assert other.read_text() == "words of a customer"


def test_network_programs_and_other_processes_are_out_of_reach(in_child):
    outcome = refused(
        in_child,
        {
            "tcp": "__import__('socket').socket()",
            "unix": "__import__('socket').socket(__import__('socket').AF_UNIX)",
            "fork": "os.fork()",
            "execve": "os.execve('/bin/true', ['true'], {})",
            "spawn": "__import__('subprocess').run(['/bin/true'])",
            "kill": "os.kill(os.getppid(), 0)",
            "limits": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (1, 1))",
            "thread": "__import__('threading').Thread(target=int).start()",
        },
    )
    assert outcome.pop("thread") == "succeeded"
    assert set(outcome.values()) == {"PermissionError"}


def test_a_library_that_aborts_still_ends_its_process(in_child):
    assert in_child(SHUT_IN + "os.abort()").status == -6


def test_what_a_c_library_prints_stays_out_of_the_answer(in_child):
    ended = in_child(
        "import ctypes\n"
        "libc = ctypes.CDLL(None); libc.puts(b'noise of a library'); libc.fflush(None)\n"
        "os.write(answer_to, b'answer')"
    )
    assert ended.output == b"answer"
    assert ended.diagnostics == "noise of a library"


def test_a_child_whose_parent_is_gone_ends_at_once(in_child):
    ended = in_child("from transcribe import confine\nconfine.die_with_parent(1)\nprint('went on')")
    assert ended.output == b""
    assert "which is gone" in ended.diagnostics


def test_a_child_whose_parent_lives_goes_on(in_child):
    ended = in_child("from transcribe import confine\nconfine.die_with_parent(os.getppid())\nprint('went on')")
    assert ended.output == b"went on\n"


def test_this_process_is_not_confined():
    with pytest.raises(SystemExit):
        confine.die_with_parent(0)
    confine.prctl(confine._PR_SET_PDEATHSIG, 0)
