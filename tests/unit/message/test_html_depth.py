"""How deep HTML nests by its tags alone, held to the tree that a parser builds of them."""

import re
from random import Random

import pytest
from selectolax.lexbor import LexborHTMLParser

from inboxd.message.html_depth import FLAT, OpenElements
from inboxd.message.html_page import read

TAG = re.compile(r"<(/?[a-z0-9:]+)")
NAMES = (
    "div", "span", "p", "li", "ul", "table", "tr", "td", "pre", "hr", "dd", "dt", "h1", "section", "o:p", "blockquote",
    "center",
)  # fmt: skip
IMPLIED = frozenset(("tbody", "tr", "colgroup"))
TIMES = 20


def by_tags(html: str) -> int:
    elements, deepest = OpenElements(), 0
    for tag in TAG.findall(html):
        if tag[0] == "/":
            elements.end(tag[1:])
        else:
            elements.begin(tag)
        deepest = max(deepest, len(elements))
    return deepest


def by_the_tree(html: str) -> int:
    body = LexborHTMLParser(html).body
    assert body is not None
    depth = deepest = 0
    for tag in TAG.findall(body.html or ""):
        if tag.lstrip("/") not in FLAT | IMPLIED:
            depth += -1 if tag[0] == "/" else 1
            deepest = max(deepest, depth)
    return deepest


@pytest.mark.parametrize("seed", range(4))
def test_no_tree_is_deeper_than_its_tags_say(seed: int) -> None:
    random = Random(seed)
    for _ in range(500):
        tags = (random.choice(("<%s>", "</%s>")) % random.choice(NAMES) for _ in range(random.randint(2, 6)))
        unit = "".join(tags)
        # What one round leaves open by mistake may be closed later; what each round leaves open is depth.
        assert by_the_tree(unit * TIMES) <= by_tags(unit * TIMES) + TIMES // 2, unit


@pytest.mark.parametrize(
    "unit",
    ["<pre></a>", "<span><pre></span></pre>", "<form><div></form>", "<body><div></body>", "<span><p></span></p>",
     "<div><title></div></title>", "<div><object></div></object>"],
)  # fmt: skip
def test_end_tags_that_close_nothing_take_no_depth_away(unit: str) -> None:
    assert by_tags(unit * TIMES) >= TIMES
    assert read(unit * 2_000) is None


@pytest.mark.parametrize(
    "unit",
    ["<p>x", "<ul><li>x<li>y</ul>", "<table><tr><td>x<td>y<tr><td>z</table>", "<div><span><b>x</div>",
     "<dl><dt>x<dd>y</dl>", "<p><span>x</span><div>y</div>", "<table><tr><td><p>x</td></tr></table>",
     "<blockquote><font>x</blockquote>"],
)  # fmt: skip
def test_what_people_leave_out_adds_no_depth(unit: str) -> None:
    assert by_tags(unit * TIMES) < TIMES
    assert read(unit * 300) is not None
