"""A house as the daemon has it, on SQLite, with a smarthost on loopback that does as it is told."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inboxd.outbox import Letter, queue
from inboxd.policy.load_policy import load_policy
from inboxd.send import story
from inboxd.settings import load
from inboxd.wiring.house import House
from inboxd.wiring.stores import open_store
from store import outbox as rows
from store.outbox import OutboxItem
from tests.harness.desk import wait_until
from tests.harness.dns import NameServer, nowhere
from tests.harness.smarthost import Smarthost
from tests.plugins.dns import need_name_server
from tests.trust.world import World

ACCOUNTS = {
    "accounts": [
        {
            "id": "acme",
            "name": "Acme Widgets",
            "contacts": [{"name": "Operations", "addresses": ["ops@acme.example"], "authorized": True}],
        }
    ]
}
STAFF = "engineer-1@example.com"
PEOPLE = {"staff": [{"name": "engineer-1", "login": "eng1", "addresses": [STAFF], "queues": ["tech"], "notify": True}]}
NOW = int(time.time() * 1000)
# One queue, in which a first answer is due within half an hour.
ONE_QUEUE = """
calendars: {always: {mon-sun: 00:00-24:00}}
clocks: {first-response: {within: 30m, calendar: always}}
decide:
  work:
    - {rule: all, then: {queue: tech}}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    """The name server of the desk's own domain, which proves its staff."""
    need_name_server()
    world = World(number=0, domain="example.com")
    world.zone(dmarc="v=DMARC1; p=none")
    with NameServer.running(world.records) as running:
        yield running


@dataclass
class Sending:
    """A house whose outbox is at work, and short ways to look at it."""

    house: House
    smarthost: Smarthost

    def call(self, operation: str, payload: bytes = b"", /, *, actor: str = "eng1", **arguments: Any) -> Any:
        return self.house.desk(actor, lambda: {"running": True}).call(operation, arguments, payload)

    def mail(self, raw: bytes, *, mail_from: str = "ops@acme.example", **envelope: Any) -> dict[str, Any]:
        """Take a mail in and give what became of it."""
        said = {"mail_from": mail_from, "rcpt_tos": ["support@example.com"], **envelope}
        accepted = self.call("ingest.accept", raw, kind="mail", envelope=said, name="mail")
        self.house.worker.wake()
        outcome = self.call("ingest.outcome", intake_id=accepted["intake_id"], wait_seconds=30)
        assert outcome is not None
        return dict(outcome)

    def show(self, ref: str) -> dict[str, Any]:
        return dict(self.call("tickets.show", ref=ref))

    def queue(self, **changes: Any) -> int:
        fields: dict[str, Any] = {
            "kind": "acknowledgement",
            "to": "ops@acme.example",
            "from_address": "support@example.com",
            "subject": "We have it",
            "text": "Thank you.\n",
            "created_at": NOW,
        }
        number = self.house.store.write(lambda txn: queue(txn, Letter(**(fields | changes))))
        self.house.worker.wake()
        return int(number)

    def item(self, number: int) -> OutboxItem:
        with self.house.store.read() as connection:
            return rows.get(connection, number)

    def until(self, number: int, true: Callable[[OutboxItem], bool], within: float = 20) -> OutboxItem:
        """Wait until it is true of an item, and give the item."""
        seen = [self.item(number)]

        def now() -> bool:
            seen.append(self.item(number))
            return true(seen[-1])

        self.wait(now, within=within, what=f"what is asked of item {number}")
        return seen[-1]

    def until_asked(self, within: float = 20) -> None:
        """Wait until the smarthost holds an answer back."""
        self.wait(self.smarthost.asked.is_set, within=within, what="a mail handed over")

    def wait(self, true: Callable[[], bool], *, within: float = 20, what: str) -> None:
        """Wait until it is true, with a worker that does not wait for the time of anything."""

        def woken() -> bool:
            self.house.worker.wake()
            return true()

        wait_until(woken, within=within, what=what)

    def ended(self, number: int) -> OutboxItem:
        return self.until(number, lambda item: item.state in {"sent", "failed", "suppressed"})


def items(desk: Sending, kind: str) -> list[OutboxItem]:
    """Give what of a kind the outbox holds."""
    with desk.house.store.read() as connection:
        return [each for each in rows.list_(connection) if each.kind == kind]


@pytest.fixture
def smarthost() -> Iterator[Smarthost]:
    with Smarthost().running() as running:
        yield running


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again after a moment, not after half a minute."""
    monkeypatch.setattr(story, "BACKOFF", (0.05,))
    monkeypatch.setattr(story, "PAGE_BACKOFF", (0.05,))
    monkeypatch.setattr(story, "LONGEST_SECONDS", 0.05)


@pytest.fixture
def make_house(tmp_path: Path, smarthost: Smarthost, quick: None) -> Iterator[Callable[..., Sending]]:
    """Make a house with these keys in `outgoing`; working, and closed at the end of the test."""
    with ExitStack() as stack:

        def make(
            *,
            url: str | None = None,
            start: bool = True,
            rules: str = "",
            sections: dict[str, Any] | None = None,
            accounts: dict[str, Any] = ACCOUNTS,
            **outgoing: Any,
        ) -> Sending:
            (tmp_path / "rules.yaml").write_text(rules)
            (tmp_path / "accounts.yaml").write_text(json.dumps(accounts))
            settings = {
                "store": {"url": url or f"sqlite:///{tmp_path}/inboxd.db"},
                "workers": {"mail": 1},
                "dns": {"nameservers": [nowhere()]},
                "smtp": {
                    "listen": "127.0.0.1:0",
                    "hostname": "desk.example.com",
                    "recipients": ["support@example.com", "sales@example.com"],
                },
                "outgoing": {"host": "127.0.0.1", "port": smarthost.port, "tls": "none", **outgoing},
                "staff": [{"name": "engineer-1", "login": "eng1", "addresses": ["engineer-1@example.com"]}],
                "rules": "rules.yaml",
                "accounts": "accounts.yaml",
                **(sections or {}),
            }
            (tmp_path / "inboxd.yaml").write_text(json.dumps(settings))
            read = load(tmp_path / "inboxd.yaml")
            house = House(read, open_store(read, "daemon"), load_policy(read))
            stack.callback(house.close)
            if start:
                house.start()
            return Sending(house, smarthost)

        yield make


@pytest.fixture
def sending(make_house: Callable[..., Sending]) -> Sending:
    return make_house()
