"""From queued to sent, failed or suppressed: a real session with a smarthost that takes, refuses, and breaks off."""

import email
import email.policy
import time
from collections.abc import Callable

import pytest

from inboxd import outbox
from inboxd.errors import InboxdError
from inboxd.preflight import everything
from inboxd.send import story
from store import jobs
from tests.harness.mails import mail
from tests.integration.send.conftest import NOW, Sending, items

MakeHouse = Callable[..., Sending]


def test_an_item_goes_out_from_the_null_sender_and_marked_as_automatic(sending: Sending):
    item = sending.ended(sending.queue(from_name="Acme Support", to_name="Operations, Night"))
    assert (item.state, item.attempts, item.reason) == ("sent", 1, None)
    assert item.sent_at is not None
    (taken,) = sending.smarthost.taken
    assert (taken.sender, taken.recipient) == ("", "ops@acme.example")
    mail = email.message_from_bytes(taken.raw, policy=email.policy.default)
    assert mail["From"] == "Acme Support <support@example.com>"
    assert mail["To"].addresses[0].display_name == "Operations, Night"
    assert mail["Message-ID"] == item.message_id
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-replied", None)
    assert mail.get_content().strip() == "Thank you."


def test_the_brake_is_set_by_the_configuration(make_house: MakeHouse):
    sending = make_house(most_an_hour=100, mode="hold")
    for number in range(100):
        sending.queue(to=f"{number}@acme.example")
    raw = mail(subject="Printer", text="On fire.\n", sender="ops@acme.example", Message_ID="<1@acme.example>")
    sending.mail(raw)
    (receipt,) = (each for each in items(sending, "acknowledgement") if each.to_address == "ops@acme.example")
    assert (receipt.state, str(receipt.reason)[:10]) == ("suppressed", "brake: 100")


def test_what_a_person_wrote_has_a_sender_to_bounce_to_and_no_mark(make_house: MakeHouse):
    sending = make_house(envelope="from")
    sending.ended(sending.queue(kind="reply", automatic=False))
    sending.ended(sending.queue())
    assert [taken.sender for taken in sending.smarthost.taken] == ["support@example.com"] * 2
    marks = [email.message_from_bytes(taken.raw)["Auto-Submitted"] for taken in sending.smarthost.taken]
    assert marks == [None, "auto-replied"]


def test_outgoing_from_goes_before_what_the_letter_says(make_house: MakeHouse):
    sending = make_house(**{"from": "desk@example.com"})
    sending.ended(sending.queue(from_address=None))
    assert b"\r\nFrom: desk@example.com\r\n" in sending.smarthost.taken[0].raw


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_temporary_refusal_is_tried_again_under_the_same_message_id(sending: Sending, command: str):
    sending.smarthost.answer(command, "451 4.3.0 come again", "452 4.2.2 full")
    item = sending.ended(sending.queue())
    assert (item.state, item.attempts) == ("sent", 3)
    (taken,) = sending.smarthost.taken
    assert item.message_id.encode() in taken.raw


@pytest.mark.parametrize(
    ("command", "refusal", "says"),
    [
        ("RCPT", "550 5.1.1 no such user", "does not take ops@acme.example: 550 5.1.1 no such user"),
        ("MAIL", "550 5.7.60 not allowed to send as", "null sender"),
        ("DATA", "554 5.6.0 not wanted", "does not take the mail: 554"),
    ],
)
def test_a_refusal_for_good_fails_and_is_shown(sending: Sending, command: str, refusal: str, says: str):
    sending.smarthost.answer(command, refusal)
    item = sending.ended(sending.queue())
    assert (item.state, item.attempts, sending.smarthost.taken) == ("failed", 1, [])
    assert says in str(item.reason)
    status = sending.call("status")
    assert status["outbox"]["failed"] == 1
    assert any("outbox failed" in problem for problem in status["problems"])
    # Mended, it goes out as it would have.
    sending.call("outbox.retry", number=item.id)
    assert sending.ended(item.id).message_id == item.message_id
    with pytest.raises(InboxdError, match="only what failed"):
        sending.call("outbox.retry", number=item.id)


def test_a_lost_answer_leaves_sending_and_the_second_copy_is_the_same_mail(sending: Sending):
    sending.smarthost.answer("DATA", "taken, then cut", "wait")
    number = sending.queue()
    sending.until_asked()
    assert sending.item(number).state == "sending"
    sending.smarthost.go.set()
    assert sending.ended(number).attempts == 2
    first, second = sending.smarthost.taken
    assert first.raw == second.raw


def test_a_refusal_of_the_second_copy_does_not_say_that_the_first_never_arrived(sending: Sending):
    sending.smarthost.answer("DATA", "taken, then cut", "554 5.7.1 we have that one")
    item = sending.ended(sending.queue())
    assert (item.state, str(item.reason).endswith("An earlier try may have arrived.")) == ("failed", True)


def test_a_line_that_breaks_before_the_mail_was_whole_sends_it_once(sending: Sending):
    sending.smarthost.answer("RCPT", "cut")
    assert sending.ended(sending.queue()).attempts == 2
    assert len(sending.smarthost.taken) == 1


def test_a_burst_goes_through_few_sessions(sending: Sending):
    numbers = [sending.queue(to=f"{number}@acme.example") for number in range(12)]
    assert {sending.ended(number).state for number in numbers} == {"sent"}
    assert len(sending.smarthost.taken) == 12
    assert sending.smarthost.sessions <= 4


def test_while_the_smarthost_is_away_everything_waits_and_then_goes(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("inboxd.send.carrier.CLOSED_SECONDS", 0.05)
    sending = make_house(port=9, start=False)  # discard: nobody listens there
    sending.house.start()
    numbers = [sending.queue(to=f"{number}@acme.example") for number in range(3)]
    items = [sending.until(number, lambda item: item.reason is not None) for number in numbers]
    assert {item.state for item in items} == {"queued"}
    assert "127.0.0.1:9" in str(items[0].reason)
    assert sending.call("status")["outbox"]["oldest"]["id"] == numbers[0]


def test_too_late_is_suppressed_and_a_reply_is_never_too_late(sending: Sending):
    old = NOW - outbox.LATE_AFTER_MS - 1000
    late = [sending.queue(kind=kind, created_at=old) for kind in ("acknowledgement", "confirmation")]
    late.append(sending.queue(kind="page", created_at=old))
    assert {sending.ended(number).state for number in late} == {"suppressed"}
    assert str(sending.item(late[0]).reason).startswith("too late")
    assert sending.ended(sending.queue(kind="reply", automatic=False, created_at=old)).state == "sent"


def test_held_nothing_but_a_page_goes_until_it_is_released(make_house: MakeHouse):
    sending = make_house(mode="hold")
    held = [sending.queue(), sending.queue(kind="reply", automatic=False)]
    page = sending.queue(kind="page", to="engineer-1@example.com")
    assert sending.ended(page).state == "sent"
    for number in held:
        item = sending.until(number, lambda item: item.held_at is not None)
        assert item.state == "queued"
        assert "outbox release" in str(item.reason)
    assert sending.call("status")["outbox"]["held"] == 2
    assert [each["id"] for each in sending.call("outbox.release", numbers=[held[0]])] == [held[0]]
    assert sending.ended(held[0]).state == "sent"
    assert sending.item(held[1]).state == "queued"
    sending.call("outbox.release")
    assert sending.ended(held[1]).state == "sent"
    assert len(sending.smarthost.taken) == 3


def test_after_a_restore_nothing_goes_by_itself(make_house: MakeHouse):
    sending = make_house(start=False)
    numbers = [sending.queue(), sending.queue(kind="reply", automatic=False)]
    sending.house.store.write(lambda txn: outbox.hold_all(txn, "held: this store was restored from a backup", NOW))
    sending.house.start()
    other = sending.queue()
    assert sending.ended(other).state == "sent"
    assert {sending.item(number).state for number in numbers} == {"queued"}
    sending.call("outbox.release")
    assert {sending.ended(number).state for number in numbers} == {"sent"}


def test_what_is_undone_in_time_never_goes(sending: Sending):
    number = sending.queue(kind="reply", automatic=False, send_at=NOW + 3_600_000)
    assert sending.house.store.write(lambda txn: outbox.withdraw(txn, number, "undone"))
    assert sending.item(number).reason == "undone"
    later = sending.queue(kind="reply", automatic=False, send_at=int(time.time() * 1000) + 300)
    assert sending.item(later).state == "queued"
    assert sending.ended(later).state == "sent"


def test_an_item_with_two_jobs_goes_once(sending: Sending):
    sending.smarthost.answer("DATA", "wait")
    number = sending.queue()
    sending.until_asked()
    with pytest.raises(InboxdError, match="under way"):
        sending.call("outbox.retry", number=number)
    sending.house.store.write(lambda txn: jobs.add(txn, kind="send", lane="send", payload={"item": number}))
    sending.house.worker.wake()
    sending.smarthost.go.set()
    assert sending.ended(number).state == "sent"
    assert len(sending.smarthost.taken) == 1


def test_a_mistake_of_ours_is_tried_again_and_never_stops_the_lane(sending: Sending, monkeypatch: pytest.MonkeyPatch):
    from inboxd.send import smarthost

    whole = smarthost.compose
    calls = iter([ValueError("not foreseen")])

    def broken(*arguments, **more):
        for error in calls:
            raise error
        return whole(*arguments, **more)

    monkeypatch.setattr(smarthost, "compose", broken)
    item = sending.ended(sending.queue())
    assert (item.state, item.attempts) == ("sent", 2)


def test_what_has_no_way_out_waits_and_says_so(sending: Sending):
    number = sending.queue(kind="page", to="tel:+15550123", from_address=None)
    item = sending.until(number, lambda item: item.reason is not None)
    assert (item.state, "no section twilio" in str(item.reason)) == ("queued", True)


def test_given_up_after_days_it_failed(sending: Sending, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(story, "GIVE_UP_MS", -1)
    sending.smarthost.answer("RCPT", "450 4.2.1 later")
    item = sending.ended(sending.queue())
    assert item.state == "failed"
    assert str(item.reason).startswith("given up after 1 tries")
    assert "may have arrived" not in str(item.reason)
    # Nobody is told that it did not arrive where that is not known.
    sending.smarthost.answer("DATA", "taken, then cut")
    assert str(sending.ended(sending.queue()).reason).endswith("An earlier try may have arrived.")


def test_a_mail_larger_than_the_server_takes_is_not_even_offered(sending: Sending):
    item = sending.ended(sending.queue(text="x" * 70 + "\n" + "long line\n" * 150_000))
    assert item.state == "failed"
    assert "takes 1,000,000" in str(item.reason)


def test_an_address_beyond_ascii_goes_with_smtputf8(sending: Sending):
    item = sending.ended(sending.queue(to="почта@пример.example", kind="reply", automatic=False))
    assert item.state == "sent"
    (taken,) = sending.smarthost.taken
    assert "SMTPUTF8" in taken.options
    assert "To: почта@пример.example".encode() in taken.raw
    # A domain alone needs nothing: it has a form in ASCII.
    sending.ended(sending.queue(to="ops@пример.example"))
    assert sending.smarthost.taken[1].recipient == "ops@xn--e1afmkfd.example"
    assert "SMTPUTF8" not in sending.smarthost.taken[1].options


def test_a_trial_says_what_the_server_answers_to_each_from_and_to_the_null_sender(sending: Sending):
    sending.smarthost.answer("MAIL", "550 5.7.1 no null sender here", "250 ok", "550 5.7.60 not yours")
    tried = sending.call("outgoing.send-test", to="admin@example.com")
    assert [(each["from_address"], each["sender"], each["taken"]) for each in tried] == [
        ("support@example.com", "", False),
        ("support@example.com", "support@example.com", True),
        ("sales@example.com", "sales@example.com", False),
    ]
    assert "envelope: from" in tried[0]["what"]
    assert "does not let us send as sales@example.com: 550 5.7.60" in tried[2]["what"]
    found = list(everything(sending.house.settings, send_test_to="admin@example.com"))[-3:]
    assert [finding.level for finding in found] == ["ok"] * 3


def set_forward(sending: Sending, monkeypatch: pytest.MonkeyPatch, days: int = 30) -> None:
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + days * 24 * 3600 * 10**9)
    sending.house.start()
    sending.house.worker.wake()


def test_a_clock_that_was_set_forward_makes_nothing_late(make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch):
    sending = make_house(start=False)
    sending.house.clock.begin()
    numbers = [sending.queue(kind=kind) for kind in ("acknowledgement", "confirmation", "page")]
    set_forward(sending, monkeypatch)
    assert [sending.ended(number).state for number in numbers] == ["sent"] * 3
    (said,) = (one for one in sending.call("status")["problems"] if "clock" in one)
    assert said.startswith("This machine's clock was set forward by 30d, and showed 20")


def test_what_is_tried_again_is_not_given_up_because_the_clock_was_set(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch
):
    sending = make_house(start=False)
    sending.house.clock.begin()
    sending.smarthost.answer("MAIL", "451 4.3.0 come again", "451 4.3.0 come again")
    number = sending.queue(kind="reply", automatic=False)
    set_forward(sending, monkeypatch)
    item = sending.ended(number)
    assert (item.state, item.attempts) == ("sent", 3)


def test_what_waits_for_a_person_waits_on_when_the_clock_is_set_forward(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch
):
    sending = make_house(start=False, mode="hold")
    sending.house.clock.begin()
    number = sending.queue()
    set_forward(sending, monkeypatch)
    item = sending.until(number, lambda item: item.held_at is not None)
    with sending.house.store.read() as connection:
        due = jobs.next_due(connection, outbox.MAIL_LANE)
    # A day after its cause, as time passes.
    assert due is not None
    assert 23 * outbox.HOUR_MS < due - time.time_ns() // 1_000_000 < 25 * outbox.HOUR_MS
    assert item.state == "queued"
