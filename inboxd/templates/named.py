"""Templates that rules name: one that is not there is a mistake in the rules file, found before a mail needs it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inboxd.templates.template import Templates
from rules.mistakes import Mistake
from rules.ruleset import Rule, RuleSet
from rules.yaml_errors import suggest

_OFF: Final = "off"


def missing(rules: RuleSet, templates: Templates) -> Iterator[Mistake]:
    """Give a mistake for each template that a rule names and that is not there."""
    for section in rules.sections:
        for rule in section.rules:
            effects = rule.effects
            for name in (effects.acknowledge, effects.template, *effects.tell):
                if name is not None and name != _OFF and name not in templates:
                    line, column = _place(rule, name)
                    message = f'no template "{name}"{suggest(name, sorted(templates.texts))}'
                    yield Mistake(file=rule.file or rules.file, line=line, column=column, message=message)


def _place(rule: Rule, name: str) -> tuple[int, int]:
    """Return where a rule names it: in its own lines, from the one on which its name stands."""
    try:
        lines = Path(rule.file).read_text("utf-8", "replace").splitlines()
    except OSError:
        return rule.line, 1
    for number, line in enumerate(lines[rule.line - 1 : rule.line + 20], rule.line):
        place = line.find(name)
        # Behind a colon or a comma: the rule itself may be named alike.
        while place >= 0 and not _is_of_a_template(line[:place]):
            place = line.find(name, place + 1)
        if place >= 0:
            return number, place + 1
    return rule.line, 1


def _is_of_a_template(before: str) -> bool:
    return any(key in before for key in ("acknowledge", "template", "tell")) or before.strip() == "-"
