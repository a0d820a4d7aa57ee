"""What is told of each signature, and what hostile bytes cost."""

import json

import pytest

from inboxd.signatures import Order, verify, wire
from tests.trust.world import DESK, NOW, World, rsa_record

WORLD = World(number=7, domain="acme.example")
KEY_NAME = "k1._domainkey.acme.example"


def order(**changes: object) -> Order:
    told = {
        "keys": {KEY_NAME: (rsa_record(WORLD.key()),)},
        "received_at": int(NOW.timestamp()),
        "author": WORLD.victim,
        "ours": (DESK,),
        "sealers": (),
    }
    return Order(**{**told, **changes})


def test_a_report_travels_and_comes_back() -> None:
    report = verify(WORLD.sign(WORLD.mail()), wire.order(json.loads(json.dumps(wire.plain(order())))))
    assert [each.result for each in report.signatures] == ["pass"]
    assert wire.report(wire.to_json(report)) == report


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"signatures": [], "chain": {}, "more": 1}', b"\xff"])
def test_an_answer_that_is_no_report_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.report(answer)


def test_a_key_that_could_not_be_asked_for_is_temporary_and_one_that_is_not_there_is_not() -> None:
    raw = WORLD.sign(WORLD.mail())
    assert verify(raw, order(keys={KEY_NAME: None})).signatures[0].result == "temperror"
    assert verify(raw, order(keys={KEY_NAME: ()})).signatures[0].result == "permerror"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"DKIM-Signature:",
        b"DKIM-Signature: v=1",
        b" leading blank\r\nDKIM-Signature: v=1; d=a.example; s=k\r\n\r\n",
        b"DKIM-Signature: " + b"b=" + b" " * 50_000 + b"\r\n\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=k1; bh=" + b"A" * 7_000 + b"; h=from; b=A\r\n\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=k1; i=x; bh=AA==; h=from; b=AA==\r\n\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=k1; bh=AA==; h="
        + b"from:" * 1_000
        + b"x; b=AA==\r\n\r\n",
        b"ARC-Seal: i=1\r\nARC-Seal: i=99\r\n\r\n",
        (b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=k1; bh=AA==; h=from; b=AA==\r\n" * 400) + b"\r\n",
        b"From: a@b.example\r\n" * 990 + b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=k1;"
        b" bh=AA==; h=from; b=AA==\r\n\r\n",
    ],
)
def test_whatever_the_bytes_are_there_is_a_report_and_no_proof(raw: bytes) -> None:
    report = verify(raw, order())
    assert all(each.result in ("fail", "permerror") for each in report.signatures)
    assert len(report.signatures) <= 10


def test_a_seal_is_looked_at_only_when_its_sealer_is_trusted() -> None:
    sealer = "lists.example"
    raw = WORLD.seal(WORLD.mail(), f"dmarc=pass header.from={WORLD.domain}", sealer)
    keys = {f"arc._domainkey.{sealer}": (rsa_record(WORLD.key(sealer)),)}
    assert verify(raw, order(keys=keys)).chain.result is None
    assert verify(raw, order(keys=keys, sealers=(sealer,))).chain.result == "pass"
    waits = verify(raw, order(keys=dict.fromkeys(keys), sealers=(sealer,)))
    assert waits.chain.result == "temperror"
