"""When a recogniser that failed is asked again, and when the ticket says that nobody heard the recording."""

import threading
from types import SimpleNamespace

import pytest

from inboxd.call_story.process_voicemail import TRANSCRIPTION_ATTEMPTS, VoicemailStory
from inboxd.intake.envelope import Envelope
from store.job import Job
from transcribe.errors import TranscriptionFailed


class _NothingIsStored(Exception):
    pass


class _Store:
    """Tells that the story gave up: only then does it write."""

    def write(self, _run: object) -> None:
        raise _NothingIsStored


def _after(*, attempt: int, failures: int, permanent: bool = False) -> None:
    job = Job(
        id=1, kind="transcribe", lane="speech", intake_id="Q1", ticket_id=1, payload={"entry_id": 1}, state="running",
        due_at=None, attempt=attempt, max_attempts=1000, failures=failures, claimant="c", error=None, created_at=1,
    )  # fmt: skip
    story = VoicemailStory(
        _Store(), SimpleNamespace(current=None), None, stopping=threading.Event(), wake=lambda: None, extract=None
    )
    story._not_heard(job, Envelope(), TranscriptionFailed("the recogniser crashed", permanent=permanent))


def test_kills_of_the_daemon_use_up_none_of_its_tries():
    with pytest.raises(TranscriptionFailed):
        _after(attempt=50, failures=0)


def test_the_last_of_its_own_failures_is_the_end():
    with pytest.raises(_NothingIsStored):
        _after(attempt=TRANSCRIPTION_ATTEMPTS, failures=TRANSCRIPTION_ATTEMPTS - 1)


def test_a_recording_that_cannot_be_read_is_not_tried_again():
    with pytest.raises(_NothingIsStored):
        _after(attempt=1, failures=0, permanent=True)
