"""What a file is, told by its first bytes: an allow-list, and names for what is refused.

File names and media types come from strangers and are not looked at. The decoder is only ever shown a file
whose first bytes are on the list: a playlist must not make it open other files, and its dozens of rare
formats are attack surface without use here.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Literal

from transcribe.errors import AudioUnreadable

Kind = Literal["WAV", "MP3", "OGG", "FLAC", "AU", "AMR", "M4A", "WebM", "WMA", "AAC", "Speex"]

HEAD_BYTES = 512
_GSM_FRAME = 33

_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"#!AMR", "AMR audio"),
    (b"\x1aE\xdf\xa3", "a WebM or Matroska file"),
    (b"0&\xb2u\x8ef\xcf\x11", "Windows Media (WMA) audio"),
    (b"FORM", "AIFF audio"),
    (b"caff", "Core Audio (CAF) audio"),
    (b"riff.\x91\xcf\x11", "Sony Wave64 audio"),
    (b"wvpk", "WavPack audio"),
    (b"MThd", "a MIDI file"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
_TEXTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("<!doctype html", "<html", "<head", "<body"), "an HTML page"),
    (("<?xml", "<twiml", "<response"), "an XML document"),
    (("#extm3u", "[playlist]", "ffconcat", "<asx", "<smil"), "a playlist, which names other files"),
    (("{", "["), "a JSON document"),
)


def recognise(head: bytes, *, with_av: bool) -> Kind:
    """Say which kind of sound a file is, from its first `HEAD_BYTES` bytes; raises AudioUnreadable for none.

    `with_av`: the kinds that need the `av` extra count, too.
    """
    if not head:
        raise AudioUnreadable("the file is empty")
    for kind, test in _READABLE:
        if test(head):
            return kind
    if (foreign := next((kind for kind, test in _BY_AV if test(head)), None)) is not None:
        if with_av:
            return foreign
        raise AudioUnreadable(f'the file looks like {_name(head)}, which needs inboxd\'s extra "av" to be read')
    raise AudioUnreadable(f"the file looks like {_name(head)}, which is not readable here")


def _is_wav(head: bytes) -> bool:
    return head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:12] == b"WAVE"


def _is_ogg(head: bytes) -> bool:
    # RFC 3533 section 6: 27 bytes and the segment table, then the first packet, which names the codec.
    if head[:4] != b"OggS" or len(head) < 28:
        return False
    packet = head[27 + head[26] :]
    return packet.startswith((b"\x01vorbis", b"OpusHead", b"\x7fFLAC"))


def _is_mp3(head: bytes) -> bool:
    if head.startswith(b"ID3"):
        return True
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 3
    # Layer 0 is AAC in ADTS; the other three are values that no frame header may hold (ISO 11172-3, 2.4.2.3).
    return layer != 0 and version != 1 and bit_rate != 15 and sample_rate != 3


_READABLE: tuple[tuple[Kind, Callable[[bytes], bool]], ...] = (
    ("WAV", _is_wav),
    ("OGG", _is_ogg),
    ("FLAC", lambda head: head.startswith(b"fLaC")),
    ("AU", lambda head: head.startswith((b".snd", b"dns."))),
    ("MP3", _is_mp3),
)


_BY_AV: tuple[tuple[Kind, Callable[[bytes], bool]], ...] = (
    ("AMR", lambda head: head.startswith(b"#!AMR")),
    ("M4A", lambda head: head[4:8] == b"ftyp"),
    ("WebM", lambda head: head.startswith(b"\x1aE\xdf\xa3")),
    ("WMA", lambda head: head.startswith(b"0&\xb2u\x8ef\xcf\x11")),
    ("AAC", lambda head: head[0] == 0xFF and len(head) > 1 and head[1] & 0xF6 == 0xF0),
    ("Speex", lambda head: head.startswith(b"OggS") and b"Speex   " in head),
)
BY_AV = frozenset(kind for kind, _ in _BY_AV)
"""What libsndfile does not read, and FFmpeg does."""


def _name(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "M4A or MP4 audio"
    if head.startswith(b"OggS"):
        return "Speex audio" if b"Speex   " in head else "an OGG file without Vorbis or Opus sound"
    if head.startswith(b"RIFF"):
        return "a RIFF file without sound (a video, perhaps)"
    if head[0] == 0xFF and len(head) > 1 and head[1] & 0xF6 == 0xF0:
        return "AAC audio"
    for prefix, name in _PREFIXES:
        if head.startswith(prefix):
            return name
    # GSM 06.10 has no header, but each frame of 33 bytes begins with the signature 0xD.
    if len(head) > 3 * _GSM_FRAME and all(byte >> 4 == 0xD for byte in head[::_GSM_FRAME]):
        return "GSM audio without a WAV header"
    return _name_of_text(head)


def _name_of_text(head: bytes) -> str:
    try:
        # Not final: the last character of the head may be cut in two.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return "no kind of audio that is known"
    for openings, name in _TEXTS:
        if text.lstrip().lower().startswith(openings):
            return name
    if text and all(character.isprintable() or character.isspace() for character in text):
        return "text"
    return "no kind of audio that is known"
