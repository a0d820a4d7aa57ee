"""How deep HTML nests as its tree is built (HTML Living Standard, 13.2.6.4): in doubt deeper, but for implied rows.

All that is hard in it is which end tag closes what: one that would reach over a stronger element closes nothing.
"""

from collections import defaultdict
from typing import Final

FLAT: Final = frozenset(
    (
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        # One of each is open to the end, whatever is written.
        "html", "head", "body",
    )
)  # fmt: skip
"""Elements that add nothing to the depth."""
_SCOPES: Final = frozenset(("table", "td", "th", "caption", "applet", "marquee", "object", "select", "template"))
_PARAGRAPH_SCOPES: Final = _SCOPES | {"button"}
_ITEM_SCOPES: Final = _SCOPES | {"ol", "ul"}
_TABLES: Final = frozenset(("table", "template"))
# In these no tag counts but their own end.
_SEALED: Final = frozenset(("title", "plaintext"))
_PARTS: Final = frozenset(("td", "th", "tr", "tbody", "thead", "tfoot", "caption", "colgroup"))
# Their end tags close what is open within them, up to a scope.
_BLOCKS: Final = frozenset(
    (
        "address", "applet", "article", "aside", "blockquote", "button", "center", "details", "dialog", "dir",
        "div", "dl", "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hgroup", "listing", "main", "marquee", "menu", "nav", "object", "ol", "p", "pre", "search", "section",
        "select", "summary", "template", "ul",
    )
)  # fmt: skip
_WITHIN_PARAGRAPHS: Final = frozenset(("applet", "button", "marquee", "object", "select", "template"))
_AFTER_PARAGRAPHS: Final = (_BLOCKS - _WITHIN_PARAGRAPHS) | frozenset(("li", "dd", "dt", "form", "hr", "xmp"))
_ITEMS: Final = {"li": ("li",), "dd": ("dd", "dt"), "dt": ("dd", "dt")}
# No end tag of another element reaches over these.
_SPECIAL: Final = _BLOCKS | _SCOPES | _PARTS | _SEALED | {*_ITEMS, "p", "form", "iframe", "noembed", "noframes", "xmp"}
# The next item closes the one before through these.
_LOOSE: Final = frozenset(("address", "div", "p"))
_NONE: Final = -1


class OpenElements:
    """The elements that are open after some tags, of which the names come in lower case."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._places: defaultdict[str, list[int]] = defaultdict(lambda: [_NONE])
        self._scopes, self._paragraph_scopes, self._item_scopes = [_NONE], [_NONE], [_NONE]
        self._tables, self._sealed, self._special, self._walls = [_NONE], [_NONE], [_NONE], [_NONE]
        self._groups = (
            (_SCOPES, self._scopes),
            (_PARAGRAPH_SCOPES, self._paragraph_scopes),
            (_ITEM_SCOPES, self._item_scopes),
            (_TABLES, self._tables),
            (_SEALED, self._sealed),
            (_SPECIAL, self._special),
            (_SPECIAL - _LOOSE, self._walls),
        )

    def __len__(self) -> int:
        """The depth."""
        return len(self._names)

    def begin(self, name: str) -> None:
        """Take a start tag."""
        if self._sealed[-1] != _NONE:
            return
        if name in ("select", "input") and _NONE != self._places["select"][-1] == self._scopes[-1]:
            self.end("select")
            return  # (the tag has done no more)
        if name in _AFTER_PARAGRAPHS:
            self._close(self._places["p"][-1], over=self._paragraph_scopes)
        if name in FLAT or (name in _PARTS and self._tables[-1] == _NONE):
            return  # (parts of a table count in a table)
        if name in _ITEMS:
            self._close(max(self._places[each][-1] for each in _ITEMS[name]), over=self._walls)
        place = len(self._names)
        self._names.append(name)
        self._places[name].append(place)
        if name in _SPECIAL:
            for names, places in self._groups:
                if name in names:
                    places.append(place)

    def end(self, name: str) -> None:
        """Take an end tag."""
        place = self._places[name][-1] if name in self._places else _NONE
        if place == _NONE or place < self._sealed[-1]:
            return
        if name == "form":
            # Taken out by itself, from under what is open in it.
            self._close(place, over=[len(self._names) - 1])
        elif name == "table" or name in _PARTS:
            self._close(place, over=self._tables)
        elif name == "li":
            self._close(place, over=self._item_scopes)
        elif name == "p":
            self._close(place, over=self._paragraph_scopes)
        else:
            self._close(place, over=self._scopes if name in _BLOCKS or name in _ITEMS else self._special)

    def _close(self, place: int, *, over: list[int]) -> None:
        """Close what stands at a place, and all in it, unless that would reach over one of these."""
        if place == _NONE or place < over[-1]:
            return
        while len(self._names) > place:
            name = self._names.pop()
            self._places[name].pop()
            if name in _SPECIAL:
                for names, places in self._groups:
                    if name in names:
                        places.pop()
