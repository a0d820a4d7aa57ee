"""What 250 promises was on stable storage before: read off the daemon's own system calls, in their order."""

import re
import threading
from pathlib import Path

import pytest

from tests.harness import tracing
from tests.harness.desk import Daemon, Desk
from tests.harness.ledger import Ledger
from tests.harness.mails import mail
from tests.harness.tracing import Trace, traced
from tests.plugins.needs import needs

CALLS = "openat,rename,fsync,fdatasync,pwrite64,write,sendto"


@pytest.fixture(autouse=True)
def _strace() -> None:
    if not tracing.usable():
        needs("strace", "apt-get install strace (and the right to trace: ptrace(2))")


class Calls:
    """The calls of a trace in the order in which they ended: what has not returned has not happened."""

    def __init__(self, trace: Trace) -> None:
        begun: dict[str, str] = {}
        self._ended: list[str] = []
        for line in trace.lines():
            pid, _, call = line.partition(" ")
            call = call.lstrip()
            if call.endswith("<unfinished ...>"):
                begun[pid] = call.removesuffix("<unfinished ...>").rstrip()
            elif call.startswith("<... "):
                self._ended.append(begun.pop(pid, "") + call.partition("resumed>")[2])
            else:
                self._ended.append(call)

    def find(self, pattern: str, *, after: int = -1) -> tuple[int, re.Match[str]]:
        """The first call behind `after` that matches, by its place."""
        for place, call in enumerate(self._ended):
            if place > after and (found := re.search(pattern, call)):
                return place, found
        raise AssertionError(f"no call {pattern!r} after number {after}")

    def written(self, descriptor: str, after: int, before: int) -> list[int]:
        """How much each write between two places put into a file."""
        calls = self._ended[after:before]
        return [int(found[1]) for call in calls if (found := re.search(rf"^write\({descriptor}, .* = (\d+)$", call))]

    def synced(self, descriptor: str, *, after: int) -> int:
        """The place of the next successful sync of a file."""
        return self.find(rf"^f(data)?sync\({descriptor}\)\s*= 0$", after=after)[0]


def test_the_log_of_the_store_is_synced_between_the_message_and_its_250(
    desk: Desk, daemon: Daemon, tmp_path: Path
) -> None:
    ledger, port = Ledger(), daemon.ports["smtp"]
    subjects = [f"Token-{number:02}-of-order" for number in range(20)]
    ledger.deliver(port, "warm")
    with traced(daemon.pid, tmp_path / "order", "-s", "5000", "-e", f"trace={CALLS}") as trace:
        for subject in subjects[:10]:
            ledger.deliver(port, subject)
        senders = [threading.Thread(target=ledger.deliver, args=(port, subject)) for subject in subjects[10:]]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    calls = Calls(trace)
    for subject in subjects:
        (queue_id,) = ledger.acknowledged()[subject]
        written, page = calls.find(rf"^pwrite64\((\d+), .*Text of {subject}")
        promised, _ = calls.find(rf'^sendto\(.*"250 2\.0\.0 {queue_id}\\r\\n"')
        assert calls.synced(page[1], after=written) < promised, subject
    assert ledger.audit(desk) == []


def test_a_large_message_is_a_synced_file_in_a_synced_folder_before_its_row_is_synced_and_then_promised(
    desk: Desk, daemon: Daemon, tmp_path: Path
) -> None:
    ledger, port = Ledger(), daemon.ports["smtp"]
    ledger.deliver(port, "warm")
    raw = mail("large", "".join(f"{line:78}\n" for line in range(6000)))
    with traced(daemon.pid, tmp_path / "order", "-s", "5000", "-e", f"trace={CALLS}") as trace:
        queue_id = ledger.deliver(port, "large", raw).queue_id
    calls = Calls(trace)
    opened, file = calls.find(r'^openat\(.*"[^"]*/incoming/[^"]*", O_WRONLY.* = (\d+)$')
    whole = calls.synced(file[1], after=opened)
    assert sum(calls.written(file[1], opened, whole)) == desk.json("intake", "show", queue_id)[0]["size"]
    renamed, target = calls.find(r'^rename\(.*, "([^"]*)/[^"/]*"\)\s*= 0$')
    assert whole < renamed
    folder_opened, folder = calls.find(rf'^openat\(.*"{re.escape(target[1])}", .* = (\d+)$', after=renamed)
    named = calls.synced(folder[1], after=folder_opened)
    row, log = calls.find(rf"^pwrite64\((\d+), .*{queue_id}", after=named)
    promised, _ = calls.find(rf'^sendto\(.*"250 2\.0\.0 {queue_id}\\r\\n"')
    assert calls.synced(log[1], after=row) < promised
    assert ledger.audit(desk) == []
