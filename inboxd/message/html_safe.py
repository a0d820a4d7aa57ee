"""HTML mail made safe to show: rebuilt from an allow-list, so that what is not known is not there.

No script, no handler, no form, no style sheet, and nothing that is loaded from elsewhere (a remote image tells its
sender that, when and where the mail was read). Images of the mail itself stay as `cid:`.
"""

import functools
import html as html_entities
import re
from typing import Final

from inboxd.message.html_page import Page, attributes_of

_ALLOWED: Final = frozenset(
    (
        "a", "abbr", "address", "article", "aside", "b", "bdi", "big", "blockquote", "br", "caption", "center",
        "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption",
        "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd",
        "li", "main", "mark", "menu", "nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike",
        "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
        "var", "wbr",
    )
)  # fmt: skip
_ATTRIBUTES: Final = frozenset(
    (
        "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "face",
        "height", "lang", "rowspan", "size", "span", "start", "title", "valign", "width", "type",
    )
)  # fmt: skip
_LINK: Final = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"'`\\]+", re.IGNORECASE)
_REL: Final = ' rel="noopener noreferrer nofollow"'
# Most tags that a mail does not repeat: what is written is let through as it is.
_PLAIN_LINK: Final = re.compile(r"a href=\"(?:https?://|mailto:|tel:)[^\s<>\"'`\\&]+\"")
_CID: Final = re.compile(r"cid:[^\s<>\"'`\\]+", re.IGNORECASE)
_PROPERTIES: Final = frozenset(
    (
        "color", "background-color", "font-size", "font-weight", "font-style", "font-family", "text-align",
        "text-decoration", "vertical-align", "white-space", "line-height", "margin", "margin-top", "margin-right",
        "margin-bottom", "margin-left", "padding", "padding-top", "padding-right", "padding-bottom", "padding-left",
        "border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style",
        "border-width", "border-collapse", "width", "height", "list-style-type", "direction",
    )
)  # fmt: skip
# No parentheses: url(), expression() and image-set() load or run things. No backslash: CSS escapes hide them.
_VALUE: Final = re.compile(r"[A-Za-z0-9 #%.,\"'_+-]{1,200}")
_MAX_STYLE: Final = 4_000


def render(page: Page) -> str:
    """HTML of the allowed elements and attributes; elements that are not allowed leave their text behind."""
    safe = {tag: _tag(tag, name) for tag, name in page.names.items()}
    out = [""] * (2 * len(page.tags) + 1)
    out[::2] = page.texts  # escaped as they are
    out[1::2] = map(safe.__getitem__, page.tags)
    return "".join(out).strip()


def _tag(tag: str, name: str) -> str:
    if name[0] == "/":
        return f"<{name}>" if name[1:] in _ALLOWED else ""
    if name not in _ALLOWED:
        return ""
    if _PLAIN_LINK.fullmatch(tag) is not None:
        return f"<{tag}{_REL}>"
    return f"<{name}{_attributes(tag, name)}>"


def _attributes(tag: str, element: str) -> str:
    kept = ""
    for name, value in attributes_of(tag).items():
        if name == "href":
            if element == "a" and _LINK.fullmatch(link := value.strip()):
                # (The expression lets nothing through that has to be escaped but this.)
                kept += f' href="{link.replace("&", "&amp;")}"{_REL}'
        elif name == "style":
            style = _style(value)
            if style:
                kept += f' style="{html_entities.escape(style)}"'
        elif name in _ATTRIBUTES:
            kept += f' {name}="{html_entities.escape(value[:1_000])}"'
        elif name == "src" and element == "img" and _CID.fullmatch(source := value.strip()):
            kept += f' src="{source.replace("&", "&amp;")}"'
    return kept


@functools.lru_cache(maxsize=256)  # a mail says the same of each of its cells
def _style(text: str) -> str:
    kept = []
    for declaration in text[:_MAX_STYLE].split(";"):
        name, colon, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if colon and name in _PROPERTIES and _VALUE.fullmatch(value):
            kept.append(f"{name}:{value}")
    return ";".join(kept)
