"""Recordings in the kinds that need the `av` extra: heard, and what hides behind them refused."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.harness.hearing import probe, transcribe_file
from transcribe.run import Limits, TranscriptionFailed


def _write(path: Path, sound: np.ndarray, rate: int, form: str, codec: str) -> Path:
    """Encode one channel with FFmpeg."""
    with av.open(path, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono", bit_rate=32_000)
        frame = av.AudioFrame.from_ndarray(sound.astype(np.float32).reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        resampler = av.AudioResampler(stream.codec_context.format, "mono", rate, stream.codec_context.frame_size or 160)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("form", "codec", "rate", "kind"),
    [
        ("ipod", "aac", 8000, "M4A"),
        ("webm", "libopus", 8000, "WebM"),
        ("asf", "wmav2", 16000, "WMA"),
        ("adts", "aac", 16000, "AAC"),
    ],
)
def test_they_are_heard(form, codec, rate, kind, beckett, beckett_words, telephone, word_errors, tmp_path):
    sound = telephone(beckett)
    sound = np.interp(np.arange(0, len(sound), 8000 / rate), np.arange(len(sound)), sound)
    path = _write(tmp_path / "voicemail.wav", sound, rate, form, codec)
    assert probe(path).format.startswith(kind)
    heard = transcribe_file(path)
    assert word_errors(heard.text, beckett_words) <= 0.2
    assert heard.duration == pytest.approx(len(sound) / rate, abs=0.2)


def test_what_is_broken_off_is_heard_to_there(beckett, telephone, tmp_path):
    path = _write(tmp_path / "voicemail", telephone(beckett), 8000, "webm", "libopus")
    path.write_bytes(path.read_bytes()[:-20_000])
    assert transcribe_file(path).text.startswith("Ever tried")


@pytest.mark.parametrize(
    "start", [b"\x00\x00\x00\x20ftypM4A ", b"\x1aE\xdf\xa3", b"0&\xb2u\x8ef\xcf\x11", b"\xff\xf1\x50\x80"]
)
def test_a_header_that_lies_is_a_sentence(start, tmp_path):
    path = tmp_path / "voicemail"
    path.write_bytes(start + b"ffconcat version 1.0\nfile /etc/hostname\n" * 50)
    with pytest.raises(TranscriptionFailed) as caught:
        transcribe_file(path)
    assert caught.value.permanent
    assert "file" in caught.value.reason or "header" in caught.value.reason


def test_hours_of_silence_are_cut_and_said_to_be(tmp_path):
    path = _write(tmp_path / "long", np.zeros(8000 * 60), 8000, "webm", "libopus")
    heard = transcribe_file(path, limits=Limits(audio_seconds=20))
    assert heard.duration == pytest.approx(20, abs=0.1)
    assert "only the first 20.0 s were transcribed" in heard.note
