"""Whether waiting voicemails delay mail and callers: mail filed while a hundred wait, beside the same daemon at rest.

    .venv/bin/python -m tests.bench.bench_lanes [--voicemails 100] [--mails 500] [--speech FILE]

Two daemons as `inboxd init` makes them, the second with a phone line at a stand-in provider, where so many people
have called, each with a recording of their own, so that the recogniser is at it all the while. Mails are handed in
by SMTP one after another, some to this daemon, some to that, in turns; each is watched until it is a ticket. The
one that is not asked stands still (SIGSTOP), so that the first is really at rest. Callers come on in between.
Shown: the time from the start of SMTP to the ticket (goal: p99 within 20 %), and the time that the provider waits
for the answer to a webhook (goal: below 1 s). What else the machine does lies on both alike; look at its load.
"""

import argparse
import os
import signal
import statistics
import struct
import sys
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import func, select

from store.open import Store
from store.schema import intake, jobs
from tests.bench.kill_loop_phone import LINE, PUBLIC, desk_at
from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.mails import hand_in, mail
from tests.harness.phone_provider import Caller, Delivery, Provider
from tests.harness.processes import below

WARM_UP = 30
PAUSE_SECONDS = 0.02
TURNS = 10


class TimedCaller(Caller):
    """Notes how long each webhook waits for its answer, in seconds."""

    def deliver(self, delivery: Delivery, **headers: str) -> tuple[int, str]:
        """Bring one webhook to the desk."""
        began = time.perf_counter()
        answer = super().deliver(delivery, **headers)
        TOOK.append(time.perf_counter() - began)
        return answer


TOOK: list[float] = []


def bundled() -> Path:
    """Ten seconds of speech that a wheel ships."""
    spec = find_spec("moonshine_voice")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("name a recording with speech: --speech FILE.wav")
    return Path(spec.submodule_search_locations[0]) / "assets" / "beckett.wav"


def said(speech: Path, number: int) -> bytes:
    """The same words in a recording that is no other's: its last sample is the number."""
    with wave.open(str(speech), "rb") as file:
        rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
        sound = file.readframes(file.getnframes())
    if width != 2 or channels != 1:
        sys.exit(f"{speech} is not mono with 16 bits")
    sound = sound[:-2] + struct.pack("<h", number)
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2,
                         16, b"data", len(sound))  # fmt: skip
    return header + sound


def file_mails(store: Store, port: int, mails: int) -> list[float]:
    """Hand mails in, one after another; give the seconds until each was a ticket."""
    status = select(intake.c.status)
    took = []
    for number in range(mails):
        raw = mail(f"Printer {number} of {time.monotonic_ns()}")
        began = time.perf_counter()
        queue_id = hand_in(port, raw)
        while True:
            with store.read() as connection:
                if connection.scalar(status.where(intake.c.id == queue_id)) is not None:
                    break
            time.sleep(0.002)
        took.append(time.perf_counter() - began)
        time.sleep(PAUSE_SECONDS)
    return took


def waiting(store: Store) -> int:
    """How many recordings are not heard yet."""
    query = select(func.count()).where(jobs.c.kind == "transcribe", jobs.c.state.in_(("ready", "running")))
    with store.read() as connection:
        return int(connection.scalar(query) or 0)


def place(caller: Caller, speech: Path, numbers: Sequence[int]) -> None:
    """Let people call and speak, and bring all that the provider owes."""
    for number in numbers:
        caller.call(f"+1555010{number:04}", LINE, says=said(speech, number), seconds=10)
        codes = caller.deliver_all()
        assert all(code < 300 for code in codes), codes


def share(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent lie."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def told(name: str, values: Sequence[float]) -> str:
    """One line of the table, in milliseconds."""
    shown = (statistics.median(values), share(values, 95), share(values, 99), max(values))
    return f"{name:34}{len(values):5}" + "".join(f"{1000 * value:9.1f}" for value in shown)


@contextmanager
def held(daemon: Daemon) -> Iterator[None]:
    """Let a daemon and what it has started stand still."""
    pids = (daemon.pid, *below(daemon.pid))
    for pid in pids:
        _signal(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # a recogniser that has ended meanwhile
        os.kill(pid, number)


def run(folder: Path, voicemails: int, mails: int, speech: Path) -> None:
    """Fill the second daemon, then ask both in turns."""
    with Provider.running() as provider, ExitStack() as stack:
        provider.state.add_number(LINE, voice_url=f"{PUBLIC}/twilio/voice", status_callback=f"{PUBLIC}/twilio/status")
        smtp = {"listen": "127.0.0.1:0", "recipients": ["support@example.com"]}
        desks = Desk.init(folder / "rest"), desk_at(folder, provider)
        daemons, stores = [], []
        for desk in desks:
            desk.change({"smtp": smtp})
            daemons.append(desk.start())
            stack.callback(daemons[-1].kill)
            stores.append(stack.enter_context(Store.open(f"sqlite:///{desk.folder}/inboxd.db", role="reader")))
            file_mails(stores[-1], daemons[-1].ports["smtp"], WARM_UP)
        (resting, working), store = daemons, stores[1]
        caller = TimedCaller(provider, ("127.0.0.1", working.ports["http"]), PUBLIC)
        place(caller, speech, range(voicemails))
        wait_until(lambda: waiting(store) > voicemails * 0.9, within=300, what="calls that wait", every=0.2)
        TOOK.clear()
        before, rest, busy = waiting(store), [], []
        for number in range(TURNS):
            with held(working):
                rest += file_mails(stores[0], resting.ports["smtp"], mails // TURNS)
            with held(resting):
                busy += file_mails(store, working.ports["smtp"], mails // TURNS)
                place(caller, speech, range(voicemails + 3 * number, voicemails + 3 * number + 3))
        after, load = waiting(store), os.getloadavg()[0]
    print(f"{'milliseconds':34}    n   median      p95      p99      max")
    print(told("mail to ticket, at rest", rest))
    print(told(f"mail to ticket, {before} recordings wait", busy))
    print(told("webhook to answer, meanwhile", TOOK))
    print(f"p99 of mail under load: {share(busy, 99) / share(rest, 99):.2f} times that at rest")
    print(f"median: {statistics.median(busy) / statistics.median(rest):.2f} times")
    print(f"recordings waiting at the end: {after}; load of the machine {load:.1f}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voicemails", type=int, default=100)
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--speech", type=Path, default=None, help="WAV with speech, mono, 16 bits")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lanes-") as folder:
        run(Path(folder), given.voicemails, given.mails, given.speech or bundled())


if __name__ == "__main__":
    main()
