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
    for use in rules.outside:
        if use.kind != "template" or use.name in templates:
            continue
        told = suggest(use.name, sorted(templates.texts))
        if use.name == _OFF:
            told = "; for no receipt write acknowledge: off"
        yield Mistake(file=use.file, line=use.line, column=use.column, message=f'no template "{use.name}"{told}')
