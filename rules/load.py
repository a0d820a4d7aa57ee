"""A rules file as a `RuleSet`, or every mistake in it at once."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rules.file_test_reader import read_tests
from rules.included_files import Files, read_files, read_text
from rules.language import FILE_KEYS
from rules.mistakes import Mistake, MistakesFound, short
from rules.part_reader import (
    read_actions,
    read_calendars,
    read_clocks,
    read_lines,
    read_phrases,
    read_plans,
    read_scale,
    read_zone,
)
from rules.patterns import PatternBook
from rules.phrases import PhraseBook
from rules.rota_reader import read_oncall
from rules.rule_reader import read_sections
from rules.ruleset import RuleSet, TemplateUse
from rules.scope import Scope
from rules.vocabulary import TESTS
from rules.yaml_errors import shown, suggest

_DUPLICATE = re.compile(r'duplicate key "([^"]+)"')


def load(path: Path, *, zone: str | None = None) -> RuleSet:
    """Read the rules file at `path` and those it includes. `zone` is the desk's where no file names one (an IANA name).

    Raises MistakesFound with every mistake at its file, line and column, a file that cannot be read included.
    """
    with _without_garbage_collector():
        return _loaded(read_files(path), zone)


def loads(text: str | bytes, name: str, *, zone: str | None = None) -> RuleSet:
    """The same for a text that is already read; `name` is what mistakes and traces call the file. It includes nothing.

    An empty text is valid: every message is filed, medium, without clocks.
    """
    with _without_garbage_collector():
        return _loaded(read_text(text, name), zone)


def _loaded(files: Files, zone: str | None) -> RuleSet:
    scope = Scope(documents=files.documents, document=files.documents[-1], mistakes=files.mistakes)
    for document in files.documents:
        scope.document = document
        if document.data is None:
            continue
        if not isinstance(document.data, dict):
            scope.mistake((), f"expected the keys of a rules file ({', '.join(FILE_KEYS)}), got {shown(document.data)}")
            continue
        for key in document.data:
            if key not in FILE_KEYS:
                scope.mistake((key,), f'unknown key "{short(key)}"{suggest(key, FILE_KEYS)}', key=True)
    ruleset = _read(scope, zone)
    if scope.mistakes:
        raise MistakesFound(map(_said_twice, scope.mistakes))
    return ruleset


def _said_twice(mistake: Mistake) -> Mistake:
    """Two tests of one name side by side: whoever wants both is told how."""
    found = _DUPLICATE.match(mistake.message)
    if found is None or found[1] not in TESTS:
        return mistake
    return replace(mistake, message=f"{mistake.message}, or write all: [{{{found[1]}: …}}, {{{found[1]}: …}}]")


@contextmanager
def _without_garbage_collector() -> Iterator[None]:
    """Make many objects, none of them garbage: the collector would walk them over and over, half of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(scope: Scope, zone: str | None) -> RuleSet:
    """The parts in an order in which each finds what it refers to."""
    desk = read_zone(scope) or zone
    scope.plans = read_plans(scope)
    scope.scale = read_scale(scope)
    calendars = read_calendars(scope, desk)
    lines = read_lines(scope)
    read_phrases(scope)
    clocks = read_clocks(scope)
    actions = read_actions(scope)
    rota = read_oncall(scope, desk)
    scope.people = None if rota is None else tuple(rota.people)
    sections = read_sections(scope)
    tests = read_tests(scope, lines, desk)
    return RuleSet(
        file=scope.documents[-1].name,
        zone=desk,
        plans=None if scope.plans is None else tuple(scope.plans),
        scale=scope.scale,
        lines=lines,
        calendars=calendars,
        clocks=clocks,
        actions=actions,
        rota=rota,
        sections=sections,
        tests=tests,
        templates=tuple(
            TemplateUse(name=name, file=file, line=line, column=column)
            for name, file, line, column in sorted(scope.templates, key=lambda use: use[1:])
        ),
        # Last: conditions bring words and patterns of their own.
        looks_back=scope.looks_back,
        patterns=PatternBook(scope.patterns),
        phrases=PhraseBook(scope.phrases),
    )
