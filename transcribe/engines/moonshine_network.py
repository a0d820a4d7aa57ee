"""Moonshine's two networks: one hears a stretch of sound, the other says how likely each next token is.

libmoonshine runs the same files, but gives one text and no word of how sure it is. Run here, several readings can be
held against each other, a reading can be kept to digits, and each word has its probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import onnxruntime

from transcribe.engines.moonshine_tokens import START

if TYPE_CHECKING:
    from transcribe.audio import Samples

LogProbabilities = npt.NDArray[np.float32]
"""Of each token, for each text: shape (texts, tokens)."""

RATE = 16_000
_SAMPLES_A_FRAME = 384
_WEIGHED_AT_ONCE = 100
"""Tokens: for each the network gives 32,768 probabilities, 13 MB."""
_CACHE, _HEARD = "past_key_values", ".encoder."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What was heard in several views of one stretch: shape (views, frames, width), and which samples are real."""

    frames: npt.NDArray[np.float32]
    mask: npt.NDArray[np.int64]

    def times(self, texts: int) -> Sound:
        """Return the same for several texts side by side."""
        if texts == 1:
            return self
        return Sound(frames=np.tile(self.frames, (texts, 1, 1)), mask=np.tile(self.mask, (texts, 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the decoder keeps of the tokens so far: a row for each text and view, views running fastest."""

    arrays: dict[str, npt.NDArray[np.float32]]

    def take(self, texts: Sequence[int], views: int) -> Memory:
        """Return the rows of some texts, in that order, each with all of its views."""
        rows = np.array([text * views + view for text in texts for view in range(views)])
        return Memory(
            arrays={
                # All texts are about the same sound: what was heard of it is most of the memory, and no text's own.
                name: _resized(array, len(rows), views) if _HEARD in name else array[rows]
                for name, array in self.arrays.items()
            }
        )


class Network:
    """Encoder and decoder, one thread; about 170 MB."""

    def __init__(self, folder: Path) -> None:
        """Load both files of a model's folder; raises RuntimeError (onnxruntime's)."""
        self._encoder = _session(folder / "encoder_model.ort")
        self._decoder = _session(folder / "decoder_model_merged.ort")
        present = [output.name for output in self._decoder.get_outputs()][1:]
        self._cached = [name.replace("present", _CACHE) for name in present]
        shape = next(entry.shape for entry in self._decoder.get_inputs() if entry.name in self._cached)
        self._empty = (int(shape[1]), 0, int(shape[3]))  # heads, tokens, width

    def hear(self, views: Sequence[Samples]) -> Sound:
        """Encode views of one stretch; they may differ in length."""
        heard = [self._encode(view) for view in views]
        longest = max(len(frames) for frames in heard)
        frames = np.zeros((len(heard), longest, heard[0].shape[1]), np.float32)
        mask = np.zeros((len(heard), longest * _SAMPLES_A_FRAME), np.int64)
        for row, one in enumerate(heard):
            frames[row, : len(one)] = one
            mask[row, : len(one) * _SAMPLES_A_FRAME] = 1
        return Sound(frames=frames, mask=mask)

    def next(
        self, tokens: Sequence[Sequence[int]], sound: Sound, memory: Memory | None
    ) -> tuple[LogProbabilities, Memory]:
        """Say what may come after the last of each text's new tokens.

        `tokens`: for each text what was added since `memory` (all of it where that is None), equally many. The
        probabilities are the geometric mean over the views: a token that one view finds impossible is improbable.
        """
        views = len(sound.frames) // len(tokens)
        feed = {
            "input_ids": np.repeat(np.array(tokens, np.int64), views, axis=0),
            "encoder_hidden_states": sound.frames,
            "encoder_attention_mask": sound.mask,
            "use_cache_branch": np.array([memory is not None]),
        }
        past = memory.arrays if memory else self._nothing(len(sound.frames))
        # With a memory, the network hands on no copy of what it heard.
        kept = {} if memory is None else {name: array for name, array in past.items() if _HEARD in name}
        wanted = [name for name in self._cached if name not in kept]
        outputs = ["logits", *(name.replace(_CACHE, "present") for name in wanted)]
        scores, *present = self._decoder.run(outputs, {**feed, **past})
        arrays = kept | dict(zip(wanted, present, strict=True))
        each = _log_softmax(scores[:, -1]).reshape(len(tokens), views, -1)
        return each.mean(axis=1), Memory(arrays=arrays)

    def weigh(self, texts: Sequence[Sequence[int]], sound: Sound) -> list[list[float]]:
        """Return the log probability of each token of whole texts, as `next` would give it one by one."""
        longest = max(map(len, texts))
        at_once = max(1, _WEIGHED_AT_ONCE // longest)
        found = (self._weigh(texts[at : at + at_once], longest, sound) for at in range(0, len(texts), at_once))
        return [scores for some in found for scores in some]

    def _weigh(self, texts: Sequence[Sequence[int]], longest: int, sound: Sound) -> list[list[float]]:
        given = np.full((len(texts), longest), START, np.int64)
        for row, text in enumerate(texts):
            given[row, 1 : len(text)] = text[:-1]
        scores = [np.zeros(len(text)) for text in texts]
        for frames, mask in zip(sound.frames, sound.mask, strict=True):
            feed = {
                "input_ids": given,
                "encoder_hidden_states": np.repeat(frames[None], len(texts), axis=0),
                "encoder_attention_mask": np.repeat(mask[None], len(texts), axis=0),
                "use_cache_branch": np.array([False]),
            }
            (likely,) = self._decoder.run(["logits"], feed | self._nothing(len(texts)))
            for row, text in enumerate(texts):
                own = _log_softmax(likely[row, : len(text)])
                scores[row] += own[np.arange(len(text)), list(text)] / len(sound.frames)
        return [row.tolist() for row in scores]

    def _encode(self, samples: Samples) -> npt.NDArray[np.float32]:
        batch = np.ascontiguousarray(samples, np.float32)[None]
        feed = {"input_values": batch, "attention_mask": np.ones(batch.shape, np.int64)}
        frames: npt.NDArray[np.float32] = self._encoder.run(None, feed)[0][0]
        return frames

    def _nothing(self, rows: int) -> dict[str, npt.NDArray[np.float32]]:
        heads, tokens, width = self._empty
        return {name: np.zeros((rows, heads, tokens, width), np.float32) for name in self._cached}


def _resized(array: npt.NDArray[np.float32], rows: int, views: int) -> npt.NDArray[np.float32]:
    """Return so many rows of what was heard; as texts come and go, in the same place, or memory is in pieces soon."""
    base = array.base
    whole = base if isinstance(base, np.ndarray) and base.shape[1:] == array.shape[1:] else array
    return whole[:rows] if rows <= len(whole) else np.concatenate([array[:views]] * (rows // views))


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The files were optimised when they were made; to try again takes a third of the time to load them.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # An arena keeps what the longest stretch ever needed, 150 MB, and saves no time that could be measured.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3  # errors; warnings of the processor's kind are of no use to anybody
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _log_softmax(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    shifted = scores - scores.max(axis=-1, keepdims=True)
    result: npt.NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
