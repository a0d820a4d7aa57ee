"""Whether a webhook is the provider's: its signature over the configured public address and every field."""

from typing import Final

from multidict import MultiDictProxy
from twilio.request_validator import RequestValidator, get_signature_algorithm

_SIGNATURE: Final = "X-Twilio-Signature"
_SETTINGS: Final = "X-Twilio-Webhooks-Signature-Settings"


def is_signed(token: str, url: str, fields: "MultiDictProxy[str]", headers: "MultiDictProxy[str]") -> bool:
    """Check a form. `url` is built from the configured address, never from the Host that the request names."""
    signature = headers.get(_SIGNATURE, "")
    if not signature.isascii() or not signature:
        return False
    algorithm = get_signature_algorithm(headers.get(_SETTINGS))
    return bool(RequestValidator(token).validate(url, fields, signature, algorithm))
