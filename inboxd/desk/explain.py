"""`why`: the whole decision in words, from what is stored, for somebody who has never read an RFC."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from inboxd import authentication, filing, old_mail, views
from inboxd.clocks.clocks import breached
from inboxd.decision_page import decision_lines
from inboxd.desk.arguments import EnvelopeFields, Time
from inboxd.desk.context import Context
from inboxd.desk.decisions import AsksOfBefore, not_asked
from inboxd.identity import identify
from inboxd.intake.door import moment, now_ms
from inboxd.intake.envelope import Envelope
from inboxd.joining import join_ticket
from inboxd.judging import facts, known_before, trace_message
from inboxd.judging.judge_message import judge
from rules.decide import decide
from rules.scale import Scale
from store import confirmations, outbox, tickets, traces
from store.confirmations import Confirmation
from store.outbox import OutboxItem

_WHAT = {
    "message": "A mail came in",
    "voicemail": "A voicemail came in",
    "decide-again": "The rules decided again",
    "authenticate-again": "The proof was looked for again",
}
# What counts of a decision about something that opened no ticket of its own.
_JOINED = {
    "email": "It joined: queue, priority and clocks stay the ticket's, and no rule sends a receipt or notice for it. "
    "Of what the rules say below, what may be done counts.",
    "voicemail": "It joined: its priority counts where it is higher, with its clocks; so does what may not be done. "
    "The rest stays the ticket's.",
}


def why(context: Context, ref: str) -> dict[str, Any]:
    """Explain a ticket from its traces, the oldest first."""
    with context.store.read() as connection:
        ticket = tickets.get(connection, ref)
        found = traces.of_ticket(connection, ticket.id)
        history = tickets.events(connection, ticket.id)
        asked = confirmations.of_ticket(connection, ticket.id)
        sent = outbox.list_(connection, ticket_id=ticket.id)
    scale = context.policy.current.rules.scale
    standing = _standing(scale.name(ticket.priority), ticket.priority_by, ticket.queue)
    lines = [f"Ticket {ticket.ref}: {ticket.subject}", standing]
    if ticket.claimed_urgency is not None:
        lines.append(f"The mail calls itself {ticket.claimed_urgency}. That is shown, and sets no priority.")
    for trace in found:
        lines += ["", f"{_WHAT.get(trace.kind, trace.kind)}, {_shown(context, trace.at)}"]
        lines += _decision(trace.body, scale)
    lines += [*_clocks(context, ticket.clocks), *_questions(context, asked), *_mail_out(context, sent)]
    lines += ["", "Since then" if len(history) > 1 else "History"]
    lines += [
        f"  {_shown(context, each.at)}  {each.actor}: {each.what}{f' ({each.why})' if each.why else ''}"
        for each in history
    ]
    return {"text": "\n".join(lines), "trace": [trace.body for trace in found]}


def _clocks(context: Context, clocks: Sequence[dict[str, Any]]) -> list[str]:
    """Tell each clock as it stands: the arithmetic, the times at which it stood still, and how it ended."""
    lines = ["", "Clocks"] if clocks else []
    for clock in clocks:
        lines.append(f"  {clock['name']}: due {_shown(context, clock['due_at'])}, {_state(context, clock)}")
        lines.append(f"    {clock['explanation']}")
        lines += [
            f"    stood still from {_shown(context, since)} to {_shown(context, until)}"
            for since, until in clock.get("pauses", ())
        ]
    return lines


def _state(context: Context, clock: dict[str, Any]) -> str:
    late = breached(clock, now_ms())
    if clock["met_at"] is not None:
        return f"met {_shown(context, clock['met_at'])}{', too late' if late else ''}"
    if clock.get("paused_at") is not None:
        return f"stands still since {_shown(context, clock['paused_at'])}{', breached before' if late else ''}"
    return "breached" if late else "runs"


def why_message(
    context: Context,
    envelope: EnvelopeFields,
    payload: bytes,
    kind: Literal["mail", "voicemail"] = "mail",
    name: str = "",
    received_at: Time | None = None,
    looks_back: AsksOfBefore | None = None,
) -> dict[str, Any]:
    """Explain what would be decided about a message now; files nothing. `looks_back`: see `not_asked`."""
    policy = context.policy.current
    received = now_ms() if received_at is None else views.parsed_time(received_at)
    if kind == "mail":
        message = context.read(payload)
        findings = context.checker.check(payload, message, envelope, moment(received))
        beside = partial(known_before.with_store, context.store)
        judged = judge(message, envelope, received, policy, findings, beside)
        with context.store.read() as connection:
            join = join_ticket.find(
                connection,
                message,
                judged.quotes,
                judged.identity,
                judged.authentication.verdict,
                recipients=envelope.get("rcpt_tos") or (),
            )
            also_asked = known_before.also(connection, not_asked(context, looks_back), judged.facts)
        body = trace_message.body(judged, judged.identity.evidence + join.evidence)
        body["facts"] = also_asked.to_json()
    else:
        said = Envelope.of(envelope)
        at = moment(received)
        words = said.transcript or ""
        identity = identify.by_caller(policy.directory, said.caller, policy.day_of(at), words=words)
        seen = facts.of_voicemail(said, words=words, identity=identity, received_at=at)
        seen = known_before.with_store(context.store, policy.rules, seen)
        body = filing.trace(seen, decide(policy.rules, seen), identity.evidence)
        body["authentication"] = authentication.of_voicemail().to_json()
    lines = [f"{name}: what would be decided now. Nothing was filed."]
    if kind == "voicemail" and not envelope.get("transcript"):
        lines.append("The recording was not listened to: this is the decision before its words are known.")
    lines += ["", *_decision(body, policy.rules.scale)]
    return {"text": "\n".join(lines), "trace": [body]}


_ENDED = {
    "asked": "no answer yet",
    "confirmed": "confirmed",
    "refused": "refused: nothing is freed on this ticket any more but by a person",
    "expired": "no answer in time",
    "withdrawn": "not needed any more: what it asks about is proven by now",
}


def _questions(context: Context, asked: list[Confirmation]) -> list[str]:
    """Explain what was asked at addresses on file, and how each question ended."""
    if not asked:
        return []
    lines = ["", "Was it really them? A proven reply from the address on file confirms; nothing else does."]
    for each in asked:
        about = f"access for {each.access['contact']['id']}" if each.access else ", ".join(each.waiting) or "nothing"
        when, until = _shown(context, each.asked_at), _shown(context, each.expires_at)
        lines.append(f"  {when}  asked {each.to_address} about {about}; answers count until {until}")
        by = f" by {each.ended_by}" if each.ended_by else ""
        at = f", {_shown(context, each.ended_at)}" if each.ended_at else ""
        lines.append(f"    {_ENDED[each.state]}{by}{at}")
    return lines


def _mail_out(context: Context, sent: list[OutboxItem]) -> list[str]:
    """Explain what was written to whom, and what was not sent and why."""
    if not sent:
        return []
    lines = ["", "What was written about it"]
    for each in sent:
        reason = f": {each.reason}" if each.reason else ""
        lines.append(f"  {_shown(context, each.created_at)}  {each.kind} to {each.to_address}, {each.state}{reason}")
    return lines


def _shown(context: Context, at: int) -> str:
    """Write a time as the people of the desk read it: `2026-01-13 10:00:00 CST`."""
    return f"{moment(at).astimezone(context.policy.current.zone):%Y-%m-%d %H:%M:%S %Z}"


def _standing(priority: str, by: str, queue: str | None) -> str:
    return f"Priority {priority} (by {by}), queue {queue or 'none'}."


def _decision(body: dict[str, Any], scale: Scale) -> list[str]:
    decision = body["decision"]
    lines = ["  Who: " + " ".join(body["evidence"])]
    if any(each.startswith("Joins ") for each in body["evidence"]):
        lines.append(f"  {_JOINED[body['facts']['channel']]}")
    if "authentication" in body:
        proof = body["authentication"]
        lines.append(f"  Proof: {proof['verdict']}. {proof['reason']}")
        lines += [line for check in body.get("checks", ()) for line in _check(check)]
    if body.get("history"):
        lines.append(f"  {old_mail.explained(body['history'])}")
    lines += [f"  Could not be read as it should be: {defect}" for defect in body.get("defects", ())]
    return lines + decision_lines(decision, scale)


def _check(check: dict[str, Any]) -> list[str]:
    line = f"    {check['check']} {check['result'] or 'not made'}: {check['sentence']}"
    return [line, *(f"      {record}" for record in check["records"])]
