"""The command line called in this process, against a desk in memory that is served on a real control socket."""

import json
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inboxd.errors import InboxdError, TryLater, UsageWrong
from tests.harness.cli import Ended
from tests.harness.cli import call as run_command
from tests.harness.control import serving


@pytest.fixture
def call(monkeypatch) -> Callable[..., Ended]:
    """Run `inboxd ARGUMENTS` without a configuration that somebody's environment names."""
    for name in ("INBOXD_CONFIG", "INBOXD_DEBUG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return run_command


def ticket(ref: str, **fields: Any) -> dict[str, Any]:
    """A ticket as `tickets show --json` has it."""
    return {
        "ref": ref, "channel": "email", "source": "support@example.com", "subject": "Fax is slow", "status": "open",
        "type": None, "queue": "tech", "priority": "medium", "priority_by": "default", "claimed_urgency": None,
        "tags": [], "assignee": None, "account": {"id": "acme", "name": "Acme Widgets", "plan": "standard"},
        "contact": {"id": "ops@acme.example", "name": "Operations", "authorized": True},
        "requester": {"address": "ops@acme.example", "name": "Operations", "phone": None},
        "identity": {"by": "from-address", "evidence": ["ops@acme.example is on file."]},
        "authentication": {"verdict": "unverified", "method": None, "address": "ops@acme.example",
                           "reason": "nothing proves it", "spf": None, "dkim": None, "dmarc": None, "arc": None},
        "callback": {"number": None, "due_at": None, "made": 0, "terms": None}, "clocks": [],
        "actions_allowed": [], "actions_blocked_because": None, "entries": [], "events": [],
        "created_at": "2026-01-13T16:00:00Z", "updated_at": "2026-01-13T16:00:00Z", "closed_at": None, **fields,
    }  # fmt: skip


class Desk:
    """What the daemon would know: tickets, what came in, and how each recording or mail ends."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any], bytes]] = []
        self.tickets = {each["ref"]: each for each in (ticket("10010-1"), ticket("20020-2", status="closed"))}
        self.audience: dict[str, dict[str, Any]] = {}
        self.names = {"tech", "engineer-1"}
        self.watched: list[dict[str, Any] | InboxdError] = []
        self.taken: dict[str, bytes] = {}
        self.refuse: dict[bytes, InboxdError] = {}

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        self.calls.append((operation, arguments, payload))
        name = "do_" + operation.replace(".", "_")
        if not hasattr(self, name):
            raise UsageWrong(f'no operation "{operation}"')
        return getattr(self, name)(payload=payload, **arguments)

    def last(self, operation: str) -> dict[str, Any]:
        return next(arguments for name, arguments, _ in reversed(self.calls) if name == operation)

    def do_tickets_list(self, limit=None, status=None, **_):
        found = [each for each in self.tickets.values() if status in (None, each["status"])]
        return found[:limit]

    def do_tickets_next(self, **_):
        return next(iter(self.tickets.values()), None)

    def do_tickets_undo(self, **_):
        return self.tickets["10010-1"]

    def do_tickets_watch(self, after=None, **_):
        said = self.watched.pop(0)
        if isinstance(said, InboxdError):
            raise said
        return said

    def do_tickets_show(self, ref, **_):
        if ref not in self.tickets:
            raise InboxdError(f"no ticket {ref}")
        return self.tickets[ref]

    def do_tickets_audience(self, ref, **_):
        return self.audience.get(ref)

    def do_tickets_unknown_names(self, payload, **names):
        return [f'nobody has the {kind} "{name}"' for kind, name in names.items() if name not in self.names]

    def do_tickets_search(self, words, **_):
        return [each for each in self.tickets.values() if words.lower() in each["subject"].lower()]

    def do_tickets_set(self, ref, tag, untag, payload, **change):
        kept = [each for each in self.tickets[ref]["tags"] if each not in untag]
        self.tickets[ref] = {**self.tickets[ref], **change, "tags": [*kept, *tag]}
        return self.tickets[ref]

    def do_tickets_note(self, ref, text, **_):
        return self.tickets[ref]

    def do_tickets_reply(self, ref, **_):
        return self.tickets[ref]

    def do_tickets_export(self, after, limit, **_):
        refs = sorted(self.tickets)
        rest = [ref for ref in refs if after is None or ref > after]
        page = rest[:1]
        return {"tickets": [self.tickets[ref] for ref in page], "after": page[-1] if len(rest) > 1 else None}

    def do_ingest_accept(self, payload, kind, **_):
        for word, error in self.refuse.items():
            if word in payload and not word.startswith(b"later:"):
                raise error
        intake_id = f"Q{len(self.taken)}"
        self.taken[intake_id] = payload
        return {"intake_id": intake_id}

    def do_ingest_outcome(self, intake_id, **_):
        if b"lost" in self.taken[intake_id]:
            raise TryLater("the store is busy")
        held = b"hostile" in self.taken[intake_id]
        return {
            "intake_id": intake_id,
            "status": "quarantined" if held else "filed",
            "reason": "a rule holds it" if held else None,
            "ticket": None if held else self.tickets["10010-1"],
            "error": None,
        }

    def do_import_take(self, payload, pieces, **_):
        taken = []
        for piece in pieces:
            raw, payload = payload[: piece["size"]], payload[piece["size"] :]
            for word, error in self.refuse.items():
                if word in raw:
                    raise error
            known = next((intake_id for intake_id, kept in self.taken.items() if kept == raw), None)
            intake_id = known or f"Q{len(self.taken)}"
            self.taken[intake_id] = raw
            taken.append({"intake_id": intake_id, "known": known is not None, "ended": False, "accepted_at": 0})
        return taken

    def do_import_outcomes(self, intake_ids, payload, **_):
        return [self.do_ingest_outcome(intake_id) for intake_id in intake_ids]

    def do_intake_list(self, **_):
        return []

    def do_intake_raw(self, id, offset, **_):  # noqa: A002
        kept = self.taken[id]
        piece = kept[offset : offset + 4]
        return {"data": b64encode(piece).decode(), "size": len(kept) + (b"torn" in kept)}

    def do_why(self, ref, **_):
        return {"text": f"Ticket {ref}\n  because \x1b[2J", "trace": []}

    def do_why_message(self, name, **_):
        return {"text": f"{name}: nothing was filed", "trace": [{}]}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch) -> Iterator[Desk]:
    """A desk whose daemon runs; $INBOXD_CONFIG leads to it."""
    held = Desk()
    socket = tmp_path / "control.sock"
    config = tmp_path / "inboxd.yaml"
    config.write_text(f"control: {{socket: {json.dumps(str(socket))}}}\n", encoding="utf-8")
    with serving(lambda _: held, socket):
        monkeypatch.setenv("INBOXD_CONFIG", str(config))
        yield held


@pytest.fixture
def imported_by() -> Callable[..., set[str]]:
    """Run `inboxd ARGUMENTS` in a process of its own; return the names of the modules it imported."""
    import os
    import subprocess

    def ask(*arguments: str) -> set[str]:
        code = (
            "import sys\nfrom inboxd.cli.main import run\n"
            "try:\n    run(sys.argv[1:])\nfinally:\n    print(*sys.modules, sep=chr(10), file=sys.stderr)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=dict(os.environ), check=False
        )
        return set(done.stderr.splitlines())

    return ask
