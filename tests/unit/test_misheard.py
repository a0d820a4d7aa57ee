"""What corrections teach, what they do not, and how it is found again."""

import pytest

from inboxd import misheard


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
