"""How stretches of speech become what an engine reads in one go."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcribe.engines.windows import FRAMES_A_SECOND
from transcribe.engines.windows import windows as made_of

LOUD = 100.0


def windows(spans, energy):
    """Start and end of each window."""
    return [(window.start, window.end) for window in made_of(spans, energy)]


def loudness(seconds, *quiet):
    """Even loudness, with silence in the given spans."""
    energy = np.full(int(seconds * FRAMES_A_SECOND), LOUD, np.float32)
    for start, end in quiet:
        energy[int(start * FRAMES_A_SECOND) : int(end * FRAMES_A_SECOND)] = 0
    return energy


def test_no_speech_gives_no_window():
    assert windows([], loudness(10)) == []


def test_neighbours_are_read_together():
    assert windows([(1.0, 3.0), (3.5, 5.0)], loudness(10)) == [pytest.approx((0.7, 5.3))]


def test_a_window_knows_how_much_of_it_is_speech():
    (window,) = made_of([(1.0, 1.5)], loudness(10))
    assert window.speech == pytest.approx(0.5)


def test_a_long_pause_parts_windows():
    assert windows([(1.0, 3.0), (6.0, 7.0)], loudness(10)) == [pytest.approx((0.7, 3.3)), pytest.approx((5.7, 7.3))]


def test_margins_never_reach_into_a_neighbour():
    # Joined they would be too long; each takes half of the pause between them.
    assert windows([(0.0, 9.0), (9.2, 18.0)], loudness(18)) == [
        pytest.approx((0.0, 9.1)),
        pytest.approx((9.1, 18.0)),
    ]


def test_what_overlaps_is_not_read_twice():
    assert windows([(1.0, 4.0), (3.8, 6.0)], loudness(10)) == [pytest.approx((0.7, 6.3))]


def test_speech_without_a_pause_is_cut_where_it_is_quietest():
    first, second = windows([(0.0, 20.0)], loudness(20, (9.0, 9.4)))
    assert first[1] == second[0]
    assert 9.0 < first[1] < 9.4


def test_spans_beyond_the_recording_are_ignored():
    assert windows([(-0.2, 1.0), (12.0, 13.0)], loudness(10)) == [pytest.approx((0.0, 1.3))]


spans = st.lists(
    st.tuples(st.floats(0, 120), st.floats(0.1, 40)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=12
).map(sorted)


@given(spans, st.integers(0, 2**32 - 1))
def test_windows_cover_all_speech_in_order_without_overlap_and_stay_short(found, seed):
    energy = np.random.default_rng(seed).random(100 * FRAMES_A_SECOND, np.float32)
    made = windows(found, energy)
    for start, end in made:
        assert 0 <= start < end <= 100
        assert end - start <= 14.0 + 2 * 0.3 + 1e-6
    for (_, end), (start, _) in itertools.pairwise(made):
        assert end <= start + 1e-9
    for start, end in found:
        for moment in np.linspace(start, min(end, 100.0), 7)[1:-1]:
            if start < 100.0:
                assert any(a - 1e-6 <= moment <= b + 1e-6 for a, b in made)
