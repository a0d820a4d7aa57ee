"""Proof through the whole pipeline: the verdict on the ticket, the later look, and what no forgery can spoil."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from inboxd.mail_story.authenticate_again import KIND, SECONDS_BETWEEN
from inboxd.resolver import Resolver
from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
from store.schema import jobs
from tests.harness.desk import wait_until
from tests.harness.dns import NameServer, Silence, free_port
from tests.integration.pipeline.conftest import ACCOUNTS, InProcessDesk
from tests.plugins.dns import need_name_server
from tests.trust.world import EVIL_IP, GOOD_IP, World

RULES = """
actions:
  credentials: {needs: {proof: authenticated, contact.authorized: true}, else: Needs a proven mail.}
"""
DESK = "support@example.com"


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    need_name_server()
    world = World(number=0, domain="acme.example")
    world.zone(dmarc="v=DMARC1; p=reject")
    with NameServer.running(world.records) as running:
        yield running


@pytest.fixture
def desk_with(tmp_path: Path, server: NameServer) -> Iterator[Callable[..., InProcessDesk]]:
    """Make a desk with given name servers; closed at the end of the test."""
    opened = []

    def make(nameserver: str | None = None, **more: Any) -> InProcessDesk:
        (tmp_path / "rules.yaml").write_text(RULES)
        (tmp_path / "accounts.yaml").write_text(json.dumps(ACCOUNTS))
        settings = {
            "store": {"url": f"sqlite:///{tmp_path}/inboxd.db"},
            "workers": {"mail": 1},
            "smtp": {"recipients": [DESK]},
            "dns": {"nameservers": [nameserver or server.address]},
            "rules": "rules.yaml",
            "accounts": "accounts.yaml",
            **more,
        }
        (tmp_path / "inboxd.yaml").write_text(json.dumps(settings))
        context = open_backend(load(tmp_path / "inboxd.yaml"), actor="engineer")
        opened.append(context)
        return InProcessDesk(context.__enter__(), tmp_path)

    yield make
    for context in reversed(opened):
        context.__exit__(None, None, None)


def signed(**more: Any) -> bytes:
    now = datetime.now(UTC)
    world = World(number=0, domain="acme.example")
    return world.sign(world.mail(to=DESK, date=now, **more), at=now)


def unsigned(**more: Any) -> bytes:
    return World(number=0, domain="acme.example").mail(to=DESK, date=datetime.now(UTC), **more)


def deliver(desk: InProcessDesk, raw: bytes, **envelope: Any) -> dict[str, Any]:
    said = {"mail_from": "bounce@evil.test", "client_ip": EVIL_IP, "helo": "x", "rcpt_tos": [DESK], **envelope}
    accepted = desk.call("ingest.accept", raw, kind="mail", envelope=said, name="mail")
    return desk._through(accepted, 60)


def test_an_honest_mail_is_proven_and_allows_what_the_rules_say(desk_with) -> None:
    desk = desk_with()
    ticket = deliver(desk, signed())["ticket"]
    assert ticket["authentication"]["verdict"] == "authenticated"
    assert ticket["authentication"]["method"] == "dkim"
    assert ticket["actions_allowed"] == ["credentials"]
    text = desk.call("why", ref=ticket["ref"])["text"]
    assert 'k1._domainkey.acme.example TXT "v=DKIM1' in text
    assert '_dmarc.acme.example TXT "v=DMARC1; p=reject"' in text


def test_a_forgery_that_the_domain_disowns_has_failed(desk_with) -> None:
    ticket = deliver(desk_with(), unsigned())["ticket"]
    assert ticket["authentication"]["verdict"] == "failed"
    assert "not its own" in ticket["authentication"]["reason"]
    assert ticket["actions_allowed"] == []


def test_spf_proves_as_over_smtp_and_a_pulled_mail_never_by_it(desk_with) -> None:
    desk = desk_with()
    envelope = {"mail_from": "ops@acme.example", "client_ip": GOOD_IP}
    proven = deliver(desk, unsigned(subject="One"), **envelope)["ticket"]
    assert proven["authentication"]["method"] == "spf"
    pulled = deliver(desk, unsigned(subject="Two"), **envelope, mailbox="support", rcpt_tos=[])["ticket"]
    assert (pulled["authentication"]["verdict"], pulled["authentication"]["spf"]) == ("unverified", None)


def test_why_explains_a_file_that_is_not_filed(desk_with) -> None:
    desk = desk_with()
    deliver(desk, unsigned(subject="so that there is a store"))
    answer = desk.call("why.message", signed(), envelope={"rcpt_tos": [DESK]}, kind="mail", name="a.eml")
    assert "Proof: authenticated" in answer["text"]
    assert len(desk.call("intake.list")) == 1


def test_a_forged_first_copy_does_not_keep_the_real_one_from_counting(desk_with) -> None:
    desk = desk_with()
    real = signed()
    forged = real[real.index(b"From: ") :]
    first = deliver(desk, forged)
    assert first["ticket"]["authentication"]["verdict"] == "failed"
    second = deliver(desk, real)
    assert second["status"] == "duplicate"
    ticket = desk.show(first)
    assert ticket["authentication"]["verdict"] == "authenticated"
    assert [entry["authentication"]["verdict"] for entry in ticket["entries"]] == ["authenticated"]
    assert ticket["actions_allowed"] == ["credentials"]
    assert "proven" in [event["what"] for event in ticket["events"]]


def test_a_second_copy_without_proof_takes_nothing_away(desk_with) -> None:
    desk = desk_with()
    real = signed()
    first = deliver(desk, real)
    assert deliver(desk, real[real.index(b"From: ") :])["status"] == "duplicate"
    ticket = desk.show(first)
    assert ticket["authentication"]["verdict"] == "authenticated"
    assert ticket["actions_allowed"] == ["credentials"]


def test_an_unproven_entry_takes_actions_away_until_the_next_proven_one(desk_with) -> None:
    desk = desk_with()
    first = deliver(desk, signed())
    ref = first["ticket"]["ref"]
    deliver(desk, unsigned(subject=f"Re: [#{ref}]", body="And this.\r\n"), client_ip=None)
    assert desk.show(first)["actions_allowed"] == []
    said = [(each["what"], each["why"]) for each in desk.show(first)["events"]]
    assert said[-1] == ("not allowed any more: credentials", "The mail that joined is not proven (unverified).")
    opening, joining = desk.call("why", ref=ref)["text"].split("A mail came in")[1:]
    assert ("It joined: queue" in opening, "It joined: queue" in joining) == (False, True)
    deliver(desk, signed(subject=f"Re: [#{ref}]", body="Really.\r\n"))
    assert len(desk.show(first)["entries"]) == 3
    assert desk.show(first)["actions_allowed"] == ["credentials"]
    given = [(each["what"], each["why"]) for each in desk.show(first)["events"]][-1]
    assert given == ("allowed credentials", "The mail that joined is proven, of somebody authorised.")


def make_due(desk: InProcessDesk) -> int:
    """Bring the time of the waiting looks: their due time is now. Return how many there are."""
    house = desk.backend.houses()[0]
    statement = sa.update(jobs).where(jobs.c.kind == KIND, jobs.c.state == "ready").values(due_at=1)
    count = house.store.write(lambda txn: txn.execute(statement).rowcount)
    # A worker of a command is confined to its own mails; the one of a daemon is not.
    house.worker._only = None
    house.worker.wake()
    return count


def waiting(desk: InProcessDesk) -> list[dict[str, Any]]:
    with desk.backend.houses()[0].store.read() as connection:
        rows = connection.execute(sa.select(jobs).where(jobs.c.kind == KIND).order_by(jobs.c.id)).mappings()
        return [dict(row) for row in rows]


def test_while_the_dns_is_away_a_mail_is_filed_at_once_and_proven_later(desk_with, server: NameServer) -> None:
    port = free_port()
    desk = desk_with(f"127.0.0.1:{port}")
    first = deliver(desk, signed())
    ticket = first["ticket"]
    assert (ticket["authentication"]["verdict"], ticket["authentication"]["dkim"]) == ("unverified", "temperror")
    assert "looked at again" in ticket["authentication"]["reason"]
    # Not the waiting for what it remembers of its trouble: that is the resolver's own test.
    desk.backend.houses()[0].checker._resolver = Resolver([("127.0.0.1", server.port)])
    assert make_due(desk) == 1
    wait_until(lambda: waiting(desk)[-1]["state"] == "done", within=60, what="the later look")
    ticket = desk.show(first)
    assert ticket["authentication"]["verdict"] == "authenticated"
    assert ticket["entries"][0]["authentication"]["verdict"] == "authenticated"
    assert ticket["actions_allowed"] == ["credentials"]
    assert [event["what"] for event in ticket["events"]] == ["opened", "proven"]
    assert "The proof was looked for again" in desk.call("why", ref=ticket["ref"])["text"]


def test_each_later_look_waits_longer_and_the_last_one_says_so(desk_with, silence: Silence) -> None:
    desk = desk_with(silence.address)
    first = deliver(desk, signed())
    for look in range(1, len(SECONDS_BETWEEN) + 1):
        assert len(waiting(desk)) == look
        make_due(desk)
        wait_until(lambda look=look: waiting(desk)[look - 1]["state"] == "done", within=60, what=f"look {look}")
    assert [each["state"] for each in waiting(desk)] == ["done"] * len(SECONDS_BETWEEN)
    delays = [each["payload"]["looks"] for each in waiting(desk)]
    assert delays == list(range(1, len(SECONDS_BETWEEN) + 1))
    ticket = desk.show(first)
    assert ticket["authentication"]["verdict"] == "unverified"
    assert "looked at again" not in ticket["authentication"]["reason"]
    assert ticket["events"][-1]["why"].startswith("Looked at again for the last time")


def test_a_stranger_is_not_looked_at_again(desk_with, silence: Silence) -> None:
    desk = desk_with(silence.address)
    world = World(number=0, domain="stranger.example")
    deliver(desk, world.sign(world.mail(to=DESK)))
    assert waiting(desk) == []


def test_a_mail_whose_signatures_kill_their_checker_is_filed_unproven(desk_with, monkeypatch) -> None:
    from inboxd import worker_process

    def dies(*_: object) -> None:
        raise worker_process.WorkerDied("was ended by signal 9")

    desk = desk_with()
    deliver(desk, unsigned(subject="to open the house"))
    monkeypatch.setattr(desk.backend.houses()[0].checker, "_verify", dies)
    ticket = deliver(desk, signed())["ticket"]
    assert (ticket["authentication"]["verdict"], ticket["authentication"]["dkim"]) == ("unverified", "permerror")


def test_old_mail_asks_the_dns_nothing(desk_with) -> None:
    with closing(Silence()) as silent:
        desk = desk_with(silent.address)
        ticket = deliver(desk, signed(), history=True)["ticket"]
        assert ticket["authentication"]["verdict"] == "unverified"
        assert silent.heard() == 0


@pytest.mark.parametrize(("days", "verdict"), [(0, "authenticated"), (8, "unverified")])
def test_a_mail_is_judged_by_when_it_came_and_not_by_when_it_is_looked_at(desk_with, days: int, verdict: str) -> None:
    desk = desk_with()
    deliver(desk, unsigned(subject="so that there is a store"))
    sent = datetime.now(UTC) - timedelta(days=30)
    world = World(number=0, domain="acme.example")
    expires = ("x", str(int((sent + timedelta(days=10)).timestamp())))
    raw = world.sign(world.mail(to=DESK, date=sent), at=sent, more=[expires])
    at = (sent + timedelta(days=days, minutes=1)).isoformat()
    answer = desk.call("why.message", raw, envelope={"rcpt_tos": [DESK]}, kind="mail", name="x", received_at=at)
    assert f"Proof: {verdict}" in answer["text"]


@pytest.mark.parametrize("how", ["signed", "unsigned", "changed"])
def test_a_phone_systems_mail_from_nowhere_in_particular_is_a_call_only_where_it_is_proven(
    desk_with: Callable[..., InProcessDesk], how: str
) -> None:
    # A hosted phone system has no machine of its own to name: its signature says who sent it.
    desk = desk_with(voicemail_mail=[{"from": "ops@acme.example", "line": "+15550190"}])
    world, now = World(number=0, domain="acme.example"), datetime.now(UTC)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = "ops@acme.example", DESK, format_datetime(now)
    mail["Subject"], mail["Message-ID"] = "New voicemail from (952) 555-0142 at 3:18 PM", "<1@acme.example>"
    mail.set_content("Play it.\n")
    mail.add_attachment(b"RIFF" + bytes(400), maintype="audio", subtype="x-wav", filename="voicemail.wav")
    raw = mail.as_bytes(policy=SMTP)
    if how != "unsigned":
        raw = world.sign(raw, at=now)
    if how == "changed":
        raw = raw.replace(b"555-0142", b"555-0143")
    ticket = desk.show(deliver(desk, raw))
    assert ticket["channel"] == ("voicemail" if how == "signed" else "email")
    assert ticket["requester"]["phone"] == ("+19525550142" if how == "signed" else None)
