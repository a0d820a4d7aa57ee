"""Decoding: every kind gives the same sound, within caps, whatever its header claims."""

import struct

import numpy as np
import pytest
import soundfile

from transcribe.errors import AudioUnreadable
from transcribe.limits import Limits

LIKE = 0.98


def alike(one, other):
    """Correlation of two sounds over their common length, lags of a few milliseconds allowed."""
    length = min(len(one), len(other)) - 400
    best = 0.0
    for lag in range(0, 400, 2):
        best = max(best, float(np.corrcoef(one[lag : lag + length], other[:length])[0, 1]))
        best = max(best, float(np.corrcoef(other[lag : lag + length], one[:length])[0, 1]))
    return best


def patched(wav, offset_in_fmt, form, value):
    """A WAV file with a field of its fmt chunk overwritten."""
    data = bytearray(wav)
    struct.pack_into(form, data, data.index(b"fmt ") + 8 + offset_in_fmt, value)
    return bytes(data)


def without_length(wav):
    """A WAV file as a recorder leaves it that never came to write the length."""
    data = bytearray(wav)
    struct.pack_into("<I", data, data.index(b"data") + 4, 0)
    return bytes(data)


@pytest.mark.parametrize(
    "form",
    [
        {"subtype": "PCM_16"},
        {"subtype": "PCM_U8"},
        {"subtype": "PCM_24"},
        {"subtype": "FLOAT"},
        {"subtype": "ULAW"},
        {"subtype": "ALAW"},
        {"subtype": "IMA_ADPCM"},
        {"subtype": "MS_ADPCM"},
        {"subtype": "GSM610"},
        {"format": "WAVEX", "subtype": "ULAW"},
        {"format": "RF64", "subtype": "PCM_16"},
        {"subtype": "PCM_16", "endian": "BIG"},
        {"format": "MP3"},
        {"format": "OGG", "subtype": "VORBIS"},
        {"format": "OGG", "subtype": "OPUS"},
        {"format": "FLAC"},
        {"format": "AU", "subtype": "ULAW"},
    ],
    ids=lambda form: "-".join(form.values()),
)
def test_each_readable_kind_decodes_to_the_same_sound(form, tone, encode, decode):
    sound = decode(encode(tone, **form))
    assert abs(len(sound) - len(tone)) < 800
    assert alike(sound, tone) > LIKE


def test_sound_is_brought_to_the_rate_that_the_engine_wants(tone, encode, open_recording):
    recording = open_recording(encode(tone))
    sound = np.concatenate(list(recording.blocks(16_000)))
    assert recording.seconds == pytest.approx(2.0)
    assert len(sound) == pytest.approx(32_000, abs=100)
    assert alike(sound[::2], tone) > LIKE


def test_channels_are_mixed(tone, encode, decode):
    stereo = np.stack([tone, np.zeros_like(tone)], axis=1)
    assert np.abs(decode(encode(stereo, subtype="FLOAT")) - tone / 2).max() < 1e-6


def test_the_header_is_told_in_words(tone, encode, open_recording):
    facts = open_recording(encode(tone, subtype="GSM610")).facts()
    assert (facts.rate, facts.channels, facts.format) == (8000, 1, "WAV, GSM 6.10")
    assert facts.duration == pytest.approx(2.0, abs=0.05)


def test_a_long_recording_is_cut_at_the_cap(encode, open_recording):
    hour = encode(np.zeros(3600 * 8000, np.float32), format="FLAC", subtype="PCM_16")
    assert len(hour) < 1_000_000
    recording = open_recording(hour, Limits(audio_seconds=20))
    assert sum(len(block) for block in recording.blocks(8000)) == 20 * 8000
    assert recording.cut
    assert recording.seconds == 20


def test_a_recording_as_long_as_the_cap_is_not_called_cut(tone, encode, open_recording):
    recording = open_recording(encode(tone), Limits(audio_seconds=2))
    assert sum(len(block) for block in recording.blocks(8000)) == len(tone)
    assert not recording.cut


def test_a_file_over_the_byte_cap_is_refused(tone, encode, open_recording):
    with pytest.raises(AudioUnreadable, match="more than the limit of 0 MB"):
        open_recording(encode(tone), Limits(file_bytes=1000))


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_wav_without_a_length_is_read_to_the_end_of_the_file(subtype, channels, tone, encode, decode):
    wav = encode(np.stack([tone] * channels, axis=1), subtype=subtype)
    assert np.array_equal(decode(without_length(wav)), decode(wav))


def test_a_wav_that_was_cut_off_with_the_length_of_its_first_block_is_read_to_the_end(tone, encode, decode):
    wav = encode(tone)
    at = wav.index(b"data") + 4
    assert np.array_equal(decode(wav[:at] + (320).to_bytes(4, "little") + wav[at + 4 :]), decode(wav))


def test_what_stands_behind_a_short_sound_is_no_part_of_it(tone, encode, decode):
    wav = encode(tone)
    at = wav.index(b"data") + 4
    short = wav[:at] + (320).to_bytes(4, "little") + wav[at + 4 : at + 324]
    rest = b"LIST" + len(wav).to_bytes(4, "little") + b"INFO" + bytes(len(wav))
    assert np.array_equal(decode(short + rest), decode(short))


def test_a_wav_without_a_length_is_refused_where_its_codec_has_blocks(tone, encode, open_recording):
    with pytest.raises(AudioUnreadable, match=r"no length for its GSM 6\.10"):
        open_recording(without_length(encode(tone, subtype="GSM610")))


@pytest.mark.parametrize("share", [0.6, 0.95])
@pytest.mark.parametrize("form", [{"subtype": "ULAW"}, {"format": "MP3"}, {"format": "OGG", "subtype": "VORBIS"}])
def test_a_truncated_file_gives_what_is_there(share, form, tone, encode, decode):
    whole = encode(np.tile(tone, 10), **form)
    sound = decode(whole[: int(len(whole) * share)])
    assert alike(sound[:8000], tone[:8000]) > 0.9


@pytest.mark.parametrize(
    ("offset", "form", "value", "words"),
    [
        (2, "<H", 0, "claims 0 channels"),
        (2, "<H", 60_000, "claims 60000 channels"),
        (4, "<I", 0, "claims 0 samples a second"),
        (4, "<I", 4_000_000_000, "claims 4000000000 samples a second"),
        (0, "<H", 0x0083, r"G\.729"),
        (0, "<H", 0x1234, "0x1234"),
    ],
)
def test_a_header_that_lies_is_refused_with_what_it_claims(offset, form, value, words, tone, encode, open_recording):
    with pytest.raises(AudioUnreadable, match=words):
        open_recording(patched(encode(tone), offset, form, value))


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF\x24\x00\x00\x00WAVE",
        b"RIFF\x24\x00\x00\x00WAVEfmt \x04\x00\x00\x00\x01\x00\x01\x00data\x00\x00\x00\x00",
        b"RIFF\x24\x00\x00\x00WAVEdata\x10\x00\x00\x00" + bytes(16),
        b"RIFF\x24\x00\x00\x00WAVE" + b"junk\x00\x00\x00\x00" * 1000,
        b"fLaC" + bytes(100),
        b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(200),
        b".snd" + bytes(60),
        b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead",
    ],
    ids=["nothing", "short-fmt", "no-fmt", "only-junk", "flac", "mp3", "au", "opus"],
)
def test_a_header_without_sound_is_refused_with_a_reason(data, open_recording):
    with pytest.raises(AudioUnreadable) as refusal:
        list(open_recording(data).blocks(8000))
    assert refusal.value.reason


def test_a_file_with_no_samples_is_refused(encode, open_recording):
    with pytest.raises(AudioUnreadable, match="holds no sound"):
        list(open_recording(encode(np.zeros(0, np.float32))).blocks(8000))


def test_floating_point_samples_in_sixteen_bit_scale_are_scaled_down(tone, encode, decode):
    sound = decode(encode(tone * 32768, subtype="FLOAT"))
    assert alike(sound, tone) > 0.999
    assert np.abs(sound).max() <= 1.0


def test_samples_that_are_no_numbers_become_silence(tone, encode, decode):
    broken = tone.copy()
    broken[1000:1100] = np.nan
    broken[2000] = np.inf
    sound = decode(encode(broken, subtype="FLOAT"))
    assert np.isfinite(sound).all()
    assert not sound[1000:1100].any()


def test_resampling_never_goes_beyond_full_scale(encode, decode):
    square = np.sign(np.sin(np.arange(8000) / 7)).astype(np.float32)
    assert np.abs(decode(encode(square, subtype="FLOAT"), 16_000)).max() <= 1.0


def test_a_file_name_does_not_decide_how_a_file_is_read(tone, encode, tmp_path, decode):
    # soundfile takes a path that ends in .raw for headerless sound; here it never sees a path.
    (tmp_path / "x.raw").write_bytes(encode(tone))
    with pytest.raises(TypeError):
        soundfile.SoundFile(tmp_path / "x.raw")
    assert len(decode((tmp_path / "x.raw").read_bytes())) == len(tone)
