import pytest

from rules.file_names import pattern, says_one_of


@pytest.mark.parametrize(
    ("written", "file", "fits"),
    [
        ("*.exe", "setup.EXE", True),
        ("*.exe", "setup.exe.txt", False),
        ("*.exe", ".exe", True),
        ("a.c", "abc", False),
        ("report*.pdf", "Report-2.PDF", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*a*b*", "xxbxxa", False),
        ("*a*b*", "xaxbx", True),
        ("a*b*c", "a-b-b-c", True),
        ("ab*bc", "abc", False),
        ("*", "", True),
        ("**", "anything", True),
        ("*.exe", "two\nlines.exe", True),
        ("*.ΟΔΟΣ", "x.οδος", True),
    ],
)
def test_a_star_stands_for_anything_and_case_does_not_count(written: str, file: str, fits: bool) -> None:
    assert says_one_of([pattern(written)], file) is fits


def test_a_pattern_of_stars_and_a_long_name_end_in_linear_steps() -> None:
    assert not says_one_of([pattern("a*" * 99 + "b")], "a" * 100_000)
