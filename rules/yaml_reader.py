"""Strict YAML: text in, plain data out, with the place of every value.

What is read here decides what happens to people's mail, so nothing is guessed: `NO`, `09:30`, `0123`,
`+15550100` and `2026-12-31` are text, a key stands once, and what makes one text mean another (anchors,
aliases, merge keys, tags) is refused. The file is read as a stream of events, never as YAML's own node graph:
an alias that would expand to millions of values is refused where it is named, before anything is built.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import yaml

from rules.mistakes import Mistake
from rules.text_file import decode

MAX_BYTES = 1 << 20
MAX_DEPTH = 20
MAX_VALUES = 150_000
MAX_MISTAKES = 200
_MANY_TEXTS = 5_000

Loc = tuple[str | int, ...]

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}\Z")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}

# libyaml's words for what is wrong, and ours with what would be right.
_PLAIN_WORDS = {
    "mapping values are not allowed in this context": (
        'a ":" that YAML cannot place; a text that holds ": " stands in quotes, '
        "and a key is indented like its neighbours"
    ),
    "did not find expected key": "a key was expected; is this line indented like its neighbours?",
    "could not find expected ':'": 'a ":" was expected after this key',
    "found character that cannot start any token": (
        "no value may begin with this character; indent with spaces, not tabs, and put texts that begin with "
        "@, ` or % in quotes"
    ),
    "did not find expected ',' or ']'": 'a "," or the closing "]" of this list is missing',
    "did not find expected ',' or '}'": 'a "," or the closing "}" is missing',
    "did not find expected '-' indicator": (
        'a "-" was expected; is this line indented like the other entries of the list?'
    ),
    "block sequence entries are not allowed in this context": ('a list ("- …") begins on a line of its own'),
    "found unexpected end of stream": "the file ends in the middle of a text in quotes",
    "did not find expected node content": "a value was expected",
    "found unknown escape character": "unknown \\ escape; in 'single quotes' a backslash is only a backslash",
    "did not find expected <document start>": (
        "this is outside of what was begun above; is it indented like its neighbours?"
    ),
    "did not find expected alphabetic or numeric character": (
        "text that begins with * or & stands in quotes (YAML would take it for an alias or an anchor)"
    ),
}


@dataclass(slots=True)
class _Place:
    """Where a value stands, and what it is made of; parallel to the data."""

    line: int
    column: int
    source: str | None = None
    entries: "list[_Place] | dict[str, tuple[_Place, _Place]] | None" = None
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's data with the places of its values.

    `data` is made of dict (text keys, in the file's order), list, str, int, float, bool and None; None for an
    empty file. A `loc` is the way to a value from the top: `("decide", "priority", 0, "then")`.
    """

    name: str
    data: Any
    _root: _Place = field(repr=False)

    def mark(self, loc: Loc, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `loc` or of its key, else of what is around it.

        Steps that the file does not know are passed over: a loc of pydantic's errors can be given as it is.
        """
        place, key_place = self._find(loc)
        best = key_place if key and key_place is not None else place
        return best.line, best.column

    def mistake(self, loc: Loc, message: str, *, key: bool = False) -> Mistake:
        """A mistake at the value at `loc`, or at its key."""
        line, column = self.mark(loc, key=key)
        return Mistake(file=self.name, line=line, column=column, message=message)

    def source(self, loc: Loc) -> str | None:
        """The text that a number was read from (`1.10` is more than 1.1 when it is a name), else None."""
        return self._find(loc)[0].source

    def unread(self, loc: Loc) -> bool:
        """Whether something at or above `loc` was refused while reading, so that its value means nothing."""
        place = self._root
        for step in loc:
            below = _below(place, step)
            if below is None:
                continue
            place = below[1]
            if place.unread:
                return True
        return self._root.unread

    def _find(self, loc: Loc) -> tuple[_Place, _Place | None]:
        place, key_place = self._root, None
        for step in loc:
            below = _below(place, step)
            if below is not None:
                key_place, place = below
        return place, key_place


def _below(place: _Place, step: str | int) -> tuple[_Place | None, _Place] | None:
    if isinstance(place.entries, dict) and isinstance(step, str):
        return place.entries.get(step)
    if isinstance(place.entries, list) and isinstance(step, int) and 0 <= step < len(place.entries):
        return None, place.entries[step]
    return None


def read_all(
    text: str | bytes, name: str, *, max_bytes: int = MAX_BYTES, max_values: int = MAX_VALUES
) -> tuple[Document, list[Mistake]]:
    """Read as far as the text can be read: the document with what could be, and the mistakes.

    For callers that want to judge the rest of the file before they show its mistakes all at once. The
    limits suit files that people write; one that a program writes (a directory of accounts) may be
    larger.
    """
    reader = _Reader(name, max_bytes, max_values)
    decoded = reader.decode(text)
    if decoded is None:
        return Document(name=name, data=None, _root=_Place(1, 1, unread=True)), reader.mistakes
    data, root = reader.parse(decoded)
    return Document(name=name, data=data, _root=root), reader.mistakes


def read_entries(
    text: str | bytes, name: str, key: str, each: Callable[[Document], None], *, max_bytes: int, max_values: int
) -> tuple[Document, list[Mistake]]:
    """Like `read_all`, but hand out the entries of the list at the top-level `key` one by one, and keep none of them.

    For files of many thousand entries: `each` gets a document in which the list has that one entry, so a `loc` in it is
    `(key, 0, ...)`. In the document that is returned, the list is empty.
    """
    reader = _Reader(name, max_bytes, max_values, stream=(key, each))
    decoded = reader.decode(text)
    if decoded is None:
        return Document(name=name, data=None, _root=_Place(1, 1, unread=True)), reader.mistakes
    del text  # a copy less while the file is read
    data, root = reader.parse(decoded)
    return Document(name=name, data=data, _root=root), reader.mistakes


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
    ) -> None:
        self.name = name
        self._stream = stream
        self._max_bytes = max_bytes
        self._max_values = max_values
        self.mistakes: list[Mistake] = []
        self._values = 0
        self._texts: dict[str, str] = {}

    def _note(self, line: int, column: int, message: str) -> None:
        self.mistakes.append(Mistake(file=self.name, line=line, column=column, message=message))
        if len(self.mistakes) == MAX_MISTAKES:
            told = "… and there may be more; mend these first"
            self.mistakes.append(Mistake(file=self.name, line=line, column=column, message=told))
            raise _Stop

    def decode(self, text: str | bytes) -> str | None:
        """The file as text without a byte order mark; None when it cannot be read at all."""
        decoded, mistakes = decode(text, self.name, max_bytes=self._max_bytes)
        self.mistakes += mistakes
        return None if mistakes else decoded

    def parse(self, text: str) -> tuple[Any, _Place]:
        """Data and places; what could not be read is None and marked so."""
        loader = yaml.CSafeLoader(text)
        nothing = _Place(1, 1)
        try:
            return self._document(self._events(loader), nothing)
        except _Stop:
            return None, _Place(1, 1, unread=True)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
            return None, _Place(1, 1, unread=True)
        finally:
            loader.dispose()

    def _events(self, loader: yaml.CSafeLoader) -> Iterator[yaml.Event]:
        while loader.check_event():
            yield cast("yaml.Event", loader.get_event())

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        problem = (error.problem or "cannot be read").strip()
        message = _PLAIN_WORDS.get(problem, problem)
        began = error.context_mark
        line = mark.line + 1 if mark else 1
        if began is not None and began.line + 1 < line:
            message += f" (inside of what begins on line {began.line + 1})"
        self._note(line, mark.column + 1 if mark else 1, message)

    def _document(self, events: Iterator[yaml.Event], nothing: _Place) -> tuple[Any, _Place]:
        data: Any = None
        root: _Place | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                line, column = _position(event)
                if root is not None:
                    self._note(line, column, 'a second document begins here ("---"); one file holds one')
                    raise _Stop
                if event.version or event.tags:
                    self._note(line, column, "lines that begin with % (directives) are not used here; delete them")
            elif isinstance(event, yaml.NodeEvent):
                data, root = self._value(event, events, 0)
        return data, root or nothing

    def _value(self, event: yaml.NodeEvent, events: Iterator[yaml.Event], depth: int) -> tuple[Any, _Place]:
        line, column = _position(event)
        place = _Place(line, column)
        self._values += 1
        if self._values > self._max_values:
            self._note(line, column, f"more than {self._max_values:,} values")
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            self._note(
                line,
                column,
                f'"*{event.anchor}" is an alias, and aliases are not used here: write the value out; '
                "text that begins with * stands in quotes",
            )
            place.unread = True
            return None, place
        self._refuse_anchor_and_tag(event, place)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place), place
        if depth >= MAX_DEPTH:
            self._note(line, column, f"nested more than {MAX_DEPTH} deep")
            raise _Stop
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(place, events, depth), place
        return self._mapping(place, events, depth), place

    def _refuse_anchor_and_tag(self, event: yaml.NodeEvent, place: _Place) -> None:
        anchor: str | None = event.anchor
        if anchor is not None:
            self._note(
                place.line,
                place.column,
                f'"&{anchor}" is an anchor, and anchors are not used here: delete it; '
                "text that begins with & stands in quotes",
            )
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            written = tag.replace("tag:yaml.org,2002:", "!!")
            self._note(
                place.line,
                place.column,
                f'"{written}" is a tag, and tags are not used here: delete it; '
                "text that begins with ! stands in quotes",
            )
            place.unread = True

    def _scalar(self, event: yaml.ScalarEvent, place: _Place) -> Any:
        # Rules repeat few words often: one object for each keeps a file of 1 MiB small in memory.
        text = self._texts.setdefault(event.value, event.value)
        if event.style:  # quoted, or a block text
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _WHOLE.match(text):
            place.source = text
            return int(text)
        if _DECIMAL.match(text):
            place.source = text
            return float(text)
        return text

    def _list(self, place: _Place, events: Iterator[yaml.Event], depth: int) -> list[Any]:
        values: list[Any] = []
        places: list[_Place] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            value, at = self._value(cast("yaml.NodeEvent", event), events, depth + 1)
            values.append(value)
            places.append(at)
        place.entries = places
        return values

    def _hand_out(
        self, stream: tuple[str, Callable[[Document], None]], begins: yaml.NodeEvent, events: Iterator[yaml.Event]
    ) -> tuple[list[Any], _Place]:
        key, each = stream
        place = _Place(*_position(begins), entries=[])
        self._refuse_anchor_and_tag(begins, place)
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            value, at = self._value(cast("yaml.NodeEvent", event), events, 2)
            around = _Place(place.line, place.column, entries=[at], unread=place.unread)
            root = _Place(1, 1, entries={key: (place, around)})
            each(Document(name=self.name, data={key: [value]}, _root=root))
            if len(self._texts) > _MANY_TEXTS:
                self._texts.clear()
        return [], place

    def _mapping(self, place: _Place, events: Iterator[yaml.Event], depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        places: dict[str, tuple[_Place, _Place]] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key, key_place = self._key(cast("yaml.NodeEvent", event), events, depth)
            begins = cast("yaml.NodeEvent", next(events))
            if depth == 0 and self._stream is not None and key == self._stream[0] and _is_list(begins):
                value, value_place = self._hand_out(self._stream, begins, events)
            else:
                value, value_place = self._value(begins, events, depth + 1)
            if key is None:
                continue
            if key in values:
                first = places[key][0].line
                self._note(
                    key_place.line,
                    key_place.column,
                    f'duplicate key "{key}": it stands on line {first} already; keep one of the two',
                )
                continue
            values[key] = value
            places[key] = (key_place, value_place)
        place.entries = places
        return values

    def _key(self, event: yaml.NodeEvent, events: Iterator[yaml.Event], depth: int) -> tuple[str | None, _Place]:
        line, column = _position(event)
        place = _Place(line, column)
        if not isinstance(event, yaml.ScalarEvent):
            self._value(event, events, depth + 1)
            if not isinstance(event, yaml.AliasEvent):  # which has its own mistake
                self._note(line, column, "a key is text, not a list or a mapping")
            return None, place
        self._refuse_anchor_and_tag(event, place)
        if event.value == "<<" and not event.style:
            self._note(line, column, 'merge keys ("<<") are not used here: write the keys out')
            return None, place
        if event.value == "":
            self._note(line, column, 'a key is missing before ":"')
            return None, place
        return self._texts.setdefault(event.value, event.value), place


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
