"""What a mail filter puts above a mail from elsewhere: a paragraph that is none of its author's words."""

import re
from typing import Final

_MOST_LINES: Final = 6
_LONGEST: Final = 400  # characters that are looked at

_BANNER: Final = re.compile(
    r"[\s*\[(!⚠️_-]{0,10}(?:caution|warning|attention|external(?:\s(?:e-?mail|sender|message|mail))?|achtung|vorsicht|externe?|"
    r"precaución|atención|advertencia|attenzione|atenção|cuidado|let\sop|waarschuwing|varning|advarsel|varoitus|uwaga|pozor|"
    r"upozornění|внимание|осторожно|увага|dikkat|uyarı|注意|警告|外部|주의|외부|"
    r"this\s(?:e-?mail|message)\s(?:originated|came|was\ssent))(?!\w)[^\n]{0,200}",
    re.IGNORECASE,
)
_FROM_OUTSIDE: Final = re.compile(
    r"(?:originat|came|com(?:es|ing)|sent|received|stammt|kommt)[^.]{0,60}\b(?:outside|external|extern|außerhalb)|"
    r"external\s(?:e-?mail|sender|source|mail)|externe[rn]?\s(?:e-?mail|absender)|"
    r"(?:provient|proviene|provém|origin|afkomstig|kommer|tulee|pochodzi|pochází|получено|отправлен|надійшов|gönderil)[^.]{0,80}"
    r"(?:ext[eé]r|estern|fuera|fora|buiten|utanför|uden\s?for|ulkopuol|zewn|vnějš|внешн|зовн|dışı|harici)|"
    r"外部|외부",
    re.IGNORECASE,
)
_HIMSELF: Final = re.compile(r"\bI\b")  # who writes of himself is no filter
# Microsoft's, in whatever language: that the author seldom writes to you.
_SELDOM: Final = re.compile(
    r"\s*\[?(?:you\sdon['’]t\soften\sget\se-?mail\sfrom\s|[^\n]{0,300}https?://aka\.ms/LearnAboutSenderIdentification\b)",
    re.IGNORECASE,
)


def below(lines: list[str]) -> int:
    """Where the mail begins below a filter's banner, which is a paragraph of its own; 0 where there is none."""
    start = next((place for place, line in enumerate(lines) if line.strip()), 0)
    stop = next((place for place in range(start, len(lines)) if not lines[place].strip()), len(lines))
    if stop - start > _MOST_LINES or not any(line.strip() for line in lines[stop:]):
        return 0
    paragraph = " ".join(lines[start:stop])[:_LONGEST]
    above = _SELDOM.match(paragraph) or (
        _BANNER.match(paragraph) and _FROM_OUTSIDE.search(paragraph) and not _HIMSELF.search(paragraph)
    )
    return stop if above else 0
