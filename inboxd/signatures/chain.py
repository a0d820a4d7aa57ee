"""The ARC chain (RFC 8617) of a message that a trusted system passed on: each seal, and what the sealers had found.

A sealer that nobody here trusts may seal what it likes, so its chain is not looked at.
"""

from collections.abc import Callable
from typing import Final, Literal

from inboxd import addresses
from inboxd.message import claims
from inboxd.message.claims import MAX_SEALS, MethodResult
from inboxd.message.headers import Field, Headers
from inboxd.signatures import fields, keys, policy
from inboxd.signatures.body_hash import Canonical
from inboxd.signatures.records import Chain, Order
from inboxd.signatures.tags import algorithm_of, read_signature

_KINDS: Final = ("arc-authentication-results", "arc-message-signature", "arc-seal")
Set = dict[str, Field]


class _Waits(Exception):
    """A key could not be asked for."""


def check(
    headers: Headers, body: memoryview, body_hash: Callable[[Canonical, int | None], bytes], order: Order
) -> Chain:
    """Check the chain when its newest seal is by a trusted sealer."""
    if not any(item.name in _KINDS for item in headers.fields):
        return Chain(result="none")
    newest = claims.read(headers).newest_sealer
    if newest is None or newest not in order.sealers:
        return Chain(result=None, sealer=newest, reason="its last sealer is not one that is trusted here")
    try:
        sets = _sets(headers)
        leaves_open = _message_signature(headers, sets[-1], body, body_hash, order)
        sealers = [_seal(sets[: number + 1], order) for number in range(len(sets))]
    except _Waits:
        return Chain(result="temperror", sealer=newest, reason="a key could not be asked for in the DNS")
    except ValueError as error:
        return Chain(result="fail", sealer=newest, reason=str(error))
    passed_on: list[tuple[MethodResult, ...]] = []
    for sealer, one in zip(reversed(sealers), reversed(sets), strict=True):
        if sealer not in order.sealers:
            break
        passed_on.append(_found(one))
    return Chain(result="pass", sealer=newest, passed_on=tuple(passed_on), leaves_open=leaves_open)


def _sets(headers: Headers) -> list[Set]:
    """Return the sets in the order of their making. ValueError where one is incomplete, doubled or missing."""
    found: dict[int, Set] = {}
    for item in headers.fields:
        if item.name not in _KINDS:
            continue
        instance = _instance(item)
        one = found.setdefault(instance, {})
        if item.name in one:
            raise ValueError("its chain holds a part twice")
        one[item.name] = item
    if len(found) > MAX_SEALS:
        raise ValueError("its chain is longer than any honest one")
    if sorted(found) != list(range(1, len(found) + 1)) or any(len(one) != len(_KINDS) for one in found.values()):
        raise ValueError("its chain has gaps")
    return [found[instance] for instance in sorted(found)]


def _instance(item: Field) -> int:
    if item.name == "arc-authentication-results":
        name, _, number = item.value.partition(b";")[0].partition(b"=")
        text = number.strip().decode("ascii", "replace") if name.strip().lower() == b"i" else ""
    else:
        text = claims.signature_tags(item).get("i", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 2:
        raise ValueError("its chain has a part without a number")
    return int(text)


def _key(found: dict[str, str], order: Order) -> keys.Key:
    records = order.keys.get(claims.signer_of(found).key_name, ())
    if records is None:
        raise _Waits
    key = keys.read(records)
    if key.testing:
        raise ValueError("its key is marked as being tested")
    return key


def _message_signature(
    headers: Headers,
    newest: Set,
    body: memoryview,
    body_hash: Callable[[Canonical, int | None], bytes],
    order: Order,
) -> tuple[str, ...]:
    """Check the newest seal of the mail itself; return what it leaves open."""
    item = newest["arc-message-signature"]
    found = claims.signature_tags(item)
    tags = read_signature(found, claims.signer_of(found), sealed=True)
    key = _key(found, order)
    if tags.signer.domain != claims.signer_of(claims.signature_tags(newest["arc-seal"])).domain:
        raise ValueError("the message and the chain were sealed by different domains")
    if key.kind != tags.algorithm:
        raise ValueError("its key is of another kind than its algorithm")
    if tags.length is not None:
        raise ValueError("the seal covers only the beginning of the text")
    if "arc-seal" in tags.names:
        raise ValueError("the seal of the message covers a seal of the chain")
    if tags.body_hash != body_hash(tags.body, None):
        raise ValueError("the text was changed after it was sealed")
    digest = fields.digest(headers, tags.names, item, relaxed=tags.header == "relaxed")
    if not keys.holds(key, digest, tags.signature):
        raise ValueError("what was sealed was changed, or it was not sealed with the domain's key")
    if tags.expires is not None and tags.expires + policy.SLACK_SECONDS < order.received_at:
        raise ValueError("the seal had expired when the message was received")
    reason = (
        policy.uncovered(tags, policy.SEALED)
        or policy.stale(headers, tags.signed_at, order)
        or policy.shape(headers, body, tags.names)
    )
    if reason is not None:
        raise ValueError(f"the seal is no proof: {reason}")
    return policy.leaves_open(headers, tags.names)


def _seal(sets: list[Set], order: Order) -> str:
    """Check the last seal of these sets and return whose it is (RFC 8617 5.1.1: it covers all sets up to its own)."""
    item = sets[-1]["arc-seal"]
    found = claims.signature_tags(item)
    for name in ("a", "b", "cv"):
        if name not in found:
            raise ValueError(f"a seal has no {name}=")
    if "h" in found:
        raise ValueError("a seal has an h=, which none may have")
    expected: Literal["none", "pass"] = "none" if len(sets) == 1 else "pass"
    if found["cv"].lower() != expected:
        raise ValueError("a seal says that the chain below it was broken")
    key = _key(found, order)
    if key.kind != algorithm_of(found["a"]):
        raise ValueError("its key is of another kind than its algorithm")
    covered = [fields.as_pair(one[kind]) for one in sets for kind in _KINDS][:-1]
    names = [name.decode("ascii").lower() for name, _ in covered]
    # Fields of one name are taken from the lowest upwards, and the oldest set is the lowest one.
    digest = fields.digest_of(covered[::-1], names, fields.as_pair(item), relaxed=True)
    if not keys.holds(key, digest, fields.base64_of(found["b"])):
        raise ValueError("a seal does not hold")
    return addresses.ascii_lower(claims.signer_of(found).domain)


def _found(one: Set) -> tuple[MethodResult, ...]:
    value = one["arc-authentication-results"].value.partition(b";")[2]
    results = claims.results_of(value, 0)
    return () if results is None else results.methods
