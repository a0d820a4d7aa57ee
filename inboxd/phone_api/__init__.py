"""The phone provider's API: asked about calls, recordings and numbers; told to call, to text, to delete.

Everybody who needs the provider goes through `PhoneApi`. What can go wrong is `NotThere` or `Troubled`, nothing else.
"""

from inboxd.phone_api.api import PhoneApi
from inboxd.phone_api.media import MediaTooLarge
from inboxd.phone_api.records import Call, LineAt, NumberAt, Recording
from inboxd.phone_api.troubles import NotThere

__all__ = ["Call", "LineAt", "MediaTooLarge", "NotThere", "NumberAt", "PhoneApi", "Recording"]
