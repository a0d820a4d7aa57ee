"""Kill the daemon again and again while people call: each recording is one ticket, none is lost or doubled.

    .venv/bin/python -m tests.bench.kill_loop_phone --kills 30

The provider is a stand-in that speaks the true API. `recordings: delete` is set: what is deleted there must be in the
store, which is looked at while the daemon is dead. `kill -9` goes to the daemon's whole process group at random moments
of fetch, decode, recognise and file, during start as well.
"""

import argparse
import json
import random
import struct
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import select

from store.errors import StoreMissing
from store.open import Store
from store.schema import recordings
from tests.harness.desk import Desk, DeskFailed, wait_until
from tests.harness.phone_provider import Caller, Provider

LINE = "+19525550190"
PUBLIC = "https://desk.example.com"
RULES = f'lines:\n  help: {{number: "{LINE}", default: true}}\n'


def hum(number: int) -> bytes:
    """Half a second of sound that is no other's: the number stands in its samples."""
    samples = [(number * 37 + at * 11) % 200 - 100 for at in range(4000)]
    data = struct.pack(f"<{len(samples)}h", *samples)
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16,
                         b"data", len(data))  # fmt: skip
    return header + data


def desk_at(folder: Path, provider: Provider) -> Desk:
    """A desk with one line, which webhooks reach and the poller looks at."""
    desk = Desk.init(folder / "desk")
    (desk.folder / "phone-rules.yaml").write_text(RULES, "utf-8")
    twilio = {**provider.section(desk.folder), "recordings": "delete"}
    desk.change({"twilio": twilio, "http": {"public_url": PUBLIC}, "smtp": None})
    desk.config.write_text(json.dumps(desk.settings() | {"rules": "phone-rules.yaml"}), "utf-8")
    return desk


def stored(desk: Desk) -> dict[str, str]:
    """What the ledger says of each recording, read from the dead daemon's store."""
    try:
        with Store.open(f"sqlite:///{desk.folder}/inboxd.db", role="reader") as store, store.read() as txn:
            return {row.sid: row.state for row in txn.execute(select(recordings.c.sid, recordings.c.state))}
    except StoreMissing:
        return {}  # it was killed before it had made one


def run(kills: int, seed: int, folder: Path) -> dict[str, Any]:
    """Kill so often; give what was found."""
    chance = random.Random(seed)
    with Provider.running() as provider:
        desk = desk_at(folder, provider)
        provider.state.add_number(LINE, voice_url=f"{PUBLIC}/twilio/voice", status_callback=f"{PUBLIC}/twilio/status")
        placed: dict[str, str] = {}  # recording -> call
        early, number = 0, 0
        for _ in range(kills):
            daemon = desk.start(wait=False)
            try:
                if chance.random() < 0.8:
                    daemon.wait_ready()
                    caller = Caller(provider, ("127.0.0.1", daemon.ports["http"]), PUBLIC)
                    for _ in range(chance.randint(1, 3)):
                        number += 1
                        before = set(provider.state.recordings)
                        call = caller.call(f"+155501{number % 100:02}", LINE, says=hum(number), seconds=number % 50 + 1)
                        placed |= dict.fromkeys(set(provider.state.recordings) - before, call["sid"])
                    if chance.random() < 0.6:
                        with suppress(OSError):
                            caller.deliver_all(shuffled=chance)
                time.sleep(chance.random() * 2.5)
            except (DeskFailed, OSError, AssertionError):
                pass  # it was too early for a caller, who heard the fallback
            finally:
                daemon.kill()
            ledger = stored(desk)
            gone = set(placed) - set(provider.state.recordings)
            early += sum(1 for sid in gone if ledger.get(sid) != "stored")
        daemon = desk.start()
        wait_until(lambda: _all_here(desk, placed), within=300, what="every recording", every=1.0)
        wait_until(desk.settled, within=300, what="every word", every=1.0)
        wait_until(lambda: not provider.state.recordings, within=120, what="every deletion", every=1.0)
        audited = desk.json("audit")[-1]
        tickets = desk.json("tickets", "export")
        daemon.stop()
    sounds = [file["sha256"] for each in tickets for entry in each["entries"] for file in entry["attachments"]]
    return {
        "kills": kills,
        "recordings": len(placed),
        "tickets_with_sound": sum(1 for each in tickets if any(entry["attachments"] for entry in each["entries"])),
        "lost": len(placed) - len(set(sounds)),
        "doubled": len(sounds) - len(set(sounds)),
        "deleted_too_early": early,
        "gaps": audited["gap"],
    }


def _all_here(desk: Desk, placed: dict[str, str]) -> bool:
    (status,) = desk.json("status")
    return int(status["phone"]["recordings"].get("stored", 0)) >= len(placed)


def main() -> int:
    """Run from the command line; exit 1 when anything was lost, doubled or deleted too early."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="inboxd-kill-") as folder:
        found = run(given.kills, given.seed, Path(folder))
    print(json.dumps(found))
    return int(any(found[name] for name in ("lost", "doubled", "deleted_too_early", "gaps")))


if __name__ == "__main__":
    sys.exit(main())
