"""Looking at the processes below one: only ever those that a test has started itself."""

from pathlib import Path


def below(pid: int) -> list[int]:
    """The children of a process and theirs, in no order."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def running(pid: int, module: str) -> list[int]:
    """Those below a process that run `python -m MODULE`."""
    return [child for child in below(pid) if f"-m\0{module}\0".encode() in _command_line(child)]


def forked(pid: int, module: str) -> list[int]:
    """Those below a process that were forked by one that runs `python -m MODULE`, and run it, too."""
    servers = set(running(pid, module))
    return [child for child in servers if _parent(Path(f"/proc/{child}")) in servers]


def _parent(entry: Path) -> int | None:
    try:
        # The name in parentheses may hold anything, so the fields are counted from its end.
        return int((entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None  # it ended while we looked


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def resident(pid: int, field: str = "VmHWM") -> int:
    """Memory of a process in bytes: its peak, or with `VmRSS` what it is now."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def forget_peak(pid: int) -> None:
    """Let the peak of a process's memory start from what it is now (`/proc/PID/clear_refs`, value 5)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")
