"""HTML to text, and HTML that is safe to show."""

import subprocess
import sys

import pytest

from inboxd.message import html_page, html_safe, html_text

REL = 'rel="noopener noreferrer nofollow"'


def text_of(html: str) -> str:
    page = html_page.read(html)
    assert page is not None
    return html_text.render(page)


def safe(html: str) -> str:
    page = html_page.read(html)
    assert page is not None
    return html_safe.render(page)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two", "One\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("a  b\n c &amp; d&nbsp;e", "a b c & d e"),
        ("<ul><li>a<li>b</ul><ol><li>c<li>d</ol>", "- a\n- b\n\n1. c\n2. d"),
        ("<table><tr><td>Qty</td><td>Price</td></tr><tr><td>1</td><td>2</td></tr></table>", "Qty\tPrice\n1\t2"),
        ('<a href="https://example.com/x">here</a>', "here <https://example.com/x>"),
        ('<a href="https://example.com/">example.com</a>', "example.com"),
        ('<a href="https://example.com/x">here<br></a>next', "here <https://example.com/x>\nnext"),
        ('<a href="https://example.com/x"><img alt="Logo"></a>', "[Logo] <https://example.com/x>"),
        ('<a href="https://example.com/x">&nbsp;</a>next', "next"),
        ('<a href="javascript:x()">here</a>', "here"),
        ("<ul><li><p>a</p></li><li><p>b</p><ul><li>c</ul></ul>", "- a\n\n- b\n\n  - c"),
        ("<ul><li></li><li>b</li></ul>", "-\n- b"),
        ("<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "> a\n>\n> > b\n>\n> c\n\nd"),
        ("a&#1;b&#2;c&#8;<br>&#5;d", "abc\nd"),
        # Nothing that reads mail runs scripts, so what is written for those who do not is shown.
        ("<noscript>a <p>b</noscript>c", "a\n\nbc"),
        ("a <!-- x --!> b <!--!> y --> c <!--> d <!-- e", "a b c d"),
        ("<table><tr><td></td><td>a</td><td></td><td>b</td><td></td></tr></table>", "a\t\tb"),
        ('<img src="cid:logo"><img src="https://example.com/p.gif"><img alt="Logo" src="x">', "[cid:logo][Logo]"),
        ("<blockquote>quoted<br>text</blockquote>", "> quoted\n> text"),
        ("<pre>a\n  b\n\tc</pre>", "a\n  b\n\tc"),
        ('<ol start="3"><li>c<li>d</ol>', "3. c\n4. d"),
        ("<style>p{}</style><script>x()</script><title>T</title>shown", "shown"),
        ('<div style="display:none">preheader</div>shown', "shown"),
        ("<p hidden>preheader</p>shown", "shown"),
        ('<div style="white-space: pre-wrap">a\n  b <b>c\nd</b></div>e\nf', "a\n  b c\nd\ne f"),
        ("<!--[if mso]>outlook<![endif]-->shown", "shown"),
        # Java's mailers write emoji as the halves of UTF-16.
        (
            "ok &#55357;&#56832; &#xD83D;&#xde00; &#xD83D; &#56832;&#55357;",
            "ok \U0001f600 \U0001f600 \ufffd \ufffd\ufffd",
        ),
        ("zero\u200bwidth", "zerowidth"),
        ("", ""),
    ],
)
def test_html_becomes_the_text_that_a_person_would_copy(html, text):
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Hello <b>there</b></p>", "<p>Hello <b>there</b></p>"),
        ("<script>alert(1)</script>x", "x"),
        ('<p onclick="x()">a</p>', "<p>a</p>"),
        ('<img src="https://example.com/p.gif" onerror="x()">', "<img>"),
        ('<img src="cid:logo@x" alt="Logo">', '<img src="cid:logo@x" alt="Logo">'),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href=" JaVa\tscript:x()">a</a>', "<a>a</a>"),
        ('<a href="http://x.example/?a&amp;b">a</a>', f'<a href="http://x.example/?a&amp;b" {REL}>a</a>'),
        ('<form action="https://example.com"><input name="p">in it</form>', "in it"),
        ("<iframe src=https://example.com></iframe>x", "x"),
        ("<svg><script>x()</script></svg>x", "x"),
        ("<math><mtext><img src=x onerror=y></mtext></math>x", "x"),
        ('<p style="color:red;background:url(https://example.com/p.gif)">a</p>', '<p style="color:red">a</p>'),
        (r'<p style="width:expression(x());color:\72 ed">a</p>', "<p>a</p>"),
        ('<p style="position:fixed;color:red">a</p>', '<p style="color:red">a</p>'),
        ('<base href="https://example.com"><meta http-equiv=refresh content=0><link rel=stylesheet href=x>y', "y"),
        ("<p>&lt;script&gt;x()&lt;/script&gt;</p>", "<p>&lt;script&gt;x()&lt;/script&gt;</p>"),
        ('<p title="&quot; onmouseover=&quot;x()">a</p>', '<p title="&quot; onmouseover=&quot;x()">a</p>'),
        ("<object data=x><embed src=y></object><video src=x></video>z", "z"),
        ('<p background="https://example.com/p.gif">a</p>', "<p>a</p>"),
    ],
)  # fmt: skip
def test_shown_html_holds_no_script_no_form_and_nothing_loaded_from_elsewhere(html, expected):
    assert safe(html) == expected


@pytest.mark.parametrize("name", ["<!--x", "<!x", "<?x", "<!-->", "<b"])
def test_no_name_of_an_attribute_keeps_an_element_open_in_the_page_around(name):
    # All that follows on the page would be a link.
    shown = f'<a href="https://example.com/" {REL}>a</a><p>b</p>'
    assert safe(f'<a href="https://example.com/" {name}>a</a><p {name}>b</p>').replace("&gt;", "") == shown


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<a " + " ".join(f"a{number}=1" for number in range(40_000)) + ">x",
        '<a x=">" y= =" ' + " ".join(f"a{number}" for number in range(40_000)) + ">x",
        "<a" + "/".join(f"a{number}" for number in range(40_000)) + ">x",
        "<p>".join(f"<font size={number}>" for number in range(280)) + "<p>x" * 20_000,
        "<b>" * 200_000,
        "<p>x</p>" * 400_000,
        f'<font face="{"x" * 900}">' + "<p>x" * 100_000,
    ],
    ids=["depth", "attributes", "quoted attributes", "slashes", "formatting", "bold", "size", "long formatting"],
)
def test_html_that_a_parser_chokes_on_is_not_given_to_one(html):
    assert html_page.read(html) is None


@pytest.mark.parametrize(
    "letters",
    ["<", "<a", "<!--", "<script>", "</", "<!", "<?", '<a b="', "&", "< ", "<a =", "<![CDATA[", "<b><!", "<b></ "],
)
def test_hostile_repetition_in_html_costs_no_more_than_its_length(letters):
    # What costs its square takes minutes; the kernel ends it after the ten seconds that a worker has (0.3 are needed).
    code = (
        "import resource\n"
        "from inboxd.message import html_page, html_text\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (10, 10))\n"
        f"html = {letters!r} * {900_000 // len(letters)}\n"
        "page = html_page.read(html)\n"
        "rendered = html_page.crude(html) if page is None else html_text.render(page)\n"
        "assert len(rendered) <= len(html)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_a_large_embedded_image_does_not_keep_the_text_from_being_read():
    html = f'<p>Hello</p><img src="data:image/png;base64,{"iVBORw0KGgo/" * 200_000}"><p>there</p>'
    assert text_of(html) == "Hello\n\nthere"
    assert "data:" not in safe(html)


def test_crude_text_keeps_the_words_of_what_is_not_parsed():
    assert html_page.crude("<div>" * 5 + "One &amp; two<br>three<style>p{}</style></div>") == "One & two\nthree"
