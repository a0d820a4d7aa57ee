"""Text at the boundary: what no database holds is replaced, everything else stays."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.text import clean, key, to_json


def test_nul_and_lone_surrogates_become_replacement_characters():
    assert clean("a\x00b\ud800c\udfffd\U0001f600") == "a\ufffdb\ufffdc\ufffdd\U0001f600"


@given(st.text())
def test_what_is_cleaned_can_be_encoded_and_keeps_its_length(text: str):
    cleaned = clean(text)
    cleaned.encode()
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text(alphabet="\x00\ud800ab\\u0"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


def storable(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    return value


@given(VALUES)
def test_json_keeps_every_value_but_what_no_database_holds(value: Any):
    text = to_json(value)
    text.encode()
    assert "\x00" not in text
    assert json.loads(text) == storable(value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_does_not_know_become_null(number: float):
    assert json.loads(to_json({"confidence": number, "words": (1.5, number)})) == {
        "confidence": None,
        "words": [1.5, None],
    }


def test_what_is_not_json_at_all_is_a_mistake():
    with pytest.raises(TypeError):
        to_json({"at": object()})


@given(st.text(max_size=2000), st.text(max_size=2000))
def test_keys_are_short_and_differ_where_texts_differ(one: str, other: str):
    assert len(key(one).encode()) <= 500
    assert (key(one) == key(other)) == (clean(one) == clean(other))
