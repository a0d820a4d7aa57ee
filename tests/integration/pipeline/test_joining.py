"""Which ticket a mail joins, and who may join."""

import pytest

from tests.harness.mails import mail


def _first(desk):
    return desk.mail(mail("Fax server", sender="ops@acme.example", Message_ID="<first@acme.example>"))


def test_a_reply_with_the_reference_from_an_address_on_file_joins(desk):
    first = _first(desk)
    ref = first["ticket"]["ref"]
    second = desk.mail(mail(f"Re: [#{ref}] Fax server", sender="standin@acme.example"))
    assert second["status"] == "threaded"
    assert second["ticket"]["ref"] == ref
    assert len(second["ticket"]["entries"]) == 2


def test_a_reply_by_its_headers_joins(desk):
    first = _first(desk)
    second = desk.mail(mail("Re: Fax server", sender="ops@acme.example", In_Reply_To="<first@acme.example>"))
    assert second["ticket"]["ref"] == first["ticket"]["ref"]


def test_a_stranger_who_quotes_a_reference_opens_a_ticket_of_his_own(desk):
    ref = _first(desk)["ticket"]["ref"]
    second = desk.mail(mail(f"[#{ref}] let me in", sender="someone@client.example", In_Reply_To="<first@acme.example>"))
    assert second["status"] == "filed"
    assert second["ticket"]["ref"] != ref
    assert ref in " ".join(second["ticket"]["identity"]["evidence"])


def test_a_stranger_may_go_on_in_the_ticket_that_is_his(desk):
    first = desk.mail(mail("Question", sender="someone@client.example"))
    second = desk.mail(mail(f"Re: [#{first['ticket']['ref']}] Question", sender="someone@client.example"))
    assert second["status"] == "threaded"


def test_a_wrong_check_digit_is_no_reference(desk):
    ref = _first(desk)["ticket"]["ref"]
    wrong = ref[:-1] + str((int(ref[-1]) + 1) % 10)
    second = desk.mail(mail(f"Re: [#{wrong}] Fax server", sender="ops@acme.example"))
    assert second["status"] == "filed"
    assert wrong in second["ticket"]["identity"]["evidence"][-1]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Reference {ref}", "It is back."),
        ("Tech Reference # {digits}", "It is back."),
        ("Fax server", "This is about ticket {ref}, which is not done."),
        ("Fax server", "Our reference number is {digits}."),
    ],
    ids=["bare, in the subject", "without its hyphen", "in the text", "without its hyphen, in the text"],
)
def test_a_reference_joins_however_it_is_written(desk, subject, text):
    ref = _first(desk)["ticket"]["ref"]
    forms = {"ref": ref, "digits": ref.replace("-", "")}
    second = desk.mail(mail(subject.format(**forms), text=text.format(**forms), sender="ops@acme.example"))
    assert (second["status"], second["ticket"]["ref"]) == ("threaded", ref)


def test_a_number_that_only_looks_like_a_reference_opens_a_ticket_of_its_own(desk):
    ref = _first(desk)["ticket"]["ref"]
    text = f"We printed {ref.replace('-', '')} pages, order A{ref}."
    assert desk.mail(mail("Fax server", text=text, sender="ops@acme.example"))["status"] == "filed"


def test_a_reference_in_what_is_quoted_below_does_not_join(desk):
    ref = _first(desk)["ticket"]["ref"]
    text = f"A new question.\n\nOn Monday Support wrote:\n> about [#{ref}]\n"
    assert desk.mail(mail("Something else", text=text, sender="ops@acme.example"))["status"] == "filed"


def test_a_mail_that_joins_a_solved_ticket_reopens_it_and_an_automatic_one_does_not(desk):
    ref = _first(desk)["ticket"]["ref"]
    desk.call("tickets.set", ref=ref, status="solved")
    away = mail(f"Re: [#{ref}] away", sender="ops@acme.example", Auto_Submitted="auto-replied")
    assert desk.mail(away)["ticket"]["status"] == "solved"
    again = mail(f"Re: [#{ref}] again", sender="ops@acme.example")
    assert desk.mail(again)["ticket"]["status"] == "open"


def test_what_would_join_a_closed_ticket_is_filed_anew_with_the_reference_in_the_evidence(desk):
    ref = _first(desk)["ticket"]["ref"]
    desk.call("tickets.set", ref=ref, status="closed")
    second = desk.mail(mail(f"Re: [#{ref}] Fax server", sender="ops@acme.example"))
    assert second["status"] == "filed"
    assert "closed" in " ".join(second["ticket"]["identity"]["evidence"])
    new = second["ticket"]["ref"]
    assert f"linked with {ref}" in [each["what"] for each in desk.call("tickets.show", ref=new)["events"]]
    assert f"linked with {new}" in [each["what"] for each in desk.call("tickets.show", ref=ref)["events"]]
    third = desk.mail(mail(f"Re: [#{ref}] Fax server", sender="someone@client.example"))
    assert len(desk.call("tickets.show", ref=third["ticket"]["ref"])["events"]) == 1


def test_a_mail_that_joins_changes_no_priority(desk):
    ref = _first(desk)["ticket"]["ref"]
    desk.call("tickets.set", ref=ref, priority="high")
    second = desk.mail(mail(f"URGENT [#{ref}]", sender="ops@acme.example", Importance="high"))
    assert second["ticket"]["priority"] == "high"
    assert second["ticket"]["priority_by"] == "staff engineer"
