"""Desks begun from the shipped policy books: what staff, callers and senders do one after the other."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from inboxd.init_files import write_desk
from inboxd.settings import load
from inboxd.wiring.local_backend import open_backend
from tests.harness.dns import nowhere
from tests.harness.mails import mail
from tests.integration.pipeline.conftest import InProcessDesk

NIGHT, DAY = "2026-06-10T07:00:00Z", "2026-06-10T15:00:00Z"


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[[str], InProcessDesk]]:
    """Begin a desk from a book, with the book's own customers."""
    with ExitStack() as stack:

        def begin(book: str) -> InProcessDesk:
            folder = tmp_path / book
            write_desk(folder, book)
            with (folder / "inboxd.yaml").open("a") as file:
                file.write(f'dns: {{nameservers: ["{nowhere()}"]}}\n')
            return InProcessDesk(stack.enter_context(open_backend(load(folder / "inboxd.yaml"), actor="eng1")), folder)

        yield begin


def _call(desk, caller, words, *, at=DAY, called="+15550190"):
    return desk.voicemail(
        f"{caller}{words}{at}".encode(), caller=caller, called=called, transcript=words, received_at=at
    )


def _aloud(ref):
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return " ".join(names[int(each)] for each in ref if each.isdecimal())


def _outbox(desk, kind, ref=None):
    return [each for each in desk.call("outbox.list") if each["kind"] == kind and ref in (None, each["ticket"])]


def test_best_effort_goes_on_behind_the_others_with_honest_notice_and_counted_calls(begun):
    desk = begun("best-effort")
    refs = [
        _call(desk, caller, "Please help us with our player.", at=f"2026-06-10T1{hour}:00:00Z")["ticket"]["ref"]
        for hour, caller in enumerate(("+15550161", "+15550162", "+15550163"))
    ]
    marked = desk.call("tickets.set", ref=refs[0], tag=["beyond-scope"])
    assert (marked["priority"], marked["status"], marked["callback"]["terms"]) == ("low", "open", "courtesy")
    assert [each["ref"] for each in desk.call("tickets.list")] == [*refs[1:], refs[0]]
    (told,) = _outbox(desk, "notice", refs[0])
    assert told["to"] == "manager@kiosk.example"
    assert "more slowly" in told["text"]
    assert desk.call("tickets.set", ref=refs[0], called=True)["callback"]["terms"] == "charged"
    joined = _call(
        desk, "+15550161", f"Reference {_aloud(refs[0])}. The player is down, urgent!", at="2026-06-10T14:00:00Z"
    )
    assert (joined["status"], joined["ticket"]["priority"]) == ("threaded", "low")
    waived = desk.call("tickets.set", ref=refs[0], tag=["fee-waived"])
    assert waived["callback"]["terms"] == "waived"
    assert {each["actor"] for each in waived["events"] if "fee-waived" in each["what"]} == {"eng1"}
    assert len(_outbox(desk, "notice", refs[0])) == 1
    assert desk.call("tickets.set", ref=refs[0], untag=["beyond-scope", "fee-waived"])["callback"]["terms"] is None
    assert [each["ref"] for each in desk.call("tickets.list")] == refs


def test_a_mail_that_asks_to_be_called_is_called_at_its_number_and_paged_for_by_nobody(begun):
    desk = begun("tech-line")
    said = "Please call me back at +1 555 0177.\n\nOn Monday Support wrote:\n> Please call us at +1 555 0199.\n"
    ticket = desk.mail(mail("Cover page", said, sender="ops@acme.example"))["ticket"]
    assert ticket["callback"]["number"] == "+15550177"
    assert _outbox(desk, "page") == []


def test_the_tech_line_wakes_somebody_once_for_a_silent_stranger_and_again_for_one_who_speaks(begun):
    desk = begun("tech-line")
    silent = [
        _call(desk, "+15550199", "", at=at, called="+15550191")["ticket"]["ref"]
        for at in (NIGHT, "2026-06-10T08:00:00Z")
    ]
    spoken = _call(desk, "+15550199", "It is down.", at="2026-06-10T09:00:00Z", called="+15550191")["ticket"]["ref"]
    paged = {each["ticket"] for each in _outbox(desk, "page")}
    assert paged == {silent[0], spoken}
    settled = desk.call("tickets.set", ref=spoken, account="harbor", contact="Server room", remember=True)
    assert (settled["tags"], settled["queue"]) == ([], "tech")
    assert len(_outbox(desk, "page", spoken)) == 1
    later = _call(desk, "+15550199", "Thank you.", at=DAY)["ticket"]
    assert (later["account"]["id"], later["identity"]["by"]) == ("harbor", "caller-id")


def test_a_line_that_nobody_named_gives_staff_a_notice(begun):
    desk = begun("tech-line")
    ticket = _call(desk, "+15550111", "Production server down.", at=NIGHT, called="+15550177")["ticket"]
    assert ticket["tags"] == ["unknown-line"]
    (notice,) = _outbox(desk, "notice", ticket["ref"])
    assert notice["to"] == "engineer-1@example.com"
    assert _outbox(desk, "page") == []


def test_verified_requests_ask_once_an_ambiguous_caller_is_settled(begun):
    desk = begun("verified-requests")
    ref = _call(desk, "+15550198", "Please reset our password.")["ticket"]["ref"]
    assert _outbox(desk, "confirmation") == []
    after = desk.call("tickets.set", ref=ref, account="shopco")
    assert after["actions_allowed"] == ["discuss"]
    assert [each["to"] for each in _outbox(desk, "confirmation", ref)] == ["admin@shopco.example"]
    desk.call("tickets.set", ref=ref, account="shopco", contact="Administrator")
    assert len(_outbox(desk, "confirmation", ref)) == 1


def test_service_levels_take_critical_mail_to_triage_and_a_person_raises_it(begun):
    desk = begun("service-levels")
    raw = mail("URGENT: system down", "The service is unavailable.\n", sender="ops@vista.example")
    ticket = desk.mail(raw)["ticket"]
    assert (ticket["priority"], ticket["type"], ticket["queue"]) == ("2", "incident", "triage")
    assert [clock["name"] for clock in ticket["clocks"]] == ["first-response", "resolution", "triage"]
    assert _outbox(desk, "notice", ticket["ref"])
    raised = desk.call("tickets.set", ref=ticket["ref"], priority="1")
    assert (raised["priority"], raised["priority_by"]) == ("1", "staff engineer-1")
    assert raised["clocks"][0]["due_at"] < ticket["clocks"][0]["due_at"]


def test_office_hours_match_by_reference_and_ask_for_it(begun):
    desk = begun("office-hours")
    first = _call(desk, "+15550131", "The label printer prints every label twice.")["ticket"]
    joined = _call(desk, "+15550135", f"About tech reference number {_aloud(first['ref'])}.", at="2026-06-10T16:00:00Z")
    assert (joined["status"], joined["ticket"]["ref"]) == ("threaded", first["ref"])
    again = _call(desk, "+15550131", "It happened again.", at="2026-06-10T17:00:00Z")["ticket"]
    assert again["tags"] == ["no-reference"]
    stranger = _call(desk, "anonymous", f"Reference {_aloud(first['ref'])}.", at="2026-06-10T18:00:00Z")["ticket"]
    assert stranger["tags"] == ["needs-lookup", "pre-paid", "reference-unclear"]


def test_a_reference_settles_whose_call_it_is_where_two_customers_share_a_number(begun):
    desk = begun("tech-line")
    shared = _call(desk, "+15550100", "Hello.", at="2026-06-09T15:00:00Z")["ticket"]["ref"]
    desk.call("tickets.set", ref=shared, account="harbor", contact="Server room", remember=True)
    mails = {
        each: desk.mail(mail("Slow", sender=each))["ticket"]["ref"]
        for each in ("ops@acme.example", "it@harbor.example")
    }
    for sender, plan in (("ops@acme.example", "standard"), ("it@harbor.example", "24x7")):
        said = f"About reference {_aloud(mails[sender])}. Production is down."
        joined = _call(desk, "+15550100", said, at=NIGHT, called="+15550191")
        assert (joined["status"], joined["ticket"]["ref"]) == ("threaded", mails[sender])
        assert joined["ticket"]["entries"][-1]["identity"]["by"] == "spoken-reference"
        assert (joined["ticket"]["priority"], joined["ticket"]["identity"]["by"]) == ("urgent", "from-address")
        assert bool(_outbox(desk, "page", mails[sender])) is (plan == "24x7")
    assert _call(desk, "+15550100", "Production is down.", at=NIGHT)["ticket"]["account"] is None
