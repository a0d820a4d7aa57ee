"""The law about mail: email cannot set a priority, and it wakes nobody.

It is held twice here. A file in which a rule could give an emailed ticket more than medium, or page somebody for it, is
refused when it is loaded (`refuse`). The proof is by cases: such a rule is accepted only if its own `when` is false for
every mail, or if an earlier rule of its section ends the section for every mail. And when a decision is made, `capped`
keeps a mail's priority down and `may_page` its pager silent, so that a fault in the first proof still gives no mail a
priority. (The store holds it a third time.)
"""

from collections.abc import Sequence

from rules.conditions import on_mail
from rules.decision import ABOVE_MEDIUM, Priority
from rules.facts import Facts
from rules.ruleset import Rule
from rules.scale import Scale
from rules.scope import Scope
from rules.yaml_places import Loc


def refuse(rules: Sequence[tuple[Rule, Loc]], scope: Scope) -> None:
    """Note a mistake for each rule of a section that could give a mail more than medium, or page for one."""
    caught = False  # whether no mail comes this far
    for rule, loc in rules:
        reaches = on_mail(rule.when)
        if caught or reaches == "never":
            continue
        raises, pages = rule.effects.priority in ABOVE_MEDIUM, rule.effects.page is not None
        if raises:
            scope.mistake((*loc, "then", "priority"), _sentence(rule, scope.scale, reaches == "always"))
        if pages:
            scope.mistake((*loc, "then", "page"), _page_sentence(rule, reaches == "always"))
        # A rule that is refused itself keeps no mail from those behind it: once it is mended, they are reached.
        caught = reaches == "always" and not rule.goes_on and not raises and not pages


def _sentence(rule: Rule, scale: Scale, every_mail: bool) -> str:
    assert rule.effects.priority is not None
    medium, low = scale.name("medium"), scale.name("low")
    wrong = f'email cannot set a priority: rule "{rule.name}" gives {scale.name(rule.effects.priority)} and '
    catch = f"put `- {{rule: mail, when: {{channel: email}}, then: {{priority: {medium}}}}}` before it in this section"
    if rule.when is None:
        return f"{wrong}matches every mail; add `when: {{channel: voicemail}}`, or {catch}"
    if every_mail:
        return f"{wrong}matches every mail; what a mail may be given is {medium} or {low}"
    return f"{wrong}could match a mail; add `channel: voicemail` to its `when`, or {catch}"


def _page_sentence(rule: Rule, every_mail: bool) -> str:
    reaches = "matches every mail" if every_mail else "could match a mail"
    return f'email wakes nobody: rule "{rule.name}" pages and {reaches}; add `channel: voicemail` to its `when`'


def may_page(facts: Facts) -> bool:
    """Whether a message may wake anybody at all: a call may, a mail never."""
    return facts.channel == "voicemail"


def capped(priority: Priority, facts: Facts) -> Priority:
    """The priority that a message may have: what was given, or medium where that is more and it is a mail."""
    if facts.channel == "email" and priority in ABOVE_MEDIUM:
        return "medium"
    return priority
