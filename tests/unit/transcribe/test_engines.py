"""What is missing is said before anything is loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

from transcribe.engines import build
from transcribe.errors import EngineUnavailable
from transcribe.run import model_ready


def test_the_bundled_model_is_ready():
    assert model_ready("moonshine", None) is None


def test_an_unknown_engine_is_named_with_what_there_is():
    assert model_ready("whisper", None) == 'there is no speech engine "whisper"; there is moonshine, vosk'


def test_a_model_folder_that_lacks_files_is_named_with_them(tmp_path):
    folder = tmp_path / "tiny-en"
    folder.mkdir()
    (folder / "tokenizer.bin").touch()
    missing = model_ready("moonshine", folder)
    assert missing == f"the speech model in {folder} lacks encoder_model.ort, decoder_model_merged.ort"
    with pytest.raises(EngineUnavailable, match="lacks encoder_model"):
        build("moonshine", folder)


def test_a_model_folder_whose_name_does_not_say_its_size_is_refused(tmp_path):
    assert "named by size and language" in (model_ready("moonshine", tmp_path / "model") or "")


def test_the_door_loads_no_decoder_and_no_engine():
    code = (
        "import sys, transcribe.run\n"
        "transcribe.run.model_ready('moonshine', None)\n"
        "print(sorted({'numpy', 'soundfile', 'soxr', 'moonshine_voice'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "[]\n"
