"""Content-Type, Content-Disposition and the names in them."""

import pytest

from inboxd.message import parameters


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ('application/pdf; name="a b.pdf"', "name", "a b.pdf"),
        ("application/pdf; name=a b.pdf", "name", "a b.pdf"),
        ("text/plain; charset=utf-8 name=a.txt", "name", "a.txt"),
        ("application/pdf; name==?utf-8?q?gr=C3=BCn=2Epdf?=", "name", "grün.pdf"),
        ('attachment; filename="=?utf-8?b?Z3LDvG4ucGRm?="', "filename", "grün.pdf"),
        ("attachment; filename*=utf-8''gr%C3%BCn.pdf", "filename", "grün.pdf"),
        ("attachment; filename*=iso-8859-1'de'gr%FCn.pdf", "filename", "grün.pdf"),
        ("attachment; filename*1=b.pdf; filename*0=a", "filename", "ab.pdf"),
        ("attachment; filename*0*=utf-8''gr%C3; filename*1*=%BCn.pdf", "filename", "grün.pdf"),
        ("attachment; filename*0*=utf-8''a; filename*1=b%20.pdf", "filename", "ab%20.pdf"),
        ("attachment; filename=plain.pdf; filename*=utf-8''right.pdf", "filename", "right.pdf"),
        (r'attachment; filename="a\"b.pdf"', "filename", 'a"b.pdf'),
        ('filename="a.pdf"', "filename", "a.pdf"),
        ("attachment; filename=\"utf-8''gr%C3%BCn.pdf\"", "filename", "grün.pdf"),
        ("attachment; filename=\"it's 50% of 'x'.pdf\"", "filename", "it's 50% of 'x'.pdf"),
        ("attachment; filename='a b.pdf'", "filename", "a b.pdf"),
        ("attachment; filename=\"'a.pdf'\"", "filename", "'a.pdf'"),
        ('attachment; filename="open.pdf', "filename", "open.pdf"),
        ("attachment; filename=gr\xfcn.pdf", "filename", "grün.pdf"),
        ('(by hand) application/pdf (a form); name (here) = (so) "a.pdf" (end)', "name", "a.pdf"),
        ('application/pdf (a "form"; name="b.pdf"); name="a (1).pdf"', "name", "a (1).pdf"),
        ("application/pdf; name=a (1).pdf", "name", "a (1).pdf"),
        ("application/pdf; name=(draft) a.pdf", "name", "(draft) a.pdf"),
    ],
)
def test_a_parameter_is_read_in_every_form_that_mailers_write(value, name, expected):
    assert parameters.parse(value.encode("latin-1"))[1][name] == expected


def test_a_comment_is_no_part_of_the_type():
    assert parameters.parse(b"(a page) text/html(so)")[0] == "text/html"


def test_the_first_of_two_equal_parameters_wins():
    assert parameters.parse(b"text/plain; charset=utf-8; charset=latin-1")[1]["charset"] == "utf-8"


@pytest.mark.parametrize(
    "letters", [b";", b"(", b"(=", b'("\\', b"( ", b"a=b;", b"a*1=x;", b'a="', b" a=b", b'"', b"=", b"a*0*=''%"]
)
def test_hostile_parameters_cost_no_more_than_their_length(letters):
    main, _ = parameters.parse(b"text/plain;" + letters * 200_000)
    assert main == "text/plain"
