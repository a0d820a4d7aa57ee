"""Tricks that show one author to us and another one to somebody else."""

import pytest

from inboxd import addresses
from inboxd.message import parse

REST = b"\r\nTo: support@example.org\r\nSubject: hello\r\n\r\nHello\r\n"


def test_a_line_of_blanks_that_ends_the_header_for_us_may_be_a_fold_for_others_so_there_is_no_author():
    raw = b"From: ops@acme.example\r\n \r\nNote: x\r\nFrom: other@evil.example" + REST
    parsed = parse(raw)
    assert parsed.author.address is None
    assert "blanks" in parsed.author.reason


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_name_with_a_separator_of_lines_names_no_author(separator):
    raw = f'From: "x{separator}From: other@evil.example" <ops@acme.example>'.encode() + REST
    assert parse(raw).author.address is None


def test_a_look_alike_letter_does_not_become_the_letter():
    raw = "From: desk@\u212aelvin.example".encode() + REST
    parsed = parse(raw)
    assert parsed.author.address is None
    assert parsed.from_addr == "desk@\u212aelvin.example"


@pytest.mark.parametrize("dot", ["\u3002", "\uff0e", "\uff61"])
def test_a_look_alike_dot_makes_no_domain(dot):
    assert addresses.key(f"ops@acme{dot}example") != addresses.key("ops@acme.example")
    assert addresses.problem(f"ops@acme{dot}example") is not None
