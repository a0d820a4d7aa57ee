"""The sound of a recording, fetched by its SID: bounded in bytes and time.

twilio's client gives answers as text, so it cannot carry sound; and the addresses that the API hands out are never
followed, they could lead anywhere.
"""

from typing import Final

import requests

from inboxd.errors import InboxdError
from inboxd.phone_api.http import Sink, TooLarge, exchange
from inboxd.phone_api.troubles import reason, refused
from inboxd.remote.trouble import Trouble, Troubled

_WHOLE_SECONDS: Final = 300.0
_OK: Final = 200


class MediaTooLarge(InboxdError):
    """The recording is larger than what is fetched."""


def fetch(url: str, auth: tuple[str, str], into: Sink, *, limit: int, what: str) -> None:
    """Write what lies at `url` into a sink, which is spoiled where this raises.

    Whether it is sound at all is for who reads it: what came is kept either way. Raises NotThere while the provider
    has not made it yet, Troubled, MediaTooLarge.
    """
    try:
        status, _ = exchange("GET", url, into, limit=limit, whole_seconds=_WHOLE_SECONDS, auth=auth)
    except TooLarge:
        raise MediaTooLarge(f"the recording is larger than {limit:,} bytes (twilio.max_size)") from None
    except requests.RequestException as error:
        trouble = Trouble(kind="temporary", what=f"The sound of {what}: {reason(error)}.", advice="")
        raise Troubled(trouble) from None
    if status != _OK:
        raise refused(f"The sound of {what}", status, "", None)
