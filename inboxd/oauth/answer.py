"""What a token endpoint answers when it grants (RFC 6749 5.1): read strictly, for it goes on to mail servers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Of a server that does not say how long its token lasts; a refused one is renewed once anyway.
_USUAL_LIFE: Final = 300.0
_LONGEST_LIFE: Final = 7 * 24 * 3600.0
# RFC 6750 2.1, b64token, and RFC 6749 appendix A.17: what may stand in a line of SASL without ending it.
_TOKEN: Final = re.compile(r"[!-~]{1,16384}")


class AnswerWrong(Exception):
    """The answer is no grant; the text says what is missing, and holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """An access token, for `lasts` seconds. `refresh_token` None: the one that was used goes on.

    `scope` are the words that were granted, None where the server says nothing, which means those asked for.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    lasts: float
    scope: frozenset[str] | None


def granted(answer: Mapping[str, Any]) -> Granted:
    """Read a grant. Raises AnswerWrong."""
    kind = answer.get("token_type", "bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        # RFC 6749 7.1: a client must not use a token of a type that it does not understand.
        raise AnswerWrong("the answer holds a token of a kind that mail servers do not take")
    refresh_token = answer.get("refresh_token")
    scope = answer.get("scope")
    return Granted(
        access_token=token_in(answer.get("access_token"), "access_token"),
        refresh_token=None if refresh_token in (None, "") else token_in(refresh_token, "refresh_token"),
        lasts=_life(answer.get("expires_in")),
        scope=frozenset(scope.split()) if isinstance(scope, str) and scope.strip() else None,
    )


def token_in(value: Any, key: str) -> str:
    """Return a token that may go on the wire. Raises AnswerWrong, which does not repeat it."""
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise AnswerWrong(f"the answer holds no usable {key}")
    return value


def _life(value: Any) -> float:
    # A number by RFC 6749 5.1; some servers write it as text.
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return _USUAL_LIFE
    return min(seconds, _LONGEST_LIFE) if seconds > 0 else _USUAL_LIFE
