"""The second engine for real: libvosk with a model of sixteen words, which is made here from nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.harness.hearing import transcribe_file
from transcribe.engines.vosk import known_phrases
from transcribe.errors import TranscriptionFailed
from transcribe.run import model_ready

SAID = "nine five two five five five zero one four two"


@pytest.fixture(scope="module")
def model(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven seconds of work: a voice of espeak-ng's teaches a little network."""
    folder = tmp_path_factory.mktemp("models") / "vosk-model-tiny-en-0.1"
    maker = shared / "prototypes" / "tiny_vosk" / "make_tiny_vosk.py"
    subprocess.run([sys.executable, maker, folder], check=True, capture_output=True, timeout=300)
    return folder


def _speak(text: str, path: Path) -> Path:
    spoken = subprocess.run(
        ["espeak-ng", "-v", "en-us", "-s", "120", "--stdout", text], check=True, capture_output=True
    ).stdout
    path.write_bytes(spoken)
    return path


def test_words_are_heard_with_times_and_confidences(model: Path, tmp_path: Path) -> None:
    heard = transcribe_file(_speak(SAID, tmp_path / "call.wav"), engine="vosk", model=model)
    assert heard.text == SAID
    assert (heard.engine, heard.model, heard.language) == ("vosk", "vosk-model-tiny-en-0.1", "en")
    assert [word.text for word in heard.words] == SAID.split()
    assert all(word.confidence is not None and 0 < word.confidence <= 1 for word in heard.words)
    times = [(word.start, word.end) for word in heard.words]
    assert times == sorted(times)
    assert 0 <= times[0][0] < times[-1][1] <= heard.duration
    assert heard.confidence is not None


def test_nothing_is_heard_where_nobody_speaks(model: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(16_000), 8000, subtype="ULAW")
    heard = transcribe_file(tmp_path / "silence.wav", engine="vosk", model=model)
    assert (heard.text, heard.words, heard.note) == ("", (), "no speech was heard")


def test_a_model_that_is_not_whole_is_named_before_it_can_crash(model: Path, tmp_path: Path) -> None:
    broken = tmp_path / "vosk-model-broken-en"
    shutil.copytree(model, broken)
    (broken / "graph" / "words.txt").unlink()
    assert model_ready("vosk", broken) == f"the speech model in {broken} lacks graph/words.txt"
    assert model_ready("vosk", None) == "vosk comes without a model: speech.model has to name the folder of one"
    assert model_ready("vosk", model) is None
    shutil.copy(model / "graph" / "words.txt", broken / "graph")
    (broken / "conf" / "mfcc.conf").write_text("--sample-frequency=0\n")  # libvosk hangs on it, for ever
    assert model_ready("vosk", broken) == f"the speech model in {broken} wants 0 samples a second"
    with pytest.raises(TranscriptionFailed, match="wants 0 samples"):
        transcribe_file(_speak("nine", tmp_path / "call.wav"), engine="vosk", model=broken)


def test_a_model_that_libvosk_refuses_is_a_sentence_and_no_crash_of_ours(model: Path, tmp_path: Path) -> None:
    broken = tmp_path / "vosk-model-broken-en"
    shutil.copytree(model, broken)
    (broken / "am" / "final.mdl").write_bytes(b"this is no model")
    with pytest.raises(TranscriptionFailed) as caught:
        transcribe_file(_speak("nine", tmp_path / "call.wav"), engine="vosk", model=broken)
    assert not caught.value.permanent


def test_phrases_are_listened_for_beside_the_words_and_replace_none(model: Path, tmp_path: Path) -> None:
    call = _speak(SAID, tmp_path / "call.wav")
    heard = transcribe_file(call, engine="vosk", model=model, phrases=("five two", "four two", "rightfax server"))
    assert heard.text == SAID
    assert {phrase.text for phrase in heard.phrases} <= {"five two", "four two"}
    assert all(0 <= phrase.start <= phrase.end <= heard.duration for phrase in heard.phrases)
    (last,) = [phrase for phrase in heard.phrases if phrase.text == "four two"]
    assert abs(last.start - heard.words[-2].start) < 0.3


def test_a_model_that_lacks_the_words_or_whose_graph_is_whole_listens_for_nothing(model: Path, tmp_path: Path) -> None:
    call = _speak(SAID, tmp_path / "call.wav")
    assert transcribe_file(call, engine="vosk", model=model, phrases=("rightfax server",)).phrases == ()
    whole = tmp_path / "vosk-model-whole-en"
    (whole / "graph").mkdir(parents=True)
    shutil.copy(model / "graph" / "words.txt", whole / "graph")
    (whole / "graph" / "HCLG.fst").touch()
    assert known_phrases(whole, ("four two",)) == ()
    assert known_phrases(model, ("four two", "four rightfax", "four two")) == ("four two",)
