"""Whatever stands in a rules file, it is loaded or refused with its mistakes; nothing else happens."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.load import loads
from rules.mistakes import MistakesFound

BOOK = Path(__file__).with_name("tech-line.yaml").read_text()
LINES = BOOK.splitlines()
PIECES = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        "- ",
        "*",
        "&",
        "!",
        "'",
        '"',
        "\n",
        "  ",
        "#",
        "null",
        "true",
        "5",
        "...",
        "\t",
        "\x00",
        "é",
        "\ud800",
        "~",
        "off",
        "{}",
        "[]",
        "2026-13-01",
        "99h",
    ]
)


def loads_or_refuses(text: str | bytes) -> None:
    try:
        loads(text, "rules.yaml")
    except MistakesFound as found:
        # An editor must be able to go there, and somebody must be able to read it.
        raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        size = raw.count(b"\n") + 1
        for mistake in found.mistakes:
            assert 1 <= mistake.line <= size + 1
            assert mistake.column >= 1
            assert "Input should" not in mistake.message
            assert "validation" not in mistake.message


@settings(deadline=None, database=None, max_examples=300)
@given(edits=st.lists(st.tuples(st.integers(0, len(BOOK)), st.integers(0, 12), PIECES), min_size=1, max_size=4))
def test_a_book_with_characters_changed_is_loaded_or_refused(edits: list[tuple[int, int, str]]) -> None:
    text = BOOK
    for at, dropped, put in edits:
        text = text[:at] + put + text[at + dropped :]
    loads_or_refuses(text)


@settings(deadline=None, database=None, max_examples=100)
@given(kept=st.lists(st.integers(0, len(LINES) - 1), max_size=60))
def test_a_book_with_lines_lost_doubled_and_swapped_is_loaded_or_refused(kept: list[int]) -> None:
    loads_or_refuses("\n".join(LINES[at] for at in kept))


@settings(deadline=None, database=None, max_examples=200)
@given(raw=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_bytes_of_any_kind_are_loaded_or_refused(raw: bytes) -> None:
    loads_or_refuses(raw)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["x", "office", "30m", "email", "down", "off"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "zone",
                    "number",
                    "hours",
                    "default",
                    "mon",
                    "closed",
                    "within",
                    "calendar",
                    "needs",
                    "else",
                    "rule",
                    "when",
                    "then",
                    "continue",
                    "any",
                    "all",
                    "not",
                    "says",
                    "line",
                    "tag",
                    "clocks",
                    "priority",
                    "urgent",
                    "channel",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(deadline=None, database=None, max_examples=500)
@given(
    file=st.dictionaries(
        st.sampled_from(["desk", "plans", "lines", "calendars", "clocks", "phrases", "actions", "decide"]),
        st.one_of(VALUES, st.dictionaries(st.sampled_from(["a", "office"]), VALUES, max_size=2)),
        max_size=8,
    )
)
def test_values_of_every_kind_in_every_place_are_loaded_or_refused(file: dict[str, object]) -> None:
    loads_or_refuses(json.dumps(file))
