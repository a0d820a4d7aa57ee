"""References: the check digit catches what people get wrong, and every printed form is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.references import check, check_digit, normalise

DIGITS = st.from_regex(r"[1-9][0-9]{4,9}", fullmatch=True)


def ref_of(digits: str) -> str:
    return f"{digits}-{check_digit(digits)}"


def test_the_check_digit_is_damms():
    assert check_digit("572") == "4"
    assert check_digit("43881234567") == "9"


@given(DIGITS)
def test_a_reference_with_its_check_digit_holds_and_ends_at_zero(digits: str):
    assert check(ref_of(digits))
    assert check_digit(digits + check_digit(digits)) == "0"


@given(DIGITS, st.data())
def test_any_wrong_digit_is_caught(digits: str, data: st.DataObject):
    whole = digits + check_digit(digits)
    place = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != whole[place]]))
    changed = whole[:place] + wrong + whole[place + 1 :]
    assert normalise(changed) is None


@given(DIGITS, st.data())
def test_any_two_swapped_neighbours_are_caught(digits: str, data: st.DataObject):
    whole = digits + check_digit(digits)
    place = data.draw(st.integers(0, len(whole) - 2))
    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    assert (normalise(swapped) is None) == (swapped != whole)


@pytest.mark.parametrize(
    "form",
    ["{0}-{1}", "{0}{1}", "#{0}-{1}", "[#{0}-{1}]", "T-{0}-{1}", "  {0} - {1} ", "({0}-{1})", "{0}\u2011{1}", "{0}–{1}",
     "ticket {0}-{1}", "Ticket #{0}-{1}.", "{0} {1}", "ref: {0}-{1}"],
)  # fmt: skip
def test_every_form_in_which_people_write_a_reference_is_read(form: str):
    digits = "48213"
    assert normalise(form.format(digits, check_digit(digits))) == ref_of(digits)


@pytest.mark.parametrize(
    "text",
    ["", "48213", "4821-3", "048213-7", "abc", "48213-7-7", "4821 3-7", "x" * 500, " " * 80 + "1", "[" * 80,
     "٤٨٢١٣-٧", "+15550100 48213-7", "48213-" + "7" * 30],
)  # fmt: skip
def test_what_is_no_reference_is_none(text: str):
    assert normalise(text) is None


@given(st.text(max_size=100))
def test_no_text_breaks_the_reading(text: str):
    normalised = normalise(text)
    assert normalised is None or check(normalised)


def test_check_wants_the_bare_form():
    assert check(ref_of("48213"))
    assert not check(ref_of("48213").replace("-", ""))
    assert not check("#" + ref_of("48213"))
