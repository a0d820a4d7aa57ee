"""The story of a voicemail: the ticket stands first, the words come after, and the rules decide again with them.

Three jobs: `voicemail` files the ticket from what the telephone knows; `transcribe` runs the recogniser in its own lane
and child process; `decide-again` applies what the words change, except where a person has settled it meanwhile. No
speech, bad audio or a dead engine is a sentence on the ticket, never a lost call.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import structlog

from inboxd import filing, misheard, spoken, summary
from inboxd.call_story import decide_with_words, file_call, place_call, sound_of_call
from inboxd.call_story.judge_call import judge, named, taught
from inboxd.errors import Interrupted
from inboxd.identity import identify
from inboxd.identity.identify import Identity
from inboxd.intake.door import moment, now_ms
from inboxd.intake.envelope import Envelope
from inboxd.oncall import paging
from inboxd.policy.policy import Policy, PolicyHolder
from inboxd.worker_process import Extract
from store import intake as rows
from store import jobs, tickets
from store.intake import Intake
from store.jobs import Job
from store.tickets import Ticket
from transcribe.errors import TranscriptionFailed
from transcribe.numbers import Spoken
from transcribe.transcript import Transcript

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

Transcribe = Callable[[Path, threading.Event, Sequence[str]], Transcript]
"""Hear a recording, listening for phrases in small letters where that can be done; until the event is set."""

# A crashed or overrun recogniser gets this many tries before the ticket says that nobody heard it.
TRANSCRIPTION_ATTEMPTS = 3

log = structlog.get_logger("inboxd.process_voicemail")


class VoicemailStory:
    """Handles jobs of kind `voicemail`, `transcribe` and `decide-again`."""

    def __init__(
        self,
        store: "Store",
        policy: PolicyHolder,
        transcribe: Transcribe,
        *,
        stopping: threading.Event,
        wake: Callable[[], None],
        extract: Extract,
    ) -> None:
        """`wake` is called when a job has made another one, so that it does not wait for the clock.

        `extract` opens an attachment of a mail.
        """
        self._store = store
        self._policy = policy
        self._transcribe = transcribe
        self._stopping = stopping
        self._wake = wake
        self._extract = extract

    def file(self, job: Job) -> None:
        """File the voicemail of a job as a ticket; the recogniser has not run yet."""
        policy = self._policy.current
        call = judge(self._store, policy, self._intake(job), self._extract)
        outcome = self._store.write(lambda txn: file_call.file(txn, job, call, policy))
        log.info(outcome.pop("status"), **outcome)
        self._wake()

    def transcribe(self, job: Job) -> None:
        """Run the recogniser on the recording and put the words on the ticket."""
        intake = self._intake(job)
        envelope = Envelope.of(intake.envelope)
        entry_id, policy = int(job.payload["entry_id"]), self._policy.current
        with self._store.read() as connection:
            pairs = taught(connection)
        with TemporaryDirectory(prefix="inboxd-") as folder:
            try:
                recording = sound_of_call.path(self._store, intake, envelope, self._extract, Path(folder))
                transcript = self._transcribe(recording, self._stopping, misheard.phrases(pairs))
            except TranscriptionFailed as failure:
                self._not_heard(job, envelope, failure)
                return

        with self._store.read() as connection:
            before = tickets.get_by_id(connection, _ticket_id(job))
        probably = misheard.with_listened(
            transcript.text, misheard.found(transcript.text, pairs), transcript.words, transcript.phrases
        )
        day = policy.day_of(moment(intake.received_at))
        identity = identify.by_caller(policy.directory, envelope.caller, day, words=transcript.text)
        asked = _asked_for(transcript, envelope, policy, identity, before)
        names = named(policy, identity, transcript.text)

        def write(txn: "Connection") -> None:
            jobs.finish(txn, job)
            tickets.set_transcript(txn, entry_id, {**transcript.to_json(), "probably": probably})
            ticket = tickets.get_by_id(txn, _ticket_id(job), for_update=True)
            columns: dict[str, Any] = {}
            if place_call.is_opened_for(txn, ticket.id, entry_id):
                columns = _learnt(ticket, identity, names)
                told = transcript.text or transcript.note
                columns["subject"] = _line(ticket, columns, envelope, told, transcript.duration)
            if asked is not None:
                columns["callback"] = {**ticket.callback, "number": asked.value}
            ticket = tickets.update(txn, ticket.id, at=now_ms(), **columns)
            paging.heard(txn, policy, ticket, words=bool(transcript.text.strip()), at=now_ms())
            why = transcript.note or f"By {transcript.engine} {transcript.model}."
            if asked is not None and asked.taken:
                why += f' "{asked.said}" was not clear: {asked.value} is on file, and was taken for it.'
            _say(txn, job, "transcribed", why)
            decide_with_words.plan(txn, job.intake_id, _ticket_id(job), entry_id)

        self._store.write(write)
        self._wake()
        log.info("transcribed", seconds_of_audio=round(transcript.duration, 1), words=len(transcript.text.split()))

    def decide_again(self, job: Job) -> None:
        """Decide with the words; change only what no person has settled."""
        policy = self._policy.current
        self._store.write(lambda txn: decide_with_words.decide_again(txn, job, policy))

    def _intake(self, job: Job) -> Intake:
        assert job.intake_id is not None
        with self._store.read() as connection:
            return rows.get(connection, job.intake_id)

    def _not_heard(self, job: Job, envelope: Envelope, failure: TranscriptionFailed) -> None:
        if self._stopping.is_set():
            raise Interrupted from failure
        # Failures, not attempts: a daemon that was killed beside the recogniser says nothing of the recording.
        if not failure.permanent and job.failures + 1 < TRANSCRIPTION_ATTEMPTS:
            raise failure
        entry_id, policy = int(job.payload["entry_id"]), self._policy.current

        def write(txn: "Connection") -> None:
            jobs.finish(txn, job)
            tickets.set_transcript(txn, entry_id, summary.unheard(failure.reason))
            ticket = tickets.get_by_id(txn, _ticket_id(job), for_update=True)
            if place_call.is_opened_for(txn, ticket.id, entry_id):
                line = _line(ticket, {}, envelope, failure.reason, envelope.seconds)
                ticket = tickets.update(txn, ticket.id, at=now_ms(), subject=line)
            # Nobody knows whether there are words: a page that waits for them goes out.
            paging.heard(txn, policy, ticket, words=True, at=now_ms())
            _say(txn, job, "not transcribed", failure.reason)
            # There will be no words: what waited for them (the receipt) waits no longer.
            decide_with_words.plan(txn, job.intake_id, _ticket_id(job), entry_id)

        self._store.write(write)
        self._wake()
        log.warning("not_transcribed", reason=failure.reason, detail=failure.detail)


def _asked_for(
    transcript: Transcript, envelope: Envelope, policy: Policy, identity: Identity, ticket: Ticket
) -> Spoken | None:
    """Return the number to call back, helped by what is on file: of the caller's accounts, or else of anybody's."""
    directory = policy.directory
    theirs = {match.account.id for match in identity.matches} | ({ticket.account["id"]} if ticket.account else set())
    return spoken.callback_of(
        transcript,
        near=envelope.called if envelope.caller in (None, "anonymous") else envelope.caller,
        on_file=frozenset().union(*map(directory.numbers, theirs)),
        of_others=() if theirs else directory.numbers(),
    )


def _learnt(ticket: Ticket, identity: Identity, names: Sequence[str]) -> dict[str, Any]:
    """Return what changes on a ticket by the names that were said, `identity` being what the caller ID and they give.

    They choose among the accounts that the caller's number has, unless a person has settled that; else they are
    evidence for who reads the ticket.
    """
    chosen = ticket.account is None and "account" not in ticket.staff_set and identity.by == "spoken-account"
    sentences = [*identity.evidence[-1:], *names] if chosen else names
    new = [each for each in sentences if each not in ticket.identity["evidence"]]
    if not new:
        return {}
    by = identity.by if chosen else ticket.identity["by"]
    evidence = {"identity": {"by": by, "evidence": [*ticket.identity["evidence"], *new]}}
    return {**filing.who(identity), **evidence} if chosen else evidence


def _line(ticket: Ticket, learnt: dict[str, Any], envelope: Envelope, words: str | None, duration: float | None) -> str:
    """Return the subject of a ticket with what its call was found to be; `learnt` are columns that change with it."""
    by = None if "account" in ticket.staff_set else learnt.get("identity", ticket.identity)["by"]
    account = learnt.get("account", ticket.account)
    return summary.subject(envelope.caller, account, by=by, words=words, duration=duration)


def _ticket_id(job: Job) -> int:
    assert job.ticket_id is not None
    return job.ticket_id


def _say(txn: "Connection", job: Job, what: str, why: str) -> None:
    tickets.event(txn, _ticket_id(job), at=now_ms(), actor="inboxd", what=what, why=why)
