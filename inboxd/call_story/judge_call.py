"""What can be said of a call before it is filed: who called, and what the rules decide by what the telephone knows."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from inboxd import misheard, old_mail
from inboxd.call_story import place_call, sound_of_call
from inboxd.identity import heard_names, identify
from inboxd.identity.identify import Identity
from inboxd.intake.door import moment
from inboxd.intake.envelope import Envelope
from inboxd.judging import facts, known_before
from inboxd.policy.policy import Policy
from inboxd.worker_process import Extract
from rules.decide import decide
from rules.decision import Decision
from rules.facts import Facts
from store import phrases
from store.intake import Intake

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A voicemail with everything that can be said of it before the store is asked.

    `head` is its first bytes, `probably` what its words, where they came with it, probably mean (`misheard.found`).
    """

    intake: Intake
    envelope: Envelope
    identity: Identity
    facts: Facts
    decision: Decision
    head: bytes
    probably: list[dict[str, Any]]


def judge(store: "Store", policy: Policy, intake: Intake, extract: Extract) -> Call:
    """Say who called and what the rules decide."""
    envelope = Envelope.of(intake.envelope)
    at = moment(intake.received_at)
    words = (envelope.transcript or "").strip()
    identity = identify.by_caller(policy.directory, envelope.caller, policy.day_of(at), words=words)
    identity = replace(identity, evidence=(*identity.evidence, *named(policy, identity, words), *envelope.notes))
    with store.read() as connection:
        tags = place_call.tags(connection, intake, envelope)
        probably = misheard.found(words, taught(connection)) if words else []
    seen = facts.of_voicemail(
        envelope,
        words=words,
        identity=identity,
        received_at=at,
        probably=misheard.meant(words, probably),
        staff_tags=tags,
    )
    seen = known_before.with_store(store, policy.rules, seen)
    decision = decide(policy.rules, seen)
    return Call(
        intake=intake,
        envelope=envelope,
        identity=identity,
        facts=seen,
        decision=old_mail.quiet(decision) if envelope.history else decision,
        head=sound_of_call.head(store, intake, envelope, extract),
        probably=probably,
    )


def named(policy: Policy, identity: Identity, words: str) -> tuple[str, ...]:
    """Say which companies and people of the directory the words of a call name."""
    matched = {match.account.id for match in identity.matches}
    return heard_names.told(words, policy.directory, identity.account, matched)


def taught(connection: "Connection") -> list[tuple[str, str]]:
    """Return what corrections have taught, heard and meant, what counts first before what counts less."""
    return [(each.heard, each.meant) for each in phrases.taught(connection, phrases.MOST)]
