"""Foreign text on a terminal, and tables."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxd.cli import terminal

ANY_TEXT = st.text(st.characters(codec=None))


def obeyed(text):
    """The letters of `text` that a terminal would obey or that would mislead the eye."""
    return [
        letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") and letter not in "\n\t"
    ]


@given(ANY_TEXT)
def test_no_control_character_but_line_end_and_tab_survives_cleaning(text):
    assert obeyed(terminal.clean(text)) == []


@given(ANY_TEXT)
def test_a_line_stays_one_line(text):
    line = terminal.one_line(text)
    assert len(line.splitlines()) <= 1
    assert "\t" not in line


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b]0;root\x07", "\\x1b]0;root\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("invoice\u202efdp.exe", "invoice\\u202efdp.exe"),
        ("a\rb", "a\\x0db"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("\U000e0041", "\\U000e0041"),
        ("\udc80", "\\udc80"),
        ("grüße 漢字 👩‍💻", "grüße 漢字 👩‍💻"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(foreign, shown):
    assert terminal.clean(foreign) == shown


def test_a_page_keeps_its_lines_and_drops_only_the_carriage_return_before_a_line_end():
    assert terminal.clean("one\r\ntwo\n") == "one\ntwo\n"


@given(ANY_TEXT.map(terminal.one_line), st.integers(1, 40))
def test_fitted_text_is_never_wider_than_asked(text, width):
    assert terminal.cells(terminal.fit(text, width)) <= width


def test_wide_letters_take_two_columns_and_accents_none():
    assert terminal.cells("漢字") == 4
    assert terminal.cells("e\u0301") == 1
    assert terminal.fit("漢字漢字", 5) == "漢字…"


def test_a_table_is_cut_to_the_terminal_at_the_column_that_gives():
    table = terminal.table(
        ("REF", "SUBJECT", "AGE"), [("1-1", "word " * 40, "3h"), ("2-2", "short", "4d")], limit=40, gives=1
    )
    lines = table.splitlines()
    assert all(terminal.cells(line) <= 40 for line in lines)
    assert [line.split()[0] for line in lines] == ["REF", "1-1", "2-2"]
    assert lines[1].endswith("3h")
    assert "…" in lines[1]


def test_a_table_for_a_pipe_is_not_cut():
    assert "x" * 500 in terminal.table(("A",), [("x" * 500,)], limit=None, gives=0)


def test_a_line_end_in_a_cell_makes_no_second_row():
    assert len(terminal.table(("A", "B"), [("1\n2  forged", "x")]).splitlines()) == 2


def test_quoted_text_cannot_pass_for_a_line_of_ours():
    assert terminal.quoted("hello\nEvents\n\x1b[2J") == "  | hello\n  | Events\n  | \\x1b[2J"
