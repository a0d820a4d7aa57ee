"""A desk without a daemon, on both databases: operations go in, tickets come out, through the real pipeline."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inboxd.policy.load_policy import load_policy
from inboxd.settings import load
from inboxd.wiring.local_backend import LocalBackend, open_backend
from tests.harness.dns import nowhere

ACCOUNTS = {
    "accounts": [
        {
            "id": "acme",
            "name": "Acme Widgets",
            "plan": "standard",
            "contacts": [
                {
                    "name": "Operations",
                    "addresses": ["ops@acme.example"],
                    "numbers": ["+15550101"],
                    "authorized": True,
                    "role": "primary",
                    "valid_until": None,
                },
                {
                    "name": "Stand-in",
                    "addresses": ["standin@acme.example"],
                    "numbers": ["+15550104"],
                    "authorized": True,
                    "role": "technical",
                    "valid_until": "2020-01-31",
                },
            ],
        },
        {
            "id": "harbor",
            "name": "Harbor Clinic",
            "plan": "24x7",
            "contacts": [{"name": "Shared", "addresses": ["ops@acme.example.org"], "numbers": ["+15550120"]}],
        },
        {
            "id": "mill",
            "name": "Mill Works",
            "plan": "standard",
            "contacts": [{"name": "Shared", "addresses": ["ops@acme.example.org"], "numbers": ["+15550120"]}],
        },
    ]
}


@dataclass
class InProcessDesk:
    """The operations of a desk, and short ways to the usual ones."""

    backend: LocalBackend
    folder: Path

    def call(self, operation: str, payload: bytes = b"", /, **arguments: Any) -> Any:
        return self.backend.call(operation, arguments, payload)

    def mail(self, raw: bytes, *, rcpt: str = "support@example.com", wait: float = 30) -> dict[str, Any]:
        """Take a mail in and give what became of it."""
        envelope = {"mail_from": "someone@client.example", "rcpt_tos": [rcpt]}
        return self._through(self.call("ingest.accept", raw, kind="mail", envelope=envelope, name="mail"), wait)

    def voicemail(self, recording: bytes, *, wait: float = 60, **envelope: Any) -> dict[str, Any]:
        """Take a recording in and give what became of it, recogniser included."""
        given = {"called": "+15550190", **envelope}
        received = given.pop("received_at", None)
        accepted = self.call(
            "ingest.accept", recording, kind="voicemail", envelope=given, name="recording", received_at=received
        )
        return self._through(accepted, wait)

    def _through(self, accepted: dict[str, Any], wait: float) -> dict[str, Any]:
        outcome = self.call("ingest.outcome", intake_id=accepted["intake_id"], wait_seconds=wait)
        assert outcome is not None, f"{accepted} was not through in {wait} s: {self.call('intake.list')}"
        return outcome

    def reload(self) -> None:
        """Take the rules and accounts as the files say now."""
        for house in self.backend.houses():
            house.policy.current = load_policy(house.settings)

    def show(self, outcome: dict[str, Any]) -> dict[str, Any]:
        """The ticket as it stands now."""
        return self.call("tickets.show", ref=outcome["ticket"]["ref"])


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/inboxd.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def make_desk(tmp_path: Path, store_url: str) -> Iterator[Callable[..., InProcessDesk]]:
    """Make a desk with the given rules, and more sections of settings; closed at the end of the test."""
    with ExitStack() as stack:

        def make(rules: str = "", **more: Any) -> InProcessDesk:
            (tmp_path / "rules.yaml").write_text(rules)
            (tmp_path / "accounts.yaml").write_text(json.dumps(ACCOUNTS))
            settings = {
                "desk": {"zone": "America/Chicago"},
                "store": {"url": store_url},
                "workers": {"mail": 2},
                "dns": {"nameservers": [nowhere()]},
                "rules": "rules.yaml",
                "accounts": "accounts.yaml",
                **more,
            }
            (tmp_path / "inboxd.yaml").write_text(json.dumps(settings))
            backend = stack.enter_context(open_backend(load(tmp_path / "inboxd.yaml"), actor="engineer"))
            return InProcessDesk(backend, tmp_path)

        yield make


@pytest.fixture
def desk(make_desk: Callable[..., InProcessDesk]) -> InProcessDesk:
    """A desk without rules: everything is filed, mail medium, voicemail medium."""
    return make_desk()
