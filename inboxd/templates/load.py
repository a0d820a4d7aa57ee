"""Templates read from files, every mistake at its line and column: the desk's folder over the shipped one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from inboxd import shipped
from inboxd.errors import ConfigurationWrong
from inboxd.templates.placeholders import PLACEHOLDERS, WrongBraces, names
from inboxd.templates.template import LANGUAGE, WROTE, Templates, Text, Words, with_base
from inboxd.yaml_files import content_of
from rules.mistakes import Mistake
from rules.yaml_document import Document
from rules.yaml_errors import shown, suggest
from rules.yaml_places import Loc
from rules.yaml_reader import read_all
from rules.yaml_source import check_value

WORDS: Final = "words"
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_LARGEST: Final = 1 << 16


class _TextForm(BaseModel):
    """A template in one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str = Field(min_length=1, max_length=300)
    body: str = Field(min_length=1, max_length=20_000)


class _WordsForm(BaseModel):
    """The words of one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: tuple[str, ...] = Field(min_length=7, max_length=7)
    today: str | None = None
    span: str
    always: str
    wrote: str = Field(default=WROTE, min_length=1, max_length=200)


def load(folder: Path | None, language: str) -> Templates:
    """Read the shipped templates and those of the desk's own `folder`, which go before; `language` is the desk's.

    Raises ConfigurationWrong with every mistake of every file.
    """
    texts: dict[str, dict[str, Text]] = {}
    words: dict[str, Words] = {}
    mistakes: list[Mistake] = []
    for path in _files(folder):
        content = content_of(path, "template", _LARGEST)
        document, wrong = read_all(content, str(path), max_bytes=_LARGEST)
        reader = _Reader(document, content.decode("utf-8", "replace"), wrong)
        if path.stem == WORDS:
            words |= reader.words()
        else:
            texts[path.stem] = reader.texts(language)
        mistakes += wrong
    if mistakes:
        raise ConfigurationWrong("templates are wrong", sorted(set(mistakes)))
    return Templates(texts=texts, words=words, default=language)


def _files(folder: Path | None) -> Iterator[Path]:
    """Give the files, the shipped ones first, so that the desk's own take their places."""
    yield from sorted((shipped.folder("config") / "templates").glob("*.yaml"))
    if folder is None:
        return
    if not folder.is_dir():
        raise ConfigurationWrong(f"the templates' folder {folder} is not there, or is none")
    for path in sorted(folder.iterdir()):
        if path.suffix == ".yaml" and path.is_file():
            if not _NAME.fullmatch(path.stem):
                raise ConfigurationWrong(
                    f"{path}: a template's file is named by small letters, digits and hyphens, like received.yaml"
                )
            yield path


class _Reader:
    """One file: languages as keys, a text below each."""

    def __init__(self, document: Document, content: str, mistakes: list[Mistake]) -> None:
        self._document = document
        self._lines = content.splitlines()
        self._mistakes = mistakes

    def texts(self, desks: str) -> dict[str, Text]:
        found: dict[str, Text] = {}
        for language, value in self._languages():
            form, wrong = check_value(_TextForm, value, self._document, at=(language,))
            self._mistakes += wrong
            if form is None:
                continue
            self._judge(form, (language,))
            found[language] = Text(subject=form.subject, body=form.body)
        if found and not {*with_base(desks), LANGUAGE} & found.keys():
            self._wrong((), f'the desk writes in "{desks}": add {desks}, or en, which stands in for every other')
        return found

    def words(self) -> dict[str, Words]:
        found: dict[str, Words] = {}
        for language, value in self._languages():
            form, wrong = check_value(_WordsForm, value, self._document, at=(language,))
            self._mistakes += wrong
            if form is not None and self._quotes(form.wrote, language):
                found[language] = Words(**form.model_dump())
        return found

    def _quotes(self, wrote: str, language: str) -> bool:
        try:
            right = set(names(wrote)) == {"when", "who"} and "\n" not in wrote.strip()
        except WrongBraces:
            right = False
        if not right:
            self._wrong((language, "wrote"), f"expected one line with {{when}} and {{who}}, like {WROTE}")
        return right

    def _languages(self) -> Iterator[tuple[str, Any]]:
        data = self._document.data
        if not isinstance(data, dict) or not data:
            self._wrong((), f"expected a language with a subject and a body (en: …), got {shown(data)}")
            return
        for language, value in data.items():
            if not _LANGUAGE.fullmatch(language):
                self._wrong((language,), f'"{language}" is no language: write it like en, de or pt-BR', key=True)
            elif not self._document.unread((language,)):
                yield language, value

    def _judge(self, form: _TextForm, at: Loc) -> None:
        used: set[str] = set()
        for key, text in (("subject", form.subject), ("body", form.body)):
            try:
                found = names(text)
            except WrongBraces as wrong:
                self._at(wrong.found, (*at, key), str(wrong))
                return
            for name in found:
                if name not in PLACEHOLDERS:
                    what = f'unknown placeholder "{{{name}}}"{suggest(name, PLACEHOLDERS)}'
                    self._at(f"{{{name}", (*at, key), what)
            used.update(found)
        if "\n" in form.subject.strip():
            self._wrong((*at, "subject"), "a subject is one line")
        if not {"reference", "mark"} & used:
            self._wrong((*at, "subject"), "nobody could refer to the ticket: write {mark} into the subject")

    def _at(self, text: str, loc: Loc, message: str) -> None:
        """Note a mistake where the text stands: a placeholder may be many lines below the key of its body."""
        line, column = self._document.mark(loc)
        for number, each in enumerate(self._lines[line - 1 :], line):
            place = each.find(text, column - 1 if number == line else 0)
            if place >= 0:
                self._mistakes.append(Mistake(file=self._document.name, line=number, column=place + 1, message=message))
                return
        self._wrong(loc, message)

    def _wrong(self, loc: Loc, message: str, *, key: bool = False) -> None:
        self._mistakes.append(self._document.mistake(loc, message, key=key))
