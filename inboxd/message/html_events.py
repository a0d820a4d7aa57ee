"""HTML mail as a flat list of what stands in it, behind a guard that keeps the parser linear.

What the guard refuses is not given to a parser at all: `crude` strips its tags. The parser's tree is read from the HTML
that it writes of it, which is regular: going through it node by node from Python costs more than parsing.
"""

import functools
import html as html_entities
import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from inboxd.message import html_guard
from inboxd.message.limits import MAX_HTML

_DATA_URI: Final = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=%\s]{100,}", re.IGNORECASE)
_RAW_TEXT_NAMES: Final = (
    "script", "style", "noscript", "template", "svg", "math", "object", "iframe", "textarea", "xmp", "noembed",
    "noframes",
)  # fmt: skip
_RAW_TEXT: Final = re.compile(rf"<({'|'.join(_RAW_TEXT_NAMES)})(?=[\s/>])", re.IGNORECASE)
_DROPPED: Final = frozenset(
    (
        "script", "style", "title", "head", "noscript", "template", "svg", "math", "object", "iframe", "textarea",
        "select", "audio", "video", "canvas", "map", "applet", "xmp", "noembed", "noframes", "plaintext",
    )
)  # fmt: skip
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?:px)?\s*(?:;|\Z)", re.IGNORECASE
)
_LARGE: Final = 100_000  # below it, an embedded image costs nothing
_TAGS: Final = re.compile(r"<[^<>]*>")
_VOID: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
# What lexbor writes: a comment, or a tag; and in a tag its attributes.
_PIECES: Final = re.compile(r"(<!--(?:(?!-->).)*+-->|<[^>]*+>)", re.DOTALL)
_WRITTEN: Final = re.compile(r' (=?[^\s=]*+)="([^"]*+)"')


class Event(NamedTuple):
    """A start tag, an end tag, or text. `value` is the tag's name in lower case, or the text.

    A tuple, because large mails make hundreds of thousands of them.
    """

    kind: Literal["start", "end", "text"]
    value: str
    attributes: dict[str, str]


_NONE: Final[dict[str, str]] = {}
_event: Final = tuple.__new__  # what a named tuple's own constructor calls, in half of its time


class Page:
    """HTML as a parser understands it: going through it gives its events in order.

    `starts` are its start tags with attributes, each once: a mail repeats its tags.
    """

    def __init__(self, pieces: list[str]) -> None:
        # What lexbor writes: text, tag, text, tag, …, text; every element but the void ones is closed.
        self.texts, self.tags = pieces[::2], pieces[1::2]
        self.read_as = {tag: _events_of(tag) for tag in dict.fromkeys(self.tags)}
        self.starts = [events[0] for events in self.read_as.values() if events and events[0].attributes]
        self._events: list[Event] | None = None
        if any(_hides(event.attributes["style"]) for event in self.starts if "style" in event.attributes):
            self._hide()

    def __iter__(self) -> Iterator[Event]:
        if self._events is None:
            self._events = self._in_order()
        return iter(self._events)

    def _in_order(self) -> list[Event]:
        events: list[Event] = []
        if first := self.texts[0]:
            events.append(_event(Event, ("text", unescape(first), _NONE)))
        for tag, text in zip(self.tags, self.texts[1:], strict=True):
            events += self.read_as[tag]
            if text:
                events.append(_event(Event, ("text", unescape(text), _NONE)))
        return events

    def _hide(self) -> None:
        """Take out the elements that a browser would not show, with all in them."""
        texts, tags = [self.texts[0]], []
        depth = 0  # open elements since a hidden one began; 0 outside
        for tag, text in zip(self.tags, self.texts[1:], strict=True):
            events = self.read_as[tag]
            if depth:
                depth += sum((event.kind == "start") - (event.kind == "end") for event in events)
                hidden = True
            else:
                hidden = bool(events) and _hides(events[0].attributes.get("style", ""))
                depth = int(hidden and len(events) == 1)
            if not hidden:
                tags.append(tag)
                texts.append(text)
            elif not depth:
                texts[-1] += text
        self.texts, self.tags = texts, tags


def read(html: str) -> Page | None:
    """The visible elements and texts of `html`; None when it is not safe to parse. Never raises; linear."""
    html = _cut(html, "<!--", "-->")
    if len(html) > _LARGE and "data:" in html.lower():
        html = _DATA_URI.sub("data:,", html)
    tags = html_guard.tags_of(html)
    names = html_guard.names_of(tags)
    if not names.isdisjoint(_RAW_TEXT_NAMES):
        html = _without_raw_text(html)
        tags = html_guard.tags_of(html)
    if len(html) > MAX_HTML or not html_guard.is_harmless(html, tags):
        return None
    return _parse(html, names)


def crude(html: str) -> str:
    """The text of HTML without a parser: tags cut out, blocks not told apart. Linear for any input."""
    html = _without_raw_text(_cut(html, "<!--", "-->"))
    html = re.sub(r"<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6])\b", "\n<", html, flags=re.IGNORECASE)
    text = html_entities.unescape(_TAGS.sub("", html))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_raw_text(html: str) -> str:
    """Cut elements whose content is not HTML; searching on from each end, so that nothing is re-read."""
    lowered = html.lower()
    if not any(f"<{name}" in lowered for name in _RAW_TEXT_NAMES):
        return html
    if len(lowered) != len(html):
        lowered = html  # a letter whose lower case is two letters
    out: list[str] = []
    endless: set[str] = set()
    position = 0
    for match in _RAW_TEXT.finditer(html):
        name = match[1].lower()
        if match.start() < position or name in endless:
            continue
        end = lowered.find(f"</{name}", match.end())
        if end < 0:
            endless.add(name)  # one search, not one for each start tag
            continue
        out.append(html[position : match.start()])
        close = html.find(">", end)
        position = close + 1 if close >= 0 else len(html)
    out.append(html[position:])
    return "".join(out) if len(out) > 1 else html


def _cut(text: str, start: str, stop: str) -> str:
    out: list[str] = []
    position = 0
    while (begin := text.find(start, position)) >= 0:
        end = text.find(stop, begin + 2)
        if end < 0:
            break
        out.append(text[position:begin])
        position = end + len(stop)
    out.append(text[position:])
    return "".join(out)


def _parse(html: str, names: set[str]) -> Page:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    if dropped := sorted(names & _DROPPED):
        tree.strip_tags(dropped, recursive=True)
    body = tree.body
    pieces = _PIECES.split((body.html or "") if body is not None else "")
    # (Behind `<body>` and before `</body>`.)
    pieces = pieces[2:-2] or [""]
    if any(mark in whole for whole in ("".join(pieces[::2]),) for mark in "<>"):
        # Nothing that is known writes them; should it come, it is text.
        pieces[::2] = [text.replace("<", "&lt;").replace(">", "&gt;") for text in pieces[::2]]
    return Page(pieces)


def _events_of(tag: str) -> tuple[Event, ...]:
    mark = tag[1:2]
    if mark == "/":
        return (Event("end", tag[2:-1], _NONE),)
    if mark in ("!", "?"):
        return ()
    name = tag[1:-1].partition(" ")[0]
    attributes = {key: unescape(value) for key, value in _WRITTEN.findall(tag)} if " " in tag else _NONE
    start = Event("start", name, attributes)
    return (start, Event("end", name, _NONE)) if name in _VOID else (start,)


def unescape(text: str) -> str:
    """Text as the parser writes it, its four entities undone."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", "\u00a0").replace("&quot;", '"')
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@functools.lru_cache(maxsize=256)  # a mail says the same of each of its cells
def _hides(style: str) -> bool:
    return _HIDDEN.search(style) is not None
