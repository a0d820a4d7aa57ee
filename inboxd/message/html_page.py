"""HTML mail as a parser understands it: its texts, its tags and their attributes, behind a guard that keeps it linear.

What the guard refuses is not given to a parser at all: `crude` strips its tags. The parser's tree is read from the HTML
that it writes of it, which is regular: going through it node by node from Python costs more than parsing.
"""

import functools
import html as html_entities
import re
from collections.abc import Collection
from typing import Final

from inboxd.message import clean, html_guard
from inboxd.message.limits import MAX_HTML

_DATA_URI: Final = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=%\s]{100,}", re.IGNORECASE)
_RAW_TEXT_NAMES: Final = (
    "script", "style", "title", "template", "svg", "math", "object", "iframe", "textarea", "xmp", "noembed", "noframes",
)  # fmt: skip
_RAW_TEXT: Final = re.compile(rf"<({'|'.join(_RAW_TEXT_NAMES)})(?=[\s/>])", re.IGNORECASE)
_DROPPED: Final = frozenset(
    (
        "script", "style", "title", "head", "template", "svg", "math", "object", "iframe", "textarea",
        "select", "audio", "video", "canvas", "map", "applet", "xmp", "noembed", "noframes", "plaintext",
    )
)  # fmt: skip
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?:px)?\s*(?:;|\Z)", re.IGNORECASE
)
# Letters beyond 16 bits as the halves of UTF-16: parsers know them as none (HTML 13.2.5.80), people as emoji.
_HALVES: Final = re.compile(
    r"&#(?:[xX]([dD][89abAB][0-9a-fA-F]{2})|(5[56]\d{3}));?&#(?:[xX]([dD][c-fC-F][0-9a-fA-F]{2})|(5[67]\d{3}));?"
)
_LARGE: Final = 100_000  # below it, an embedded image costs nothing
_TAGS: Final = re.compile(r"<[^<>]*>")
# Browsers take the second form as well.
_COMMENT_END: Final = re.compile(r"-->|(?<!<!)--!>")
VOID: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
"""Elements without an end tag."""
_TAG: Final = re.compile(r"<(/?[a-zA-Z][^>]*+)>")
# Beside tags lexbor writes comments, and instructions to whoever wrote it. (In one: an attribute may be called `<!--`.)
_REMARK_OR_TAG: Final = re.compile(rf"<!--(?:(?!-->).)*+-->|<[!?][^>]*+>|{_TAG.pattern}", re.DOTALL)
_WRITTEN: Final = re.compile(r' (=?[^\s=]*+)="([^"]*+)"')


class Page:
    """HTML in two columns: text, tag, text, tag, …, text, as lexbor writes them, without control characters.

    `texts` are escaped, and one more than `tags`, which are what stands between `<` and `>`: the name in lower case
    behind the slash of an end tag, and the attributes. `names` has the name of each tag, and each tag once: a mail
    repeats them. Every element but the void ones is closed.
    """

    __slots__ = ("names", "tags", "texts")

    def __init__(self, texts: list[str], tags: list[str]) -> None:
        self.texts, self.tags = texts, tags
        self.names = {tag: tag.partition(" ")[0] for tag in dict.fromkeys(tags)}

    def steps(self) -> list[int]:
        """How each tag changes the number of open elements: one up, one down, or not at all."""
        steps = {tag: 0 if name in VOID else -1 if name[0] == "/" else 1 for tag, name in self.names.items()}
        return list(map(steps.__getitem__, self.tags))

    def without(self, starts: Collection[int]) -> "Page":
        """The page without the elements that begin at `starts`, and all in them."""
        texts, tags = [self.texts[0]], []
        depth = 0  # open elements since one of them began; 0 outside
        for index, step in enumerate(self.steps()):
            if depth:
                depth += step
                left_out = True
            else:
                left_out = index in starts
                depth = int(left_out and step > 0)
            if not left_out:
                tags.append(self.tags[index])
                texts.append(self.texts[index + 1])
            elif not depth:
                texts[-1] += self.texts[index + 1]
        return Page(texts, tags)


def attributes_of(tag: str) -> dict[str, str]:
    """The attributes of a tag of a `Page`."""
    return {name: unescape(value) for name, value in _WRITTEN.findall(tag)} if " " in tag else {}


def read(html: str) -> Page | None:
    """The visible elements and texts of `html`; None when it is not safe to parse. Never raises; linear."""
    if "!" in html:
        # (A comment in HTML, in pictures text that may hold tags: told apart by nobody but a parser.)
        html = _without_comments(html).replace("<![CDATA[", "<![ CDATA[")
    if len(html) > _LARGE and "data:" in html.lower():
        html = _DATA_URI.sub("data:,", html)
    if "&#" in html:
        html = _HALVES.sub(_joined, html)
    names = html_guard.names_of(html)
    if any(name in names for name in _RAW_TEXT_NAMES):
        html = _without_raw_text(html)
    if len(html) > MAX_HTML or not html_guard.is_harmless(html, names):
        return None
    return _parse(html, sorted(_DROPPED.intersection(names)))


def of_text(text: str) -> Page:
    """A page of text as it stands, for what could not be parsed safely."""
    return Page(["", html_entities.escape(text, quote=False), ""], ["pre", "/pre"])


def crude(html: str) -> str:
    """The text of HTML without a parser: tags cut out, blocks not told apart. Linear for any input."""
    html = _without_raw_text(_without_comments(html))
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


def _without_comments(html: str) -> str:
    out: list[str] = []
    position = 0
    while (begin := html.find("<!--", position)) >= 0 and (end := _COMMENT_END.search(html, begin + 2)) is not None:
        out.append(html[position:begin])
        position = end.end()
    out.append(html[position:])
    return "".join(out)


def _joined(halves: re.Match[str]) -> str:
    high = int(halves[1], 16) if halves[1] else int(halves[2])
    low = int(halves[3], 16) if halves[3] else int(halves[4])
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return halves[0]
    return chr(0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00))


def _parse(html: str, dropped: list[str]) -> Page:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    if dropped:
        tree.strip_tags(dropped, recursive=True)
    body = tree.body
    written = (body.html or "") if body is not None else ""
    if "&" in html and "&#" in html:  # (one letter is found in a twentieth of the time)
        written = clean.body(written)  # the text that came was clean
    pieces = _TAG.split(written)
    texts, tags = pieces[::2], pieces[1::2]
    if written.count("<") != len(tags):
        texts, tags = _without_remarks(written)
    # (Behind `<body>` and before `</body>`.)
    page = Page(texts[1:-1] or [""], tags[1:-1])
    hiding = {tag for tag in page.names if (" style=" in tag or " hidden=" in tag) and _hides(tag)}
    return page.without({index for index, tag in enumerate(page.tags) if tag in hiding}) if hiding else page


def _without_remarks(written: str) -> tuple[list[str], list[str]]:
    pieces = _REMARK_OR_TAG.split(written)
    texts, tags = [pieces[0]], []
    for tag, text in zip(pieces[1::2], pieces[2::2], strict=True):
        if tag is None:
            texts[-1] += text
        else:
            tags.append(tag)
            texts.append(text)
    # Nothing that is known writes these into a text; should they come, they are text.
    return [text.replace("<", "&lt;").replace(">", "&gt;") for text in texts], tags


def unescape(text: str) -> str:
    """Text as the parser writes it, its four entities undone."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", "\u00a0").replace("&quot;", '"')
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@functools.lru_cache(maxsize=256)  # mails say the same, again and again
def _hides(tag: str) -> bool:
    """Whether a browser would not show the element, nor what is in it."""
    attributes = attributes_of(tag)
    return "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")) is not None
