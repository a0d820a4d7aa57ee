"""One stretch of sound as the networks get it: in several views, which vote on what was said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import soxr

from transcribe.engines.moonshine_network import RATE, Network, Sound

if TYPE_CHECKING:
    from transcribe.audio import Samples

SPEEDS = (1.0, 1.08, 0.93)
"""The views: a voice slightly higher and faster, and lower and slower. What is heard in all is what was said."""
MORE_SPEEDS = (1.17, 0.86)
"""Views for what was heard unclearly."""
_TOKENS_A_SECOND = 6.5
"""No one speaks faster; what gets longer is the network repeating itself."""


class Stretch:
    """The sound that is read: `sound`, the views that are always listened to, and `more` where that is asked for."""

    def __init__(self, network: Network, samples: Samples) -> None:
        """Take up to 15 s at 16 kHz."""
        self._network = network
        self._samples = samples
        self.seconds = len(samples) / RATE
        self.longest = int(self.seconds / min(SPEEDS) * _TOKENS_A_SECOND) + 4
        """How many tokens a text of it may have."""
        self.sound = self._heard(SPEEDS)

    @cached_property
    def more(self) -> Sound:
        """The further views."""
        return self._heard(MORE_SPEEDS)

    def _heard(self, speeds: Sequence[float]) -> Sound:
        return self._network.hear([_at_speed(self._samples, speed) for speed in speeds])


def _at_speed(samples: Samples, speed: float) -> Samples:
    if speed == 1.0:
        return samples
    faster: Samples = soxr.resample(samples, RATE * speed, RATE)
    return faster
