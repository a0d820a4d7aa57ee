"""Mail that was fetched from a mailbox, on its way to a ticket."""

import base64

from inboxd.intake.door import Arrival, Intake, new_queue_id, now_ms
from inboxd.intake.envelope import Envelope
from tests.harness.mails import mail


def door(desk) -> Intake:
    desk.mail(mail("to have the store opened for writing"))
    return next(house.intake for house in desk.backend.houses())


def pull(desk, raws, **envelope):
    """Hand in fetched mails in one transaction; those of `kept` are new to the ledger."""
    intake = door(desk)
    arrivals = {
        uid: Arrival(
            queue_id=new_queue_id(),
            envelope=Envelope(mailbox="support", folder="INBOX", uidvalidity=7, uid=uid, **envelope),
            body=raw,
            received_at=now_ms(),
        )
        for uid, raw in enumerate(raws, start=1)
    }
    kept = intake.submit_many(arrivals, lambda txn: set(arrivals) - {3}).result(30)
    intake.announce(arrivals[uid].queue_id for uid in kept)
    return {uid: arrival.queue_id for uid, arrival in arrivals.items()}, kept


def outcome(desk, queue_id):
    return desk.call("ingest.outcome", intake_id=queue_id, wait_seconds=30)


def test_what_the_ledger_does_not_name_is_not_kept(desk):
    ids, kept = pull(desk, [mail("one"), mail("two"), mail("three")])
    assert kept == {1, 2}
    assert [outcome(desk, ids[uid])["status"] for uid in (1, 2)] == ["filed", "filed"]
    assert ids[3] not in {row["id"] for row in desk.call("intake.list")}
    assert desk.show(outcome(desk, ids[1]))["source"] == "support"


def test_a_large_one_is_a_blob_and_a_small_one_stands_in_its_row(desk):
    large = mail("large", ("x" * 70 + "\n") * 5000)
    ids, _ = pull(desk, [mail("small"), large])
    assert outcome(desk, ids[2])["status"] == "filed"
    assert base64.b64decode(desk.call("intake.raw", id=ids[2])["data"]) == large


def test_the_ticket_of_a_beginning_says_where_the_whole_lies(desk):
    raw = mail("large")
    ids, _ = pull(desk, [raw], whole_size=62_914_560)
    events = desk.show(outcome(desk, ids[1]))["events"]
    (said,) = [event["why"] for event in events if event["what"] == "fetched in part"]
    assert f"first {len(raw)} of 62,914,560 bytes" in said
    assert "folder INBOX, UID 1" in said
