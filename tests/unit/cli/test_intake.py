"""`inboxd intake` against a running daemon."""

import pytest

KEPT = b"From: a@b.example\r\n\r\nnine bytes\x00\r\n"


@pytest.mark.parametrize("kept", [KEPT, b"four", b"x"])
def test_raw_writes_the_bytes_as_they_came_in(call, desk, kept):
    desk.taken["Q7"] = kept
    ended = call("intake", "show", "--raw", "Q7")
    assert (ended.code, ended.out.encode(), ended.err) == (0, kept, "")


def test_raw_of_nothing_is_nothing(call, desk):
    desk.taken["Q7"] = b""
    assert (call("intake", "show", "Q7", "--raw").code, len(desk.calls)) == (0, 1)


def test_raw_that_ends_early_is_an_error_and_no_shorter_mail(call, desk):
    desk.taken["Q7"] = b"torn"
    ended = call("intake", "show", "--raw", "Q7")
    assert (ended.code, ended.err) == (1, "inboxd: only 4 of the 5 bytes of Q7 could be read\n")


def test_raw_bytes_are_neither_json_nor_for_a_terminal(call, desk):
    desk.taken["Q7"] = b"\x1b[2J"
    assert call("intake", "show", "--raw", "--json", "Q7").code == 2
    ended = call("intake", "show", "--raw", "Q7", terminal=True)
    assert (ended.code, ended.out, desk.calls) == (2, "", [])


@pytest.mark.parametrize(
    ("options", "words"), [((), "Nothing came in.\n"), (("--status", "quarantined"), "Nothing is quarantined.\n")]
)
def test_an_empty_list_says_what_there_is_none_of(call, desk, options, words):
    assert call("intake", "list", *options).out == words
