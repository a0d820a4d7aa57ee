"""Strict YAML: text in, plain data out, with the place of every value.

What is read here decides what happens to people's mail, so nothing is guessed: `NO`, `09:30`, `0123`,
`+15550100` and `2026-12-31` are text, a key stands once, and what makes one text mean another (anchors,
aliases, merge keys, tags) is refused. The file is read as a stream of events, never as YAML's own node graph:
an alias that would expand to millions of values is refused where it is named, before anything is built.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

import yaml

from rules import yaml_syntax
from rules.mistakes import Mistake, short
from rules.text_file import decode
from rules.yaml_document import Document
from rules.yaml_places import Places

MAX_BYTES = 1 << 20
MAX_DEPTH = 20
MAX_VALUES = 150_000
MAX_MISTAKES = 100
_MANY_TEXTS = 5_000

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}\Z")
# Refused before anything is parsed: libyaml compares each %TAG with all before it.
_DIRECTIVE = re.compile(r"^%(?:TAG|YAML)[ \t]", re.MULTILINE)
_QUOTES = frozenset("“”„‟‘’‚‛«»‹›")
_OPENING = frozenset("“„‟‘‚«‹")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}

# What else would be right where a key stands twice, by the keys that are around it; "" for nothing.
Twice = Callable[[Sequence[str], str], str]


def read_all(
    text: str | bytes,
    name: str,
    *,
    max_bytes: int = MAX_BYTES,
    max_values: int = MAX_VALUES,
    twice: Twice = lambda *_: "",
) -> tuple[Document, list[Mistake]]:
    """Read as far as the text can be read: the document with what could be, and the mistakes.

    For callers that want to judge the rest of the file before they show its mistakes all at once. The
    limits suit files that people write; one that a program writes (a directory of accounts) may be
    larger.
    """
    return _Reader(name, max_bytes, max_values, twice=twice).read(text)


def read_entries(
    text: str | bytes, name: str, key: str, each: Callable[[Document], None], *, max_bytes: int, max_values: int
) -> tuple[Document, list[Mistake]]:
    """Like `read_all`, but hand out the entries of the list at the top-level `key` one by one, and keep none of them.

    For files of many thousand entries: `each` gets a document in which the list has that one entry, so a `loc` in it is
    `(key, 0, ...)`. In the document that is returned, the list is empty.
    """
    return _Reader(name, max_bytes, max_values, stream=(key, each)).read(text)


class _Stop(Exception):
    """Reading cannot go on; the mistake is already noted."""


class _Reader:
    """One pass over the events of one file."""

    def __init__(
        self,
        name: str,
        max_bytes: int,
        max_values: int,
        *,
        stream: tuple[str, Callable[[Document], None]] | None = None,
        twice: Twice = lambda *_: "",
    ) -> None:
        self.name = name
        self._twice = twice
        self._way: list[str] = []  # the keys around what is being read
        self._stream = stream
        self._max_bytes = max_bytes
        self._max_values = max_values
        self.mistakes: list[Mistake] = []
        self._values = 0
        self._texts: dict[str, str] = {}
        self._places = Places()
        self._next: Callable[[], yaml.Event | None]

    def read(self, text: str | bytes) -> tuple[Document, list[Mistake]]:
        """The document with what could be read, and the mistakes; what could not be read is None and marked so."""
        decoded, mistakes = decode(text, self.name, max_bytes=self._max_bytes)
        self.mistakes += mistakes
        del text  # a copy less while the file is read
        data = None
        stopped = bool(mistakes)
        if not stopped:
            try:
                data = self._parse(decoded)
            except _Stop:
                stopped = True
        if stopped:
            self._places = Places()
            self._places.refuse(self._places.add(1, 1))
        return Document(name=self.name, data=data, _places=self._places), self.mistakes

    def _note(self, line: int, column: int, message: str) -> None:
        self.mistakes.append(Mistake(file=self.name, line=line, column=column, message=message))
        if len(self.mistakes) == MAX_MISTAKES:
            told = "… and there may be more; mend these first"
            self.mistakes.append(Mistake(file=self.name, line=line, column=column, message=told))
            raise _Stop

    def _parse(self, text: str) -> Any:
        directive = _DIRECTIVE.search(text)
        if directive is not None:
            line = text.count("\n", 0, directive.start()) + 1
            self._note(line, 1, "lines that begin with % (directives) are not used here; delete them")
            raise _Stop
        loader = yaml.CSafeLoader(text)
        self._next = loader.get_event
        try:
            return self._document()
        except yaml.MarkedYAMLError as error:
            self._note(*yaml_syntax.told(error, text))
            raise _Stop from error
        finally:
            loader.dispose()

    def _document(self) -> Any:
        data: Any = None
        found = False
        while (event := self._next()) is not None:
            if isinstance(event, yaml.DocumentStartEvent) and found:
                self._note(*_position(event), 'a second document begins here ("---"); one file holds one')
                raise _Stop
            if isinstance(event, yaml.NodeEvent):
                data = self._value(event, 0)
                found = True
        if not found:
            self._places.add(1, 1)
        return data

    def _inside(self) -> yaml.NodeEvent | None:
        """The next value's beginning; None where the list or mapping around ends."""
        event = self._next()
        return event if isinstance(event, yaml.NodeEvent) else None

    def _value(self, event: yaml.NodeEvent, depth: int) -> Any:
        """The value that begins with this event; its place is added to the places."""
        line, column = _position(event)
        place = self._places.add(line, column)
        self._values += 1
        if self._values > self._max_values:
            self._note(line, column, f"more than {self._max_values:,} values; that is the most that is read")
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            self._note(
                line,
                column,
                f'"*{short(str(event.anchor))}" is an alias, and aliases are not used here: write the value out; '
                "text that begins with * stands in quotes",
            )
            self._places.refuse(place)
            return None
        self._refuse_anchor_and_tag(event, place)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place)
        if depth >= MAX_DEPTH:
            self._note(line, column, f"nested more than {MAX_DEPTH} deep; that is the most")
            raise _Stop
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(place, depth)
        return self._mapping(place, depth)

    def _refuse_anchor_and_tag(self, event: yaml.NodeEvent, place: int) -> None:
        anchor: str | None = event.anchor
        if anchor is not None:
            self._note(
                *_position(event),
                f'"&{short(anchor)}" is an anchor, and anchors are not used here: delete it; '
                "text that begins with & stands in quotes",
            )
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            written = short(tag.replace("tag:yaml.org,2002:", "!!"))
            self._note(
                *_position(event),
                f'"{written}" is a tag, and tags are not used here: delete it; '
                "text that begins with ! stands in quotes",
            )
            self._places.refuse(place)

    def _scalar(self, event: yaml.ScalarEvent, place: int) -> Any:
        text = self._text(event.value)
        if event.style:  # quoted, or a block text
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text[0] in _QUOTES:
            self._refuse_typographic_quotes(event, text)
        if _WHOLE.match(text):
            self._places.written(place, text)
            return int(text)
        if _DECIMAL.match(text):
            self._places.written(place, text)
            return float(text)
        return text

    def _refuse_typographic_quotes(self, event: yaml.ScalarEvent, text: str) -> None:
        """Say that such quotes hold nothing together, where they were meant to: around the whole, or with one end."""
        if (len(text) > 1 and text[-1] in _QUOTES) or (text[0] in _OPENING and _QUOTES.isdisjoint(text[1:])):
            told = f'to YAML {text[0]} is a letter and no quote; write straight quotes ("…"), or none'
            self._note(*_position(event), told)

    def _text(self, text: str) -> str:
        """Rules repeat few words often: one object for each keeps a file of 1 MiB small in memory."""
        if len(self._texts) > _MANY_TEXTS:
            self._texts.clear()
        return self._texts.setdefault(text, text)

    def _list(self, place: int, depth: int) -> list[Any]:
        values: list[Any] = []
        while (event := self._inside()) is not None:
            values.append(self._value(event, depth + 1))
        self._places.close(place, "list")
        return values

    def _hand_out(self, stream: tuple[str, Callable[[Document], None]], begins: yaml.NodeEvent) -> list[Any]:
        """Read the list that is handed out: each entry with places of its own, as if it were the only one."""
        key, each = stream
        whole = self._places
        here = _position(begins)
        around = whole.add(*here)
        self._refuse_anchor_and_tag(begins, around)
        while (event := self._inside()) is not None:
            self._places = Places()
            top = self._places.add(1, 1)
            self._places.add(*here, key)
            entries = self._places.add(*here)
            if whole.refused(around):
                self._places.refuse(entries)
            value = self._value(event, 2)
            self._places.close(entries, "list")
            self._places.close(top, "mapping")
            each(Document(name=self.name, data={key: [value]}, _places=self._places))
        self._places = whole
        whole.close(around, "list")
        return []

    def _mapping(self, place: int, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        firsts: dict[str, int] | None = None  # where each key stands; asked for by the first that stands there twice
        while (event := self._inside()) is not None:
            key, at = self._key(event, depth)
            begins = cast("yaml.NodeEvent", self._next())
            self._way.append(key or "")
            if depth == 0 and self._stream is not None and key == self._stream[0] and _is_list(begins):
                value = self._hand_out(self._stream, begins)
            else:
                value = self._value(begins, depth + 1)
            self._way.pop()
            if key is not None and key not in values:
                values[key] = value
                if firsts is not None:
                    firsts[key] = at
                continue
            where = self._places.mark(at)
            self._places.forget_from(at)
            if key is not None:
                firsts = firsts or self._places.keys_of(place)
                line = self._places.mark(firsts[key])[0]
                told = f'duplicate key "{short(key)}": it stands on line {line} already; keep one of the two'
                self._note(*where, told + self._twice(self._way, key))
        self._places.close(place, "mapping")
        return values

    def _key(self, event: yaml.NodeEvent, depth: int) -> tuple[str | None, int]:
        """The key, None for one that is refused, and the number of its place."""
        line, column = _position(event)
        if not isinstance(event, yaml.ScalarEvent):
            place = self._places.add(line, column)
            self._value(event, depth + 1)
            if not isinstance(event, yaml.AliasEvent):  # which has its own mistake
                self._note(line, column, "a key is text, not a list or a mapping")
            return None, place
        text = self._text(event.value)
        place = self._places.add(line, column, text)
        if event.anchor is not None or event.tag is not None:
            self._refuse_anchor_and_tag(event, place)
        if text == "<<" and not event.style:
            self._note(line, column, 'merge keys ("<<") are not used here: write the keys out')
            return None, place
        if not text:
            self._note(line, column, 'a key is missing before ":"')
            return None, place
        if not text.isprintable():
            self._note(line, column, f'the key "{short(text)}" holds a character that nobody sees; type it anew')
            return None, place
        if text[0] in _QUOTES and not event.style:
            self._refuse_typographic_quotes(event, text)
        return text, place


def _is_list(event: yaml.NodeEvent) -> bool:
    return isinstance(event, yaml.SequenceStartEvent)


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def kind(value: Any) -> Literal["text", "number", "truth", "nothing", "list", "mapping"]:
    """What a value of a document is, as people call it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else "mapping"
