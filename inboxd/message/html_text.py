"""HTML mail to text, as a person would copy it: paragraphs, lists, tables, quotes, links and named images.

Each tag becomes a mark, a control character that no page holds; what the marks mean for lines and blanks is then done
to the whole text at once. An event for each tag, handled one by one, takes three times as long.
"""

import html as html_entities
import re
from itertools import chain
from typing import Final

from inboxd.message.html_page import Page, attributes_of, unescape

_BREAK: Final = "\x01"  # the line ends here, if there is one
# (All that ends a line begins with the same letter: what begins with one is found many times as fast.)
_BLANK: Final = "\x01\x02"  # and an empty one follows
_NEXT: Final = "\x01\x03"  # a new line, wherever it stands
_QUOTE: Final = "\x04"
_UNQUOTE: Final = "\x05"
_KEPT: Final = "\x06"  # a blank that is not folded
_KEPT_TAB: Final = "\x0f"
_CELL: Final = "\x07"
_ITEM: Final = "\x08"  # behind the sign of a list's item
_ITEM_END: Final = "\x0e"
_BLOCKS: Final = (
    "address", "article", "aside", "center", "dd", "details", "dir", "div", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "header", "main", "menu", "nav", "section", "summary", "tbody", "tfoot", "thead", "tr", "caption",
)  # fmt: skip
_SPACED: Final = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre")
_MARKS: Final = {
    **{slash + name: _BREAK for name in _BLOCKS for slash in ("", "/")},
    **{slash + name: _BLANK for name in _SPACED for slash in ("", "/")},
    "blockquote": _BLANK + _QUOTE,
    "/blockquote": _UNQUOTE + _BLANK,
    "br": _NEXT,
    "hr": f"{_BREAK}{'-' * 20}{_BREAK}",
    "td": _CELL,
    "th": _CELL,
    "/li": _ITEM_END + _BREAK,
}
_ENDS: Final = frozenset(("", _BREAK, _BLANK, _NEXT))
_LISTS: Final = frozenset(("ul", "ol", "menu", "dir"))
_WHITE: Final = ("\n", "\t", "\f", "\u2007", "\u202f")
_INVISIBLE: Final = ("\u200b", "\u200c", "\u2060", "\u034f", "\ufeff", "\u00ad")
# A list's item that begins with a block (`<li><p>`) stands beside its sign all the same.
_ITEM_IN_BLOCK: Final = re.compile(f"{_ITEM}(?: |(?!{_NEXT})[{_BLANK}])++(?!{_ITEM_END})")
_RUN: Final = re.compile(f"({_BREAK}[ {_BLANK}{_NEXT}{_CELL}]*+)")
_HREF: Final = re.compile(r' href="\s*((?:https?://|mailto:|tel:)([^"?]*)[^"]*)"', re.IGNORECASE)
_PRE: Final = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_EMPTY: Final = re.compile(r"(?:[\s\x00-\x1f]|&nbsp;)*+")  # blanks and marks
_NUMBER: Final = re.compile(r"(?:mailto|tel):", re.IGNORECASE)
_START: Final = re.compile(r"[1-9][0-9]{0,4}")
_MAX_QUOTE: Final = 5
_MAX_URL: Final = 500
_MAX_ALT: Final = 200


def render(page: Page) -> str:
    """Text of a page; the address of a link stands behind its text where the text does not show it."""
    meant = {tag: _image(tag) if name == "img" else _MARKS.get(name, "") for tag, name in page.names.items()}
    marks = list(map(meant.__getitem__, page.tags))
    names = set(page.names.values())
    kept = {tag for tag, name in page.names.items() if name == "pre" or ("white-space" in tag and _keeps_lines(tag))}
    texts = _unfolded(page, kept) if kept else page.texts
    if "li" in names:
        _number(page, marks)
    if "a" in names:
        _link(page, marks)
    out = [""] * (2 * len(marks) + 1)
    out[::2], out[1::2] = texts, marks
    return _lines("".join(out))


def _keeps_lines(tag: str) -> bool:
    return tag[0] != "/" and _PRE.search(attributes_of(tag).get("style", "")) is not None


def _unfolded(page: Page, keeping: set[str]) -> list[str]:
    """The texts, with lines and blanks kept in those that stand in an element of `keeping`."""
    texts = list(page.texts)
    depth = 0  # open elements since one of them began; 0 outside
    for index, (tag, step) in enumerate(zip(page.tags, page.steps(), strict=True), start=1):
        depth += step if depth or tag in keeping else 0
        if depth:
            kept = texts[index].replace("\n", _NEXT).replace("\t", _KEPT_TAB)
            texts[index] = kept.replace(" ", _KEPT).replace("&nbsp;", _KEPT)
    return texts


def _number(page: Page, marks: list[str]) -> None:
    """Give the items of lists their signs, and indent those of lists inside of lists."""
    lists: list[int] = []  # 0 for bullets, else the next number
    for index, tag in enumerate(page.tags):
        name = page.names[tag]
        if name == "li":
            number = lists[-1] if lists else 0
            indent = 2 * _KEPT * max(0, min(len(lists), 6) - 1)
            marks[index] = f"{_BREAK}{indent}{f'{number}.' if number else '-'}{_ITEM}"
            if number:
                lists[-1] += 1
        elif name in _LISTS:
            start = attributes_of(tag).get("start", "1")
            lists.append(0 if name != "ol" else int(start) if _START.fullmatch(start) else 1)
            if len(lists) > 1:
                marks[index] = _BREAK
        elif name[0] == "/" and name[1:] in _LISTS and lists:
            lists.pop()
            if lists:
                marks[index] = _BREAK


def _image(tag: str) -> str:
    attributes = attributes_of(tag)
    shown = attributes.get("alt", "").strip()
    source = attributes.get("src", "").strip()
    if not shown and source.lower().startswith("cid:"):
        shown = source
    return f"[{html_entities.escape(shown[:_MAX_ALT], quote=False)}]" if shown else ""


def _link(page: Page, marks: list[str]) -> None:
    """Put the address of each link behind its text, where the text does not show it."""
    targets = {tag: target for tag, name in page.names.items() if name == "a" and (target := _target(tag))}
    # (Where a page was cut, what is open is not closed.)
    last = len(page.tags) - 1 - page.tags[::-1].index("/a") if targets and "/a" in page.tags else 0
    for start in [index for index, tag in enumerate(page.tags[:last]) if tag in targets]:
        end, shown = start + 1, page.texts[start + 1]
        if page.tags[end] != "/a":
            end = page.tags.index("/a", end)
            inside = zip(marks[start + 1 : end], page.texts[start + 2 : end + 1], strict=True)
            shown = "".join(chain((shown,), chain.from_iterable(inside)))
        bare, address = targets[page.tags[start]]
        if bare not in shown.lower() and (shown[:1].isalnum() or _EMPTY.fullmatch(shown) is None):
            # (Behind its last word, where a line ends before the link does.)
            while end > start + 1 and marks[end - 1] in _ENDS and not page.texts[end].strip():
                end -= 1
            marks[end] = address + marks[end]


def _target(tag: str) -> tuple[str, str] | None:
    """How a link's address is known in its text, and how it is shown behind it."""
    found = _HREF.search(tag)
    if found is None or len(found[1]) > _MAX_URL or not (bare := found[2].rstrip("/ ")):
        return None
    return bare.lower(), f" <{bare if _NUMBER.match(found[1]) else found[1].rstrip()}>"


class _Breaks(dict[str, str]):
    """What a run of marks is in lines."""

    def __missing__(self, run: str) -> str:
        lines = run.count(_NEXT) + (not run.startswith(_NEXT))
        self[run] = made = "\n\n" if _BLANK in run else "\n" * min(lines, 2)
        return made


def _lines(text: str) -> str:
    """Text with marks as lines."""
    text = _folded(text)
    if _ITEM in text:
        text = _ITEM_IN_BLOCK.sub(_ITEM, text).replace(_ITEM_END, "").replace(_ITEM, " ")
    pieces = _RUN.split(f"{_BREAK}{text}")
    pieces[1::2] = map(_Breaks().__getitem__, pieces[1::2])
    text = "".join(pieces)
    if _QUOTE in text:
        text = _quoted(text)
    text = unescape(text.replace(_KEPT, " ").replace(_CELL, "\t").replace(_KEPT_TAB, "\t"))
    text = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip("\n")


def _folded(text: str) -> str:
    """Text with white space as one blank, and without what has no width."""
    for white in _WHITE:
        if white in text:
            text = text.replace(white, " ")
    if "&" in text:
        text = text.replace("&nbsp;", " ")
    if not text.isascii():
        for invisible in _INVISIBLE:
            if invisible in text:
                text = text.replace(invisible, "")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _quoted(text: str) -> str:
    """Text with `>` before the lines that stand between the marks of quotes, and an empty line around those."""
    out: list[str] = []
    depth = before = 0
    for piece in re.split(f"([{_QUOTE}{_UNQUOTE}])", text):
        if piece in (_QUOTE, _UNQUOTE):
            depth += 1 if piece == _QUOTE else -1
        elif said := piece.strip(f"\n {_CELL}"):
            if out:
                out.append("> " * min(before, depth, _MAX_QUOTE))
            prefix = "> " * min(depth, _MAX_QUOTE)
            out.append(prefix + said.replace("\n", f"\n{prefix}"))
            before = depth
    return "\n".join(out)
