"""Bytes to text whatever the label says."""

import pytest

from inboxd.message import charsets, parse


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"caf\xe9", "iso-8859-1", "café"),
        (b"it\x92s", "iso-8859-1", "it’s"),
        (b"it\x92s", "us-ascii", "it’s"),
        ("朱镕基".encode("gbk"), "gb2312", "朱镕基"),
        ("①②".encode("cp932"), "shift_jis", "①②"),
        ("똠방각하".encode("cp949"), "euc-kr", "똠방각하"),
        ("こんにちは".encode("iso2022_jp"), "iso-2022-jp", "こんにちは"),
        (b"\x1b$B-!\x1b(B", "iso-2022-jp", "①"),
        ("こんにちは".encode("iso2022_jp"), None, "こんにちは"),
        ("こんにちは".encode("iso2022_jp"), "shift_jis", "こんにちは"),
        ("こんにちは".encode("iso2022_jp"), "euc-jp", "こんにちは"),
        (b"Hi Mom +Jjo-!", "utf-7", "Hi Mom ☺!"),
        (b"Hi Mom +Jjo-!", "x-unicode-2-0-utf-7", "Hi Mom ☺!"),
        ("Қазақ".encode("kz1048"), "kz-1048", "Қазақ"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("grün".encode(), "iso-8859-1", "grün"),
        ("grün".encode(), "x-unknown", "grün"),
        (b"gr\xfcn", "utf-8", "grün"),
        (b"gr\xfcn", None, "grün"),
        ("日本".encode("utf-16"), "utf-16", "日本"),
        ("日本語のメール".encode("utf-16-be"), "utf-16", "日本語のメール"),
        ("日本語のメール".encode("utf-16-le"), "utf-16", "日本語のメール"),
        (b"\0H\0i", "utf-16", "Hi"),
        (b"H\0i\0", "utf-16", "Hi"),
        (b"\xef\xbb\xbfHello", "utf-8", "Hello"),
        (b"\xed\xa0\xbd\xed\xb8\x80!", "utf-8", "😀!"),
        (b"plain", "no-such-charset", "plain"),
        (b"a-b", "punycode", "a-b"),
    ],
)
def test_a_text_is_decoded_as_its_mailer_meant(data, label, text):
    assert charsets.decode(data, label)[0] == text


@pytest.mark.parametrize(
    ("text", "label"),
    [("Привет", "koi8-r"), ("Привет", "windows-1251"), ("您好，打印机", "gb2312"), ("プリンタ", "shift_jis"),
     ("プリンタ", "iso-2022-jp"), ("ü", "iso-8859-15"), ("Привет", "utf-7"), ("Łódź, źle", "iso-8859-2"),
     ("schön", "unicode"), ("schön", "utf-16le")],
)  # fmt: skip
def test_utf_8_is_read_whatever_it_is_called(text, label):
    said, defect = charsets.decode(text.encode(), label)
    assert said == text
    assert defect is not None


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("SPÓŁKA, SPÓŁKA, SPÓŁKA", "iso-8859-2"),
        ("뉴스 뉴스", "utf-16-be"),
        ("中文邮件", "utf-16-le"),
        ("隆隆", "gbk"),
        ("รกรก", "cp874"),
    ],
)
def test_what_is_utf_8_by_chance_is_what_it_is_called(text, codec):
    assert charsets.decode(text.encode(codec), codec)[0] == text


def test_utf_8_with_a_stray_latin_byte_keeps_both(mail):
    assert (
        charsets.decode("grün und ".encode() + b"gr\xfcn und " + "schön".encode(), "utf-8")[0]
        == "grün und grün und schön"
    )


def test_a_text_that_was_cut_within_a_character_keeps_the_others():
    assert charsets.decode("Grü".encode() + b"\xc3", "utf-8")[0] == "Grü\ufffd"


@pytest.mark.parametrize(
    "label", ["", " ", "\x00", "utf-8\x00", "a" * 5_000, "zlib", "rot13", "idna", "undefined", "unicode_escape"]
)
def test_no_label_can_choose_a_codec_that_is_no_charset(label):
    assert charsets.codec_of(label) in (None, "utf-8")
    assert charsets.decode(b"abc\xff", label)[0].startswith("abc")


def test_an_unknown_charset_is_a_defect_and_no_exception(mail):
    parsed = parse(mail("Content-Type: text/plain; charset=foo-99\n", b"caf\xc3\xa9\n"))
    assert parsed.text == "café"
    assert any("foo-99" in defect for defect in parsed.defects)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "Принтер не печатает с утра"), ("koi8-r", "Принтер не печатает с утра"),
        ("cp866", "Принтер не печатает с утра"), ("cp1253", "Ο εκτυπωτής δεν λειτουργεί"),
        ("cp1255", "המדפסת לא עובדת מהבוקר"), ("cp932", "プリンターが動きません。よろしくお願いします。"),
        ("euc_jp", "プリンターが動きません。よろしくお願いします。"),
        ("gb18030", "您好，打印机从今天早上开始不能打印。"),
        ("big5", "您好，印表機從今天早上開始不能列印。"), ("cp949", "안녕하세요. 프린터가 작동하지 않습니다."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("label", [None, "x-nobody-knows", "iso-8859-1", "utf-8"])
def test_writing_without_latin_letters_is_known_by_its_letters(codec, text, label):
    decoded, defect = charsets.decode(text.encode(codec), label)
    assert decoded == text
    assert defect


@pytest.mark.parametrize(
    "text",
    [
        "Grüße aus Köln, später öfter",
        "ÄÖÜ äöü",
        "Straße café Ærø Ærø naïve Ærø",
        "Où êtes-vous ? À bientôt",
        "·····························",
    ],
)
def test_what_may_be_latin_stays_latin(text):
    assert charsets.decode(text.encode("cp1252"), None)[0] == text


@pytest.mark.parametrize("label", ["utf-16", "unicode", "utf-32"])
def test_text_that_is_not_as_wide_as_it_is_called_is_read(label):
    assert charsets.decode("Grüße\naus Köln\n".encode(), label)[0] == "Grüße\naus Köln\n"
    assert charsets.decode("Grüße\n".encode(label.replace("unicode", "utf-16")), label)[0] == "Grüße\n"


@pytest.mark.parametrize(
    ("label", "codec", "word"),
    [("gb2312", "gbk", "测试文件"), ("shift_jis", "cp932", "見積書"), ("euc-kr", "cp949", "견적서"),
     ("big5", "big5", "測試"),
     ("koi8-r", "koi8-r", "Смета"), ("iso-8859-1", "latin-1", "Größe"), ("iso-2022-jp", "iso-2022-jp", "見積書")],
)  # fmt: skip
def test_raw_letters_in_names_are_of_the_charset_that_the_mail_names(label, codec, word):
    named = f'name="{word}.pdf"'
    parts = f"Content-Type: text/plain; charset={label}\n\n{word}\n--b\nContent-Type: application/pdf; {named}\n\nx\n"
    head = f"From: {word} <a@x.example>\nTo: {word} <b@x.example>, c@x.example\nSubject: {word}\n"
    raw = f"{head}Content-Type: multipart/mixed; boundary=b\n\n--b\n{parts}--b--\n".encode(codec)
    parsed = parse(raw)
    assert (parsed.from_name, parsed.subject, parsed.text) == (word, word, word)
    assert (parsed.from_addr, parsed.to) == ("a@x.example", ("b@x.example", "c@x.example"))
    assert [file.filename for file in parsed.attachments] == [f"{word}.pdf"]


@pytest.mark.parametrize(
    ("label", "codec"),
    [("ibm866", "cp866"), ("win-1251", "cp1251"), ("x-cp1250", "cp1250"), ("ansi_1252", "cp1252"), ("866", "cp866"),
     ("greek", "iso8859-7"), ("iso-ir-144", "iso8859-5"), ("csISOLatin1", "cp1252"), ("iso_8859-2:1987", "iso8859-2"),
     ("iso885915", "iso8859-15"), ("cp28605", "iso8859-15"), ("windows-20866", "koi8-r"), ("cp51949", "cp949"),
     ("korean", "cp949"), ("cn-gb", "gb18030"), ("x-mac-greek", "mac-greek"), ("unicode", "utf-16"),
     ("GB_18030", "gb18030"), ("ibm00858", "cp858"), ("Shift_JIS_2004", "shift_jis_2004"), ("cp775", "cp775"),
     ("cp1125", "cp1125"), ("x-mac-icelandic", "mac-iceland"), ("ISO 8859-5", "iso8859-5"), ("Big5 HKSCS", "big5hkscs"),
     ("latin2", "iso8859-2"), ("latin-9", "iso8859-15"), ("csEUCKR", "cp949"), ("gb_2312-80", "gb18030")],
)  # fmt: skip
def test_a_charset_is_known_by_its_nicknames(label, codec):
    assert charsets.codec_of(label) == codec
