"""Sound out of a file, block by block: decoded, mixed to one channel, at the engine's rate, and capped.

Runs in the child process only: libsndfile has crashed on hostile files before.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from transcribe import kinds, wav_header
from transcribe.errors import AudioUnreadable
from transcribe.limits import Limits
from transcribe.raw_wav import RawWav
from transcribe.transcript import AudioFacts

if TYPE_CHECKING:
    from transcribe.av_sound import AvSound

Samples = npt.NDArray[np.float32]
"""One channel, full scale is -1.0 to 1.0."""

MAX_CHANNELS = 8
MIN_RATE = 4_000
MAX_RATE = 192_000


class Recording:
    """An open recording. Iterate `blocks` once; `seconds`, `cut` and `damaged` then say what came of it.

    `seconds`: length of the sound that was decoded. `cut`: it went on after the cap. `damaged`: the decoder
    gave up before the end, and what came before is used.
    """

    def __init__(self, descriptor: int, limits: Limits) -> None:
        """Open what `descriptor` (a regular file, read access) holds; raises AudioUnreadable."""
        self._limits = limits
        self._descriptor = descriptor
        self.seconds = 0.0
        self.cut = False
        self.damaged = False
        self._kind = kinds.recognise(self._head(), with_av=find_spec("av") is not None)
        self._sound = self._open()
        self._check()

    def facts(self) -> AudioFacts:
        """What the header says."""
        return AudioFacts(
            duration=self._sound.frames / self._sound.samplerate,
            rate=self._sound.samplerate,
            channels=self._sound.channels,
            format=f"{self._kind}, {self._sound.subtype_info}",
        )

    def close(self) -> None:
        """Free the decoder; the descriptor stays the caller's."""
        self._sound.close()

    def blocks(self, rate: int) -> Iterator[Samples]:
        """Yield the sound in pieces of about a second at `rate` Hz; raises AudioUnreadable for none."""
        source_rate = self._sound.samplerate
        mono = self._mono()
        for block in mono if source_rate == rate else _resampled(mono, source_rate, rate):
            # Filters overshoot, and what is beyond full scale would wrap around in 16 bits.
            yield np.clip(block, -1.0, 1.0)
        if not self.seconds:
            raise AudioUnreadable(f"the {self._kind} file holds no sound")

    def _head(self) -> bytes:
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise AudioUnreadable("the path is not a file")
        if status.st_size > self._limits.file_bytes:
            size, limit = status.st_size / 1e6, self._limits.file_bytes / 1e6
            raise AudioUnreadable(f"the file has {size:.0f} MB, more than the limit of {limit:.0f} MB")
        self._size = status.st_size
        return os.pread(self._descriptor, kinds.HEAD_BYTES, 0)

    def _open(self) -> soundfile.SoundFile | RawWav | AvSound:
        # By descriptor: libsndfile reads it itself. A Python file object would need callbacks into writable
        # and executable memory, which systemd's MemoryDenyWriteExecute= forbids; a path's ending misleads it.
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        if self._kind in kinds.BY_AV:
            from transcribe.av_sound import AvSound  # FFmpeg's libraries: only where they are there, and needed

            return AvSound(self._descriptor, self._kind)
        try:
            if self._kind == "WAV":
                header = self._wav_header()
                if header is not None and header.length_missing:
                    return RawWav(self._descriptor, header)
            return soundfile.SoundFile(self._descriptor, closefd=False)
        except soundfile.LibsndfileError as error:
            raise AudioUnreadable(f"the {self._kind} file cannot be decoded: {_plain(error)}") from error

    def _wav_header(self) -> wav_header.WavHeader | None:
        with open(self._descriptor, "rb", closefd=False) as file:
            header = wav_header.read(file, self._size)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        if header is not None:
            _check_shape(self._kind, header.channels, header.rate)
        return header

    def _check(self) -> None:
        try:
            _check_shape(self._kind, self._sound.channels, self._sound.samplerate)
        except AudioUnreadable:
            self._sound.close()
            raise

    def _mono(self) -> Iterator[Samples]:
        """Decode a second at a time, to the cap; NaN is silence, what is beyond full scale is scaled down."""
        rate = self._sound.samplerate
        left = int(self._limits.audio_seconds * rate)
        scale = self._scale()
        while (block := self._read(min(rate, max(left, 1)))) is not None:
            if left <= 0:
                self.cut = True
                return
            left -= len(block)
            self.seconds += len(block) / rate
            sane = np.clip(np.nan_to_num(block) * scale, -1.0, 1.0)
            yield sane.mean(axis=1, dtype=np.float32)

    def _read(self, frames: int) -> Samples | None:
        # read(n) alone works for GSM 6.10, where libsndfile cannot seek; blocks() and read() raise.
        try:
            if not isinstance(self._sound, soundfile.SoundFile):
                block: Samples = self._sound.read(frames)
            else:
                block = self._sound.read(frames, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            if not self.seconds:
                raise AudioUnreadable(f"the {self._kind} file cannot be decoded: {_plain(error)}") from error
            self.damaged = True
            return None
        return block if len(block) else None

    def _scale(self) -> np.float32:
        """1, except for floating-point files that hold more than full scale (some hold 16-bit numbers)."""
        if self._sound.subtype not in {"FLOAT", "DOUBLE"} or not self._sound.seekable():
            return np.float32(1.0)
        peak, left = 1.0, int(self._limits.audio_seconds * self._sound.samplerate)
        start = self._sound.tell()
        while left > 0 and (block := self._read(self._sound.samplerate)) is not None:
            left -= len(block)
            finite = np.abs(block[np.isfinite(block)])
            peak = max(peak, float(finite.max(initial=0.0)))
        self._sound.seek(start)
        return np.float32(1.0 / peak)


def _resampled(blocks: Iterable[Samples], source_rate: int, rate: int) -> Iterator[Samples]:
    stream = soxr.ResampleStream(source_rate, rate, 1, dtype="float32", quality="HQ")
    for block in blocks:
        out: Samples = stream.resample_chunk(block)
        if len(out):
            yield out
    rest: Samples = stream.resample_chunk(np.zeros(0, np.float32), last=True)
    if len(rest):
        yield rest


def _check_shape(kind: str, channels: int, rate: int) -> None:
    if not 1 <= channels <= MAX_CHANNELS:
        raise AudioUnreadable(f"the {kind} header claims {channels} channels; 1 to {MAX_CHANNELS} can be read")
    if not MIN_RATE <= rate <= MAX_RATE:
        raise AudioUnreadable(f"the {kind} header claims {rate} samples a second; {MIN_RATE} to {MAX_RATE} can be read")


def _plain(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).strip().rstrip(".")
