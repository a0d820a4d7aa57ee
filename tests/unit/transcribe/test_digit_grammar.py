"""Texts of nothing but numbers, in the tokens of the bundled model."""

import pytest

from transcribe.engines.digit_grammar import DigitGrammar, Place, figures
from transcribe.engines.moonshine_model import locate
from transcribe.engines.moonshine_tokens import END, Tokens


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens.read(locate(None).folder / "tokenizer.bin")


def _ends(grammar: DigitGrammar, tokens: list[int]) -> bool:
    place: Place = grammar.start()
    for token in tokens:
        after = place.after()
        if token not in after:
            return False
        place = after[token]
    return END in place.after()


@pytest.mark.parametrize("text", ["Nine, five, two.", "oh one", "612-555-0142", "1, 800", "twenty two", "double five"])
def test_numbers_pass_as_the_model_writes_them(tokens: Tokens, text: str) -> None:
    assert _ends(DigitGrammar(tokens), tokens.split(f" {text}"))


@pytest.mark.parametrize("text", ["Ape eight", "zig-zig", "nine to five", "nin", ","])
def test_words_do_not(tokens: Tokens, text: str) -> None:
    assert not _ends(DigitGrammar(tokens), tokens.split(f" {text}"))


def test_it_may_end_where_the_sentence_goes_on(tokens: Tokens) -> None:
    (please,) = tokens.split(" please")
    grammar = DigitGrammar(tokens)
    place = grammar.start(please)
    for token in tokens.split(" five"):
        place = place.after()[token]
    assert please in place.after()
    assert END not in place.after()


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("Nine, fifty-two.", "952"),
        ("double five, oh", "550"),
        ("eight hundred", "800"),
        ("612-5", "6125"),
        ("ten", "10"),
    ],
)
def test_figures_are_what_is_dictated(text: str, digits: str) -> None:
    assert figures(text) == digits


def test_tokens_are_split_and_joined_again(tokens: Tokens) -> None:
    text = "Please call the fax server's owner, zażółć."
    assert tokens.text(tokens.split(f" {text}")) == text
    words = tokens.words(tokens.split(" seventy, eight"))
    assert [tokens.text(tokens.split(" seventy, eight")[place] for place in places) for places in words] == [
        "seventy,",
        "eight",
    ]
