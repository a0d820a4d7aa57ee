"""Sound in the kinds that libsndfile does not read (AMR, M4A, WebM, Windows Media, AAC, Speex): the `av` extra.

FFmpeg reads hundreds of formats, and playlists that name other files. It is only shown what kinds.py knows, told which
demultiplexers it may use, and may open nothing but the file that it was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import av.error
import numpy as np
import numpy.typing as npt

from transcribe.errors import AudioUnreadable
from transcribe.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.frame import AudioFrame

Frames = npt.NDArray[np.float32]
"""Shape (frames, channels)."""

_FORMATS: dict[Kind, str] = {
    "AMR": "amr",
    "M4A": "mov,mp4,m4a,3gp,3g2,mj2,mov",
    "WebM": "matroska,webm,matroska",
    "WMA": "asf",
    "AAC": "aac",
    "Speex": "ogg",
}
_BROKEN_PACKETS = 1000
"""So many in a row, and what follows is no sound any more."""


class AvSound:
    """One channel of the file's first sound; the few methods of `soundfile.SoundFile` that decoding uses."""

    def __init__(self, descriptor: int, kind: Kind) -> None:
        """Open it by its descriptor; raises AudioUnreadable."""
        self._kind = kind
        file = open(descriptor, "rb", closefd=False)  # noqa: SIM115 closed with the sound
        options = {"format_whitelist": _FORMATS[kind], "protocol_whitelist": "none"}
        try:
            self._container = av.open(file, mode="r", options=options, container_options=options)
        except (av.error.FFmpegError, ValueError) as error:
            raise self._unreadable(error) from error
        if not self._container.streams.audio:
            raise AudioUnreadable(f"the {kind} file holds no sound")
        self._stream = self._container.streams.audio[0]
        self._stream.codec_context.thread_count = 1
        self.samplerate = int(self._stream.codec_context.sample_rate or 0)
        self.channels = int(self._stream.codec_context.channels or 0)
        seconds = float(self._container.duration or 0) / av.time_base
        self.frames = round(seconds * self.samplerate)
        self.subtype = ""
        self.subtype_info = str(self._stream.codec_context.name)
        self._rest: Frames = np.zeros((0, 1), np.float32)
        self._source = self._decoded()

    def read(self, frames: int) -> Frames:
        """Return up to `frames` frames, fewer at the end, none after it."""
        while len(self._rest) < frames and (block := next(self._source, None)) is not None:
            self._rest = np.concatenate([self._rest, block])
        block, self._rest = self._rest[:frames], self._rest[frames:]
        return block

    def seekable(self) -> bool:
        """Never: it is read once."""
        return False

    def tell(self) -> int:
        """Not to be asked: see `seekable`."""
        raise NotImplementedError

    def seek(self, frame: int) -> int:
        """Not to be asked: see `seekable`."""
        raise NotImplementedError

    def close(self) -> None:
        """Free the decoder; the descriptor stays the caller's."""
        self._container.close()

    def _decoded(self) -> Iterator[Frames]:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=self.samplerate)
        for frame in self._frames():
            for mono in resampler.resample(frame):
                yield mono.to_ndarray().reshape(-1, 1).astype(np.float32)

    def _frames(self) -> Iterator[AudioFrame]:
        """Decode packet by packet: one that is damaged costs its own sound, not the rest."""
        broken = 0
        try:
            for packet in self._container.demux(self._stream):
                try:
                    yield from packet.decode()
                    broken = 0
                except av.error.InvalidDataError:
                    broken += 1
                    if broken > _BROKEN_PACKETS:
                        return
        except av.error.FFmpegError:
            return  # the container ends in the middle: what came before is used

    def _unreadable(self, error: Exception) -> AudioUnreadable:
        said = getattr(error, "strerror", None) or str(error)
        return AudioUnreadable(f"the {self._kind} file cannot be decoded: {said}")
