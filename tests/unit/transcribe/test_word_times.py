"""Where in a stretch its words lie, by what is audible."""

import numpy as np

from transcribe.engines.word_times import estimate


def test_words_share_what_is_audible_and_nobody_gets_the_pause() -> None:
    loudness = np.concatenate([np.zeros(50), np.ones(100), np.zeros(100), np.ones(100), np.zeros(50)])
    first, second, third = estimate(["forty", "ten", "I"], 10.0, loudness.astype(np.float32))
    assert first == (10.5, 11.5)  # half of the twelve letters and gaps, so half of what is audible
    assert second == (12.5, 13.17)
    assert third == (13.16, 13.5)


def test_silence_and_nothing_are_no_error() -> None:
    assert estimate(["word"], 1.0, np.zeros(0, np.float32)) == [(1.0, 1.0)]
    ((start, end),) = estimate(["word"], 1.0, np.zeros(100, np.float32))
    assert 1.0 <= start <= end <= 2.0
