"""The parameters of MAIL and RCPT (RFC 5321 4.1.2): SIZE (RFC 1870) and BODY (RFC 6152), nothing else."""

import re
from typing import Final

from inboxd.smtp_receiver import replies

_PARAMETER: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?")
# RFC 1870 3: up to 20 digits. More would only make int() work.
_SIZE: Final = re.compile(r"[0-9]{1,20}")


def refusal_of_mail(text: str, max_size: int) -> str | None:
    """Give the reply that refuses these parameters of MAIL, or None when all is well."""
    seen: set[str] = set()
    for word in text.split(" "):
        if not word:
            continue
        found = _PARAMETER.fullmatch(word)
        if found is None or found[1].upper() in seen:
            return replies.BAD_ARGUMENT
        keyword, value = found[1].upper(), found[2] or ""
        seen.add(keyword)
        refusal = _refusal_of_one(keyword, value, max_size)
        if refusal is not None:
            return refusal
    return None


def refusal_of_rcpt(text: str) -> str | None:
    """Give the reply that refuses these parameters of RCPT: there are none that we know."""
    return replies.UNKNOWN_PARAMETER if text else None


def _refusal_of_one(keyword: str, value: str, max_size: int) -> str | None:
    if keyword == "SIZE":
        if not _SIZE.fullmatch(value):
            return replies.BAD_ARGUMENT
        return replies.TOO_BIG if int(value) > max_size else None
    if keyword == "BODY":
        return None if value.upper() in {"7BIT", "8BITMIME"} else replies.BAD_ARGUMENT
    return replies.UNKNOWN_PARAMETER
