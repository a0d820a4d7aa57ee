"""The search for the likeliest text of a stretch of sound: a beam, free or kept to a grammar.

All views of the stretch are read at once, token by token, each voting on every token. That is a finer vote than one
among finished texts: a view that mishears a word still follows the others through the rest of the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np

from transcribe.engines.moonshine_tokens import END, START

if TYPE_CHECKING:
    from transcribe.engines.moonshine_network import LogProbabilities, Memory, Network, Sound


_FAR = 8.0
"""Of finished texts, how much likelier one must be than all that go on, for the search to end."""


class State(Protocol):
    """Where a text stands in a grammar."""

    def after(self) -> Mapping[int, State]:
        """Return the tokens that may follow, and where each leads; END where the text may end here."""
        ...

    def meaning(self, tokens: Sequence[int]) -> object:
        """Return what a text that stands here means: of texts that mean the same, the likeliest is enough."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text and the log probability of each of its tokens, the closing mark's last; without the given beginning."""

    tokens: tuple[int, ...]
    scores: tuple[float, ...]

    @property
    def total(self) -> float:
        """The log probability of the whole."""
        return sum(self.scores)

    @property
    def mean(self) -> float:
        """The mean log probability of a token."""
        return self.total / max(1, len(self.scores))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A text that goes on; `row` is its row in the memory."""

    tokens: tuple[int, ...]
    scores: tuple[float, ...]
    total: float
    row: int
    state: State | None


def search(
    network: Network,
    sound: Sound,
    *,
    width: int,
    longest: int,
    beginning: Sequence[int] = (),
    state: State | None = None,
    stop: int = END,
    floor: float = -np.inf,
    depth: float = np.inf,
) -> list[Text]:
    """Return texts for `sound`, best first, at most twice `width`; none when all fall below `floor`.

    `longest` counts tokens; a text that reaches it is given up as it stands. `beginning`: tokens that the text is known
    to begin with; `stop`: the token that ends it. `state`: where the grammar starts, None for free text, whose order is
    by the mean over its tokens (a sum would favour what breaks off early); with a grammar it is the sum.
    """
    views, heard = len(sound.frames), sound
    given = [START, *beginning]
    memory: Memory | None = None
    texts = [_Open(tokens=(), scores=(), total=0.0, row=0, state=state)]
    done: list[Text] = []
    by_sum = state is not None
    for _ in range(longest):
        new = [given] if memory is None else [[text.tokens[-1]] for text in texts]
        heard = heard if len(heard.frames) == views * len(texts) else sound.times(len(texts))
        likely, memory = network.next(new, heard, memory)
        steps = _steps(texts, likely, width)
        going: list[_Open] = []
        lowest = floor
        for text in steps:
            if text.tokens[-1] == stop:
                if len(done) < 2 * width:
                    done.append(Text(tokens=text.tokens[:-1], scores=text.scores))
            elif len(going) < width and text.total > lowest and not _told_already(going, text):
                lowest = max(lowest, text.total - depth)
                going.append(text)
        if not going or _decided(done, going[0], width, by_sum=by_sum):
            break
        memory = memory.take([text.row for text in going], views)
        texts = going
    else:
        if not by_sum and not done:
            done = [Text(tokens=text.tokens, scores=text.scores) for text in texts]
    possible = (text for text in done if text.total > floor)
    return sorted(possible, key=lambda text: text.total if by_sum else text.mean, reverse=True)


def _steps(texts: Sequence[_Open], likely: LogProbabilities, width: int) -> Iterable[_Open]:
    """Return the likeliest continuations of all texts, best first."""
    found: list[tuple[float, int, int, float, State | None]] = []
    for row, text in enumerate(texts):
        scores = likely[row]
        if text.state is None:
            best = np.argpartition(-scores, 2 * width)[: 2 * width]
            found += [(text.total + float(scores[k]), row, int(k), float(scores[k]), None) for k in best]
        else:
            after = text.state.after()
            found += [(text.total + float(scores[k]), row, k, float(scores[k]), to) for k, to in after.items()]
    found.sort(key=lambda step: -step[0])
    for total, row, token, score, state in islice(found, 4 * width):
        yield _Open(
            tokens=(*texts[row].tokens, token),
            scores=(*texts[row].scores, score),
            total=total,
            row=row,
            state=state,
        )


def _told_already(going: Sequence[_Open], text: _Open) -> bool:
    """Say whether a likelier text means the same, so that its place is better given to another meaning."""
    if text.state is None:
        return False
    meaning = text.state.meaning(text.tokens)
    return any(other.state is not None and other.state.meaning(other.tokens) == meaning for other in going)


def _decided(done: Sequence[Text], best: _Open, width: int, *, by_sum: bool) -> bool:
    """Say whether no open text can still become the best one."""
    if not done:
        return False
    if by_sum:
        # A row of alternatives is wanted, not the best one only.
        return len(done) >= 2 * width or (len(done) >= width and max(text.total for text in done) - _FAR > best.total)
    return len(done) >= width and max(text.mean for text in done) > best.total / len(best.scores)
