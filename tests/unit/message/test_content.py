"""Structure: which parts are the body, which are attachments; nothing lost."""

import hashlib

import pytest

from inboxd.message import attachment, parse, parse_with_html

PLAIN = "Content-Type: text/plain\n\n"
HTML = "Content-Type: text/html\n\n"
PDF = "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nSGVsbG8=\n"


def test_of_alternatives_the_plain_one_is_the_text_and_the_other_is_the_html(multipart):
    parsed, html = parse_with_html(multipart("alternative", PLAIN + "Hello\n", HTML + "<p>Hello <b>there</b></p>\n"))
    assert (parsed.text, html, parsed.attachments) == ("Hello", "<p>Hello <b>there</b></p>", ())


def test_a_plain_part_that_only_says_there_is_html_is_not_the_text(multipart):
    stub = "Your mail client does not support HTML mail. Please view this mail in a browser.\n"
    parsed = parse(
        multipart("alternative", PLAIN + stub, HTML + "<p>" + "The printer is broken again. " * 20 + "</p>\n")
    )
    assert parsed.text.startswith("The printer is broken")
    assert "browser" not in parsed.text


@pytest.mark.parametrize(
    "stub",
    [
        "This message is in HTML format. Please use an HTML capable client.",
        "Diese E-Mail ist im HTML-Format. Bitte verwenden Sie ein HTML-fähiges Programm.",
        "If you can not see this message, your mail client does not support HTML.",
        "This is a multi-part message in MIME format.",
    ],
)
def test_a_few_words_are_the_text_where_the_plain_part_only_says_there_is_html(multipart, stub):
    assert parse(multipart("alternative", f"{PLAIN}{stub}\n", f"{HTML}<p>The fax is broken.</p>\n")).text == (
        "The fax is broken."
    )


def test_who_writes_of_html_in_both_parts_has_written_the_plain_one(multipart):
    said = "We can not open your HTML e-mail."
    parsed = parse(multipart("alternative", f"{PLAIN}{said}\n\nRegards\n", f"{HTML}<p>{said}</p><p>Regards</p>\n"))
    assert parsed.text == f"{said}\n\nRegards"
    assert parse(multipart("alternative", f"{PLAIN}{said}\n", f"{HTML}<img src=x.png>\n")).text == said


def test_html_alone_is_rendered_as_text(multipart):
    assert parse(multipart("mixed", HTML + "<p>One</p><p>Two</p>\n")).text == "One\n\nTwo"


def test_text_parts_around_an_attachment_are_both_the_text(multipart):
    parsed = parse(multipart("mixed", PLAIN + "Before\n", PDF, PLAIN + "After\n"))
    assert parsed.text == "Before\nAfter"
    assert [each.filename for each in parsed.attachments] == ["a.pdf"]


def test_the_only_text_is_the_text_although_it_is_marked_as_an_attachment(multipart):
    parsed = parse(
        multipart("mixed", "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nHello\n", PDF)
    )
    assert parsed.text == "Hello"
    assert [each.filename for each in parsed.attachments] == ["a.txt", "a.pdf"]


def test_a_parameter_whose_fold_was_lost_belongs_to_the_line_above(multipart):
    head = 'Content-Type: application/pdf;\nname="a:b.pdf"\nContent-Disposition: attachment;\nfilename="a:b.pdf"'
    parsed = parse(multipart("mixed", PLAIN + "Hello\n", f"{head}\n\nx\n"))
    assert (parsed.text, [file.filename for file in parsed.attachments]) == ("Hello", ["a:b.pdf"])
    assert "a line in the header is no header field" in parsed.defects


def test_enriched_text_beside_a_plain_alternative_says_nothing_new(multipart):
    enriched = "Content-Type: text/enriched\n\n<bold>Hello</bold> <<1>\n"
    html = "Content-Type: text/html\n\n<b>Hello</b> &lt;1>\n"
    assert parse(multipart("alternative", PLAIN + "Hello <1>\n", enriched, html)).text == "Hello <1>"
    assert parse(multipart("mixed", PLAIN + "Mine:\n", enriched)).text == "Mine:\nHello <1>"


def test_an_attached_message_is_kept_whole_and_its_text_stays_out_of_ours(multipart):
    inner = "From: x@example.com\nSubject: Inner: one\n\ninner body\n"
    raw = multipart("mixed", PLAIN + "outer\n", "Content-Type: message/rfc822\n\n" + inner)
    parsed = parse(raw)
    assert parsed.text == "outer"
    (attached,) = parsed.attachments
    assert (attached.filename, attached.content_type) == ("Inner_ one.eml", "message/rfc822")
    assert attachment(raw, 0) == inner.encode().replace(b"\n", b"\r\n")


def test_an_attachments_bytes_can_be_had_later(multipart):
    raw = multipart("mixed", PLAIN + "Hello\n", PDF)
    (attached,) = parse(raw).attachments
    assert attachment(raw, 0) == b"Hello"
    assert (attached.size, attached.sha256) == (5, hashlib.sha256(b"Hello").hexdigest())
    with pytest.raises(IndexError):
        attachment(raw, 1)


def test_audio_without_a_name_is_an_attachment_byte_for_byte(multipart):
    raw = multipart(
        "mixed", PLAIN + "Voicemail\n", "Content-Type: audio/wav\nContent-Transfer-Encoding: base64\n\nUklGRv8A\n"
    )
    (attached,) = parse(raw).attachments
    assert (attached.filename, attachment(raw, 0)) == ("audio-1.wav", b"RIFF\xff\x00")


def test_a_missing_closing_boundary_loses_nothing(multipart):
    parsed = parse(multipart("mixed", PLAIN + "Hello\n", PDF, closed=False))
    assert (parsed.text, len(parsed.attachments)) == ("Hello", 1)
    assert "the closing boundary is missing" in parsed.defects


def test_parts_behind_the_closing_boundary_are_not_lost(multipart):
    raw = multipart("mixed", PLAIN + "Hello\n") + b"--b\r\nContent-Type: image/png; name=late.png\r\n\r\nx\r\n--b--\r\n"
    assert [each.filename for each in parse(raw).attachments] == ["late.png"]


def test_a_boundary_that_does_not_come_leaves_the_body_as_text(mail):
    parsed = parse(mail("Content-Type: multipart/mixed; boundary=zzz", "Hello there\n"))
    assert parsed.text == "Hello there"


@pytest.mark.parametrize("boundary", ["'abc'", "abc (of a gateway)", "abc, charset=utf-8", "--abc"])
def test_a_boundary_in_strange_quotes_or_with_something_beside_it_is_the_one_inside(boundary, mail):
    body = "--abc\n\nHello\n--abc\n\nthere\n--abc--\n"
    assert parse(mail(f"Content-Type: multipart/mixed; boundary={boundary}", body)).text == "Hello\nthere"


def test_a_boundary_may_be_as_long_as_a_line(mail):
    name = "b" * 800
    assert (
        parse(mail(f"Content-Type: multipart/mixed; boundary={name}", f"--{name}\n\nHello\n--{name}--\n")).text
        == "Hello"
    )


def test_a_boundary_that_is_cut_short_is_found_out(mail):
    body = "--abc=xyz\nContent-Type: text/plain\n\nHello\n--abc=xyz--\n"
    assert parse(mail('Content-Type: multipart/mixed; boundary="abc\n =xyz"', body)).text == "Hello"


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: text/html; charset=utf-8 Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: base64\nMIME-Version: 1.0Content-Type: text/html",
    ],
)
def test_a_field_whose_line_end_was_lost_counts(mail, header):
    assert parse(mail(header, "PGI+SGVsbG88L2I+\n")).text == "Hello"


def test_a_wrong_boundary_is_found_out(mail):
    parsed = parse(
        mail("Content-Type: multipart/mixed; boundary=zzz", "--abc\nContent-Type: text/plain\n\nHello\n--abc--\n")
    )
    assert parsed.text == "Hello"
    assert any("boundary" in defect for defect in parsed.defects)


def test_an_outer_boundary_ends_an_inner_part_that_was_never_closed():
    raw = (
        b"Content-Type: multipart/mixed; boundary=o\r\n\r\n"
        b"--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\ninner\r\n"
        b"--o\r\nContent-Type: image/png; name=x.png\r\n\r\nX\r\n--o--\r\n"
    )
    parsed = parse(raw)
    assert (parsed.text, [each.filename for each in parsed.attachments]) == ("inner", ["x.png"])


def test_a_name_is_found_where_it_does_not_belong(multipart):
    part = "Content-Type: application/pdf; filename=a.pdf\nContent-Disposition: attachment\n\nx\n"
    assert [each.filename for each in parse(multipart("mixed", "\nsee\n", part)).attachments] == ["a.pdf"]


def test_unnamed_parts_have_the_same_names_each_time(multipart):
    image = "Content-Type: image/png\nContent-ID: <logo@x>\n\nx\n"
    raw = multipart("related", HTML + "<img src=cid:logo@x>\n", image, image)
    first, second = parse(raw), parse(raw)
    assert [each.filename for each in first.attachments] == ["image-1.png", "image-2.png"]
    assert first == second
    assert (first.attachments[0].inline, first.attachments[0].content_id) == (True, "logo@x")


def test_flowed_text_is_joined_and_its_signature_line_is_not(mail):
    body = "One long \nparagraph. \n> quoted \n> lines \n> > of \n>> two\n> > > \n>\n-- \nFront\n"
    assert parse(mail("Content-Type: text/plain; format=flowed", body)).text == (
        "One long paragraph. \n> quoted lines \n> > of two\n> > > \n>\n-- \nFront"
    )
    header = "Content-Type: text/plain; format=flowed; delsp=yes"
    assert parse(mail(header, " > no \nquote\n> Drucker \n> probleme\n")).text == "> noquote\n> Druckerprobleme"


def test_control_characters_and_lone_surrogates_are_in_no_text(mail):
    parsed = parse(mail("Content-Type: text/plain; charset=utf-7", b"a\x00b\x1b[31m\x07c +2AA-"))
    assert parsed.text == "ab[31mc \ufffd"


def test_text_past_its_cap_is_cut_with_a_defect(mail):
    parsed = parse(mail("", b"word " * 1_000_000))
    assert len(parsed.text) == 1_000_000
    assert any("longer than can be shown" in defect for defect in parsed.defects)


def test_html_may_say_its_charset_itself(mail):
    html = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>да</p>'
    assert parse(mail("Content-Type: text/html", html.encode("koi8-r"))).text == "да"
    utf16 = html.replace("koi8-r", "utf-16").encode()
    assert parse(mail("Content-Type: text/html", utf16)).text == "да"


@pytest.mark.parametrize("kind", ["text/markdown", "text/x-note; name=a.note"])
def test_text_of_an_unknown_kind_is_the_text_where_there_is_no_other(mail, kind):
    assert parse(mail(f"Content-Type: {kind}", "Hello *there*\n")).text == "Hello *there*"


def test_xhtml_is_the_text_where_there_is_no_other(mail, multipart):
    part = "Content-Type: application/xhtml+xml; charset=utf-8\n\n<html><body><p>Hello</p></body></html>\n"
    assert parse(mail(*part.split("\n\n"))).text == "Hello"
    parsed = parse(multipart("alternative", "\nHello\n", part))
    assert (parsed.text, len(parsed.attachments)) == ("Hello", 1)


def test_text_for_programs_is_a_file(mail):
    parsed = parse(mail("Content-Type: text/csv", "a,b\n"))
    assert (parsed.text, [each.filename for each in parsed.attachments]) == ("", ["text-1.csv"])


def test_a_blank_before_the_header_of_a_part_hides_no_file(mail):
    body = (
        "--b\n\nHello\n--b\n\tContent-Type: image/gif; name=a.gif\nContent-Transfer-Encoding: base64\n\nR0lG\n--b--\n"
    )
    parsed = parse(mail("Content-Type: multipart/mixed; boundary=b", body))
    assert parsed.text == "Hello"
    assert [(each.filename, each.size) for each in parsed.attachments] == [("a.gif", 3)]


def test_a_boundary_that_ends_with_a_blank_is_closed(mail):
    parsed = parse(mail('Content-Type: multipart/mixed; boundary="a b "', "--a b \n\nHello\n--a b --\n"))
    assert (parsed.text, parsed.defects) == ("Hello", ())


def test_html_that_does_not_say_so_is_read_as_html(mail):
    parsed, html = parse_with_html(mail("Subject: s", "\n<html><body><p>Hello</p></body></html>\n"))
    assert (parsed.text, html) == ("Hello", "<p>Hello</p>")


@pytest.mark.parametrize(("written", "body"), [("plain/text", "grün"), ("html/text", "<p>grün</p>")])
def test_a_type_that_is_turned_round_is_the_text(mail, written, body):
    assert parse(mail(f"Content-Type: {written}; charset=utf-8", body)).text == "grün"


def test_a_file_of_an_unreadable_type_is_no_text(mail):
    parsed = parse(mail('Content-Type: unknown; name="a.dat"', "\0\1\2"))
    assert (parsed.text, [each.filename for each in parsed.attachments]) == ("", ["a.dat"])


def test_an_alternative_with_a_name_is_the_html_and_stays_listed(multipart):
    parsed, html = parse_with_html(
        multipart("alternative", PLAIN + "Hello\n", "Content-Type: text/html; name=a.html\n\n<p>Hello</p>\n")
    )
    assert (parsed.text, html) == ("Hello", "<p>Hello</p>")
    assert [each.filename for each in parsed.attachments] == ["a.html"]
