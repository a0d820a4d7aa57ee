"""The header of a WAV file, read before the decoder sees it: to name what is wrong, and to mend one lie.

A recorder that streams, or is cut off, never goes back to write the length of its data: the header then says
0 bytes, or those of its first block, and libsndfile believes it. Here the length of the file counts.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from transcribe.errors import AudioUnreadable

_MAX_CHUNKS = 64
# A chunk's name, behind the byte that makes an odd length even; some writers leave that out.
_CHUNK = re.compile(rb"\0?[A-Za-z][\w ]{3}")
_EXTENSIBLE = 0xFFFE
CODECS = {
    0x0001: "PCM",
    0x0002: "MS ADPCM",
    0x0003: "floating point",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0050: "MPEG",
    0x0055: "MP3",
}
_REFUSED = {
    0x0014: "G.723",
    0x0022: "TrueSpeech",
    0x0038: "AMR-NB",
    0x0042: "G.723.1",
    0x0045: "G.726",
    0x0064: "G.726",
    0x0065: "G.722",
    0x0083: "G.729",
    0x00FF: "AAC",
    0x0160: "Windows Media",
    0x0161: "Windows Media",
    0xA109: "Speex",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WavHeader:
    """Codec tag, channels, rate in Hz, bits of a sample; where the data lie, and how many bytes there are to the end.

    `length_missing`: how many of these are sound the header does not say, or only of a part that was written before.
    """

    codec: int
    channels: int
    rate: int
    bits: int
    data_offset: int
    data_present: int
    length_missing: bool

    @property
    def codec_name(self) -> str:
        """The codec in words."""
        return CODECS.get(self.codec) or _REFUSED.get(self.codec) or f"0x{self.codec:04x}"


def read(file: BinaryIO, size: int) -> WavHeader | None:
    """Read the header of a RIFF/WAVE file of `size` bytes, from its start.

    None for the rare big-endian and 64-bit forms, which are left to the decoder. Raises AudioUnreadable with
    what is wrong.
    """
    if file.read(4) != b"RIFF":
        return None
    file.seek(12)
    form: tuple[int, int, int, int] | None = None
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        name, length = struct.unpack("<4sI", head)
        start = file.tell()
        if name == b"data":
            if form is None:
                raise AudioUnreadable("the WAV header does not say how the sound is coded")
            present = max(0, size - start)
            return _checked(form, start, present, length_missing=_is_missing(file, start, length, present))
        if name == b"fmt ":
            form = _form(file.read(min(length, 40)))
        file.seek(start + length + (length & 1))
    raise AudioUnreadable("the WAV file ends before its sound begins")


def _form(chunk: bytes) -> tuple[int, int, int, int]:
    if len(chunk) < 16:
        raise AudioUnreadable("the WAV header is cut short")
    codec, channels, rate, _bytes_a_second, _align, bits = struct.unpack_from("<HHIIHH", chunk)
    if codec == _EXTENSIBLE and len(chunk) >= 26:
        # The true codec is the first two bytes of the sub-format's GUID.
        (codec,) = struct.unpack_from("<H", chunk, 24)
    return codec, channels, rate, bits


def _is_missing(file: BinaryIO, start: int, claimed: int, present: int) -> bool:
    """Say whether most of a file lies behind its data and is no chunk: a recorder was cut off before it wrote the end.

    Such a one writes zero or the length of its first block, and the true one when it closes the file.
    """
    if claimed == 0:
        return present > 0
    behind = present - claimed
    if behind <= claimed:
        return False
    file.seek(start + claimed)
    return _CHUNK.match(file.read(5)) is None


def _checked(form: tuple[int, int, int, int], offset: int, present: int, *, length_missing: bool) -> WavHeader:
    codec, channels, rate, bits = form
    header = WavHeader(
        codec=codec,
        channels=channels,
        rate=rate,
        bits=bits,
        data_offset=offset,
        data_present=present,
        length_missing=length_missing,
    )
    if codec not in CODECS:
        raise AudioUnreadable(f"the WAV file holds {header.codec_name} sound, which is not readable here")
    return header
