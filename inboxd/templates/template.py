"""A template filled in: one subject line, and the paragraphs for which there is something to say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from inboxd.message import clean
from inboxd.templates.placeholders import names, parts

LANGUAGE: Final = "en"
WROTE: Final = "On {when}, {who} wrote:"
_LONGEST_SUBJECT: Final = 200
_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n\s*")


def with_base(language: str) -> tuple[str, str]:
    """Return a language, and it without its region: `de-AT`, `de`."""
    return language, language.partition("-")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A template in one language."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What inboxd itself has to say in a language: `days` from Monday on; `span` and `always` tell open hours.

    `today` is the day on which it is said; None: it has its name then, too.

    `wrote` stands above what is quoted, with the places `{when}` and `{who}`.
    """

    days: tuple[str, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    today: str | None = "today"
    span: str = "to"
    always: str = "around the clock"
    wrote: str = WROTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What goes out; `language` is the one that it is written in, `places` are those whose values stand in it."""

    subject: str
    text: str
    language: str
    places: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Every template by name and language, the desk's own before the shipped one of the same name."""

    texts: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)
    default: str = LANGUAGE

    def __contains__(self, name: object) -> bool:
        return name in self.texts

    def language_of(self, name: str, wanted: str | None) -> str:
        """Return the language to write a template in: the wanted one or the desk's, each also without its region."""
        texts = self.texts[name]
        for each in (*with_base(wanted or ""), *with_base(self.default), LANGUAGE):
            known = next((language for language in texts if language.lower() == each.lower()), None)
            if known is not None:
                return known
        return next(iter(texts))

    def words_of(self, language: str) -> Words:
        """Return the words of a language, the English ones where nobody wrote them down."""
        return self.words.get(language) or self.words.get(language.partition("-")[0]) or Words()

    def write(self, name: str, language: str, values: Mapping[str, str]) -> Written:
        """Fill a template in; KeyError for one that is not there, which `load` has ruled out for what rules name."""
        text = self.texts[name][language]
        # One line whatever the values hold: what begins a line of its own in a header is a field of its own.
        subject = " ".join(clean.line(_filled(text.subject, values) or "").split())
        paragraphs = _BLANK_LINES.split(text.body.strip())
        told = [(each, filled) for each in paragraphs if (filled := _filled(each, values, whole=True)) is not None]
        return Written(
            subject=clean.short(subject, _LONGEST_SUBJECT),
            text=clean.body("\n\n".join(filled for _, filled in told)) + "\n",
            language=language,
            places=frozenset(name for each, _ in told for name in names(each)),
        )


def _filled(text: str, values: Mapping[str, str], *, whole: bool = False) -> str | None:
    """Put the values in; None for a `whole` paragraph one of whose places stays empty."""
    found: list[str] = []
    for literal, name in parts(text):
        found.append(literal)
        if name is None:
            continue
        value = values.get(name, "")
        if whole and not value:
            return None
        found.append(value)
    return "".join(found)
