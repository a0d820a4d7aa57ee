"""What can be said of a mail before the store is asked: who wrote, what is proven, what the rules decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from inboxd import authentication, filing, old_mail
from inboxd.authentication import Authentication, Findings
from inboxd.identity import identify
from inboxd.identity.identify import Identity
from inboxd.intake.door import milliseconds, moment
from inboxd.joining import thread_evidence
from inboxd.joining.thread_evidence import Quotes
from inboxd.judging import facts
from inboxd.message import Message
from inboxd.policy.policy import Policy
from rules.calendars import Calendar
from rules.decide import decide
from rules.decision import Decision
from rules.facts import Facts
from rules.ruleset import RuleSet
from store.intake import Intake

Beside = Callable[[RuleSet, Facts], Facts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mail with everything that can be said of it before the store is asked.

    `policy` is the one that decided. `quotes`: where it names references. `call_at`: the number that it asks to be
    called at, in E.164. `old`: what is kept of its own date.
    """

    message: Message
    identity: Identity
    findings: Findings
    authentication: Authentication
    facts: Facts
    decision: Decision
    policy: Policy
    quotes: Quotes
    call_at: str | None
    old: dict[str, Any] | None = None

    def is_ours(self, address: str) -> bool:
        """Whether an address is the desk's own, also one that names a ticket."""
        return self.policy.office.is_own(address)

    @property
    def as_proven(self) -> Message:
        """The mail without the fields that name a ticket, or readers, and that its proof leaves to anybody to write."""
        emptied: dict[str, Any] = {name.replace("-", "_"): () for name in self.findings.leaves_open}
        return replace(self.message, **emptied)

    @property
    def written_to(self) -> tuple[str, ...] | None:
        """To whom it was written beside the desk: they may go on in its ticket once it is proven. None: by a program.

        Of those in To and Cc nobody where a proof leaves that field to anybody to write.
        """
        if self.message.is_automatic:
            return None
        message = self.message if self.findings.proof is None else self.as_proven
        named = (*message.to, *message.cc)
        return tuple(each for each in dict.fromkeys(named) if not self.is_ours(each))

    @property
    def at(self) -> int:
        """The received time, in milliseconds since 1970: of old mail its own date."""
        return milliseconds(self.facts.received_at)

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The calendars of the rules that decided."""
        return self.policy.rules.calendars


def judge(
    message: Message,
    envelope: dict[str, Any],
    received_at: int,
    policy: Policy,
    findings: Findings,
    beside: Beside | None = None,
) -> Judged:
    """Say who wrote, what is proven by what was found, and what the rules decide.

    `beside` adds to the facts what is known beside the message.
    """
    at = moment(received_at)
    identity = identify.by_mail(policy.directory, message, policy.day_of(at))
    proven = authentication.of_mail(identity, findings)
    if _sent_on_by_staff(message, policy, findings):
        staff = message.author.address or ""
        sent_on = identify.by_forward(policy.directory, message, staff, policy.day_of(at))
        if sent_on is not None:
            identity, proven = sent_on, authentication.of_forward(sent_on, staff)
    identity = _of_staff(identity, message, policy, findings)
    quotes = thread_evidence.quotes(message)
    seen = facts.of_mail(
        message,
        quotes=quotes,
        source=source_of(envelope),
        identity=identity,
        authentication=proven,
        received_at=at,
        spam=policy.office.calls_spam(message),
    )
    if beside is not None:
        seen = beside(policy.rules, seen)
    return Judged(
        message=message,
        identity=identity,
        findings=findings,
        authentication=proven,
        facts=seen,
        decision=decide(policy.rules, seen),
        policy=policy,
        quotes=quotes,
        call_at=filing.number_in_mail(message.reply_text, policy.rules),
    )


def _of_staff(identity: Identity, message: Message, policy: Policy, findings: Findings) -> Identity:
    """Add whose of the staff the author's address is: that no customer has it on file is not all there is to know."""
    member = policy.office.staff_member(message.author.address or "")
    if member is None or identity.by is not None:
        return identity
    how = "the mail is proven" if findings.proof is not None else "nothing proves that the mail is theirs"
    said = f"It is an address of {member.name}, who is staff, and {how}."
    return replace(identity, evidence=(*identity.evidence, said))


def _sent_on_by_staff(message: Message, policy: Policy, findings: Findings) -> bool:
    # Whoever only says that he is staff sends on nothing: a domain's own refusal could be got round like that.
    forwarded, office = message.forwarded, policy.office
    if forwarded is None or findings.proof is None or not office.is_staff(message.author.address):
        return False
    # What the desk itself wrote is no customer's word.
    return not office.is_own(forwarded.address) and not office.is_staff(forwarded.address)


def judge_intake(
    message: Message, intake: Intake, policy: Policy, findings: Findings, beside: Beside | None = None
) -> Judged:
    """Judge what came in as it came in; old mail quietly, under its own date."""
    if not old_mail.is_old(intake.envelope):
        return judge(message, intake.envelope, intake.received_at, policy, findings, beside)
    own = old_mail.date_of(message, intake)
    judged = judge(message, intake.envelope, milliseconds(own.at), policy, findings)
    return replace(judged, decision=old_mail.quiet(judged.decision), old=old_mail.said(own.source))


def source_of(envelope: dict[str, Any]) -> str:
    """Return the mailbox or the desk's address a mail came to."""
    recipients = envelope.get("rcpt_tos") or [""]
    return str(envelope.get("mailbox") or recipients[0])
