"""When an address is one, and when two are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxd import addresses


@pytest.mark.parametrize(
    "address",
    ["ops@acme.example", "o'brien+tag@acme.example", "a.b.c@x.y.z.example", "info@b\u00fccher.example",
     "m\u00fcller@acme.example", "\u7528\u6237@example.com", "a@1.example"],
)  # fmt: skip
def test_an_address_is_taken(address: str) -> None:
    assert addresses.problem(address) is None


@pytest.mark.parametrize(
    "address",
    ["", "@", "ops", "ops@", "@acme.example", "ops@acme", "ops@@acme.example", ".ops@acme.example", "ops.@acme.example",
     "o..ps@acme.example", '"o ps"@acme.example', "ops @acme.example", "ops@acme .example", "<ops@acme.example>",
     "Ops <ops@acme.example>", "ops@acme.example, b@acme.example", "ops@[192.0.2.1]", "ops@192.0.2.1",
     "ops@-acme.example", "ops@acme-.example", "ops@ac_me.example", "ops@acme.example.", "ops\n@acme.example",
     "ops\u202e@acme.example", "ops@acme\u2024example", f"{'a' * 65}@acme.example", f"a@{'b' * 64}.example",
     f"a@{'.'.join(['b' * 60] * 5)}.example", "ops@\u212aelvin.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_what_would_be_right(address: str) -> None:
    problem = addresses.problem(address)
    assert problem is not None
    assert "write" in problem or "letters" in problem


def test_a_domain_without_a_dot_is_taken_only_where_it_is_asked_for() -> None:
    assert addresses.problem("root@localhost") is not None
    assert addresses.problem("root@localhost", dotless=True) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ops@acme.example", "OPS@ACME.EXAMPLE"),
        ("info@b\u00fccher.example", "info@xn--bcher-kva.example"),
        ("Info@B\u00fccher.example", "info@XN--BCHER-KVA.example"),
    ],
)
def test_case_and_spelling_of_the_domain_make_no_difference(one: str, other: str) -> None:
    assert addresses.key(one) == addresses.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kim@acme.example", "\u212aim@acme.example"),
        ("kim@acme.example", "kim@ac\u217fe.example"),
        ("m\u00fcller@acme.example", "M\u00dcLLER@acme.example"),
        ("kelvin@k.example", "kelvin@\u212a.example"),
        ("a@acme.example", "a@acme.example."),
        ("a@acme.example", "a@\u0430cme.example"),
    ],
)
def test_look_alikes_stay_apart(one: str, other: str) -> None:
    assert addresses.key(one) != addresses.key(other)


@given(st.text(max_size=80))
def test_the_key_of_any_text_is_its_own_key(text: str) -> None:
    assert addresses.key(addresses.key(text)) == addresses.key(text)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_has_a_reason_why_not(text: str) -> None:
    problem = addresses.problem(text)
    assert problem is None or problem.isprintable() or not text.isprintable()


def test_an_address_is_shown_as_written_but_for_the_case_of_its_domain() -> None:
    assert addresses.shown("Ops.Night@ACME.Example") == "Ops.Night@acme.example"
