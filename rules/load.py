"""A rules file as a `RuleSet`, or every mistake in it at once."""

from pathlib import Path

from rules.collector import without_garbage_collector
from rules.file_test_reader import read_tests
from rules.included_files import Files, read_files, read_text
from rules.language import FILE_KEYS
from rules.mistakes import MistakesFound, short
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
from rules.rule_reader import both, read_sections
from rules.ruleset import RuleSet
from rules.scope import Scope
from rules.yaml_errors import shown, suggest


def load(path: Path, *, zone: str | None = None) -> RuleSet:
    """Read the rules file at `path` and those it includes. `zone` is the desk's where no file names one (an IANA name).

    Raises MistakesFound with every mistake at its file, line and column, a file that cannot be read included.
    """
    with without_garbage_collector():
        return _loaded(read_files(path, both), zone)


def loads(text: str | bytes, name: str, *, zone: str | None = None) -> RuleSet:
    """The same for a text that is already read; `name` is what mistakes and traces call the file. It includes nothing.

    An empty text is valid: every message is filed, medium, without clocks.
    """
    with without_garbage_collector():
        return _loaded(read_text(text, name, both), zone)


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
        raise MistakesFound(scope.mistakes)
    return ruleset


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
        outside=tuple(sorted(scope.outside.values(), key=lambda use: (use.file, use.line, use.column))),
        # Last: conditions bring words and patterns of their own.
        looks_back=scope.looks_back,
        patterns=PatternBook(scope.patterns),
        phrases=PhraseBook(scope.phrases),
    )
