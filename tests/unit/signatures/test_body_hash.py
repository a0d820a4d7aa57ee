"""The hash of a body, held against dkimpy's own on everything that a body can be."""

import hashlib

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from inboxd.signatures import body_hash as module
from inboxd.signatures.body_hash import body_hash

WAYS = {"simple": Simple, "relaxed": Relaxed}
PIECES = st.lists(
    st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b"a", b"bc", b"  \r\n", b"\r\n\r\n"]), max_size=40
)


def expected(body: bytes, way: str, limit: int | None = None) -> bytes:
    # dkimpy makes line ends equal before: a body on this machine has LF alone.
    lines = b"\r\n".join(body.replace(b"\r\n", b"\n").split(b"\n"))
    return hashlib.sha256(WAYS[way].canonicalize_body(lines)[:limit]).digest()


@pytest.mark.parametrize("way", ["simple", "relaxed"])
@given(pieces=PIECES, size=st.integers(1, 12))
def test_it_is_dkimpys_whatever_the_body_and_however_it_is_cut(way: str, pieces: list[bytes], size: int) -> None:
    body = b"".join(pieces)
    whole = module._PIECE
    module._PIECE = size
    try:
        assert body_hash(memoryview(body), way) == expected(_ended(body), way)
    finally:
        module._PIECE = whole


def _ended(body: bytes) -> bytes:
    # SMTP gives every last line its end; dkimpy adds it where it is missing, but after it has looked for blanks.
    return body if not body or body.endswith(b"\n") else body + b"\r\n"


@pytest.mark.parametrize("way", ["simple", "relaxed"])
def test_a_length_counts_octets_of_the_canonical_body(way: str) -> None:
    body = b"one  \r\ntwo\r\n\r\nthree\r\n\r\n"
    for limit in range(len(body) + 3):
        assert body_hash(memoryview(body), way, limit) == expected(body, way, limit)


@pytest.mark.parametrize(
    "body", [b" " * 3_000_000, b"\r\n" * 1_000_000, b" \r\n" * 700_000 + b"x", b"\t" * 2_000_000 + b"x\n"]
)
def test_what_makes_dkimpy_quadratic_is_a_pass_like_any_other(body: bytes) -> None:
    assert len(body_hash(memoryview(body), "relaxed")) == 32
    assert len(body_hash(memoryview(body), "simple")) == 32
