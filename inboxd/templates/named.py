"""Templates that rules name: one that is not there is a mistake in the rules file, found before a mail needs it."""

from collections.abc import Iterator
from typing import Final

from inboxd.templates.template import Templates
from rules.mistakes import Mistake
from rules.ruleset import RuleSet
from rules.yaml_errors import suggest

_OFF: Final = "off"


def missing(rules: RuleSet, templates: Templates) -> Iterator[Mistake]:
    """Give a mistake for each place where a rule names a template for mail that is not there."""
    written = {
        name
        for section in rules.sections
        for rule in section.rules
        for name in (rule.effects.acknowledge, rule.effects.template, *rule.effects.tell)
    }
    # Greetings of lines are names of templates, too, and spoken ones.
    for use in rules.templates:
        if use.name in written and use.name not in templates and use.name != _OFF:
            message = f'no template "{use.name}"{suggest(use.name, sorted(templates.texts))}'
            yield Mistake(file=use.file, line=use.line, column=use.column, message=message)
