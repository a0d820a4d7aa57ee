"""A killed, starved, misled or cancelled recogniser costs one attempt, and nothing else."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.harness.hearing import probe, transcribe_file
from transcribe.run import Limits, TranscriptionCancelled, TranscriptionFailed

RATE = 8000


@pytest.fixture(scope="session")
def half_an_hour(tmp_path_factory, beckett, telephone):
    """A recording that keeps a recogniser busy for as long as a test needs."""
    path = tmp_path_factory.mktemp("long") / "long.wav"
    soundfile.write(path, np.tile(telephone(beckett), 80), RATE, subtype="ULAW")
    return path


def test_a_killed_recogniser_is_a_temporary_failure_and_the_next_attempt_succeeds(
    half_an_hour, beckett, beckett_words, word_errors, child_of
):
    with ThreadPoolExecutor(1) as pool:
        attempt = pool.submit(transcribe_file, half_an_hour)
        os.kill(child_of(os.getpid()), signal.SIGKILL)
        with pytest.raises(TranscriptionFailed, match="killed by SIGKILL") as failure:
            attempt.result()
    assert not failure.value.permanent
    assert word_errors(transcribe_file(beckett).text, beckett_words) <= 0.1


def test_a_recogniser_that_takes_too_long_is_killed(half_an_hour, child_of, wait_until_gone):
    with ThreadPoolExecutor(1) as pool:
        attempt = pool.submit(transcribe_file, half_an_hour, limits=Limits(wall_seconds=2.0))
        child = child_of(os.getpid())
        with pytest.raises(TranscriptionFailed, match="longer than 2 s") as failure:
            attempt.result()
    assert not failure.value.permanent
    wait_until_gone(child)


def test_a_recogniser_is_killed_when_its_work_is_no_longer_wanted(half_an_hour, child_of, wait_until_gone):
    cancel = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        attempt = pool.submit(transcribe_file, half_an_hour, cancel=cancel)
        child = child_of(os.getpid())
        cancel.set()
        with pytest.raises(TranscriptionCancelled) as failure:
            attempt.result()
    assert not failure.value.permanent
    wait_until_gone(child)


def test_a_killed_daemon_leaves_no_recogniser_behind(half_an_hour, child_of, wait_until_gone):
    code = "import pathlib, sys, transcribe.run as t; t.Recogniser().transcribe(pathlib.Path(sys.argv[1]))"
    root = Path(__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", code, str(half_an_hour)], cwd=root) as daemon:
        child = child_of(daemon.pid)
        daemon.kill()
    wait_until_gone(child)


def test_processor_time_is_limited(half_an_hour):
    with pytest.raises(TranscriptionFailed, match="more than 2 s of processor time") as failure:
        transcribe_file(half_an_hour, limits=Limits(cpu_seconds=2))
    assert not failure.value.permanent


@pytest.mark.parametrize("mebibytes", [120, 250, 340])
def test_too_little_memory_is_a_temporary_failure(mebibytes, half_an_hour):
    with pytest.raises(TranscriptionFailed) as failure:
        transcribe_file(half_an_hour, limits=Limits(address_space_bytes=mebibytes * 1024**2))
    assert not failure.value.permanent


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "an HTML page"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(64), "the M4A file cannot be decoded"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "WAV"),
        (b"fLaC" + bytes(1000), "FLAC"),
        (bytes(range(256)) * 40, "no kind of audio"),
    ],
)
def test_what_is_no_readable_recording_is_a_permanent_failure_that_says_why(content, words, tmp_path):
    path = tmp_path / "recording.wav"
    path.write_bytes(content)
    for attempt in (transcribe_file, probe):
        with pytest.raises(TranscriptionFailed, match=words) as failure:
            attempt(path)
        assert failure.value.permanent


def test_a_playlist_does_not_lead_to_another_file(beckett, tmp_path):
    (tmp_path / "secret.wav").write_bytes(beckett.read_bytes())
    (tmp_path / "call.wav").write_text("ffconcat version 1.0\nfile secret.wav\n")
    with pytest.raises(TranscriptionFailed, match="a playlist, which names other files") as failure:
        transcribe_file(tmp_path / "call.wav")
    assert failure.value.permanent


def test_a_path_that_is_missing_a_folder_or_a_pipe_is_an_error_at_once(tmp_path):
    with pytest.raises(TranscriptionFailed, match="No such file") as failure:
        transcribe_file(tmp_path / "gone.wav")
    assert not failure.value.permanent
    with pytest.raises(TranscriptionFailed, match="is a folder"):
        transcribe_file(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TranscriptionFailed, match="not a file"):
        transcribe_file(tmp_path / "pipe")


def test_an_engine_or_model_that_is_missing_is_a_temporary_failure(beckett, tmp_path):
    with pytest.raises(TranscriptionFailed, match='no speech engine "nobody"') as failure:
        transcribe_file(beckett, engine="nobody")
    assert not failure.value.permanent
    with pytest.raises(TranscriptionFailed, match="named by size and language"):
        transcribe_file(beckett, model=tmp_path)


def test_a_broken_model_is_a_temporary_failure_with_the_cause_in_the_detail(beckett, tmp_path):
    folder = tmp_path / "tiny-en"
    folder.mkdir()
    for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"):
        (folder / name).write_bytes(b"not a model")
    with pytest.raises(TranscriptionFailed) as failure:
        transcribe_file(beckett, model=folder)
    assert not failure.value.permanent
    assert failure.value.detail


def test_modules_in_the_current_folder_are_not_taken_for_ours(beckett, tmp_path, monkeypatch):
    for name in ("numpy", "soundfile", "transcribe", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert probe(beckett).channels == 1


def test_mutated_recordings_never_harm_more_than_their_process(beckett, telephone, tmp_path):
    speech = telephone(beckett)[: 2 * RATE]
    random = np.random.default_rng(7)
    for number, form in enumerate([{"format": "OGG", "subtype": "VORBIS"}, {"format": "MP3"}, {"format": "FLAC"}] * 2):
        path = tmp_path / f"{number}.bin"
        with path.open("wb") as file:
            soundfile.write(file, speech, RATE, **form)
        data = np.frombuffer(path.read_bytes(), np.uint8).copy()
        data[random.integers(64, len(data), 60)] = random.integers(0, 256, 60)
        path.write_bytes(data.tobytes())
        try:
            outcome = transcribe_file(path)
        except TranscriptionFailed as failure:
            outcome = failure
        if isinstance(outcome, TranscriptionFailed):
            assert outcome.permanent
            assert form["format"] in outcome.reason
        else:
            assert outcome.duration > 0
