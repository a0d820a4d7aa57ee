"""The whole program and a real name server: an honest mail is proven, the same one forged is not; `why` says so."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.harness.desk import Desk, wait_until
from tests.harness.dns import NameServer
from tests.harness.mails import hand_in
from tests.plugins.dns import need_name_server
from tests.trust.world import GOOD_IP, World

SUPPORT = "support@example.com"
ACCOUNTS = """
accounts:
  - id: acme
    name: Acme Widgets
    contacts:
      - {name: Operations, addresses: [ops@acme.example], authorized: true}
"""


@pytest.fixture(scope="module")
def world() -> World:
    return World(number=0, domain="acme.example")


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[NameServer]:
    need_name_server()
    world.zone(dmarc="v=DMARC1; p=reject")
    with NameServer.running(world.records) as running:
        yield running


@pytest.fixture
def trusted(tmp_path: Path, server: NameServer) -> Desk:
    """A desk that knows one customer and asks our name server."""
    changes = {"dns": {"nameservers": [server.address]}, "smtp": {"recipients": [SUPPORT]}, "rules": None}
    desk = Desk.init(tmp_path / "desk", changes)
    (desk.folder / "accounts.yaml").write_text(ACCOUNTS)
    return desk


def test_by_smtp_the_honest_mail_is_proven_and_the_forged_one_has_failed(trusted: Desk, world: World) -> None:
    now = datetime.now(UTC)
    honest = world.sign(world.mail(to=SUPPORT, date=now, subject="Honest"), at=now)
    forged = world.mail(to=SUPPORT, date=now, subject="Forged", head="X-Forged: 1\r\n")
    daemon = trusted.start()
    try:
        hand_in(daemon.ports["smtp"], honest, sender="bounce@evil.test")
        hand_in(daemon.ports["smtp"], forged, sender="ops@acme.example")
        wait_until(lambda: len(trusted.json("tickets", "list")) == 2, within=60, what="both tickets")
        found = {ticket["subject"]: ticket for ticket in trusted.json("tickets", "list")}
        assert found["Honest"]["authentication"]["verdict"] == "authenticated"
        assert found["Forged"]["authentication"]["verdict"] == "failed"
        why = trusted.run("why", found["Honest"]["ref"])
        assert "acme.example signed this mail" in why
        assert "k1._domainkey.acme.example TXT" in why
        assert "says that this mail is not its own" in trusted.run("why", found["Forged"]["ref"])
    finally:
        daemon.stop()


def test_a_file_is_proven_by_the_envelope_that_a_relay_would_give(trusted: Desk, world: World, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(world.mail(to=SUPPORT, date=datetime.now(UTC)))
    envelope = ("--client-ip", GOOD_IP, "--mail-from", "ops@acme.example", "--rcpt-to", SUPPORT)
    (outcome,) = trusted.json("ingest", str(mail), *envelope)
    assert outcome["ticket"]["authentication"]["method"] == "spf"
    mail.write_bytes(world.mail(to=SUPPORT, date=datetime.now(UTC), subject="By nobody"))
    (outcome,) = trusted.json("ingest", str(mail), "--mail-from", "ops@acme.example", "--rcpt-to", SUPPORT)
    told = outcome["ticket"]["authentication"]
    assert (told["verdict"], told["spf"], told["dmarc"]) == ("unverified", None, None)
