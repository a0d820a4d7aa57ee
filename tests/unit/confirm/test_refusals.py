"""What is a refusal, and what only looks like one."""

import pytest

from inboxd.confirm import refuses
from inboxd.message import parse


def says_no(body: str) -> bool:
    return refuses(parse(f"From: ops@acme.example\r\nSubject: Re: x\r\n\r\n{body}\r\n".encode()))


@pytest.mark.parametrize(
    "body",
    ["no", "No.", "NO!", "no, not us", "Not us", "not me", "stop", "Stop that", "deny", "Denied.", "cancel",
     "Cancelled",
     "\u201cNo\u201d", "-- no", "* No *", "> old\r\n\r\nNo.",
     "Hi,\r\n\r\nno that was not us",
     "Hello Support team,\r\nno.",
     "Good morning,\r\n\r\nNo, please do not.", "Dear support,\r\nstop.", "nein", "Nein, danke", "Nicht wir!",
     "Hallo,\r\n\r\nnein.", "Das waren wir nicht.", "Das war ich nicht", "It was not us.", "That wasn\u2019t me!",
     "We did not, it was not from us"],
)  # fmt: skip
def test_a_refusal(body: str) -> None:
    assert says_no(body)


@pytest.mark.parametrize(
    "body",
    ["Yes", "Yes, this was us. Please go ahead.", "yes no doubt", "Now please", "Notify me", "Nothing else, thank you",
     "Known to us, yes", "Stopping by tomorrow, and yes it was me", "Cancellation of the old one is right, yes",
     "Ja", "Ja, das waren wir.", "Confirmed", "Of course it was us, why not use the new key?", "Nobody but us: yes",
     "Hello,\r\n\r\nyes.", "OK", "Denise here: yes",
     "Yes. If anything is open, call the office, not me."],
)  # fmt: skip
def test_no_refusal(body: str) -> None:
    assert not says_no(body)
