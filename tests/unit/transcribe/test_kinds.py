"""Files are known by their first bytes alone."""

import pytest

from transcribe.errors import AudioUnreadable
from transcribe.kinds import recognise

OGG_PAGE = b"OggS\x00\x02" + bytes(20) + b"\x01\x13"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "WAV"),
        (b"RIFX\x00\x00\x00\x24WAVEfmt ", "WAV"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "WAV"),
        (b"ID3\x04\x00\x00", "MP3"),
        (b"\xff\xfb\x90\x64", "MP3"),
        (b"\xff\xf3\x40\xc4", "MP3"),
        (OGG_PAGE + b"OpusHead\x01", "OGG"),
        (OGG_PAGE + b"\x01vorbis", "OGG"),
        (b"fLaC\x00\x00\x00\x22", "FLAC"),
        (b".snd\x00\x00\x00\x18", "AU"),
    ],
)
def test_readable_kinds_are_told_by_their_magic_bytes(head, kind):
    assert recognise(head, with_av=False) == kind


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"\xef\xbb\xbf  \r\n<HTML lang=en>", "an HTML page"),
        (b'<?xml version="1.0"?><TwilioResponse>', "an XML document"),
        (b'{"code": 20404, "message": "not found"}', "a JSON document"),
        (b"#EXTM3U\n#EXTINF:1\nother.wav\n", "a playlist"),
        (b"ffconcat version 1.0\nfile pcm16.wav\n", "a playlist"),
        (b"[playlist]\nFile1=http://example.com/", "a playlist"),
        (b"#!AMR\n\x3c", "AMR"),
        (b"\x00\x00\x00\x20ftypM4A \x00", "M4A"),
        (b"\x1aE\xdf\xa3\x9f", "WebM"),
        (b"0&\xb2u\x8ef\xcf\x11\xa6\xd9", "Windows Media"),
        (b"\xff\xf1\x50\x80", "AAC"),
        (OGG_PAGE + b"Speex   1.2", "Speex"),
        (OGG_PAGE + b"\x80theora", "an OGG file without"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", "a RIFF file without sound"),
        (b"FORM\x00\x00\x00\x24AIFF", "AIFF"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04\x14", "a ZIP"),
        ((b"\xd4" + bytes(32)) * 8, "GSM audio without a WAV header"),
        ("Bonjour à tous, où êtes-vous ?".encode(), "text"),
        (b"\x8a\x01\x02\x03\x04\x05\x06\x07", "no kind of audio that is known"),
        (b"\xff", "no kind of audio that is known"),
        (b"\xff\xff\xff\xff", "no kind of audio that is known"),
    ],
)
def test_what_is_refused_is_named(head, words):
    with pytest.raises(AudioUnreadable) as refusal:
        recognise(head, with_av=False)
    assert words in refusal.value.reason


def test_an_empty_file_is_called_empty():
    with pytest.raises(AudioUnreadable, match="empty"):
        recognise(b"", with_av=True)
