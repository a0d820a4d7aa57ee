"""strace on a daemon that runs: system calls made to fail, and their order written down."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.desk import wait_until


class Trace:
    """What strace has written down; complete once the block that made it is left."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lines(self) -> list[str]:
        """One line for each call, or for each half of one that another thread's interrupts: `PID call(…) = result`."""
        return self._path.read_text("utf-8", "replace").splitlines()

    def injected(self) -> list[str]:
        """The calls that were made to fail."""
        return [line for line in self.lines() if "(INJECTED)" in line]

    def killed(self) -> bool:
        """Whether a call was made to kill the process.

        A strace that had to be killed (see `traced`) has written no more than that the call never returned.
        """
        return any("+++ killed by SIGKILL" in line or line.endswith(" = ?") for line in self.lines())


def usable() -> bool:
    """Whether strace is here and may trace a process that it did not start."""
    if shutil.which("strace") is None:
        return False
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            tried = subprocess.run(
                ["strace", "-o", "/dev/null", "-p", str(child.pid), "-e", "trace=none"],
                capture_output=True, timeout=0.5, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return True  # it traces, and would go on
        finally:
            child.kill()
    return tried.returncode == 0


@contextmanager
def traced(pid: int, path: Path, *options: str) -> Iterator[Trace]:
    """Trace all threads of a process inside the block; `options` as strace takes them (`-e inject=…`).

    An injection's `when=N` counts for each thread by itself, from the start of the block.
    """
    said = path.with_suffix(".err")
    with said.open("wb") as errors:
        tracer = subprocess.Popen(
            ["strace", "-f", "-o", str(path), "-p", str(pid), *options], stdin=subprocess.DEVNULL, stderr=errors
        )
    try:
        wait_until(lambda: _is_traced(pid) or tracer.poll() is not None, within=30, what="strace attached")
        # What is injected may have met the process already, in a thread that has nothing to do with the test.
        assert tracer.poll() is None or "attached" in said.read_text(), said.read_text()
        yield Trace(path)
    finally:
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)
        try:
            tracer.wait(5)
        except subprocess.TimeoutExpired:
            # strace 6.1 waits for ever for a thread that was killed in the moment of its birth, and the process it
            # traced cannot be reaped meanwhile.
            tracer.kill()
            tracer.wait()


def _is_traced(pid: int) -> bool:
    """Whether each thread of a process has a tracer."""
    tasks = [task / "status" for task in Path(f"/proc/{pid}/task").iterdir()]
    return all(re.search(r"^TracerPid:\t[1-9]", task.read_text(), re.MULTILINE) for task in tasks)
