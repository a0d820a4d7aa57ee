"""Importing on both databases: each mail once, an answer behind what it answers, and a sum that adds up."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from inboxd.cli.import_feed import UNDER_WAY, Feed
from inboxd.cli.import_plan import Plan
from inboxd.errors import TryLater
from inboxd.intake.envelope import Envelope
from tests.harness.mails import mail

LINE = b"From ops@acme.example Tue Mar 12 10:00:00 2019\n"


def dated(day: int, minute: int, **headers: str) -> bytes:
    raw = mail(sender="ops@acme.example", **headers)
    return raw.replace(b"Tue, 13 Jan 2026 16:00:00", b"Tue, %02d Mar 2019 10:%02d:00" % (day, minute))


def box(path, mails):
    path.write_bytes(b"".join(LINE + each + b"\n" for each in mails))
    return path


def bring(backend, *paths, whole=True, history=True, **options) -> Iterator[dict[str, Any]]:
    plan = Plan()
    for path in paths:
        plan.look(path, call=False, seen=lambda: None)
    return Feed(backend, Envelope(history=history), received_at=None, whole=whole, **options).results(plan)


def rows(desk):
    return desk.call("intake.list")


def test_each_mail_has_its_result_and_a_second_run_adds_nothing(desk):
    path = box(desk.folder / "box", [dated(1, each, Message_ID=f"<{each}@acme.example>") for each in range(10)])
    first = {each["path"]: each for each in bring(desk.backend, path)}
    assert {each["status"] for each in first.values()} == {"filed"}
    assert {each["ticket"]["status"] for each in first.values()} == {"closed"}
    assert sorted(first) == sorted(f"{path}#{number}" for number in range(1, 11))
    before = rows(desk)
    for each in bring(desk.backend, path):
        one = first[each["path"]]
        assert each["status"] == "duplicate"
        assert (each["intake_id"], each["ticket"]["ref"]) == (one["intake_id"], one["ticket"]["ref"])
        assert f"Imported before as {one['intake_id']}: filed." in each["reason"]
    assert rows(desk) == before


def test_an_answer_finds_what_it_answers_wherever_the_two_lie(desk):
    # Sent mail before received mail, newest first, and all of it within what is under way at the same time.
    thread = [
        dated(1, each, Message_ID=f"<{each}@acme.example>", In_Reply_To=f"<{each - 1}@acme.example>")
        for each in range(1, 40)
    ]
    received = box(desk.folder / "received", [*thread[1::2][::-1], dated(1, 0, Message_ID="<0@acme.example>")])
    sent = box(desk.folder / "sent", thread[0::2][::-1])
    found = list(bring(desk.backend, sent, received))
    assert Counter(each["status"] for each in found) == {"filed": 1, "threaded": 39}
    assert len({each["ticket"]["ref"] for each in found}) == 1
    assert len(desk.show(found[0])["entries"]) == 40


def test_the_same_mail_twice_in_a_mailbox_is_one_ticket_and_one_duplicate(desk):
    twin = dated(1, 0)
    found = list(bring(desk.backend, box(desk.folder / "box", [twin, dated(1, 1), twin, b"X-Spam: no\n" + twin])))
    assert Counter(each["status"] for each in found) == {"filed": 2, "duplicate": 2}
    # Same bytes are one row; the copy with another trace header is its own, and a duplicate by its fingerprint.
    assert len(rows(desk)) == 3


def test_more_than_may_be_under_way_and_more_than_one_batch_holds(desk):
    large = "A line of quite ordinary length, over and over again.\n" * 8_000
    mails = [dated(1, each % 60, Message_ID=f"<{each}@acme.example>") for each in range(UNDER_WAY + 30)]
    mails += [mail(text=f"{each}\n{large}", Message_ID=f"<large{each}@acme.example>") for each in range(4)]
    found = list(bring(desk.backend, box(desk.folder / "box", mails), whole=False))
    assert Counter(each["status"] for each in found) == {"filed": len(mails)}
    assert all(set(each["ticket"]) == {"ref"} for each in found)


def test_two_imports_of_the_same_mailbox_at_once_file_each_mail_once(desk):
    path = box(desk.folder / "box", [dated(1, each, Message_ID=f"<{each}@acme.example>") for each in range(60)])
    found: list[list[dict[str, Any]]] = [[], []]
    desk.mail(mail())
    # Both through one open store, as two commands beside a daemon are.
    both = [threading.Thread(target=lambda into=into: into.extend(bring(desk.backend, path))) for into in found]
    for each in both:
        each.start()
    for each in both:
        each.join(120)
    assert [len(each) for each in found] == [60, 60]
    assert len(rows(desk)) == 61
    assert len({each["ticket"]["ref"] for each in found[0] + found[1]}) == 60


class _Early:
    """A backend that answers as it would have a moment before: nothing of what was handed in is through."""

    def __init__(self, backend) -> None:
        self.backend = backend

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        answer = self.backend.call(operation, arguments, payload)
        return [{**each, "ended": False} for each in answer] if operation == "import.take" else answer


def test_of_two_imports_at_once_the_second_calls_duplicates_what_the_first_has_under_way(desk):
    path = box(desk.folder / "box", [dated(1, each, Message_ID=f"<{each}@acme.example>") for each in range(3)])
    first, second = bring(desk.backend, path), bring(_Early(desk.backend), path)
    filed = {each["path"]: each for each in first}
    assert {each["status"] for each in filed.values()} == {"filed"}
    for each in second:
        one = filed[each["path"]]
        assert (each["status"], each["intake_id"]) == ("duplicate", one["intake_id"])
        assert each["reason"] == f"Imported before as {one['intake_id']}: filed."


def test_what_an_import_that_was_ended_had_handed_in_is_filed_by_the_next(desk):
    path = box(desk.folder / "box", [dated(1, each, Message_ID=f"<{each}@acme.example>") for each in range(3)])
    list(bring(desk.backend, path))
    assert Counter(each["status"] for each in bring(_Early(desk.backend), path)) == {"filed": 3}


class _Shaky:
    """A backend that goes away after some calls: before they are done, and after, when nobody hears the answer."""

    def __init__(self, backend, *, gone: set[int]) -> None:
        self.backend, self.gone, self.calls = backend, gone, 0

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        self.calls += 1
        if self.calls in self.gone and self.calls % 2:
            raise TryLater("gone before")
        answer = self.backend.call(operation, arguments, payload)
        if self.calls in self.gone:
            raise TryLater("gone behind")
        return answer


def test_a_daemon_that_goes_away_and_comes_back_is_waited_for_and_the_sum_is_right(desk):
    path = box(desk.folder / "box", [dated(1, each, Message_ID=f"<{each}@acme.example>") for each in range(40)])
    shaky = _Shaky(desk.backend, gone={1, 3, 4, 6, 8, 9})
    found = list(bring(shaky, path))
    assert shaky.calls >= 5  # three of the first four meet nobody
    assert Counter(each["status"] for each in found) == {"filed": 40}
    assert len(rows(desk)) == 40


def test_a_daemon_that_stays_away_ends_the_import_with_what_to_do(desk):
    path = box(desk.folder / "box", [dated(1, 0)])
    away = _Shaky(desk.backend, gone=set(range(2, 1000)))
    with pytest.raises(TryLater, match="give the same command again: nothing is filed twice"):
        list(bring(away, path, patience_seconds=0.1))
    (again,) = bring(desk.backend, path)
    # Filed by now, or still under way when it was brought again.
    assert again["status"] in ("duplicate", "filed")
    assert len(rows(desk)) == 1


def test_what_was_held_is_answered_as_it_was_held(make_desk):
    desk = make_desk("decide:\n  hold:\n    - {rule: auto, when: {auto-reply: true}, then: {quarantine: a program}}\n")
    path = box(desk.folder / "box", [dated(1, 0, Auto_Submitted="auto-replied")])
    (one,) = bring(desk.backend, path)
    (two,) = bring(desk.backend, path)
    assert (one["status"], one["ticket"]) == ("quarantined", None)
    assert (two["status"], two["intake_id"], two["ticket"]) == ("duplicate", one["intake_id"], None)
    assert "quarantined" in two["reason"]


def test_a_recording_is_imported_once_and_the_same_sound_of_another_time_is_another_call(desk):
    for name, when in (("a.wav", 1_500_000_000), ("b.wav", 1_500_000_100)):
        (desk.folder / name).write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
        os.utime(desk.folder / name, (when, when))
    paths = [desk.folder / "a.wav", desk.folder / "b.wav"]
    found = list(bring(desk.backend, *paths))
    assert [each["status"] for each in found] == ["filed", "filed"]
    assert sorted(each["ticket"]["created_at"] for each in found) == ["2017-07-14T02:40:00Z", "2017-07-14T02:41:40Z"]
    assert {each["status"] for each in bring(desk.backend, *paths)} == {"duplicate"}
    assert len(rows(desk)) == 2


def test_as_new_is_received_now_and_open(desk):
    (one,) = bring(desk.backend, box(desk.folder / "box", [dated(1, 0)]), history=False)
    assert one["ticket"]["status"] == "open"
    assert one["ticket"]["created_at"] > "2026"
