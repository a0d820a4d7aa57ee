"""What callers hear: texts by name and language, the desk's own before the shipped ones."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, RootModel

from inboxd import shipped
from inboxd.errors import ConfigurationWrong
from inboxd.yaml_files import read_form
from rules.mistakes import Mistake
from rules.ruleset import RuleSet
from rules.yaml_errors import suggest, suggest_of
from rules.yaml_source import Document

PLACEHOLDERS: Final = ("opens", "reference")
_LANGUAGE: Final = "en"
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")


class _File(RootModel[dict[str, Annotated[str, Field(min_length=1, max_length=4000)]]]):
    """One greeting: its text by language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greetings:
    """Every greeting by name and language."""

    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.texts

    def say(self, name: str, language: str, **places: str | None) -> str:
        """Return what is said, in that language or else in English; without sentences that have nothing to say."""
        texts = self.texts[name]
        wanted = (language, language.partition("-")[0], _LANGUAGE)
        text = next((texts[each] for each in wanted if each in texts), next(iter(texts.values())))
        said = (sentence for sentence in _SENTENCE.split(text) if _can_be_said(sentence, places))
        return _PLACE.sub(lambda found: places[found[1]] or "", " ".join(said))


def _can_be_said(sentence: str, places: Mapping[str, str | None]) -> bool:
    return all(places.get(name) for name in _PLACE.findall(sentence))


def load(own: Path | None) -> Greetings:
    """Read the shipped greetings and those in the folder `own`, which may not be there.

    Raises ConfigurationWrong with every mistake of every file.
    """
    texts: dict[str, Mapping[str, str]] = {}
    mistakes: list[Mistake] = []
    for path in _files(own):
        try:
            form, _ = read_form(_File, path, "greeting", _judge)
            texts[path.stem] = {language: " ".join(text.split()) for language, text in form.root.items()}
        except ConfigurationWrong as wrong:
            if not wrong.mistakes:
                raise
            mistakes += wrong.mistakes
    if mistakes:
        raise ConfigurationWrong("greetings are wrong", mistakes)
    return Greetings(texts=texts)


def missing(rules: RuleSet, greetings: Greetings) -> Iterator[Mistake]:
    """Give a mistake for each place where a line of the rules names a greeting that nobody wrote."""
    for use in rules.outside:
        if use.kind == "greeting" and use.name not in greetings:
            told = f'no greeting "{use.name}"{suggest_of(use.name, sorted(greetings.texts))}'
            told += " (your own belong into the folder greetings below templates.folder)"
            yield Mistake(file=use.file, line=use.line, column=use.column, message=told)


def _files(own: Path | None) -> Iterator[Path]:
    yield from sorted((shipped.folder("config") / "greetings").glob("*.yaml"))
    if own is not None and own.is_dir():
        yield from sorted(own.glob("*.yaml"))


def _judge(document: Document) -> Iterable[Mistake]:
    data = document.data if isinstance(document.data, dict) else {}
    if not data:
        yield document.mistake((), "expected a language and its text, like en: Thank you for calling.")
    for language, text in data.items():
        for name in _PLACE.findall(text) if isinstance(text, str) else ():
            if name not in PLACEHOLDERS:
                what = f'unknown placeholder "{{{name}}}"{suggest(name, PLACEHOLDERS)}'
                yield document.mistake((language,), what)
