"""The law about mail: email cannot set a priority. No rule gives an emailed ticket more than medium.

It is held twice here. A file in which a rule could do so is refused when it is loaded (`refuse`). The proof is by
cases: a rule that gives more than medium is accepted only if its own `when` is false for every mail, or if an
earlier rule of its section ends the section for every mail. And `capped` keeps a mail's priority down when a decision
is made, so that a fault in the first proof still gives no mail a priority. (The store holds it a third time.)
"""

from collections.abc import Sequence

from rules.conditions import on_mail
from rules.decision import ABOVE_MEDIUM, Priority
from rules.facts import Facts
from rules.ruleset import Rule
from rules.scope import Scope
from rules.yaml_places import Loc


def refuse(rules: Sequence[tuple[Rule, Loc]], scope: Scope) -> None:
    """Note a mistake for each rule of a section that could give a mail more than medium."""
    caught = False  # whether no mail comes this far
    for rule, loc in rules:
        reaches = on_mail(rule.when)
        if rule.effects.priority in ABOVE_MEDIUM and not caught and reaches != "never":
            scope.mistake((*loc, "then", "priority"), _sentence(rule, reaches == "always"))
        caught = caught or (reaches == "always" and not rule.goes_on)


def _sentence(rule: Rule, every_mail: bool) -> str:
    wrong = f'email cannot set a priority: rule "{rule.name}" gives {rule.effects.priority} and '
    catch = "put `- {rule: mail, when: {channel: email}, then: {priority: medium}}` before it in this section"
    if rule.when is None:
        return f"{wrong}matches every mail; add `when: {{channel: voicemail}}`, or {catch}"
    if every_mail:
        return f"{wrong}matches every mail; what a mail may be given is medium or low"
    return f"{wrong}could match a mail; add `channel: voicemail` to its `when`, or {catch}"


def capped(priority: Priority, facts: Facts) -> Priority:
    """The priority that a message may have: what was given, or medium where that is more and it is a mail."""
    if facts.channel == "email" and priority in ABOVE_MEDIUM:
        return "medium"
    return priority
