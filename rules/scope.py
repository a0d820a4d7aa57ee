"""What the parts of a rules file may refer to while it is being loaded, and the mistakes found on the way."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from rules.calendars import Calendar
from rules.decision import Priority
from rules.facts import EarlierKind, Whose
from rules.mistakes import Mistake, MistakesFound, short
from rules.patterns import MAX_PATTERNS, check
from rules.phrases import Phrase, phrase
from rules.ruleset import NameUse, Outside
from rules.scale import Scale
from rules.yaml_document import Document
from rules.yaml_errors import shown, suggest
from rules.yaml_places import Loc
from rules.yaml_reader import MAX_MISTAKES

# So many names of what stands outside of the file are written down; a file of 1 MiB could name a hundred thousand.
_MOST_OUTSIDE: Final = 10_000
_EVERYWHERE: Final = ("template", "greeting")


@dataclass(slots=True, kw_only=True)
class Scope:
    """The names of one file and of those it includes.

    A name whose own definition is wrong still counts as there: one mistake, told once.

    documents: the files in the order in which they are read, the included ones first. document: the one that is being
    read now, which every `loc` is meant in.
    """

    documents: tuple[Document, ...]
    document: Document
    mistakes: list[Mistake] = field(default_factory=list)
    calendar_names: Collection[str] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    line_names: Collection[str] = ()
    clock_names: Collection[str] = ()
    plans: Collection[str] | None = None
    scale: Scale = field(default_factory=Scale)
    people: Collection[str] | None = None
    action_names: Collection[str] = ()
    looks_back: dict[tuple[EarlierKind, Whose], timedelta] = field(default_factory=dict)
    patterns: dict[str, None] = field(default_factory=dict)
    outside: dict[tuple[str, ...], NameUse] = field(default_factory=dict)
    phrase_names: Collection[str] = ()
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)

    def parts(self, key: str) -> Iterator[tuple[Any, Loc]]:
        """The value of a top-level key with its loc, of each file that has it; `document` is that file meanwhile."""
        for document in self.documents:
            if isinstance(document.data, dict) and document.data.get(key) is not None:
                self.document = document
                yield document.data[key], (key,)
        self.document = self.documents[-1]

    def place(self, loc: Loc, *, key: bool = False) -> str:
        """`on line 3`, or `in other.yaml:3` where files are included: how a mistake names another place."""
        line = self.document.mark(loc, key=key)[0]
        return f"on line {line}" if len(self.documents) == 1 else f"in {self.document.name}:{line}"

    def mistake(self, loc: Loc, message: str, *, key: bool = False) -> None:
        """Note a mistake at a value or its key."""
        self.note(self.document.mistake(loc, message, key=key))

    def note(self, mistake: Mistake) -> None:
        """Note a mistake, once. Raises MistakesFound when there are more than anybody reads."""
        if mistake in self.mistakes:
            return
        self.mistakes.append(mistake)
        if len(self.mistakes) >= MAX_MISTAKES:
            last = max(self.mistakes)
            told = "… and there may be more; mend these first"
            raise MistakesFound([*self.mistakes, replace(last, message=told)])

    def known(self, loc: Loc, what: str, name: str, names: Collection[str], hint: str = "") -> bool:
        """Whether `name` is one of `names`; a mistake when it is not."""
        if name in names:
            return True
        told = suggest(name, names) if names else f"; the file defines no {what}"
        self.mistake(loc, f'unknown {what} "{short(name)}"{told}{hint}')
        return False

    def priority(self, loc: Loc, text: str, *, key: bool = False) -> Priority | None:
        """The priority that a text names in the desk's words or in the four; None after a mistake."""
        found = self.scale.read(text)
        if found is None:
            self.mistake(loc, f'unknown priority "{short(text)}"{suggest(text, self.scale.names)}', key=key)
        return found

    def looks_at(self, kind: EarlierKind, of: Whose, within: timedelta) -> None:
        """Write down that a rule asks for what was earlier, and how far back."""
        self.looks_back[kind, of] = max(self.looks_back.get((kind, of), within), within)

    def pattern(self, loc: Loc, text: str) -> bool:
        """Whether a pattern can be searched for, which is then done; a mistake when it cannot."""
        if text in self.patterns:
            return True
        try:
            check(text)
        except ValueError as error:
            self.mistake(loc, str(error))
            return False
        if len(self.patterns) >= MAX_PATTERNS:
            told = f"a file has at most {MAX_PATTERNS} patterns; words and phrases (`says`) may be as many as you like"
            self.mistake(loc, told)
            return False
        self.patterns[text] = None
        return True

    def names_outside(self, kind: Outside, loc: Loc, name: str | None) -> None:
        """Write down where the file names something that stands outside of it (see `NameUse`)."""
        if name is None:
            return
        key: tuple[str, ...] = (kind, name)
        if kind in _EVERYWHERE:  # a missing one is a mistake, told at each of its places
            key = (*key, self.document.name, *map(str, loc))
        elif key in self.outside or len(self.outside) >= _MOST_OUTSIDE:
            return
        line, column = self.document.mark(loc)
        self.outside[key] = NameUse(kind=kind, name=name, file=self.document.name, line=line, column=column)

    def text(self, loc: Loc, value: Any) -> str | None:
        """A value that is text, or a number as it is written; else a mistake."""
        if isinstance(value, str) and value.strip():
            return value.strip()
        source = self.document.source(loc)
        if source is not None:
            return source
        if self.document.unread(loc):
            return None  # told when it was read
        hint = "; put it in quotes if it is a word" if isinstance(value, bool) else ""
        self.mistake(loc, f"expected text, got {shown(value)}{hint}")
        return None

    def texts(self, loc: Loc, value: Any) -> list[tuple[Loc, str]] | None:
        """One text, or a list of texts, each with its loc; None after a mistake."""
        if not isinstance(value, list):
            one = self.text(loc, value)
            return None if one is None else [(loc, one)]
        if not value:
            self.mistake(loc, "expected at least one entry, got an empty list")
            return None
        found: list[tuple[Loc, str]] = []
        for at, entry in enumerate(value):
            text = entry.strip() if isinstance(entry, str) else ""  # most are text; the rest is looked at closely
            one = text or self.text((*loc, at), entry)
            if one is not None:
                found.append(((*loc, at), one))
        return found if len(found) == len(value) else None

    def names(self, loc: Loc, value: Any) -> list[tuple[Loc, str]] | None:
        """Like `texts`, of names: what nobody sees is no part of one, and would keep a rule from ever holding."""
        found = self.texts(loc, value)
        odd = [(at, text) for at, text in found or () if not text.isprintable()]
        for at, text in odd:
            self.mistake(at, f'"{short(text)}" holds a character that nobody sees; type it anew')
        return None if odd else found

    def add_phrases(self, name: str, texts: Iterable[tuple[Loc, str]]) -> None:
        """Define a list of phrases under a name."""
        phrases: list[Phrase] = self.phrases.setdefault(name, [])
        for at, text in texts:
            try:
                phrases.append(phrase(text))
            except ValueError as error:
                self.mistake(at, str(error))
