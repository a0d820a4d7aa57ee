"""A quick look before a dear pattern must never hide what the pattern knows: sentences made of the pattern itself."""

import re
from random import Random
from typing import Any

import pytest

from inboxd.message import reply_signature, urgency

PAIRS = {
    "notices": (reply_signature._NOTICE, reply_signature._NOTICE_HINT),
    "claims of urgency": (urgency._CLAIM, urgency._HINT),
    "stated urgency": (urgency._STATED, urgency._HINT),
    "no hurry": (urgency._LOW, urgency._HINT),
}
SENTENCES = 4_000


@pytest.mark.parametrize(("pattern", "hint"), PAIRS.values(), ids=PAIRS)
def test_what_the_pattern_knows_has_a_hint_in_it(pattern: re.Pattern[str], hint: Any) -> None:
    rng = Random(1)
    # The standard library's own reading of a pattern, which has no public name.
    tree = re._parser.parse(pattern.pattern, pattern.flags)  # type: ignore[attr-defined]
    known = [said for said in (sentence(tree, rng) for _ in range(SENTENCES)) if pattern.match(said)]
    assert len(known) > SENTENCES / 20
    assert [said for said in known if hint.search(said.lower()) is None and hint.search(said) is None] == []


def sentence(tree: Any, rng: Random) -> str:
    """A sentence that a parsed pattern may match; what looks ahead or back is left out."""
    return "".join(_piece(str(kind), value, rng) for kind, value in tree)


def _piece(kind: str, value: Any, rng: Random) -> str:
    if kind == "LITERAL":
        return chr(value)
    if kind == "IN":
        inside, chosen = rng.choice(value)
        return "q" if str(value[0][0]) == "NEGATE" else _piece(str(inside), chosen, rng)
    if kind == "RANGE":
        return chr(rng.randint(*value))
    if kind == "CATEGORY":
        return {"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "7"}.get(str(value), "q")
    if kind == "BRANCH":
        return sentence(rng.choice(value[1]), rng)
    if kind in ("SUBPATTERN", "ATOMIC_GROUP"):
        return sentence(value[3] if kind == "SUBPATTERN" else value, rng)
    if kind.endswith("_REPEAT"):
        fewest, most, repeated = value
        return "".join(sentence(repeated, rng) for _ in range(rng.randint(fewest, min(most, fewest + 1))))
    return "q" if kind in ("ANY", "NOT_LITERAL") else ""
