"""How many answers find their ticket, and how many thefts get into one that is not theirs.

    .venv/bin/python -m tests.bench.bench_threading [--threads 10] [--folder DIR]

Each thread is a ticket that ten clients answer (tests/harness/conversations.py), three times each; then
ten kinds of strangers try everything they may have seen of it or can guess. The whole pipeline works, on SQLite.
"""

import argparse
import contextlib
import json
import random
import sys
import tempfile
from email.utils import make_msgid
from pathlib import Path

from inboxd import logs
from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
from tests.harness import conversations
from tests.harness.conversations import CLIENTS
from tests.harness.dns import nowhere
from tests.integration.pipeline.conftest import ACCOUNTS, InProcessDesk
from tests.integration.pipeline.test_threading import STRANGERS, Thread, follow, stolen


def main() -> None:
    """Print one JSON line: answers and how many joined rightly, thefts and how many joined at all."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--threads", type=int, default=10)
    arguments.add_argument("--folder", type=Path)
    given = arguments.parse_args()
    logs.configure("console", "error")
    counted = {"answers": 0, "right": 0, "thefts": 0, "wrong": 0}
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "rules.yaml").write_text("")
        (folder / "accounts.yaml").write_text(json.dumps(ACCOUNTS))
        settings = {
            "store": {"url": f"sqlite:///{folder}/inboxd.db"},
            "workers": {"mail": 1},
            "smtp": {"listen": "127.0.0.1:0", "recipients": ["support@example.com"]},
            "dns": {"nameservers": [nowhere()]},
            "rules": "rules.yaml",
            "accounts": "accounts.yaml",
        }
        (folder / "inboxd.yaml").write_text(json.dumps(settings))
        backend = stack.enter_context(open_backend(load(folder / "inboxd.yaml"), actor="bench"))
        desk = InProcessDesk(backend, folder)
        for number in range(given.threads):
            _one(desk, number, counted)
    sys.stdout.write(json.dumps(counted) + "\n")


def _one(desk: InProcessDesk, number: int, counted: dict[str, int]) -> None:
    thread = Thread.opened(desk, f"Fax server {number}")
    for client in CLIENTS.values():
        for got in follow(thread, client):
            counted["answers"] += 1
            counted["right"] += got["ticket"] is not None and got["ticket"]["ref"] == thread.ref
    random_ = random.Random(number)
    for sender in STRANGERS:
        for theft in stolen(thread, random_):
            theft.setdefault("text", f"Let me in {random_.random()}.\r\n")
            raw = conversations.mail(**theft, sender=sender, message_id=make_msgid(domain="evil.example"))
            got = desk.mail(raw, rcpt="support@example.com")
            counted["thefts"] += 1
            counted["wrong"] += got["ticket"] is not None and got["ticket"]["ref"] == thread.ref


if __name__ == "__main__":
    main()
