"""The end of DATA and transparency, over chunks of any cut."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inboxd.smtp_receiver.unstuffing import Unstuffer

# How long an example takes says nothing here: other tests share the machine.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Mostly the bytes that matter, so that short examples hit every state.
BYTES = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"x", b"\x00"]), max_size=30).map(b"".join)


def reference(stream: bytes) -> tuple[bytes, bytes] | None:
    """RFC 5321 4.5.2 line by line: slow and plain."""
    message, at = b"", 0
    while (end := stream.find(b"\r\n", at)) >= 0:
        line, at = stream[at : end + 2], end + 2
        if line == b".\r\n":
            return message, stream[at:]
        message += line[1:] if line.startswith(b".") else line
    return None


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(edges)]


@calm
@given(BYTES, st.lists(st.integers(0, 200), max_size=8))
def test_any_cut_of_any_stream_reads_as_line_by_line(stream, cuts):
    unstuffer, message, rest = Unstuffer(), b"", None
    for piece in pieces(stream, cuts):
        if unstuffer.ended:
            assert rest is not None
            rest += piece
            continue
        content, after = unstuffer.feed(piece)
        message += content
        if unstuffer.ended:
            rest = after
    wanted = reference(stream)
    if wanted is None:
        assert not unstuffer.ended
    else:
        assert (message, rest) == wanted


@calm
@given(st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=8))
def test_what_a_client_stuffs_comes_out_as_it_was(body, cuts):
    stuffed = (b"\r\n" + body + b"\r\n").replace(b"\r\n.", b"\r\n..")[2:] + b".\r\nQUIT\r\n"
    unstuffer, message, rest = Unstuffer(), b"", b""
    for piece in pieces(stuffed, cuts):
        if unstuffer.ended:
            rest += piece
        else:
            content, rest = unstuffer.feed(piece)
            message += content
    assert (message, rest) == (body + b"\r\n", b"QUIT\r\n")


def test_never_more_than_four_bytes_are_held_back():
    unstuffer = Unstuffer()
    given_out = 0
    for count in range(1, 2000):
        content, _ = unstuffer.feed(b"\r")
        given_out += len(content)
        assert count - given_out <= 4
