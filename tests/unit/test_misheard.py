"""What corrections teach, what they do not, and how it is found again."""

import pytest

from inboxd import misheard
from transcribe.transcript import Segment, Word


@pytest.mark.parametrize(
    ("heard", "meant", "taught"),
    [
        ("our right facts server is down", "Our RightFax server is down.", [("right facts", "RightFax")]),
        ("the facts sever is clown", "the fax server is down", [("facts sever", "fax server"), ("clown", "down")]),
        ("it is quick books, again", "it is QuickBooks again", [("quick books", "QuickBooks")]),
        # Only case and signs: heard as it was said.
        ("the printer is down", "The printer is down!", []),
        # No sentence written anew, and no word for another that sounds like none.
        ("please call me back", "caller wants somebody to ring", []),
        ("the monkey is broken", "the printer is broken", []),
        # Numbers are dictated; what was heard says nothing of the next one.
        ("call five five six", "call five five nine", []),
        ("ticket 48213", "ticket 48217", []),
        # Small words are in every sentence.
        ("and the fax", "an the fax", []),
        ("fax", "fax is down", []),
        ("", "fax is down", []),
    ],
)
def test_a_correction_teaches_what_sounds_alike(heard, meant, taught):
    assert [*misheard.learnt(heard, meant)] == taught


def test_a_text_written_anew_teaches_nothing_however_long_it_is():
    assert misheard.learnt("facts sever " * 300, "fax server " * 300) == ()


def test_what_was_taught_is_found_whatever_its_case_and_signs_and_the_longest_counts():
    taught = [("right facts", "RightFax"), ("facts", "fax"), ("facts", "faxes")]
    text = "Right facts, and our facts!"
    probably = misheard.found(text, taught)
    assert probably == [
        {"heard": "Right facts,", "meant": "RightFax", "word": 0},
        {"heard": "facts!", "meant": "fax", "word": 4},
    ]
    assert misheard.meant(text, probably) == "RightFax and our fax"


def test_where_nothing_is_found_nothing_else_is_meant():
    assert misheard.found("the printer", [("facts", "fax")]) == []
    assert misheard.found("the printer", []) == []
    assert misheard.meant("the printer", []) == ""


def word(text, start):
    return Word(text=text, start=start, end=start + 0.4, confidence=0.9)


def test_what_was_listened_for_stands_beside_words_that_sound_like_it():
    text = "the facts sever is clown"
    words = [word(each, 0.5 * at) for at, each in enumerate(text.split())]
    phrases = [
        Segment(text="fax server", start=0.5, end=1.4),
        Segment(text="printer", start=1.5, end=1.9),  # sounds like nothing there
        Segment(text="town", start=2.0, end=2.4),  # something is known of that word
        Segment(text="fax", start=8.0, end=8.5),  # no word is there
    ]
    known = [{"heard": "clown", "meant": "down", "word": 4}]
    probably = misheard.with_listened(text, known, words, phrases)
    assert probably == [{"heard": "facts sever", "meant": "fax server", "word": 1}, *known]
    assert misheard.meant(text, probably) == "the fax server is down"
    assert misheard.with_listened(text, known, [], phrases) == known


def test_what_is_heard_as_it_is_meant_needs_no_word():
    words = [word("fax", 0.0)]
    assert misheard.with_listened("Fax.", [], words, [Segment(text="fax", start=0.0, end=0.4)]) == []


def test_the_desk_s_words_are_listened_for_once_each():
    assert misheard.phrases([("right facts", "RightFax"), ("write fax", "RightFax"), ("a", "B, c!")]) == (
        "rightfax",
        "b c",
    )
