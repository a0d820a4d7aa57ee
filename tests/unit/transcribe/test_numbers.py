"""Numbers as people say them: to be called back, to name a ticket or an account, and what else they may mean."""

import random

import phonenumbers
import pytest

from transcribe.numbers import find
from transcribe.numbers import words as w
from transcribe.numbers.find import nearest
from transcribe.numbers.spoken import runs
from transcribe.numbers.telephone import shortest
from transcribe.transcript import NumberHeard, NumberReading


def _even(digits: str) -> bool:
    """Stand in for a check digit."""
    return int(digits) % 2 == 0


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("Please call me back at nine five two, five five five, zero one four two.", "+19525550142"),
        ("nine fifty two five five five oh one four two", "+19525550142"),
        ("Six one two, triple five, oh one two one.", "+16125550121"),
        ("one eight hundred five five five zero one nine nine", "+18005550199"),
        ("plus four four twenty seven nine four six zero nine one eight", "+442079460918"),
        ("My number is 612-555-0142 extension three two one four.", "+16125550142"),
        ("the area code is 612, then 555 0142", "+16125550142"),
        ("My number is 9 5 2, 5 5 5, 0 1 4 3, no, sorry, 2.", "+19525550142"),
        ("call 415 872 oh one for two", "+14158720142"),
        ("call back on 612-555-0142, that's 612-555-0142.", "+16125550142"),
        ("six one two, that's area code six one two, five five five, zero one four two", "+16125550142"),
        ("five five five zero one four two, area code six one two", "+16125550142"),
        ("six one two. Um, five five five. Uh, let me see, zero one four two", "+16125550142"),
        ("my number is six one two, five five five, no wait, five five six, one four two three", "+16125561423"),
        ("my number is 612-555-0143, scratch that, 763-555-0199", "+17635550199"),
        ("six one two, five five five, wait, zero one four two", "+16125550142"),
        ("six won too five five five oh one four two", "+16125550142"),
        ("we are in room 214, 612-555-0142", "+16125550142"),
        ("612-555-0142 is my cell", "+16125550142"),
        ("double oh four four two oh seven nine four six oh nine one eight", "+442079460918"),
        ("It is about ticket 48213-8, my number is 952 555 0142.", "+19525550142"),
    ],
)
def test_a_number_to_call_is_found_however_it_is_said(said: str, number: str) -> None:
    assert find(said.split(), is_reference=_even).to_json()["callback"][:1] == [number]


@pytest.mark.parametrize(
    "said",
    [
        "Oh, hello, I have two printers and one of them is dead.",
        "at eight thirty on the twenty third",
        "our fax number is 612 555 0142",
        "account five five five, oh one four two, six one two",
        "error nine five two five five five zero one four two",
        "it is twenty twenty six",
        "tracking number 9 5 2 5 5 5 0 1 4 2",
        "952 555 0142 is our customer number",
        "the card is four one one one, one one one one, one one one one, one one one one",
        "the IP address is 192.168.10.55",
    ],
)
def test_what_is_no_number_to_call_is_none(said: str) -> None:
    assert find(said.split()).callback == ()


def test_a_reference_needs_its_check_digit_and_keeps_its_other_meanings() -> None:
    said = ["I", "opened", "ticket", "forty", "eight", "two", "thirteen", "eight"]
    assert find(said, is_reference=_even).to_json()["references"] == ["48213-8", "408213-8"]
    assert find(said, is_reference=lambda digits: digits == "4082138").to_json()["references"] == ["408213-8"]
    assert find(["ticket", "4", "8", "2", "1", "3", "7"], is_reference=_even).references == ()


def test_account_numbers_are_announced_and_may_be_spelled() -> None:
    assert find(["account", "number", "bravo", "seven", "seven", "oh", "two"]).to_json()["accounts"] == ["B7702"]
    assert find(["customer", "five", "five", "double", "seven", "oh", "three"]).to_json()["accounts"] == ["557703"]


def test_a_valid_number_stands_before_one_that_nobody_has() -> None:
    said = "nine five two, one five five, zero one four two, or call me at six one two five five five zero one four two"
    found = find(said.split())
    assert found.to_json()["callback"] == ["+16125550142", "+19521550142"]
    assert [one.valid for one in found.callback] == [True, False]


def _heard(*readings: tuple[str, float], last: int) -> tuple[NumberHeard, ...]:
    made = tuple(NumberReading(digits=digits, probability=share) for digits, share in readings)
    return (NumberHeard(first=0, last=last, readings=made),)


def test_where_the_first_reading_is_no_possible_number_another_is_taken() -> None:
    said = ["Nine,", "five,", "two,", "five,", "five,", "zero,", "one,", "four,", "two."]
    heard = _heard(("952550142", 0.7), ("9525550142", 0.2), ("9525500142", 0.1), last=8)
    assert find(said, heard=heard).to_json()["callback"] == ["+19525550142"]


def test_a_number_on_file_is_found_where_it_was_heard_unclearly() -> None:
    said = ["Nine,", "five,", "two,", "five,", "five,", "five,", "zero,", "one,", "four,", "nine."]
    unsure = _heard(("9525550149", 0.4), ("9525550145", 0.3), last=9)
    assert find(said, heard=unsure, on_file={"+19525550145"}).to_json()["callback"] == ["+19525550145"]
    assert find(said, heard=unsure, on_file={"+19525550141"}).to_json()["callback"] == ["+19525550141"]
    # Heard clearly, it is the number that was said, however alike one on file is; and two that are alike tell nothing.
    sure = _heard(("9525550149", 0.95), last=9)
    assert find(said, heard=sure, on_file={"+19525550145"}).to_json()["callback"] == ["+19525550149"]
    both = {"+19525550141", "+19525550143"}
    assert find(said, heard=unsure, on_file=both).to_json()["callback"] == ["+19525550149"]


def test_the_nearest_is_one_or_none() -> None:
    said, like, unlike = "6125550142", "+16125550143", "+16129990199"
    assert nearest(said, [like, unlike]) == like
    assert nearest(said, [like, "+16125550141"]) is None
    assert nearest(said, [unlike]) is None
    assert nearest("12345", ["+12345"]) is None, "so few figures are like too many numbers"
    # Standing apart: the next one differs by two figures more, or by three.
    assert nearest(said, [like, "+16125550111"], apart=2) is None
    assert nearest(said, [like, "+16125559999"], apart=2) == like


def test_of_all_numbers_on_file_only_one_that_stands_alone_is_taken() -> None:
    said = ["Nine,", "five,", "two,", "five,", "five,", "five,", "zero,", "one,", "four,", "nine."]
    unsure = _heard(("9525550149", 0.4), ("9525550145", 0.3), last=9)

    def called(*numbers: str, heard: tuple[NumberHeard, ...] = unsure) -> list[str]:
        return find(said, heard=heard, of_others=numbers).to_json()["callback"]

    assert called("+19525550145", "+16125550100") == ["+19525550145"]
    assert called("+19525550141", "+16125550100") == ["+19525550141"]
    assert called("+19525550145", "+19525550146") == ["+19525550149"], "another one is as like what was heard"
    assert called("+19525550141", "+19525550200") == ["+19525550149"], "another one is not much less like it"
    assert called("+19525550145", heard=_heard(("9525550149", 0.9), ("9525550145", 0.1), last=9)) == ["+19525550149"]


def test_in_a_large_directory_a_stranger_s_number_stays_what_it_is() -> None:
    chance = random.Random(7)

    def number() -> str:
        return f"612{chance.randrange(200, 1000)}{chance.randrange(10_000):04}"

    directory = {f"+1{number()}" for _ in range(5000)}
    for _ in range(12):
        digits = number()
        heard = _heard((digits, 0.5), (digits[:-1] + str((int(digits[-1]) + 1) % 10), 0.3), last=9)
        before = find(list(digits), heard=heard).to_json()
        assert find(list(digits), heard=heard, of_others=directory).to_json() == before


def test_a_run_knows_which_words_it_stands_in() -> None:
    (run,) = runs(["Hello,", "it", "is", "five,", "five,", "oh", "one.", "Bye."])
    assert (run.first, run.last, run.meanings) == (3, 6, ("5501",))
    assert run.before == ("hello", "it", "is")
    assert run.after == ("bye",)


def test_of_a_text_full_of_numbers_those_that_are_announced_are_the_same_alone() -> None:
    chance = random.Random(7)
    figures = ["555", "0142", "212", "+1", "five", "oh", "double", "five", "1", "030", "612-555-0142", "+4930123456"]
    others = [
        *w.FOR_CALLS,
        "Call",
        *w.FOR_OTHERS,
        *w.JOINTS,
        *w.CORRECTIONS,
        *w.HOMOPHONES,
        *w.ROUND,
        "b",
        "the",
        "hello",
    ]
    found = 0
    for _ in range(2_000):
        words = [chance.choice(figures if chance.random() < 0.6 else others) for _ in range(chance.randint(1, 20))]
        expected = [one for one in find(words).callback if one.valid and one.asked]
        assert [one for one in find(words, announced=True).callback if one.valid] == expected
        found += bool(expected)
    assert found > 100


def test_nobody_has_a_number_with_fewer_figures_than_are_asked_for() -> None:
    for region in phonenumbers.SUPPORTED_REGIONS:
        for length in range(2, shortest(region)):
            for digits in ("2" * length, "6" * length):
                number = phonenumbers.parse(digits, region)
                possible = phonenumbers.is_possible_number_with_reason(number)
                assert possible != phonenumbers.ValidationResult.IS_POSSIBLE, (digits, region)
    assert (shortest("US"), shortest("GB"), shortest(None)) == (7, 4, 4)
