"""HTML mail as a flat list of what stands in it, behind a guard that keeps the parser linear.

Every HTML parser is quadratic in depth, in the attributes of one tag, and in formatting left open across blocks (HTML's
own rules rebuild it in each). The guard counts all three in one pass, and what is over the limits is not given to a
parser at all: `crude` strips its tags.
"""

import html as html_entities
import re
from collections import Counter
from typing import Final, Literal, NamedTuple

from inboxd.message.limits import MAX_HTML, MAX_HTML_ATTRIBUTES, MAX_HTML_DEPTH, MAX_HTML_REBUILT

# Tokenised as HTML's own tokeniser does (quotes count only behind an equals sign): the guard sees the same tags.
_ATTRIBUTE: Final = r"""=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+|=[\s/]*+"""
_TAG: Final = re.compile(rf"<(/?)([a-zA-Z][^\s/>]*+)((?:[\s/]++|{_ATTRIBUTE})*+)")
_ATTRIBUTES: Final = re.compile(_ATTRIBUTE)
_SMALL: Final = 4_096  # what is quadratic costs nothing here
_LONG: Final = 4 * MAX_HTML_ATTRIBUTES
_DATA_URI: Final = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=%\s]{100,}", re.IGNORECASE)
_RAW_TEXT_NAMES: Final = (
    "script", "style", "noscript", "template", "svg", "math", "object", "iframe", "textarea", "xmp", "noembed",
    "noframes",
)  # fmt: skip
_RAW_TEXT: Final = re.compile(rf"<({'|'.join(_RAW_TEXT_NAMES)})(?=[\s/>])", re.IGNORECASE)
_FORMATTING: Final = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
# No children of their own, or closed by what follows: they add nothing to the depth.
_FLAT: Final = frozenset(
    (
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "dt", "dd", "option",
    )
)  # fmt: skip
_DROPPED: Final = frozenset(
    (
        "script", "style", "title", "head", "noscript", "template", "svg", "math", "object", "iframe", "textarea",
        "select", "audio", "video", "canvas", "map", "applet",
    )
)  # fmt: skip
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?:px)?\s*(?:;|\Z)", re.IGNORECASE
)
_TAGS: Final = re.compile(r"<[^<>]*>")


class Event(NamedTuple):
    """A start tag, an end tag, or text. `value` is the tag's name in lower case, or the text.

    A tuple, because large mails make hundreds of thousands of them.
    """

    kind: Literal["start", "end", "text"]
    value: str
    attributes: dict[str, str]


_NONE: Final[dict[str, str]] = {}
_event: Final = tuple.__new__  # what a named tuple's own constructor calls, in half of its time


def read(html: str) -> list[Event] | None:
    """The visible elements and texts of `html` in order; None when it is not safe to parse. Never raises; linear."""
    html = _without_hidden_text(html)
    if "data:" in html.lower():
        html = _DATA_URI.sub("data:,", html)
    if len(html) > MAX_HTML:
        return None
    if len(html) > _SMALL and not _is_harmless(html):
        return None
    return _walk(html)


def crude(html: str) -> str:
    """The text of HTML without a parser: tags cut out, blocks not told apart. Linear for any input."""
    html = re.sub(r"<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6])\b", "\n<", _without_hidden_text(html), flags=re.IGNORECASE)
    text = html_entities.unescape(_TAGS.sub("", html))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_hidden_text(html: str) -> str:
    """Cut comments, and elements whose content is not HTML; searching on from each end, so that nothing is re-read."""
    html = _cut(html, "<!--", "-->")
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


def _is_harmless(html: str) -> bool:
    depth = rebuilt = formatting = 0
    opened: Counter[str] = Counter()
    for match in _TAG.finditer(html):
        closing, written, attributes = match.groups()
        name = written.lower()
        if len(attributes) > _LONG and _too_many(attributes):
            return False
        if name in _FLAT:
            rebuilt += formatting
        elif closing:
            depth = max(0, depth - 1)
            if opened[name]:
                opened[name] -= 1
                formatting -= 1
        else:
            depth += 1
            rebuilt += formatting
            if name in _FORMATTING:
                opened[name] += 1
                formatting += 1
        if depth > MAX_HTML_DEPTH or rebuilt > MAX_HTML_REBUILT:
            return False
    return True


def _too_many(attributes: str) -> bool:
    return any(number >= MAX_HTML_ATTRIBUTES for number, _ in enumerate(_ATTRIBUTES.finditer(attributes)))


def _walk(html: str) -> list[Event]:
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(html).body
    events: list[Event] = []
    node = body.first_child if body is not None else None
    opened: list[str] = []
    # Down, then to the side, then up: no recursion, so no depth can exhaust the interpreter's stack.
    while node is not None:
        tag = node.tag or ""
        child = None
        if tag == "-text":
            events.append(_event(Event, ("text", node.text_content or "", _NONE)))
        elif tag[:1] not in "-!" and tag not in _DROPPED:
            given = node.attributes
            attributes = {key: value or "" for key, value in given.items()} if given else _NONE
            if not ("style" in attributes and _HIDDEN.search(attributes["style"])):
                events.append(_event(Event, ("start", tag, attributes)))
                child = node.first_child
                if child is None:
                    events.append(_event(Event, ("end", tag, _NONE)))
        if child is not None:
            opened.append(tag)
            node = child
            continue
        while node is not None and node.next is None and opened:
            events.append(_event(Event, ("end", opened.pop(), _NONE)))
            node = node.parent
        node = node.next if node is not None else None
    return events
