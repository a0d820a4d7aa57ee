"""The whole handshake of a caller: a call, a question to the address on file, an answer by SMTP that is proven."""

import re
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.harness.desk import Desk, wait_until
from tests.harness.dns import NameServer
from tests.harness.mails import hand_in
from tests.plugins.dns import need_name_server
from tests.trust.world import World

SUPPORT = "support@example.com"
ACCOUNTS = """
accounts:
  - id: acme
    name: Acme Widgets
    contacts:
      - {name: Operations, addresses: [ops@acme.example], numbers: [+15550101], authorized: true, role: primary}
"""
RULES = """
actions:
  discuss: {}
  credentials: {needs: {proof: authenticated, contact.authorized: true}, else: Needs a proven mail of yours.}
decide:
  answer: [{rule: prove-it, when: {channel: voicemail}, then: {confirm: true}}]
"""


@pytest.fixture(scope="module")
def world() -> World:
    return World(number=0, domain="acme.example")


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[NameServer]:
    need_name_server()
    world.zone(dmarc="v=DMARC1; p=none")
    with NameServer.running(world.records) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, server: NameServer) -> Desk:
    desk = Desk.init(tmp_path / "desk", {"dns": {"nameservers": [server.address]}, "smtp": {"recipients": [SUPPORT]}})
    (desk.folder / "accounts.yaml").write_text(ACCOUNTS)
    (desk.folder / "rules.yaml").write_text(RULES)
    return desk


def recording(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    return path


def answer(world: World, number: int, asked: dict[str, Any], *, signed: bool) -> bytes:
    """Write a reply as a mail program does: with the question quoted below, and its Message-ID in the header."""
    now = datetime.now(UTC)
    quoted = "".join(f"> {line}\r\n" for line in asked["text"].splitlines())
    raw = World(number=number, domain="acme.example").mail(
        to=SUPPORT, date=now, subject=f"Re: {asked['subject']}",
        body=f"Yes, that was me.\r\n\r\nSupport wrote:\r\n{quoted}",
        tail=f"In-Reply-To: {asked['message_id']}\r\nReferences: {asked['message_id']}\r\n",
    )  # fmt: skip
    return world.sign(raw, at=now) if signed else raw


def test_a_caller_is_believed_when_the_address_on_file_has_answered_and_why_tells_each_step(
    desk: Desk, world: World, tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_text("Please reset the password of our control panel. It is Rose-Garden-7.\n")
    call = ("--caller", "+15550101", "--called", "+15550190", "--transcript", str(tmp_path / "words.txt"))
    daemon = desk.start()
    try:
        (filed,) = desk.json("ingest", str(recording(tmp_path / "call.wav")), *call)
        ref = filed["ticket"]["ref"]
        assert filed["ticket"]["actions_allowed"] == ["discuss"]
        (asked,) = desk.json("outbox", "list")
        assert (asked["kind"], asked["to"], asked["from"], asked["ticket"]) == (
            "confirmation", "ops@acme.example", SUPPORT, ref,
        )  # fmt: skip
        assert "Rose-Garden" not in asked["text"] + asked["subject"]
        assert not re.search(r"https?:|www\.", asked["text"])

        hand_in(daemon.ports["smtp"], answer(world, 1, asked, signed=False), sender="bounce@evil.test")
        wait_until(lambda: len(ticket(desk, ref)["entries"]) == 2, within=60, what="the unproven answer")
        assert ticket(desk, ref)["actions_allowed"] == ["discuss"]

        hand_in(daemon.ports["smtp"], answer(world, 2, asked, signed=True), sender="bounce@evil.test")
        wait_until(lambda: len(ticket(desk, ref)["entries"]) == 3, within=60, what="the proven answer")
        shown = ticket(desk, ref)
        assert shown["actions_allowed"] == ["discuss", "credentials"]
        assert shown["actions_blocked_because"] is None
        assert [each["kind"] for each in shown["entries"]] == ["voicemail", "email", "confirmation"]

        told = desk.run("why", ref)
        for step in (
            "A caller ID is claimed by the caller's network and proves nothing",
            "Not allowed: credentials. Needs a proven mail of yours.",
            "Was it really them? A proven reply from the address on file confirms; nothing else does.",
            "asked ops@acme.example about credentials",
            "not confirmed (An answer from ops@acme.example is not proven.",
            "confirmed by ops@acme.example",
            "is proven by dkim",
        ):
            assert step in told
    finally:
        daemon.stop()


def ticket(desk: Desk, ref: str) -> dict[str, Any]:
    (shown,) = desk.json("tickets", "show", ref)
    return shown
