"""What the guard before the HTML parser lets through, held to the tree that the parser builds of it."""

import re
from random import Random

import pytest
from selectolax.lexbor import LexborHTMLParser

from inboxd.message import html_guard
from inboxd.message.html_page import read

TAG = re.compile(r"<(/?[a-z0-9:]+)")
COMMENT = re.compile(r"<!--.*?-->|<\?[^>]*>")
NAMES = (
    "div", "span", "p", "li", "ul", "table", "tr", "td", "pre", "hr", "dd", "dt", "h1", "h2", "section", "o:p",
    "blockquote", "center", "b", "a", "button", "form", "select", "option", "ruby", "rt",
)  # fmt: skip
UNCOUNTED = frozenset(("tbody", "tr", "colgroup", "hr", "html", "head", "body"))  # implied, or flat
MANY = 22_000


def deepest_of(html: str) -> int:
    body = LexborHTMLParser(html).body
    assert body is not None
    depth = deepest = 0
    for tag in TAG.findall(COMMENT.sub("", body.html or "")):
        if tag.lstrip("/") not in UNCOUNTED:
            depth += -1 if tag[0] == "/" else 1
            deepest = max(deepest, depth)
    return deepest


@pytest.mark.parametrize("seed", range(4))
def test_no_tree_that_is_let_through_is_deep(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    most, times = 10, 60
    monkeypatch.setattr(html_guard, "_SMALL", 0)
    monkeypatch.setattr(html_guard, "_FEW", 0)
    monkeypatch.setattr(html_guard, "MAX_HTML_DEPTH", most)
    random, let_through = Random(seed), 0
    for _ in range(800):
        kinds = (random.choice(("<%s>", "</%s>", "<%s></%s>", "<%s>x</%s>")) for _ in range(random.randint(2, 5)))
        html = "".join(kind.replace("%s", random.choice(NAMES)) for kind in kinds) * times
        if html_guard.is_harmless(html, html_guard.names_of(html)):
            let_through += 1
            # (Paragraphs and items may stand in each of the others.)
            assert deepest_of(html) <= 3 * most, html[: len(html) // times]
    assert let_through > 50


@pytest.mark.parametrize(
    "unit",
    [
        # End tags that end nothing: something stronger is in the way, or they end what is inside alone.
        "<pre></a>", "<span><pre></span></pre>", "<form><div></form>", "<span><p></span></p>",
        "<div><title></div></title>", "<div><object></div></object>", "<h1><q><h2></h1>", "<button><button></button>",
        # Elements that other ones end, or don't, than it seems.
        "<dd><li>", "<dt><li>", "<ruby><dd><rt><q>", "<form><p></form><q>", "<a><a></a><q></a>",
        # Tags that are text.
        "<div><!x </div>", "<div><?x </div>", "<div></ </div>", "<div></1</div>", "<div><!DOCTYPE </div>",
        "<title><x a='</title><q>'></x></title>",
    ],
)  # fmt: skip
def test_many_tags_that_are_not_closed_in_order_are_not_parsed(unit: str) -> None:
    assert read(unit * MANY) is None


@pytest.mark.parametrize(
    "html", ["<svg><g><![CDATA[ > </g> ]]>", "<svg><title><div>", "<math><mi><![CDATA[ > </mi> ]]>"]
)
def test_what_stands_in_a_picture_left_open_is_refused_or_not_deep(html: str) -> None:
    start, unit = html[:5], html[5:]
    page = read(start + unit * MANY)
    assert page is None or not page.tags


@pytest.mark.parametrize(
    "unit",
    ["<p>x", "<ul><li>x<li>y</ul>", "<table><tr><td>x<td>y<tr><td>z</table>", "<div><span><b>x</div>",
     "<dl><dt>x<dd>y</dl>", "<p><span>x</span><div>y</div>", "<table><tr><td><p>x</td></tr></table>",
     "<blockquote><font>x</blockquote>"],
)  # fmt: skip
def test_what_people_leave_out_is_parsed(unit: str) -> None:
    assert read(unit * 300) is not None


@pytest.mark.parametrize(
    "unit",
    [
        "<div><p>x</p><br><img src=x></div>",
        "<font><p>x</font></p>",
        "<b><i>x</b></i>",
        "<table><tr><td>x</td></tr></table>",
    ],
)
def test_many_tags_closed_in_order_are_parsed(unit: str) -> None:
    assert read(unit * MANY) is not None


@pytest.mark.parametrize(
    ("unit", "is_parsed"),
    [
        ("<div><font size={}>x</font></div>", True),
        ('<p><b title="{}">x</b> <A href=https://example.com/{}>y</A></p>', True),
        ('<p><a href="https://example.com/{}">x <b>y</b> <i>z</i></a></p>', True),
        ('<p><a id={} title="<b>x</b>">y</a></p>', True),
        ("<p><a id={}>x <b id={} title='>y</b></a>'></p>", False),
        # Closed for who does not see the quotes: the end tag stands in a value.
        ('<p><b id={} title=">x</b>">', False),
        ("<p><b id={} title='>x</b>'>", False),
        ('<p><b id={} title=">x</b>\'>">', False),
        ("<div><font size={}>x</div>", False),
        ("<div><font size={}><table><td></font></table></div>", False),
        ("<b id={}>" + "<div>" * 9 + "</b>" + "</div>" * 9, False),
    ],
)
def test_formatting_that_a_parser_opens_again_and_again_is_not_parsed(unit: str, is_parsed: bool) -> None:
    html = "".join(unit.format(number, number) for number in range(1_900))
    assert (read(html) is not None) is is_parsed
