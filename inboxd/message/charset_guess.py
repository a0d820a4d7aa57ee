"""The charset of bytes that come without one, or under a wrong one: told by the letters that a language uses most.

Only for writing in which most letters are beyond ASCII: there the right guess stands out by a wide margin, and
 Windows' Latin, the guess for everything else, would be unreadable for certain.
"""

import codecs
import re
from typing import Final

_LOOKED_AT: Final = 4_000  # bytes
_FEWEST: Final = 8  # bytes beyond ASCII; fewer say nothing,
_DIFFERENT: Final = 5  # and so do a few that are repeated: a line of bullets
_SHARE: Final = 0.35  # of them among all that is no white space
_SURE: Final = 0.3  # share of frequent letters among those beyond ASCII

_BESIDE_ASCII: Final = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
_OF_ONE_BYTE: Final = ("cp125", "koi8", "cp8", "iso8859")

_CYRILLIC: Final = "оеаинтсрвлкмдпуязыьгчбі"
_GREEK: Final = "αεοιτνσρκπυλμςάέήίόύώδ"
_KANA: Final = "のにはをたがでてとしれさいるなすまもらこうんりきお、。ーンスルトリイクラ"
_SIMPLIFIED: Final = (
    "的一是不了在人有我他这中大来上个国们到说和你地出也时年要就下以生会自着去之过家"
    "后能发天好请您谢问题，。！？：没开机用"
)
_TRADITIONAL: Final = (
    "的一是不了在人有我他這中大來上個國們到說和你地出也時年要就下以生會自著去之過家"
    "後能發天好請您謝問題，。！？：沒開機用"
)
_HANGUL: Final = "이다는을에의가하고니요한기지로도자사시어서은를나인세습안녕해주일되수있"
_CANDIDATES: Final = (
    ("cp1251", _CYRILLIC), ("koi8-u", _CYRILLIC), ("cp866", _CYRILLIC), ("iso8859-5", _CYRILLIC), ("cp1253", _GREEK),
    ("cp1255", "יואהלרמתבשנדםן"), ("cp1256", "اليمونرتبةعدسفكحق"), ("cp874", "านรอกเงมยลวดท่้ีิสคบ"),
    ("cp932", _KANA), ("euc_jp", _KANA), ("gb18030", _SIMPLIFIED), ("big5hkscs", _TRADITIONAL), ("cp949", _HANGUL),
)  # fmt: skip


def of(data: bytes) -> str | None:
    """The codec that makes the most likely text of `data`; None where Latin is as likely. Never raises."""
    head = data[:_LOOKED_AT]
    beyond = head.translate(None, bytes(range(0x80)))
    if len(beyond) < max(_FEWEST, _SHARE * len(b"".join(head.split()))) or len(set(beyond)) < _DIFFERENT:
        return None
    # Letters of another writing stand alone; those of Latin's own stand among ASCII's.
    latin = len(_BESIDE_ASCII.findall(head)) * 4 > len(beyond)
    candidates = [each for each in _CANDIDATES if not (latin and each[0].startswith(_OF_ONE_BYTE))]
    score, codec = max((_score(head, codec, letters), codec) for codec, letters in candidates)
    return codec if score >= _SURE else None


def _score(head: bytes, codec: str, letters: str) -> float:
    try:
        # (Not at its end: the cut may go through a character.)
        text = codecs.getincrementaldecoder(codec)().decode(head, final=False)
    except UnicodeDecodeError:
        return 0.0
    beyond = [letter for letter in text if letter > "\x7f"]
    return sum(letter in letters for letter in beyond) / len(beyond) if beyond else 0.0
