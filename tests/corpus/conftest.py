"""The corpus of real cases: data beside the project, found through INBOXD_SHARED alone."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of suites; skip where nobody said where it is."""
    shared = os.environ.get("INBOXD_SHARED")
    if not shared or not (Path(shared) / "corpus").is_dir():
        pytest.skip("INBOXD_SHARED names no folder with a `corpus` in it: real mails cannot be read")
    return Path(shared) / "corpus"


@pytest.fixture(scope="session")
def scorer(corpus: Path) -> ModuleType:
    """Return the corpus's own scorer as a module."""
    file = corpus / "score.py"
    if not file.is_file():
        pytest.skip(f"{file} is not there: real mails can be read, but not scored")
    spec = importlib.util.spec_from_file_location("corpus_scorer", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
