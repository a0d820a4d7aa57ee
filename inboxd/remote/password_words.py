"""What a person can do about a password that a mail server refuses: by IMAP or by SMTP, the same."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inboxd.settings import Provider

_APP_PASSWORD: Final = re.compile(r"application-specific password|app password", re.IGNORECASE)


def advice(where_to_put_it: str, provider: "Provider | None", words: str) -> str:
    """Return a sentence; `words` are the server's own, which may ask for an app password whoever it is."""
    if provider == "google" or _APP_PASSWORD.search(words):
        return f"Google takes no usual password: put an app password {where_to_put_it}, or use oauth2."
    return f"Put the right password {where_to_put_it}, or correct `user`."
