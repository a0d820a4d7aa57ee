import pytest

from rules.patterns import MAX_PATTERN, PatternBook, check


def test_patterns_are_found_in_any_case_and_told_apart() -> None:
    book = PatternBook([*(f"code {number}\\b" for number in range(40)), "caf[eé]", "(?-i:EXACT)"])
    assert book.match("Code 7 and CODE 39, code 390; CAFÉ") == {"code 7\\b", "code 39\\b", "caf[eé]"}
    assert book.match("EXACT") == {"(?-i:EXACT)"}
    assert book.match("exact") == PatternBook().match("anything") == frozenset()


def test_half_a_surrogate_pair_stops_no_search() -> None:
    assert PatternBook(["down"]).match("it is \ud83d down") == {"down"}


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(a", "missing"),
        ("(?=down)", "look-around and back-references are not known here"),
        (r"(a)\1", "invalid escape"),
        (r"(\pL{1,50}){10}", "repeat less"),
        ("a{1001}", "repeat less"),
        ("a*", "is found in every text"),
        ("", "is found in every text"),
        ("x" * (MAX_PATTERN + 1), f"at most {MAX_PATTERN} characters"),
    ],
)
def test_a_pattern_that_cannot_be_searched_for_is_refused_in_words(pattern: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check(pattern)


def test_the_largest_patterns_that_are_accepted_find_what_they_name_even_all_at_once() -> None:
    # A search that runs out of memory would miss matches silently.
    patterns = [f"[a-z]{{{number}}}x[0-9]{{1,60}}y{number}" for number in range(20, 100)]
    for pattern in patterns:
        check(pattern)
    text = " ".join("ab" * 60 for _ in range(5_000))
    assert PatternBook(patterns).match(f"{text} {'q' * 99}x{'1' * 60}y99 {text}") == {patterns[-1]}
