"""Bytes to text whatever the label says: the superset that mailers mean, then UTF-8, then Windows' Latin."""

import codecs
import functools
import re
from encodings.aliases import aliases
from itertools import chain
from typing import Final

from inboxd.message import charset_guess

# Labels that mailers write, and the wider charset they mean by them.
_SUPERSET: Final = {
    "ascii": "cp1252", "us-ascii": "cp1252", "ansi-x3.4-1968": "cp1252", "ansi-x3-4-1968": "cp1252", "646": "cp1252",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "l1": "cp1252",
    "iso-8859-9": "cp1254", "iso8859-9": "cp1254", "latin5": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "windows-874": "cp874", "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030",
    "gb-2312": "gb18030", "cn-gb": "gb18030", "chinese": "gb18030", "korean": "cp949",
    "gb-2312-80": "gb18030", "gb2312-80": "gb18030", "euc-cn": "gb18030",
    "hz-gb-2312": "hz", "chinesebig5": "big5hkscs",
    "big5": "big5hkscs", "big-5": "big5hkscs", "cn-big5": "big5hkscs", "x-big5": "big5hkscs",
    "big5-hkscs": "big5hkscs", "shift-jis": "cp932", "shiftjis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "ms-kanji": "cp932", "windows-31j": "cp932", "euc-jp": "euc_jis_2004", "x-euc-jp": "euc_jis_2004",
    "eucjp": "euc_jis_2004", "euc-kr": "cp949", "ks-c-5601-1987": "cp949", "ks-c-5601": "cp949", "ksc5601": "cp949",
    "ks-x-1001": "cp949", "uhc": "cp949", "euckr": "cp949", "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext", "iso2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7", "unicode-2-0-utf-7": "utf-7", "utf7": "utf-7",
    "utf8": "utf-8", "utf-8-sig": "utf-8", "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "x-mac-roman": "mac-roman", "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic", "koi8": "koi8-r", "koi-8": "koi8-r", "koi8-ru": "koi8-u",
    "windows-1252-latin1": "cp1252", "ansi": "cp1252", "x-mac-ce": "mac-latin2", "cseuckr": "cp949",
    "csshiftjis": "cp932", "csbig5": "big5hkscs", "cskoi8r": "koi8-r", "cseucpkdfmtjapanese": "euc_jis_2004",
    "csiso2022jp": "iso2022_jp_ext", "csisolatin2": "iso8859-2", "csisolatin5": "cp1254", "csgb2312": "gb18030",
    "csgbk": "gb18030", "ksc-5601": "cp949", "ks-c-5601-1989": "cp949",
    "csksc56011987": "cp949", "iso-ir-149": "cp949", "csutf8": "utf-8",
    "x-mac-icelandic": "mac-iceland", "x-mac-romanian": "mac-romanian", "x-mac-centraleurroman": "mac-latin2",
    # (Two bytes a letter, under the names that are older than UTF-16's.)
    "unicode": "utf-16", "csunicode": "utf-16", "ucs-2": "utf-16", "ucs2": "utf-16", "iso-10646-ucs-2": "utf-16",
    "ucs-4": "utf-32", "ucs4": "utf-32", "iso-10646-ucs-4": "utf-32",
}  # fmt: skip
# Microsoft's numbers for charsets of others' (28591 to 28605 are the parts of ISO 8859).
_NUMBERED: Final = {
    "367": "cp1252", "819": "cp1252", "20127": "cp1252", "20866": "koi8-r", "21866": "koi8-u",
    "20932": "euc_jis_2004", "51932": "euc_jis_2004",
    "50220": "iso2022_jp_ext", "50221": "iso2022_jp_ext", "50222": "iso2022_jp_ext", "51949": "cp949", "949": "cp949",
    "932": "cp932", "950": "big5hkscs", "936": "gb18030", "51936": "gb18030", "54936": "gb18030", "52936": "hz",
    "65000": "utf-7", "65001": "utf-8", "1200": "utf-16-le", "1201": "utf-16-be", "10000": "mac-roman",
}  # fmt: skip
# Codecs that are linear and make nothing but text. Others that Python knows (punycode, idna, unicode_escape, zlib) are
# quadratic, or are not charsets at all.
_ALLOWED: Final = re.compile(
    r"utf-?(?:7|8|16|32)(?:-?[bl]e)?|(?:iso-?8859-(?:[1-9]|1[0-6]))|windows-125[0-8]|cp(?:125[0-8]|1125|437|737|775|"
    r"85[0-8]|86[0-9]|87[45]|"
    r"9(?:32|49|50))|koi8-[rtu]|mac-[a-z]{5,10}2?|gb18030|hz|big5(?:hkscs)?|euc_jis_2004|euc-(?:tw|jp|kr)|"
    r"iso-?2022[-_](?:jp[-_a-z0-9]*|kr)"
    r"|shift[-_]jis[-_x0-9]*|ptcp154|kz-?1048|johab|hp-roman8"
)
# `win-1251`, `ibm866`, `x-cp1250`, `ansi_1252`: a code page under the name that somebody gave it.
_CODE_PAGE: Final = re.compile(
    r"(?:x-?)?(?:windows|win|ibm|ansi|ms|cp|dos)?-?(125[0-8]|437|737|775|85[0-8]|86[0-9]|874)(?:-1)?"
)
_NUMBER: Final = re.compile(r"(?:windows|win|ms|cp)?-?(\d{3,5})")
_PART: Final = re.compile(r"(?:iso-?)?8859-?([1-9]|1[0-6])(?::\d{4})?")
_REMARK: Final = re.compile(r"\([^()]*+\)|[;,].*", re.DOTALL)  # `us-ascii (plain text)`
_LATIN: Final = re.compile(r"(?:latin|l)-?([2-4]|[6-9]|10)")
_ESCAPES: Final = re.compile(rb"\x1b(?:\$[@B]|\$\([@BDOPQ]|\([BJIH])")
# CESU-8: what UTF-16 writes as two surrogates, each of them written as if it were a character (old Java, databases).
_PAIR: Final = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
# How many bytes beyond the first of a character, and how many different characters, are in no text by chance.
_BY_CHANCE: Final = (
    (("iso2022", "iso-2022", "utf-7", "hz"), (1, 1)),  # they have no such bytes at all
    (("iso8859-15", "cp1254"), (1, 1)),  # as Windows' Latin
    (("utf-16", "utf-32"), (1, 1)),  # (without a NUL, that is: no Latin letter, blank or line end)
    (("gb", "big5", "cp93", "cp94", "euc", "johab", "shift"), (8, 3)),
)
_ASCII: Final = frozenset(map(chr, range(0x80)))
_FEW: Final = 10_000
_LONGEST_LABEL: Final = 200


def _from_cp1252(error: UnicodeError) -> tuple[str | bytes, int]:
    # An error handler for codecs: the bytes that are no UTF-8 are, in mail, nearly always Windows' Latin.
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


codecs.register_error("inboxd-cp1252", _from_cp1252)


def codec_of(label: str | None) -> str | None:
    """The Python codec for a charset label as written in mail; None when nobody knows it or it is not to be trusted."""
    return _codec_of(label[:_LONGEST_LABEL]) if label else None


@functools.lru_cache(maxsize=64)
def _codec_of(label: str) -> str | None:
    name = _REMARK.sub("", label).strip(" \t\"'").lower().partition("*")[0].replace("_", "-")
    names = dict.fromkeys((name, name.removeprefix("x-")))
    squeezed = (_by_squeezed().get(_squeezed(each)) for each in names)
    for known_as in chain(names, squeezed):
        name = _wider(known_as or "")
        if _ALLOWED.fullmatch(name) is not None:
            try:
                return codecs.lookup(name).name
            except LookupError:
                continue
    return None


def _squeezed(name: str) -> str:
    """A name as UTS #22 (1.4) compares them: letters and digits, without the zeros that lead a number."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", re.sub(r"[^a-z0-9]", "", name))


@functools.cache
def _by_squeezed() -> dict[str, str]:
    return {_squeezed(name): name for name in (*aliases.values(), *aliases, *_SUPERSET)}


def _wider(name: str) -> str:
    """The name of what a mailer means by a charset's name, in lower case and with hyphens."""
    if (page := _CODE_PAGE.fullmatch(name)) is not None:
        return f"cp{page[1]}"
    if (number := _LATIN.fullmatch(name)) is not None:
        return codecs.lookup(f"latin{number[1]}").name
    if (number := _NUMBER.fullmatch(name)) is not None:
        part = int(number[1]) - 28590
        name = f"iso-8859-{part}" if 1 <= part <= 15 else _NUMBERED.get(number[1], name)
    elif (part_of := _PART.fullmatch(name)) is not None:
        name = f"iso-8859-{part_of[1]}"
    elif name not in _SUPERSET and (alias := aliases.get(re.sub(r"[-.:]", "_", name))) is not None:
        name = alias.replace("_", "-")  # `greek`, `csISOLatin1`, `iso-ir-100`
    return _SUPERSET.get(name) or name


def decode(data: bytes, label: str | None) -> tuple[str, str | None]:
    """Decode `data` under a charset label. Returns the text and a defect in words, or None. Never raises, linear."""
    codec = codec_of(label)
    if codec is not None and codec.startswith(("utf-16", "utf-32")) and b"\n" in data and b"\0" not in data:
        codec = label = None  # a line end in letters of two bytes holds a NUL: these are not any
    stateful = codec is not None and codec.startswith(("utf-7", "hz", "utf-16", "utf-32"))
    if data.isascii() and b"\x1b" not in data and not stateful:
        return data.decode("ascii"), None
    if codec is None or codec in ("cp1252", "utf-8"):
        return _unlabelled(data, label, known=codec is not None)
    if data.isascii() and not codec.startswith("iso2022") and not stateful and _ESCAPES.search(data):
        # Seven-bit Japanese under the name of another charset of Japan, which would leave the escapes as letters.
        return iso_2022_jp(data), f"the text is not in the charset that was named ({(label or '')[:40]})"
    if not data.isascii() and (text := _utf_8_after_all(data, codec)) is not None:
        return text, f"the text is not in the charset that was named ({(label or '')[:40]})"
    if codec == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = _order_of(data)
    try:
        return data.decode(codec), None
    except (UnicodeError, ValueError):
        pass
    return _in_spite_of(data, codec, label)


def _utf_8_after_all(data: bytes, codec: str) -> str | None:
    """The text of bytes that are UTF-8 and too much like it to be of `codec` by chance; None for others."""
    if codec.startswith(("utf-16", "utf-32")) and b"\0" in data:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    # (In capitals, `SPÓŁKA` is UTF-8 by chance, whatever its charset: one such pair, again and again, says nothing.)
    fewest, different = next((each for family, each in _BY_CHANCE if codec.startswith(family)), (3, 2))
    enough = len(data) - len(text) >= fewest and len(set(text[:_FEW]) - _ASCII) >= different
    return text if enough else None


def _order_of(data: bytes) -> str:
    """Which UTF-16 it is that has no byte order mark: in a text the high bytes differ less than the low ones."""
    head = data[:_FEW]
    return "utf-16-le" if len(set(head[1::2])) < len(set(head[::2])) else "utf-16-be"  # (RFC 2781 4.3)


def _unlabelled(data: bytes, label: str | None, *, known: bool) -> tuple[str, str | None]:
    defect = None if known or not label else f"the charset {label[:40]!r} is not known"
    if b"\x1b" in data and (b"\x1b$" in data or b"\x1b(" in data):
        # Japanese mail without a label is ISO-2022-JP: nothing else puts these escapes into a text.
        return iso_2022_jp(data), defect
    # First, whatever Latin or ASCII was claimed: bytes above 127 that form UTF-8 by chance do not occur in texts.
    if (text := _utf_8(data)) is not None:
        return text, defect
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), defect
    said = codec_of(label)
    guessed = charset_guess.of(data)
    if guessed is not None:
        return data.decode(guessed, "replace"), defect or f"the charset was guessed from the letters ({guessed})"
    if said == "cp1252":
        return _latin(data), None
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(map(len, re.findall("[^\x00-\x7f\ufffd]+", text)))
    if good > bad and bad <= _FEW:
        return data.decode("utf-8", "inboxd-cp1252"), "some characters are not in the charset that was named"
    if said == "utf-8":
        defect = "the text is not in the charset that was named (utf-8)"
    elif defect is None:
        defect = "characters beyond ASCII without a charset"
    return _latin(data), defect


def _utf_8(data: bytes) -> str | None:
    """The text, which whoever shortened it may have cut within a character; None for what is no UTF-8 (or CESU-8)."""
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end == len(data) and "unexpected end" in error.reason and not data[: error.start].isascii():
            return data[: error.start].decode("utf-8") + "\ufffd"
        whole = _PAIR.sub(_of_pair, data)
    return _utf_8(whole) if whole != data else None


def _of_pair(match: re.Match[bytes]) -> bytes:
    pair = match[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return pair.decode("utf-16-le").encode()


def _in_spite_of(data: bytes, codec: str, label: str | None) -> tuple[str, str | None]:
    # The label names a real charset, and the bytes are not in it.
    defect = f"the text is not in the charset that was named ({(label or '')[:40]})"
    if codec.startswith("iso2022_jp"):
        return iso_2022_jp(data), None
    if not codec.startswith(("utf-16", "utf-32", "utf-7")):
        try:
            return data.decode("utf-8"), defect
        except UnicodeDecodeError:
            pass
    text = data.decode(codec, "replace")
    if codec.startswith(("utf-", "hz")) or text.count("\ufffd") * 10 <= len(text):
        return text, defect
    return _latin(data), defect


def _latin(data: bytes) -> str:
    # cp1252 leaves five bytes undefined; as in the web's windows-1252 they are their own control characters.
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def iso_2022_jp(data: bytes) -> str:
    """ISO-2022-JP as Microsoft's mailers write it: with NEC's and IBM's characters, and kana of one byte (ESC ( I)."""
    out: list[str] = []
    last, mode = 0, b"\x1b(B"
    for match in _ESCAPES.finditer(data):
        out.append(_run(data[last : match.start()], mode))
        last, mode = match.end(), match.group()
    out.append(_run(data[last:], mode))
    return "".join(out)


def _run(data: bytes, mode: bytes) -> str:
    if not data or mode in (b"\x1b(B", b"\x1b(J", b"\x1b(H"):
        return data.decode("cp932", "replace")
    if mode == b"\x1b(I":
        return bytes(byte | 0x80 for byte in data).decode("cp932", "replace")
    # Pairs of JIS X 0208 become the same characters in cp932, which knows the rows that the standard leaves empty;
    # a line end inside the run ends it (the mailer forgot to shift back).
    head, newline, tail = data.partition(b"\n")
    pairs = bytearray()
    for first, second in zip(head[::2], head[1::2], strict=False):
        row, cell = first - 0x21, second - 0x21
        if not (0 <= row < 94 and 0 <= cell < 94):
            pairs += b"?"
            continue
        lead = row // 2 + (0x81 if row < 62 else 0xC1)
        trail = cell + (0x40 if cell < 63 else 0x41) if row % 2 == 0 else cell + 0x9F
        pairs += bytes((lead, trail))
    return pairs.decode("cp932", "replace") + (newline + tail).decode("cp932", "replace")
