"""Caller IDs as networks and phone systems write them: numbers, withheld ones, and what is no number at all."""

import pytest

from inboxd import caller_id
from inboxd.caller_id import CallerId


@pytest.mark.parametrize(
    "text",
    ["", "anonymous", "Anonymous", "+266696687", "266696687", "+1266696687", "RESTRICTED", "+7378742833", "private",
     "+8656696", "86282452253", "unavailable", "sip:anonymous@anonymous.invalid", "Private Number", "Restricted Caller",
     "Numéro masqué", "Unterdrückte Rufnummer", None],
)  # fmt: skip
def test_a_withheld_number_is_known_in_each_of_its_spellings(text: str | None) -> None:
    assert caller_id.read(text) == CallerId(withheld=True)
    assert caller_id.read(text).shown == "anonymous"


@pytest.mark.parametrize(
    ("text", "number"),
    [("+15550100", "+15550100"), (" +1 (952) 555-0142 ", "+19525550142"), ("0044 20 7946 0958", "+442079460958"),
     ("tel:+15550100", "+15550100"), ("+44 (0)20 7946 0958", "+442079460958"), ("Number", None),
     ("Private Security Ltd", None), ("client:someone", None), ("sip:bob@pbx.example", None), ("1001", None)],
)  # fmt: skip
def test_a_number_is_a_number_and_nothing_else_is(text: str, number: str | None) -> None:
    assert caller_id.read(text) == CallerId(number=number)


def test_a_number_without_its_country_has_that_of_the_line_called() -> None:
    assert caller_id.near("9525550142", "+19525550190").number == "+19525550142"
    assert caller_id.near("020 7946 0958", "+442079460000").number == "+442079460958"
    assert caller_id.near("anonymous", "+19525550190").withheld


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("TN-Validation-Passed-A", "vouches"),
        ("TN-Validation-Passed-C-Diverted", "passed on"),
        ("TN-Validation-Failed-A", "may well be forged"),
        ("No-TN-Validation", None),
        ("anything", None),
    ],
)
def test_what_the_network_attests_is_said_in_a_sentence(verdict: str, words: str | None) -> None:
    said = list(caller_id.notes(CallerId(number="+15550100"), as_written="+15550100", attestation=verdict))
    assert (words in said[0]) if words else said == []
