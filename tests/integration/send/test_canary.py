"""The desk's mail to itself: what is taken for it and what is not, the alarm, and its end."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from inboxd.canary.watch import Watch
from store import canaries, outbox
from store.errors import StoreUnavailable
from store.outbox import OutboxItem
from tests.harness.mails import mail
from tests.integration.send.conftest import Sending

SUPPORT, SALES = "support@example.com", "sales@example.com"
HOUR = 3_600_000
STAFF = [{"name": "engineer-1", "login": "eng1", "addresses": ["engineer-1@staff.example"], "notify": True}]
ROTA = """
oncall:
  people:
    lead: {webhook: "https://alerts.example.com/page"}
  rota: {turns: [lead], each: week, from: 2026-01-05 08:00}
  escalate: [{page: rota, wait: 5m}]
"""
Make = Callable[..., Sending]


@pytest.fixture
def make_watched(make_house: Make) -> Make:
    """Make a house with a canary; its daemon's schedule does not run, `look` does."""

    def make(*, canary: dict[str, Any] | None = None, **more: Any) -> Sending:
        return make_house(sections={"canary": canary or {}, "staff": STAFF}, **more)

    return make


def look(node: Sending, *, up: float = 10_000) -> None:
    """What the schedule of a daemon calls that has worked for `up` seconds."""
    house = node.house
    wanted = house.settings.canary
    assert wanted is not None
    watch = Watch(house.settings, wanted, house.store, house.policy, wake=house.worker.wake, up_seconds=lambda: up)
    watch.look()


def items(node: Sending, to: str | None = None) -> list[OutboxItem]:
    with node.house.store.read() as connection:
        return [each for each in outbox.list_(connection) if to in (None, each.to_address)]


def known(node: Sending, key: str = SUPPORT) -> canaries.Canary:
    with node.house.store.read() as connection:
        return canaries.of(connection, [key])[key]


def sent_long_ago(node: Sending, hours: int = 2) -> None:
    """Move what is known of both addresses back in time; the next canary is not due."""

    def move(txn: Any) -> None:
        for key, each in canaries.of(txn, [SUPPORT, SALES]).items():
            since = None if each.waiting_since is None else each.waiting_since - hours * HOUR
            canaries.change(txn, key, waiting_since=since)

    node.house.store.write(move)


def came_back(node: Sending, to: str = SUPPORT, **changes: Any) -> dict[str, Any]:
    """Hand in again what the smarthost took for an address."""
    (item,) = items(node, to)
    node.ended(item.id)
    raw = next(each.raw for each in node.smarthost.taken if each.recipient == to)
    for old, new in changes.pop("replaced", ()):
        assert old in raw
        raw = raw.replace(old, new)
    return node.mail(raw, mail_from="", rcpt_tos=[to], **changes)


def problems(node: Sending) -> list[str]:
    return [each for each in node.call("status")["problems"] if "come back" in each or "Canary" in each]


def test_it_goes_to_each_address_once_in_its_time_and_what_comes_back_is_no_ticket(make_watched: Make):
    node = make_watched()
    for _ in range(3):  # three starts
        look(node)
    assert sorted(each.to_address for each in items(node)) == [SALES, SUPPORT]
    assert {each.kind for each in items(node)} == {"notice"}
    got = came_back(node)
    assert got["status"] == "ignored"
    assert got["reason"].startswith("The canary to support@example.com came back after ")
    assert known(node).waiting_since is None
    assert known(node, SALES).waiting_since is not None
    assert node.call("tickets.list") == []
    (support, _) = node.call("status")["canary"]["addresses"]
    assert support["came_back_at"] is not None
    assert support["silent_since"] is None
    raw = next(each.raw for each in node.smarthost.taken if each.recipient == SUPPORT)
    assert b"Auto-Submitted: auto-generated" in raw


def test_the_next_one_goes_when_its_time_has_come_though_the_clock_was_set_back(make_watched: Make):
    node = make_watched()
    look(node)
    node.house.store.write(lambda txn: canaries.change(txn, SUPPORT, next_at=canaries.now(txn) + 24 * HOUR))
    look(node)
    assert len(items(node, SUPPORT)) == 2
    assert len(items(node, SALES)) == 1


def test_a_node_that_asked_for_the_time_a_moment_before_sends_no_second_one(
    make_watched: Make, monkeypatch: pytest.MonkeyPatch
):
    node = make_watched()
    look(node)
    now = canaries.now
    monkeypatch.setattr(canaries, "now", lambda txn: now(txn) - 5000)
    look(node)
    assert len(items(node)) == 2


def test_what_only_looks_like_a_canary_is_a_mail_like_any_other(make_watched: Make):
    node = make_watched()
    look(node)
    (item,) = items(node, SUPPORT)
    token = item.text.split("Canary ")[1].split()[0]
    at, _, signature = token.partition(".")
    wrong = "a" * len(signature)
    forged = [
        # Our Message-ID, and a signature that does not hold, or none.
        mail("inboxd writes to itself", f"Canary {at}.{wrong}\n", Message_ID=item.message_id),
        mail("A real question", "Why is it so slow?\n", Message_ID=item.message_id),
        # The signature, and a Message-ID of their own; or one in the form of ours that we never gave.
        mail("inboxd writes to itself", item.text),
        mail("inboxd writes to itself", item.text + "\nx\n", Message_ID=f"<inboxd.{'0' * 32}@example.com>"),
    ]
    for raw in forged:
        assert node.mail(raw)["status"] == "filed"
    # That of another address, under the Message-ID of this one.
    other = items(node, SALES)[0].text
    assert node.mail(mail("to itself", other, Message_ID=item.message_id))["status"] == "filed"
    assert known(node).waiting_since is not None
    assert came_back(node)["status"] == "ignored"
    assert known(node).waiting_since is None


def test_one_that_comes_by_another_way_says_nothing_of_its_own(make_watched: Make):
    node = make_watched()
    look(node)
    got = came_back(node, mailbox="elsewhere")
    assert (got["status"], got["reason"]) == ("ignored", f"The canary to {SUPPORT} came by another way than its own.")
    assert known(node).waiting_since is not None


def test_the_copy_among_the_mails_that_were_sent_has_not_come_back(make_house: Make, tmp_path: Path):
    (tmp_path / "password").write_text("not-a-secret")
    box = {
        "name": "box", "host": "127.0.0.1", "tls": "none", "user": "box", "password_file": str(tmp_path / "password"),
        "address": SUPPORT, "folders": ["INBOX"], "sent": "Sent",
    }  # fmt: skip
    node = make_house(sections={"canary": {}, "imap": [box], "smtp": None})
    look(node)
    place = {"mailbox": "box", "uidvalidity": 1}
    assert "another way" in came_back(node, **place, folder="Sent", uid=1)["reason"]
    assert known(node).waiting_since is not None
    assert "came back after" in came_back(node, **place, folder="INBOX", uid=2)["reason"]
    assert known(node).waiting_since is None


def test_a_store_that_is_away_is_said_once(make_watched: Make):
    node = make_watched()
    house = node.house
    assert house.canary is not None
    with capture_logs() as said, pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(house.store), "read", _away)
        house.canary.look()
        house.canary.look()
    assert [each["event"] for each in said] == ["canary_waits"]
    house.canary.look()
    assert len(items(node)) == 2


def _away(_store: Any) -> Any:
    raise StoreUnavailable("the server is away")


def test_rules_do_not_hold_it(make_watched: Make):
    node = make_watched(rules="decide:\n  hold:\n    - {rule: hold, then: {quarantine: look at it}}\n")
    look(node)
    assert came_back(node)["status"] == "ignored"
    assert node.mail(mail())["status"] == "quarantined"


def test_silence_is_told_once_and_ends_when_one_comes_back(make_watched: Make):
    node = make_watched()
    look(node)
    sent_long_ago(node)
    look(node, up=1)  # what came in while nobody was here is not read yet
    assert items(node, "engineer-1@staff.example") == []
    look(node)
    look(node)
    told = [each.subject for each in items(node, "engineer-1@staff.example")]
    assert told == [f"Mail to {SALES} does not come back", f"Mail to {SUPPORT} does not come back"]
    assert len(problems(node)) == 2
    assert [each for each in items(node) if each.kind == "page"] == []
    came_back(node)
    assert [each.subject for each in items(node, "engineer-1@staff.example")][2:] == [
        f"Mail to {SUPPORT} comes back again"
    ]
    assert len(problems(node)) == 1
    came_back(node, replaced=[(b"inboxd writes to itself", b"Fwd: inboxd writes to itself")])
    assert len(items(node, "engineer-1@staff.example")) == 3


def test_a_marked_address_and_a_full_hour_do_not_stop_it(make_watched: Make):
    node = make_watched()
    for _ in range(20):
        node.queue(to=SUPPORT)
    assert node.item(node.queue(to=SUPPORT)).state == "suppressed"
    look(node)
    assert {each.state for each in items(node, SALES)} <= {"queued", "sending", "sent"}
    assert items(node, SUPPORT)[-1].state != "suppressed"


def test_somebody_is_paged_where_the_configuration_names_somebody(make_watched: Make):
    node = make_watched(canary={"page": "lead"}, rules=ROTA)
    look(node)
    sent_long_ago(node)
    look(node)
    paged = [each for each in items(node) if each.kind == "page"]
    assert {each.to_address for each in paged} == {"https://alerts.example.com/page"}
    assert len(paged) == 2


def test_nothing_goes_while_mail_is_held_and_status_says_so(make_watched: Make):
    node = make_watched(mode="hold")
    look(node)
    assert items(node) == []
    assert problems(node) == [
        "Canary: outgoing.mode is hold, so no canary is sent and nobody knows whether mail comes back."
    ]


def test_two_nodes_send_one_and_raise_one_alarm(make_watched: Make, postgres_url: str):
    nodes = [make_watched(url=postgres_url, start=False) for _ in range(2)]

    def both() -> None:
        together = threading.Barrier(2)

        def at_once(node: Sending) -> None:
            together.wait()
            look(node)

        threads = [threading.Thread(target=at_once, args=(node,)) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    both()
    assert sorted(each.to_address for each in items(nodes[0])) == [SALES, SUPPORT]
    sent_long_ago(nodes[0])
    both()
    assert len(items(nodes[0], "engineer-1@staff.example")) == 2
