"""The readable body out of the text parts: text, what is new in it, and safe HTML for whoever asks; all bounded."""

import re
from dataclasses import dataclass, replace
from typing import Final

from inboxd.message import clean, html_page, html_quote, html_safe, html_text, reply_text
from inboxd.message.content import Content, Text
from inboxd.message.defects import Defects
from inboxd.message.html_page import Page
from inboxd.message.html_quote import Role
from inboxd.message.limits import MAX_HTML, MAX_TEXT
from inboxd.message.reply_text import Reply

_TOO_LONG: Final = "the text is longer than can be shown; the rest stands in the raw mail"
_HTML_TOO_LONG: Final = "the HTML is longer than can be shown"
_CRUDE: Final = "the HTML is too large or too tangled to be shown as it is"
_STUB_LENGTH: Final = 400
_WORD: Final = re.compile(r"\w+")
# A plain part that only says there is none.
_STUB: Final = re.compile(
    r"(?:does(?: not|n['’]t)|not able to|unable to|can ?not|can['’]t|un(?:fortunately|able)|"
    r"if you (?:see|can read|are having)|"
    r"to (?:view|see|read) th(?:is|e)|kann nicht|ne peut pas|no puede|non può|please (?:use|view|enable))"
    r".{0,120}\b(?:html|browser|web|online|message|e-?mail|nachricht)\b|"
    r"\bhtml\b.{0,40}\b(?:only|version|capable|compatible|format)\b|\bmulti-?part message in mime format\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Body:
    """`text` and what is new of a message. `html` are its HTML parts, those parsed that were needed for it."""

    text: str
    reply: Reply
    html: tuple[Page | str, ...]


def read(content: Content, defects: Defects) -> Body:
    """Put the text parts together, in order. Of alternatives the plain one is the text, unless it only says so.

    HTML beside a text is read only where it may tell what is new in the text.
    """
    return _Builder(defects).run(content.texts)


def safe_html(body: Body, defects: Defects) -> str | None:
    """The HTML of a body, safe to show; None where it has none. This may cost as much as reading all else did."""
    parser = _Parser(defects)
    pages = (parser.page(each) if isinstance(each, str) else each for each in body.html)
    html = "\n".join(map(html_safe.render, pages))
    if len(html) > MAX_TEXT:
        defects.add(_HTML_TOO_LONG)
        html = html_safe.render(html_page.of_text(body.text[: MAX_TEXT // 2]))
    return html or None


class _Parser:
    """Makes pages of HTML, and no more of it in one mail than is bearable: beyond, its tags are only stripped."""

    def __init__(self, defects: Defects) -> None:
        self.defects = defects
        self.parsed = 0  # characters

    def page(self, html: str) -> Page:
        self.parsed += len(html)
        page = html_page.read(html) if self.parsed <= 2 * MAX_HTML else None
        if page is None:
            self.defects.add(_CRUDE)
            page = html_page.of_text(clean.body(html_page.crude(html[: 2 * MAX_TEXT]))[:MAX_TEXT])
        return page


class _Builder:
    def __init__(self, defects: Defects) -> None:
        self.defects = defects
        self.parser = _Parser(defects)
        self.pieces: list[str] = []
        self.html: list[Page | str] = []
        # HTML in which a mail program marked quotes, and what it marked.
        self.marked: list[tuple[Page, dict[str, Role]]] = []
        self.length = 0
        self.stubs: frozenset[str] = frozenset()

    def run(self, texts: list[Text]) -> Body:
        plain = _plain_of_alternatives(texts)
        self.stubs = _stubs(texts)
        from_html = True
        for item in texts:
            if self.length > MAX_TEXT:
                break
            if item.kind == "html":
                said = plain.get(item.alternative) if item.alternative is not None else None
                if said is None or said in self.stubs:
                    self._take(self.parser.page(item.text))
                else:
                    self.html.append(item.text)
            elif item.text.strip() and item.text not in self.stubs:
                from_html = False
                self._add(item.text)
        text = "\n".join(self.pieces)
        if len(text) > MAX_TEXT:
            self.defects.add(_TOO_LONG)
            text = text[:MAX_TEXT]
        return Body(text, self._reply(text, from_html=from_html), tuple(self.html))

    def _add(self, text: str) -> None:
        text = text.strip("\n")
        if text.strip():
            self.pieces.append(text)
            self.length += len(text) + 1

    def _take(self, page: Page) -> None:
        """Take an HTML part that is the text."""
        self.html.append(page)
        self._add(html_text.render(page))
        if roles := html_quote.roles(page):
            self.marked.append((page, roles))

    def _mark_beside(self) -> None:
        """Look for marked quotes in HTML that is not the text; signatures alone say nothing of a plain text."""
        for place, html in enumerate(self.html):
            if isinstance(html, str) and html_quote.may_hold_one(html):
                self.html[place] = page = self.parser.page(html)
                roles = html_quote.roles(page)
                if any(role in ("quote", "cut") for role in roles.values()):
                    self.marked.append((page, roles))

    def _reply(self, text: str, *, from_html: bool) -> Reply:
        reply = reply_text.of(text, from_html=from_html)
        if reply.cut and not from_html:
            return reply
        self._mark_beside()
        if not self.marked:
            return reply
        # Where HTML marks what is history, it knows better; and a plain part may show none.
        new = "\n".join(html_text.render(html_quote.without_quotes(*each)) for each in self.marked)[:MAX_TEXT]
        if not new.strip():
            return replace(reply, empty=True)
        unquoted = any(html_quote.holds_history(roles) for _, roles in self.marked)
        answer = reply_text.of(new, from_html=True, unquoted=unquoted)
        nothing = answer.empty and answer.cut and answer.text == new.strip()
        return replace(reply, empty=True) if nothing else answer


def _plain_of_alternatives(texts: list[Text]) -> dict[int, str]:
    return {
        item.alternative: item.text
        for item in texts
        if item.kind == "plain" and item.alternative is not None and item.text.strip()
    }


def _stubs(texts: list[Text]) -> frozenset[str]:
    """The plain alternatives that only say that the mail is HTML, beside an HTML part that says more, or else."""
    found = set()
    for item in texts:
        if item.kind != "plain" or item.alternative is None or len(item.text) > _STUB_LENGTH:
            continue
        other = next((each for each in texts if each.kind == "html" and each.alternative == item.alternative), None)
        if other is None or not _STUB.search(item.text):
            continue
        said = html_page.crude(other.text[:MAX_TEXT])
        if len(said) > 2 * len(item.text.strip()) or _says_else(said, item.text):
            found.add(item.text)
    return frozenset(found)


def _says_else(said: str, stub: str) -> bool:
    """Whether most words of a stub are not in what was said: a person's own words stand in both alternatives."""
    words, others = (set(_WORD.findall(each.lower())) for each in (stub, said))
    return bool(others) and 2 * len(words - others) > len(words)
