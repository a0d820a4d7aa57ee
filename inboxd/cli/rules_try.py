"""`inboxd rules try`: what would be decided about one sentence."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from inboxd import addresses
from inboxd.cli import rules_file
from inboxd.cli.envelope_options import who_calls
from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.errors import UsageWrong

if TYPE_CHECKING:
    from inboxd.accounts import Directory
    from rules.facts import Facts
    from rules.ruleset import RuleSet

_PROOFS = ("authenticated", "unverified", "failed", "unknown")


@click.command("try", cls=Command)
@click.option("--mail", "sender", metavar="FROM", help="A mail from this address.")
@click.option("--call", "line", metavar="LINE", help="A call to this line, by its name or its number.")
@click.option("--caller", metavar="N", help="The number that calls, or `anonymous`.")
@click.option("--plan", metavar="P", help="The plan of the account, whatever the accounts file says.")
@click.option("--at", metavar="T", help="When it comes: `2026-01-14 02:05` on the desk's clock, or RFC 3339.")
@click.option("--proof", type=click.Choice(_PROOFS), help="What is proven of the mail; by default all, where known.")
@click.option("--subject", metavar="TEXT", default="", help="The subject of the mail.")
@click.option("--rules", "file", metavar="FILE", type=click.Path(path_type=Path), help="Rules other than the desk's.")
@click.argument("words", metavar="TEXT", nargs=-1)
@click.pass_obj
def command(session: Session, /, words: tuple[str, ...], file: Path | None, **given: Any) -> None:
    """Decide on one sentence, and show why; files nothing.

    Who it is comes from the accounts on file. The mail is taken as proven where its sender is on file.
    """
    if (given["sender"] is None) == (given["line"] is None):
        raise UsageWrong("give one of --mail FROM and --call LINE")
    from inboxd import accounts
    from inboxd.decision_page import decision_lines
    from inboxd.preflight import Finding, on_file
    from rules.decide import decide
    from rules.expectations import Outcome, on_call, outbox

    rules = rules_file.read(session, file)
    plans = None if rules.plans is None else frozenset(rules.plans)
    directory = accounts.Directory()
    if file is None or session.chosen_config() is not None:
        directory = accounts.load(session.settings().accounts, plans)
        kept = on_file(session.settings())
        if isinstance(kept, Finding):
            session.out.hint(f"warning  {kept}")
        else:
            directory = directory.with_kept(kept)
    facts, evidence = _facts(rules, directory, " ".join(words), **given)
    outcome = Outcome(ruleset=rules, facts=facts, decision=decide(rules, facts))
    decision = outcome.decision.to_json()
    goes_out = outbox(outcome)
    answer = {
        "facts": {**facts.to_json(), "text": facts.text},
        "evidence": list(evidence),
        "decision": decision,
        "outbox": list(goes_out),
        "oncall": on_call(outcome),
    }

    def render(_: Any) -> str:
        lines = ["What would be decided. Nothing was filed.", f"  Who: {' '.join(evidence)}"]
        lines.append(f"  When: {facts.received_at.astimezone(outcome.zone):%a %Y-%m-%d %H:%M %Z}")
        if facts.claimed_urgency is not None:
            lines.append(f"  The mail calls itself {facts.claimed_urgency}. That is shown, and sets no priority.")
        lines += decision_lines(decision, rules.scale)
        if answer["oncall"]:
            lines.append(f"  Called first: {answer['oncall']}")
        return "\n".join([*lines, f"  Goes out: {', '.join(goes_out) or 'nothing'}"])

    session.out.show(answer, render)


def _facts(
    rules: "RuleSet", directory: "Directory", words: str, *, plan: str | None, at: str | None, **given: Any
) -> tuple["Facts", tuple[str, ...]]:
    from inboxd.identity import identify

    zone = ZoneInfo(rules.zone or "UTC")
    when = _time(at, zone)
    if given["sender"] is not None:
        given["sender"] = _sender(given["sender"])
        identity = identify.by_address(directory, given["sender"], when.astimezone(zone).date())
        facts = _mail(identity, words, when, given)
    else:
        caller = who_calls(given["caller"] or "anonymous")
        identity = identify.by_caller(directory, caller, when.astimezone(zone).date(), words=words)
        facts = _call(rules, identity, words, when, caller, given["line"])
    evidence = identity.evidence
    if plan is not None:
        if rules.plans is not None and plan not in rules.plans:
            raise UsageWrong(f"--plan {plan}: the rules know {', '.join(rules.plans)}")
        evidence = (*evidence, f"The plan is taken to be {plan}.")
        known: dict[str, Any] = {"account_id": facts.account_id or "customer", "account_plan": plan, "candidates": 1}
        if facts.account_id is None:
            known |= {"contact_id": "somebody", "contact_authorized": True, "contact_role": "primary"}
            known |= {"verdict": given["proof"] or "authenticated"} if facts.channel == "email" else {}
        facts = replace(facts, **known)
    return facts, evidence


def _sender(text: str) -> str:
    """Return the address of `ops@acme.example` or `Operations <ops@acme.example>`."""
    address = text.rpartition("<")[2].removesuffix(">").strip()
    if (problem := addresses.problem(address)) is not None:
        raise UsageWrong(f"--mail {text}: {problem}")
    return address


def _mail(identity: Any, words: str, when: datetime, given: dict[str, Any]) -> "Facts":
    from inboxd.judging import facts
    from inboxd.message.urgency import in_words
    from rules.facts import Facts

    known = identity.account is not None
    return Facts(
        channel="email",
        source="support@example.com",
        received_at=when,
        verdict=given["proof"] or ("authenticated" if known else "unknown"),
        from_address=given["sender"],
        identified_by=identity.by,
        subject=given["subject"],
        text=words,
        claimed_urgency=in_words(given["subject"], words),
        **facts.who(identity),
    )


def _call(rules: "RuleSet", identity: Any, words: str, when: datetime, caller: str, line: str) -> "Facts":
    from inboxd.intake.envelope import Envelope
    from inboxd.judging import facts

    number = next((each.number for each in rules.lines if each.name == line), line)
    if not number.startswith("+"):
        names = ", ".join(each.name for each in rules.lines) or "none"
        raise UsageWrong(f"--call {line}: the rules name these lines: {names}; or give a number such as +15550190")
    envelope = Envelope(called=number, caller=caller, transcript=words)
    return facts.of_voicemail(envelope, words=words, identity=identity, received_at=when)


def _time(text: str | None, zone: ZoneInfo) -> datetime:
    if text is None:
        return datetime.now(UTC)
    from inboxd.cli import times
    from rules.expectations import moment

    found = moment(text, zone)
    if found is None and moment(text, UTC) is not None:
        raise UsageWrong(f"--at {text}: {zone.key} has no such time: that hour is left out when summer time begins")
    if found is None and "T" not in text.upper():
        raise UsageWrong(f"--at {text!r} is not a time: write 2026-01-14 02:05, on the desk's clock, or RFC 3339")
    return found or times.read(text)
