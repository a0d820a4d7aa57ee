"""Bytes as text, whatever their length."""

import pytest

from rules.text_file import decode


def places(text: str) -> list[tuple[int, int]]:
    return [(each.line, each.column) for each in decode(text.encode(), "a", max_bytes=1 << 20)[1]]


def test_a_line_end_across_two_pieces_is_no_lone_carriage_return() -> None:
    for length in range(65_530, 65_540):
        assert places("x" * length + "\r\n" + "y" * length + "\r\n") == []


def test_a_control_character_is_found_at_its_place_in_any_piece() -> None:
    assert places("x" * 65_535 + "\r" + "y" * 70_000 + "\n\n\x07") == [(1, 65_536), (3, 1)]


def test_a_file_with_the_line_ends_of_an_old_mac_is_told_once() -> None:
    assert places("a: 1\rb: 2\rc: \x07 3\r") == [(1, 5), (1, 14)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_a_file_in_another_encoding_is_told_by_its_name_with_a_mark_and_without(encoding: str) -> None:
    _, mistakes = decode("desk: {zone: UTC}\n".encode(encoding), "a", max_bytes=100)
    assert [each.message for each in mistakes] == [f"the file is in {encoding[:6].upper()}; save it as UTF-8"]


def test_what_is_too_large_is_not_read() -> None:
    text, mistakes = decode(b"x" * 11, "a", max_bytes=10)
    assert text == ""
    assert [each.message for each in mistakes] == ["the file has 11 bytes; 10 (0 MiB) is the most that is read"]
