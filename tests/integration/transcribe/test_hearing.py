"""Real speech through the real recogniser, each recording in its own process."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile

from tests.harness.hearing import probe, transcribe_file
from transcribe.run import Limits

RATE = 8000


def test_speech_is_heard(beckett, beckett_words, word_errors):
    transcript = transcribe_file(beckett)
    assert word_errors(transcript.text, beckett_words) <= 0.1
    assert (transcript.engine, transcript.model, transcript.language) == ("moonshine", "tiny-en", "en")
    assert transcript.duration == pytest.approx(9.96, abs=0.02)
    assert transcript.note is None


def test_each_word_has_its_time_and_how_sure_the_engine_is_of_it(beckett):
    transcript = transcribe_file(beckett)
    assert " ".join(word.text for word in transcript.words) == transcript.text
    assert " ".join(segment.text for segment in transcript.segments) == transcript.text
    assert 0.8 < transcript.confidence <= 1
    times = [(word.start, word.end) for word in transcript.words]
    assert times == sorted(times)
    assert all(0 <= start <= end <= transcript.duration for start, end in times)


@pytest.mark.parametrize("subtype", ["ULAW", "ALAW", "GSM610", "IMA_ADPCM"])
def test_telephone_codings_are_heard(subtype, beckett, beckett_words, telephone, word_errors, tmp_path):
    soundfile.write(tmp_path / "call.wav", telephone(beckett), RATE, subtype=subtype)
    assert word_errors(transcribe_file(tmp_path / "call.wav").text, beckett_words) <= 0.2


@pytest.mark.parametrize("form", [{"format": "MP3"}, {"format": "OGG", "subtype": "OPUS"}, {"format": "FLAC"}])
def test_other_kinds_are_heard_whatever_the_file_is_called(
    form, beckett, beckett_words, telephone, word_errors, tmp_path
):
    path = tmp_path / "voicemail.raw"
    with path.open("wb") as file:
        soundfile.write(file, telephone(beckett), RATE, **form)
    assert word_errors(transcribe_file(path).text, beckett_words) <= 0.2


def test_reading_aloud_without_long_pauses_is_heard_without_words_lost_or_doubled(recordings, word_errors):
    said = (
        "it was the best of times it was the worst of times it was the age of wisdom it was the age of foolishness "
        "it was the epoch of belief it was the epoch of incredulity it was the season of light it was the season of "
        "darkness it was the spring of hope it was the winter of despair we had everything before us we had nothing "
        "before us we were all going direct to heaven we were all going direct the other way in short the period was "
        "so far like the present period that some of its noisiest authorities insisted on its being received for good "
        "or for evil in the superlative degree of comparison only"
    )
    transcript = transcribe_file(recordings / "two_cities.wav")
    assert word_errors(transcript.text, said) <= 0.05
    for segment in transcript.segments:
        assert 0 <= segment.start < segment.end <= transcript.duration


def test_the_same_recording_gives_the_same_transcript_every_time(recordings):
    path = recordings / "clone-test.wav"
    first = transcribe_file(path)
    assert first.text
    assert transcribe_file(path) == first


def test_two_recordings_at_once_give_what_each_gives_alone(beckett, recordings):
    paths = [beckett, recordings / "clone-test.wav"]
    alone = [transcribe_file(path) for path in paths]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(transcribe_file, paths)) == alone


def test_ten_minutes_with_long_silences_are_heard_to_the_end(beckett, beckett_words, telephone, word_errors, tmp_path):
    speech = telephone(beckett)
    minute = np.concatenate([speech, np.zeros(60 * RATE - len(speech), np.float32)])
    soundfile.write(tmp_path / "long.wav", np.tile(minute, 10), RATE, subtype="ULAW")
    transcript = transcribe_file(tmp_path / "long.wav")
    assert transcript.duration == 600
    assert [round(segment.start / 60) for segment in transcript.segments] == list(range(10))
    for segment in transcript.segments:
        assert word_errors(segment.text, beckett_words) <= 0.2
        assert segment.end - segment.start < 12


def test_what_is_longer_than_the_cap_is_heard_up_to_it_and_says_so(beckett, telephone, tmp_path):
    speech = telephone(beckett)
    soundfile.write(tmp_path / "long.wav", np.tile(speech, 10), RATE, subtype="ULAW")
    transcript = transcribe_file(tmp_path / "long.wav", limits=Limits(audio_seconds=5))
    assert transcript.duration == 5
    assert transcript.text.lower().startswith("ever tried")
    assert transcript.note == "only the first 5.0 s were transcribed; the recording is longer"


def noise(level):
    """Five seconds of even noise."""
    return lambda: np.random.default_rng(1).normal(0, level, 5 * RATE)


def tones(*pitches, on=0.5, off=0.5):
    """Five seconds of tones that come and go."""

    def made():
        time = np.arange(5 * RATE) / RATE
        sound = sum(np.sin(2 * np.pi * pitch * time) for pitch in pitches) * 0.3
        return sound * (time % (on + off) < on)

    return made


def clicks():
    """A handset that is put down, some hum, a click."""
    sound = 0.01 * np.sin(2 * np.pi * 50 * np.arange(5 * RATE) / RATE)
    for at in (4000, 4100, 20_000):
        sound[at : at + 40] += np.linspace(0.9, 0, 40)
    return sound


@pytest.mark.parametrize(
    "sound",
    [
        lambda: np.zeros(5 * RATE),
        lambda: np.zeros(RATE // 10),
        noise(0.001),
        noise(0.1),
        tones(480, 620),
        tones(440, on=5.0, off=0.0),
        tones(697, 1209, on=0.1, off=0.1),
        clicks,
    ],
    ids=["silence", "a-tenth-of-a-second", "hiss", "noise", "busy-tone", "tone", "keys", "clicks"],
)
def test_no_words_are_made_up_where_nobody_speaks(sound, tmp_path):
    soundfile.write(tmp_path / "call.wav", sound(), RATE, subtype="ULAW")
    transcript = transcribe_file(tmp_path / "call.wav")
    assert transcript.text == ""
    assert transcript.segments == ()
    assert transcript.note == "no speech was heard"


@pytest.mark.parametrize("name", ["success.wav", "error.wav"])
def test_chimes_are_no_words(name, recordings):
    assert transcribe_file(recordings / name).text == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "librivox-0870.wav",
            (
                "and mr john dashwood had then leisure to consider how much there might be prudently in his power "
                "to do for them"
            ),
        ),
        ("librivox-0890.wav", "unless to be rather cold hearted and rather selfish is to be ill disposed"),
    ],
)
def test_readers_are_heard_over_the_telephone(name, said, shared, telephone, word_errors, tmp_path):
    soundfile.write(tmp_path / "call.wav", telephone(shared / "speech" / name), RATE, subtype="ULAW")
    heard = transcribe_file(tmp_path / "call.wav").text.replace("-", " ")
    assert word_errors(heard, said) <= 0.1


def test_the_header_is_read_without_hearing(beckett):
    facts = probe(beckett)
    assert (facts.rate, facts.channels, facts.format) == (16_000, 1, "WAV, Signed 16 bit PCM")
    assert facts.duration == pytest.approx(9.96, abs=0.02)


def test_a_recording_can_be_heard_from_a_thread_that_may_be_cancelled(beckett):
    assert transcribe_file(beckett, cancel=threading.Event()).text
