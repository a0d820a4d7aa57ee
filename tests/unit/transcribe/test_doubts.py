"""What a recogniser made up is known by its haste, its doubts and its repetitions."""

import pytest

from transcribe.engines.doubts import looped, made_up


@pytest.mark.parametrize(
    ("text", "speech", "score", "expected"),
    [
        ("Thank you.", 0.4, -0.2, True),
        ("Thank you.", 1.4, -0.2, False),
        ("The fax server is down.", 1.6, -0.3, False),
        ("The fax server is down.", 1.6, -2.5, True),
        (" ".join(["word"] * 40), 2.0, -0.3, True),
    ],
)
def test_a_reading_is_doubted(text: str, speech: float, score: float, expected: bool) -> None:
    assert made_up(text, speech=speech, score=score) is expected


def test_a_loop_is_found_and_people_may_repeat_themselves() -> None:
    assert looped(
        ["it", "is", "down", "I", "said", "it", "I", "said", "it", "I", "said", "it", "I", "said", "it", "again"]
    ) == (6, 15)
    assert looped(["five", "five", "five", "five", "five", "five", "five", "five"]) is None
    assert looped(["no", "no", "no", "no"]) is None
    assert looped(["call", "me", "call", "me", "please"]) is None
