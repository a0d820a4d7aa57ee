"""Sound of a WAV file whose header gives no length: libsndfile would see none, so it is read here.

Only the codecs that streaming recorders write (PCM, floating point, G.711); the object has the few methods of
`soundfile.SoundFile` that decoding uses.
"""

from __future__ import annotations

import os

import numpy as np
import numpy.typing as npt

from transcribe.errors import AudioUnreadable
from transcribe.wav_header import WavHeader

Frames = npt.NDArray[np.float32]
"""Shape (frames, channels)."""

_WIDTHS = {
    (0x0001, 8): 1,
    (0x0001, 16): 2,
    (0x0001, 24): 3,
    (0x0001, 32): 4,
    (0x0003, 32): 4,
    (0x0003, 64): 8,
    (0x0006, 8): 1,
    (0x0007, 8): 1,
}


class RawWav:
    """The data of a WAV file, from where they begin to the end of the file."""

    def __init__(self, descriptor: int, header: WavHeader) -> None:
        """Read from `descriptor` by position; raises AudioUnreadable for a codec that has blocks."""
        width = _WIDTHS.get((header.codec, header.bits))
        if width is None:
            raise AudioUnreadable(f"the WAV header gives no length for its {header.codec_name} sound")
        self._descriptor = descriptor
        self._header = header
        self._width = width
        self._at = 0
        self.samplerate = header.rate
        self.channels = header.channels
        self.frames = header.data_present // (width * header.channels)
        self.subtype = "FLOAT" if header.codec == 0x0003 else header.codec_name
        self.subtype_info = f"{header.codec_name}, length not given"

    def read(self, frames: int) -> Frames:
        """Return up to `frames` frames, fewer at the end, none after it."""
        step = self._width * self.channels
        wanted = min(frames, self.frames - self._at)
        data = os.pread(self._descriptor, wanted * step, self._header.data_offset + self._at * step)
        self._at += len(data) // step
        samples = self._decoded(data[: len(data) // step * step])
        return samples.reshape(-1, self.channels).astype(np.float32)

    def seekable(self) -> bool:
        """Always: the data are addressed by position."""
        return True

    def tell(self) -> int:
        """The frame that is read next."""
        return self._at

    def seek(self, frame: int) -> int:
        """Go to a frame, counted from the first."""
        self._at = frame
        return frame

    def close(self) -> None:
        """Nothing is held: the descriptor is the caller's."""

    def _decoded(self, data: bytes) -> npt.NDArray[np.floating]:
        if self._header.codec == 0x0003:
            return np.frombuffer(data, f"<f{self._width}")
        if self._header.codec == 0x0006:
            return _A_LAW[np.frombuffer(data, np.uint8)]
        if self._header.codec == 0x0007:
            return _MU_LAW[np.frombuffer(data, np.uint8)]
        if self._width == 1:
            return (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
        if self._width == 3:
            # Three bytes become the upper three of four.
            padded = np.zeros((len(data) // 3, 4), np.uint8)
            padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return padded.view("<i4")[:, 0] / np.float32(2**31)
        return np.frombuffer(data, f"<i{self._width}") / np.float32(2 ** (8 * self._width - 1))


def _mu_law() -> Frames:
    """ITU-T G.711, table 2: each of the 256 codes as a sample of full scale 1."""
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 0x0F).astype(np.int32) << 3) + 0x84 << (code >> 4 & 7).astype(np.int32)) - 0x84
    return (np.where(code & 0x80, -magnitude, magnitude) / 32768).astype(np.float32)


def _a_law() -> Frames:
    """ITU-T G.711, table 1: each of the 256 codes as a sample of full scale 1."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, step = (code >> 4 & 7).astype(np.int32), (code & 0x0F).astype(np.int32) << 4
    magnitude = np.where(exponent > 0, (step + 0x108) << np.maximum(exponent - 1, 0), step + 8)
    return (np.where(code & 0x80, magnitude, -magnitude) / 32768).astype(np.float32)


_MU_LAW = _mu_law()
_A_LAW = _a_law()
