"""What mail filters write into a header about spam, each in its own words. Claims: a stranger can write them, too.

Which one is believed is configuration (`authentication.trusted_filter`). The topmost field of a name counts: what a
filter adds stands above what came in, and filters that are set up well take away what strangers wrote in their names.
"""

import re
from collections.abc import Callable
from typing import Final

_SCL: Final = re.compile(r"\bSCL:(-?\d{1,2})\b", re.IGNORECASE)
_SCORE: Final = re.compile(r"(-?\d{1,4}(?:\.\d{1,4})?)\s*/\s*(-?\d{1,4}(?:\.\d{1,4})?)")
_LONGEST: Final = 4_000
# Microsoft's confidence: from 5 on it goes to the junk folder.
_JUNK_FROM: Final = 5


_WORDS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def _yes(value: str) -> bool | None:
    word = re.match(r"[a-z0-9]+", value)
    return None if word is None else _WORDS.get(word[0])


def _named(value: str) -> bool | None:
    word = re.match(r"[a-z]+", value)
    return None if word is None else {"spam": True, "ham": False, "innocent": False, "whitelisted": False}.get(word[0])


def _action(value: str) -> bool | None:
    return value not in ("no action", "greylist") if value else None


def _rspamd(value: str) -> bool | None:
    score = _SCORE.search(value)
    return _yes(value.partition(":")[2].strip()) if score is None else float(score[1]) >= float(score[2])


def _confidence(value: str) -> bool | None:
    found = _SCL.search(value) or re.match(r"()?(-?\d{1,2})\Z", value)
    return None if found is None else int(found[found.lastindex or 1]) >= _JUNK_FROM


FILTERS: Final[dict[str, Callable[[str], bool | None]]] = {
    "x-spam-flag": _yes,
    "x-spam-status": _yes,
    "x-spam": _yes,
    "x-spam-checker-verdict": _named,
    "x-spamd-result": _rspamd,
    "x-rspamd-action": _action,
    "x-bogosity": _named,
    "x-dspam-result": _named,
    "x-barracuda-spam-flag": _yes,
    "x-forefront-antispam-report": _confidence,
    "x-ms-exchange-organization-scl": _confidence,
}
"""Names of fields in lower case, and how their verdict is read: spam, no spam, or nothing that can be read."""


def read(first: Callable[[str], bytes | None]) -> tuple[tuple[str, bool], ...]:
    """Return the verdicts in a header block by the names of their fields; `first` gives the topmost field of a name."""
    found = []
    for name, verdict_of in FILTERS.items():
        value = first(name)
        verdict = None if value is None else verdict_of(value[:_LONGEST].decode("latin-1").strip().lower())
        if verdict is not None:
            found.append((name, verdict))
    return tuple(found)
