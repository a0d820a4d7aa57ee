"""The two networks, asked by hand: what they say of texts token by token, and of whole texts."""

import numpy as np
import pytest
import soundfile
import soxr

from transcribe.engines import beam
from transcribe.engines.moonshine_model import locate
from transcribe.engines.moonshine_network import RATE, Network, Sound
from transcribe.engines.moonshine_tokens import END, Tokens


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(locate(None).folder)


@pytest.fixture(scope="module")
def sound(network: Network) -> Sound:
    """The first three seconds of a clip in the recogniser's wheel: "Ever tried, ever failed"."""
    samples, rate = soundfile.read(locate(None).folder.parent / "beckett.wav", dtype="float32")
    return network.hear([soxr.resample(samples[: 3 * rate], rate, RATE)])


def test_whole_texts_are_weighed_as_the_search_weighs_them(network: Network, sound: Sound) -> None:
    tokens = Tokens.read(locate(None).folder / "tokenizer.bin")
    (best, *_) = beam.search(network, sound, width=1, longest=30)
    assert "ever" in tokens.text(best.tokens).lower()
    other = [tokens.split(" fax")[0], *best.tokens[1:]]
    # More texts than are weighed at once, of different lengths: each gets its own.
    texts = [[*best.tokens, END], [*other, END], [*best.tokens[:2], END]] * 20
    weighed = network.weigh(texts, sound)
    assert [len(scores) for scores in weighed] == [len(text) for text in texts]
    right, wrong, short = (sum(scores) for scores in weighed[:3])
    assert right > wrong + 3
    assert right > short + 3
    # The networks count in bytes, whose scale depends on what else is weighed.
    assert right == pytest.approx(best.total, abs=1 + 0.3 * len(best.scores))
    assert np.allclose([sum(scores) for scores in weighed[-3:]], [right, wrong, short], atol=1)


def test_a_search_gives_up_what_is_hopeless_and_finds_the_same(network: Network, sound: Sound) -> None:
    (wide, *_) = beam.search(network, sound, width=3, longest=30)
    (narrow, *_) = beam.search(network, sound, width=3, longest=30, depth=4.0)
    assert wide.tokens == narrow.tokens
