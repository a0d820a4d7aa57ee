"""What is a refusal, what is a yes, and what only looks like one."""

import pytest

from inboxd.confirm import agrees, refuses
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
     "We did not, it was not from us", "Hello,\r\n\r\nthis is not from us.", "I did not ask for that.",
     "We never requested this", "It was not our request", "Please stop this", "Please do not do it", "Sorry, no.",
     "Thanks, no.", "Oh no, who was it?", "Hey no", "We didn\u2019t call you", "I never sent that",
     "Das haben wir nicht, das war nicht von uns", "Wir haben das nicht angefragt.", "Bitte, nein."],
)  # fmt: skip
def test_a_refusal(body: str) -> None:
    assert says_no(body)


@pytest.mark.parametrize(
    "body",
    ["Yes", "Yes, this was us. Please go ahead.", "yes no doubt", "Now please", "Notify me", "Nothing else, thank you",
     "Known to us, yes", "Stopping by tomorrow, and yes it was me", "Cancellation of the old one is right, yes",
     "Ja", "Ja, das waren wir.", "Confirmed", "Of course it was us, why not use the new key?", "Nobody but us: yes",
     "Hello,\r\n\r\nyes.", "OK", "Denise here: yes",
     "Yes. If anything is open, call the office, not me.", "Please go ahead, I never got the last mail.",
     "I did not write down the number, but it was me.", "We never called back, but yes", "Sorry for the delay, yes.",
     "Thanks! That was me.", "Please do", "Oh yes", "Hey, go on", "Sorry, notes were late: yes", "We sent this",
     "This is from us", "Do not worry, it was me"],
)  # fmt: skip
def test_no_refusal(body: str) -> None:
    assert not says_no(body)


def says_yes(body: str) -> bool:
    return agrees(parse(f"From: ops@acme.example\r\nSubject: Re: x\r\n\r\n{body}\r\n".encode()))


@pytest.mark.parametrize(
    "body",
    ["Yes", "yes.", "YES!", "Yes, let them in.", "Yes please", "\u201cYes\u201d", "Hi,\r\n\r\nyes.", "Confirmed.",
     "I confirm.", "We hereby confirm this.", "Approved", "Ok.", "OK!", "okay", "That is right.", "Go ahead",
     "Dear support,\r\nyes, until Friday.\r\n\r\n-- \r\nOps", "Yes, no problem.", "> old\r\n\r\nYes",
     "Ja", "Ja, gerne.", "Hallo,\r\n\r\nja.", "Best\u00e4tigt.", "Wir best\u00e4tigen das.", "Stimmt.", "In Ordnung."],
)  # fmt: skip
def test_a_yes(body: str) -> None:
    assert says_yes(body)


@pytest.mark.parametrize(
    "body",
    ["Who is this?", "Who is this", "Yes, but who is this?", "Yes?", "OK, I will look into it.", "Sure, who asks?",
     "Thank you for asking.", "Please call me.", "I do not know them.", "Yes, we do not know this person.",
     "I confirm that nobody of ours asked.", "Let me check with my boss.", "Yesterday they called me.", "",
     "> Yes\r\n\r\nWho is that?", "Okay but who?", "Ja, aber wer ist das?", "Das kann ich nicht best\u00e4tigen.",
     "Wer ist das?", "Right now I am away.", "Hello?"],
)  # fmt: skip
def test_no_yes(body: str) -> None:
    assert not says_yes(body)
