"""A rules file as a `RuleSet`, or every mistake in it at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from rules.ruleset import RuleSet
from rules.scope import Scope
from rules.yaml_errors import shown, suggest
from rules.yaml_reader import MAX_BYTES
from rules.yaml_source import Document, read_all


def load(path: Path, *, zone: str | None = None) -> RuleSet:
    """Read the rules file at `path`. `zone` is the desk's where the file names none (an IANA name).

    Raises MistakesFound with every mistake at its line and column, a file that cannot be read included.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise MistakesFound([Mistake(file=str(path), line=1, column=1, message=message)]) from error
    return loads(text, str(path), zone=zone)


def loads(text: str | bytes, name: str, *, zone: str | None = None) -> RuleSet:
    """The same for a text that is already read; `name` is what mistakes and traces call the file.

    An empty text is valid: every message is filed, medium, without clocks.
    """
    with _without_garbage_collector():
        return _loaded(*read_all(text, name), zone)


def _loaded(document: Document, mistakes: list[Mistake], zone: str | None) -> RuleSet:
    scope = Scope(documents=(document,), document=document, mistakes=mistakes)
    data = document.data
    if data is None:
        data = {}
    elif not isinstance(data, dict):
        scope.mistake((), f"expected the keys of a rules file ({', '.join(FILE_KEYS)}), got {shown(data)}")
        data = {}
    for key in data:
        if key not in FILE_KEYS:
            scope.mistake((key,), f'unknown key "{short(key)}"{suggest(key, FILE_KEYS)}', key=True)
    ruleset = _read(scope, zone)
    if scope.mistakes:
        raise MistakesFound(scope.mistakes)
    return ruleset


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
    return RuleSet(
        file=scope.document.name,
        zone=desk,
        plans=None if scope.plans is None else tuple(scope.plans),
        scale=scope.scale,
        lines=lines,
        calendars=calendars,
        clocks=clocks,
        actions=actions,
        rota=rota,
        sections=sections,
        # Last: conditions bring words and patterns of their own.
        looks_back=scope.looks_back,
        patterns=PatternBook(scope.patterns),
        phrases=PhraseBook(scope.phrases),
    )
