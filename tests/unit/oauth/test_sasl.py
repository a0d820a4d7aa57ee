"""Access tokens on the wire, and what a server says when it does not take one."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxd.oauth import sasl


def test_xoauth2_is_what_both_providers_document() -> None:
    said = sasl.response("XOAUTH2", user="someuser@example.com", token="ya29.vF9dft4qmTc2", host="h", port=993)
    assert said == b"user=someuser@example.com\x01auth=Bearer ya29.vF9dft4qmTc2\x01\x01"


def test_oauthbearer_spells_out_what_would_end_the_name() -> None:
    said = sasl.response("OAUTHBEARER", user="a,b=c@example.com", token="t", host="imap.example.com", port=143)
    assert said == b"n,a=a=2Cb=3Dc@example.com,\x01host=imap.example.com\x01port=143\x01auth=Bearer t\x01\x01"


@pytest.mark.parametrize(
    ("offered", "provider", "chosen"),
    [
        ({"PLAIN", "XOAUTH2", "OAUTHBEARER"}, None, "OAUTHBEARER"),
        ({"XOAUTH2", "OAUTHBEARER"}, "google", "XOAUTH2"),
        ({"PLAIN", "XOAUTH2"}, "microsoft", "XOAUTH2"),
        ({"PLAIN", "XOAUTH2"}, None, "XOAUTH2"),
        ({"OAUTHBEARER"}, "google", "OAUTHBEARER"),
        ({"PLAIN", "LOGIN"}, None, None),
    ],
)
def test_the_mechanism_is_one_that_the_server_has(offered: set[str], provider: str, chosen: str | None) -> None:
    assert sasl.choose(offered, provider) == chosen


def test_a_refusal_is_read_with_and_without_base64() -> None:
    content = json.dumps({"status": "401", "schemes": "bearer", "scope": "https://mail.google.com/"}).encode()
    for challenge in (content, base64.b64encode(content), content + b"\n"):
        assert sasl.refusal(challenge) == sasl.Refusal(status="401", scope="https://mail.google.com/")


@pytest.mark.parametrize("challenge", [b"", b"{", b"[1]", b"bm90", b'{"status": {}}', b'{"scope": "\\u001b[2J"}'])
def test_what_is_no_refusal_says_nothing(challenge: bytes) -> None:
    assert sasl.refusal(challenge) == sasl.Refusal()


@given(st.binary(max_size=200))
def test_any_bytes_can_be_heard(challenge: bytes) -> None:
    assert len(sasl.refusal(challenge).scope) <= 200
