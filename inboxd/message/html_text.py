"""HTML mail to text, as a person would copy it: paragraphs, lists, tables, quotes, links and named images."""

import re
from collections.abc import Iterable
from typing import Final

from inboxd.message.html_events import Event

_BLOCKS: Final = frozenset(
    (
        "address", "article", "aside", "blockquote", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
        "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
        "caption",
    )
)  # fmt: skip
_ACTIVE: Final = _BLOCKS | {"br", "td", "th", "img", "a"}
_SPACED: Final = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"])
_SPACE: Final = re.compile(r"[ \t\r\n\f\u00a0\u2007\u202f]+")
_INVISIBLE: Final = dict.fromkeys([0x200B, 0x200C, 0x2060, 0x034F, 0xFEFF, 0x00AD])
_SCHEME: Final = re.compile(r"\A(?:mailto:|tel:|https?://)", re.IGNORECASE)
_MANY_LINES: Final = re.compile(r"\n{3,}")
_MAX_QUOTE: Final = 5
_MAX_URL: Final = 500


def render(events: Iterable[Event], *, links: bool = True) -> str:
    """Text of the events. `links`: the address of a link stands behind its text where the text does not show it."""
    return _Renderer(links=links).run(events)


class _Renderer:
    def __init__(self, *, links: bool) -> None:
        self.links = links
        self.lines: list[str] = []
        self.line: list[str] = []
        self.space = False  # a blank is due before the next word
        self.quote = 0
        self.pre = 0
        self.lists: list[int] = []  # 0 for bullets, else the next number
        self.link: tuple[str, int, int] | None = None

    def run(self, events: Iterable[Event]) -> str:
        for kind, value, attributes in events:
            if kind == "text":
                if value.isspace() and not self.pre:
                    self.space = True  # between blocks, mostly
                else:
                    self._text(value)
            elif value not in _ACTIVE:
                continue  # bold and the like
            elif kind == "start":
                self._start(value, attributes)
            else:
                self._end(value)
        self._break()
        return _MANY_LINES.sub("\n\n", "\n".join(self.lines)).strip("\n")

    def _text(self, text: str) -> None:
        if self.pre:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self.line.append(first)
            for other in others:
                self._break(keep=True)
                self.line.append(other)
            return
        if text.isascii():
            # The same as the expression makes of it, in a third of the time.
            words = " ".join(text.split())
            begins, ends = text[:1].isspace(), text[-1:].isspace()
        else:
            text = _SPACE.sub(" ", text.translate(_INVISIBLE))
            words = text.strip(" ")
            begins, ends = text[:1] == " ", text[-1:] == " "
        if begins:
            self.space = True
        if not words:
            return
        if self.space and self.line:
            self.line.append(" ")
        self.space = ends
        self.line.append(words)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _BLOCKS:
            self._break()
            if tag in _SPACED:
                self._blank()
            self._open(tag)
        elif tag == "br":
            self._break(keep=True)
        elif tag in ("td", "th"):
            if self.line:
                self.line.append("\t")
            self.space = False
        elif tag == "img":
            self._image(attributes)
        elif tag == "a" and self.links:
            href = attributes.get("href", "").strip()
            if href.lower().startswith(("http://", "https://", "mailto:", "tel:")):
                self.link = (href, len(self.lines), len(self.line))

    def _open(self, tag: str) -> None:
        if tag == "blockquote":
            self.quote += 1
        elif tag == "pre":
            self.pre += 1
        elif tag in ("ul", "ol", "menu", "dir"):
            self.lists.append(1 if tag == "ol" else 0)
        elif tag == "li":
            number = self.lists[-1] if self.lists else 0
            indent = "  " * max(0, min(len(self.lists), 6) - 1)
            self.line.append(f"{indent}{number}. " if number else f"{indent}- ")
            if number:
                self.lists[-1] += 1
        elif tag == "hr":
            self.line.append("-" * 20)
            self._break()

    def _end(self, tag: str) -> None:
        if tag == "a" and self.link is not None:
            self._end_link(*self.link)
            self.link = None
        if tag not in _BLOCKS:
            return
        self._break()
        if tag == "blockquote":
            self.quote = max(0, self.quote - 1)
        elif tag == "pre":
            self.pre = max(0, self.pre - 1)
        elif tag in ("ul", "ol", "menu", "dir") and self.lists:
            self.lists.pop()
        if tag in _SPACED:
            self._blank()

    def _end_link(self, href: str, lines: int, words: int) -> None:
        shown = "".join(self.line[words:] if len(self.lines) == lines else self.line).strip()
        bare = _SCHEME.sub("", href).partition("?")[0].rstrip("/")
        if not shown or len(href) > _MAX_URL or not bare or bare.lower() in shown.lower():
            return
        if href.lower().startswith(("mailto:", "tel:")):
            href = bare
        self.line.append(f" <{href}>")

    def _image(self, attributes: dict[str, str]) -> None:
        alt = _SPACE.sub(" ", attributes.get("alt", "")).strip()
        source = attributes.get("src", "").strip()
        if alt:
            self._text(f"[{alt[:200]}]")
        elif source.lower().startswith("cid:"):
            self._text(f"[{source[:200]}]")

    def _break(self, *, keep: bool = False) -> None:
        """End the line. `keep`: even an empty one counts (`<br>`)."""
        text = "".join(self.line)
        self.line, self.space = [], False
        text = text.rstrip() if self.pre else text.rstrip("\t ")
        if text.strip() or keep:
            self.lines.append(("> " * min(self.quote, _MAX_QUOTE) + text).rstrip())

    def _blank(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(("> " * min(self.quote, _MAX_QUOTE)).rstrip())
