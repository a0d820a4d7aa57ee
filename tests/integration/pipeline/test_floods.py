"""Limits on what one author and one domain open: nothing is dropped, and no two authors come into one ticket."""

import json
from collections.abc import Callable
from typing import Any

from inboxd.reload import Reload
from tests.harness.mails import mail
from tests.integration.pipeline.conftest import InProcessDesk

Make = Callable[..., InProcessDesk]
SMTP = {"smtp": {"listen": "127.0.0.1:0", "recipients": ["support@example.com"]}}


def sent(desk: InProcessDesk, sender: str, subject: str) -> dict[str, Any]:
    return desk.mail(mail(subject, f"About {subject}.\n", sender=sender))


def test_the_limit_under_one_subject_is_the_configurations_and_null_is_none(make_desk: Make):
    desk = make_desk(limits={"same_subject": 2})
    got = [sent(desk, "alerts@client.example", "Disk full")["status"] for _ in range(4)]
    assert got == ["filed", "filed", "threaded", "threaded"]
    assert sent(desk, "alerts@client.example", "Disk empty")["status"] == "filed"


def test_past_the_limit_of_a_sender_all_he_writes_goes_into_his_newest_ticket(make_desk: Make):
    desk = make_desk(limits={"sender": 3})
    got = [sent(desk, "alerts@client.example", f"Alert {number}") for number in range(6)]
    assert [each["status"] for each in got] == ["filed"] * 3 + ["threaded"] * 3
    assert {each["ticket"]["ref"] for each in got[3:]} == {got[2]["ticket"]["ref"]}
    entries = desk.show(got[2])["entries"]
    assert [each["text"].strip() for each in entries] == [f"About Alert {number}." for number in range(2, 6)]
    assert "opened 3 tickets within the hour before" in " ".join(entries[-1]["identity"]["evidence"])
    assert sent(desk, "somebody@client.example", "Alert 9")["status"] == "filed"


def test_past_the_limit_of_a_domain_each_author_has_one_ticket_of_his_own_and_no_receipt(make_desk: Make):
    desk = make_desk(limits={"domain": 3}, **SMTP)
    got = [sent(desk, f"{number}@mail{number}.client.example", f"Number {number}") for number in range(5)]
    assert [each["status"] for each in got] == ["filed"] * 5
    again = sent(desk, "4@mail4.client.example", "Something else")
    assert (again["status"], again["ticket"]["ref"]) == ("threaded", got[4]["ticket"]["ref"])
    authors = [{entry["author"] for entry in desk.show(each)["entries"]} for each in got]
    assert [len(each) for each in authors] == [1] * 5
    receipts = {each["to"]: each for each in desk.call("outbox.list")}
    assert [receipts[f"{n}@mail{n}.client.example"]["state"] for n in range(5)] == ["queued"] * 3 + ["suppressed"] * 2
    assert "were opened from client.example within the hour" in receipts["4@mail4.client.example"]["reason"]
    assert sent(desk, "somebody@other.example", "A question")["status"] == "filed"
    (other,) = [each for each in desk.call("outbox.list") if each["to"] == "somebody@other.example"]
    assert other["state"] == "queued"


def test_no_limit_is_none(make_desk: Make):
    desk = make_desk(limits={"same_subject": None})
    assert {sent(desk, "alerts@client.example", "Disk full")["status"] for _ in range(32)} == {"filed"}


def test_a_reload_takes_changed_limits_over(make_desk: Make):
    desk = make_desk()
    sent(desk, "alerts@client.example", "Disk full")
    sent(desk, "alerts@client.example", "Disk full")
    path = desk.folder / "inboxd.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "limits": {"same_subject": 2}}))
    for house in desk.backend.houses():
        reload = Reload(house.settings, house.policy, lambda wrong: None)
        reload.open = True
        assert reload.run("engineer")["restart_needed"] == ()
    assert sent(desk, "alerts@client.example", "Disk full")["status"] == "threaded"
