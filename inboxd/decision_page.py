"""A decision of the rules in words: each rule, each condition with its value and place, the arithmetic of clocks."""

from typing import Any

from rules.decision import Priority
from rules.scale import Scale


def decision_lines(decision: dict[str, Any], scale: Scale) -> list[str]:
    """Return the lines that explain a decision, given as JSON values (as it is stored)."""
    lines = ["  Rules:"]
    for section in decision["trace"]:
        lines.append(f"    {section['section']}")
        for rule in section["rules"]:
            lines += _rule(rule, "decides" if rule["decided"] else ("holds" if rule["holds"] else "does not hold"))
        if section["passed_over"]:
            lines.append(f"      {section['passed_over']} more rules could not hold and were not looked at")
        lines += [f"      {note}" for note in section["notes"]]
    if not decision["trace"]:
        lines.append(f"    none; what no rule decides is {scale.name('medium')}")
    lines.append(f"  So: {', '.join(_outcome(decision, scale))}")
    lines += _answers(decision)
    lines += [f"  Clock {clock['name']}: {clock['explanation']}" for clock in decision["clocks"]]
    return lines + _actions(decision)


def _outcome(decision: dict[str, Any], scale: Scale) -> list[str]:
    priority: Priority = decision["priority"]
    told = [f"priority {scale.name(priority)} by {decision['priority_by']}", f"queue {decision['queue'] or 'none'}"]
    told += [f"{name} {decision[name]}" for name in ("type", "assignee") if decision[name]]
    if decision["tags"]:
        told.append(f"tags {', '.join(decision['tags'])}")
    if decision.get("behind"):
        told.append("behind all others")
    if decision["disposal"] is not None:
        told.append(f"{decision['disposal']['kind']}: {decision['disposal']['reason']}")
    return told


def _answers(decision: dict[str, Any]) -> list[str]:
    # What an older version stored has none of these.
    lines: list[str] = []
    if page := decision.get("page"):
        lines.append(f"  Pages {page['to']}, by rule {page['rule']}")
    if decision.get("confirm"):
        lines.append("  Asks the address on file for a confirmation")
    if receipt := decision.get("acknowledge"):
        lines.append("  No receipt" if receipt == "off" else f"  Receipt: {receipt}")
    if template := decision.get("template"):
        lines.append(f"  What the receipt says: {template}")
    lines += [f"  Tells the requester: {each}" for each in decision.get("tell", ())]
    lines += [f"  Tells staff: {each}" for each in decision.get("notices", ())]
    if terms := decision.get("callback_terms"):
        lines.append(f"  Calls back on these terms: {terms}")
    return lines


def _actions(decision: dict[str, Any]) -> list[str]:
    lines = [f"  Allowed: {', '.join(decision['actions_allowed'])}"] if decision["actions_allowed"] else []
    lines += [f"  Not allowed: {action}. {reason}" for action, reason in decision["actions_blocked"].items()]
    needs = [rule for rule in decision["actions_trace"] if rule["conditions"]]
    if needs:
        lines.append("  What the actions need:")
    for rule in needs:
        outcome = "allowed" if rule["decided"] else ("blocked by a rule" if rule["holds"] else "not allowed")
        lines += _rule(rule, outcome)
    return lines


def _rule(rule: dict[str, Any], outcome: str) -> list[str]:
    lines = [f"      {rule['rule']} ({rule['file']}:{rule['line']}): {outcome}"]
    for condition in rule["conditions"]:
        lines += _condition(condition, rule["file"], depth=4)
    return lines


def _condition(condition: dict[str, Any], file: str, depth: int) -> list[str]:
    line = f"{'  ' * depth}{'yes' if condition['holds'] else 'no ':3} {condition['test']}"
    if not condition["parts"]:
        line += f": {_short(condition['wanted'])}; here {_short(condition['value'])}"
    line += f"  ({file}:{condition['line']})"
    return [line, *(each for part in condition["parts"] for each in _condition(part, file, depth + 1))]


def _short(value: Any) -> str:
    match value:
        case None | "" | []:
            text = "nothing"
        case bool():
            text = "true" if value else "false"
        case list():
            text = ", ".join(str(each) for each in value)
        case _:
            text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
