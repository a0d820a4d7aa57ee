"""Digits in words: references with a right check digit, and numbers that somebody asks to be called at."""

import pytest

from inboxd.phone_numbers import e164
from inboxd.spoken import asked_in_writing, callback_in, references_in
from store.references import check_digit

REF = f"48213-{check_digit('48213')}"
LINE = "+15550190"


def _aloud(digits: str) -> str:
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return " ".join(words[int(digit)] for digit in digits if digit.isdecimal())


@pytest.mark.parametrize(
    "text",
    [
        f"It is about reference {_aloud(REF)}. It happens on Tuesdays.",
        f"Tech reference number {REF}, please call back.",
        "Reference four eight two, one three, dash " + _aloud(REF[-1]),
        "Ticket forty eight two one three " + _aloud(REF[-1]),
        f"[#{REF}] again",
    ],
)
def test_a_reference_is_heard_however_it_is_said(text: str) -> None:
    assert references_in(text) == (REF,)


@pytest.mark.parametrize(
    "text",
    ["Nothing here.", "Reference four eight two one three " + _aloud(str((int(REF[-1]) + 1) % 10)), "five five five"],
)
def test_a_wrong_digit_makes_it_none(text: str) -> None:
    assert references_in(text) == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Please call me back at five five five, zero one one one.", "+15550111"),
        ("My number is 555-0111, thank you.", "+15550111"),
        ("You can reach me on one five five five oh one one one.", "+15550111"),
        ("Call back: double five five oh one double one", "+15550111"),
        ("Call me back on plus one five five five zero one one one", "+15550111"),
        ("call me at 212 555 0100 after lunch", "+12125550100"),
        ("call me at five fifty five zero one eleven", "+15550111"),
        ("call me at eight hundred five five five oh one hundred", "+18005550100"),
        ("I called from 555 0102, no, call me at 555 0103", "+15550103"),
        (f"About reference {_aloud(REF)}. Please call back.", None),
        ("Our fax number is 555 0111 and it is dead.", None),
        ("We have 5550111 pages in the queue.", None),
        ("Please call back.", None),
    ],
)
def test_the_number_asked_for_is_heard_and_no_other(text: str, number: str | None) -> None:
    assert callback_in(text, near=LINE) == number


@pytest.mark.parametrize(
    ("text", "near", "number"),
    [
        ("+44 20 7946 0000", None, "+442079460000"),
        ("020 7946 0000", "+442079460001", "+442079460000"),
        ("(555) 010-0100", LINE, "+15550100100"),
        ("15550111", LINE, "+15550111"),
        ("911", LINE, None),
        ("5550111", None, None),
        ("call me", LINE, None),
    ],
)
def test_a_number_is_of_the_country_it_was_said_in(text: str, near: str | None, number: str | None) -> None:
    assert e164(text, near=near) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("One user cannot see it. Please call me back at +1 555 0177.", "+15550177"),
        ("Name: Acme\nContact number: 555-0133\nMail: ops@acme.example", "+15550133"),
        ("Please ring +49 30 123456 after nine.", "+4930123456"),
        ("Order 4711000123, invoice 20260610, account number 5551234567. Call me.", None),
        ("The log of 20260610123456 holds a fax to 212-555-0177.", None),
        ("", None),
    ],
)
def test_a_mail_is_called_back_at_the_number_that_it_asks_for_and_at_no_other(text: str, number: str | None) -> None:
    assert asked_in_writing(text, near=LINE) == number
