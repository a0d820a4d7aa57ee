"""What a token endpoint's grant must hold."""

from typing import Any

import pytest

from inboxd.oauth.answer import AnswerWrong, granted

GOOD = {"access_token": "access", "token_type": "Bearer", "expires_in": 3599}


def test_a_grant_is_read() -> None:
    grant = granted({**GOOD, "refresh_token": "newer", "scope": "a b"})
    assert (grant.access_token, grant.refresh_token, grant.lasts) == ("access", "newer", 3599)
    assert grant.scope == {"a", "b"}
    assert "access" not in repr(grant).replace("access_token", "")
    assert "newer" not in repr(grant)


@pytest.mark.parametrize(
    ("value", "seconds"), [("3600", 3600), (None, 300), ("soon", 300), (-5, 300), (10**12, 604800), (10**400, 300)]
)
def test_a_life_that_is_not_said_or_absurd_is_short_enough(value: Any, seconds: float) -> None:
    assert granted({**GOOD, "expires_in": value}).lasts == seconds


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "two words"},
        {"access_token": "line\r\nbreak"},
        {"access_token": "^A\x01"},
        {"access_token": "x" * 20000},
        {"access_token": 5},
        {"refresh_token": ["x"]},
        {"token_type": "mac"},
        {"token_type": 5},
    ],
)
def test_what_cannot_go_to_a_mail_server_is_no_grant(change: dict[str, Any]) -> None:
    with pytest.raises(AnswerWrong):
        granted({**GOOD, **change})
