"""The child's answer is believed only when it is exactly one."""

import json

import pytest

from transcribe import answer, run
from transcribe.errors import TranscriptionFailed
from transcribe.limits import Limits
from transcribe.supervise import Ended
from transcribe.transcript import Segment, Transcript, Word

TRANSCRIPT = Transcript(
    text="The fax server is down.",
    engine="moonshine",
    model="tiny-en",
    language="en",
    confidence=None,
    duration=2.5,
    words=(Word(text="The", start=0.1, end=0.3, confidence=0.9), Word(text="fax", start=0.3, end=0.6, confidence=None)),
    segments=(Segment(text="The fax server is down.", start=0.1, end=2.4),),
    note=None,
)


def transcribed(**changes):
    """An answer with some members of its transcript changed."""
    return json.dumps({"outcome": "transcribed", "transcript": {**TRANSCRIPT.to_json(), **changes}}).encode()


def test_a_transcript_survives_json():
    assert answer.read_transcript(json.loads(json.dumps(TRANSCRIPT.to_json()))) == TRANSCRIPT


def test_a_transcript_given_by_a_person_may_have_lines():
    given = Transcript(
        text="First line.\nSecond line.", engine="given", model="none", language="en", confidence=None, duration=0.0
    )
    assert answer.read_transcript(given.to_json()) == given


def test_an_answer_is_read():
    reply = answer.read(transcribed())
    assert isinstance(reply, answer.Transcribed)
    assert reply.transcript.to_transcript() == TRANSCRIPT


SEGMENT = {"text": "x", "start": 0.0, "end": 1.0}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"not json",
        b'{"outcome": "transcribed"}',
        b'{"outcome": "done", "transcript": {}}',
        b'{"outcome": "unreadable", "reason": ""}',
        b'{"outcome": "unreadable", "reason": "' + b"x" * 501 + b'"}',
        b'{"outcome": "unreadable", "reason": "\\u001b[2J"}',
        b'{"outcome": "unreadable", "reason": "two\\nlines"}',
        b'{"outcome": "unreadable", "reason": "x", "permanent": false}',
        b'{"outcome": "probed", "facts": {"duration": 1, "rate": 0, "channels": 1, "format": "WAV"}}',
        transcribed() + b"{}",
        transcribed().replace(b"2.5", b"NaN"),
        transcribed().replace(b"2.5", b"1e999"),
        transcribed(text="\x1b]0;owned\x07"),
        transcribed(text="nul \x00"),
        b'{"outcome": "transcribed", "transcript": {"text": "\\ud800"}}',
        transcribed(text="x" * 200_001),
        transcribed(text=None),
        transcribed(engine="../../etc"),
        transcribed(language="english"),
        transcribed(confidence=1.5),
        transcribed(duration=-1),
        transcribed(extra=1),
        transcribed(segments=[{**SEGMENT, "end": -1.0}]),
        transcribed(segments=[{**SEGMENT, "start": 2.0}]),
        transcribed(segments=[{**SEGMENT, "more": 1}]),
        transcribed(words=[SEGMENT]),
        b"[" * 100_000,
    ],
)
def test_anything_else_is_not_believed(data):
    with pytest.raises(ValueError):  # noqa: PT011 pydantic says it in many ways
        answer.read(data)
    ended = Ended(how="exited", status=0, output=data, diagnostics="")
    with pytest.raises(TranscriptionFailed, match="no proper answer") as failure:
        run._read(ended, Limits())
    assert not failure.value.permanent
    assert failure.value.detail.isprintable()


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (Ended(how="exited", status=-9, output=transcribed(), diagnostics=""), "killed by SIGKILL"),
        (Ended(how="exited", status=-11, output=b"", diagnostics=""), "killed by SIGSEGV"),
        (Ended(how="exited", status=-24, output=b"", diagnostics=""), "300 s of processor time"),
        (Ended(how="exited", status=71, output=b"", diagnostics=""), "1024 MiB of memory"),
        (Ended(how="exited", status=70, output=b"", diagnostics="why"), "exit status 70"),
        (Ended(how="timeout", status=-9, output=transcribed(), diagnostics=""), "longer than 900 s"),
        (Ended(how="flooded", status=-9, output=b"", diagnostics=""), "no proper answer"),
    ],
)
def test_a_child_that_ends_badly_is_tried_again(ended, words):
    with pytest.raises(TranscriptionFailed, match=words) as failure:
        run._read(ended, Limits())
    assert not failure.value.permanent


def test_an_unreadable_recording_is_not_tried_again_and_a_missing_engine_is():
    unreadable = Ended(
        how="exited", status=0, output=b'{"outcome": "unreadable", "reason": "the file is empty"}', diagnostics=""
    )
    with pytest.raises(TranscriptionFailed, match="the file is empty") as failure:
        run._read(unreadable, Limits())
    assert failure.value.permanent
    unavailable = Ended(
        how="exited", status=0, output=b'{"outcome": "unavailable", "reason": "no model"}', diagnostics=""
    )
    with pytest.raises(TranscriptionFailed, match="no model") as failure:
        run._read(unavailable, Limits())
    assert not failure.value.permanent
