"""Why a server's certificate is not accepted, in words that tell the three cases apart, and what mends each."""

import ssl
from typing import Final

# OpenSSL's x509_vfy.h; the ssl module gives the number and no name.
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_NOBODY_KNOWN: Final = frozenset({2, 18, 19, 20, 21, 24, 27})
_OTHER_NAME: Final = frozenset({62, 63, 64})


def in_words(error: ssl.SSLCertVerificationError, where: str) -> tuple[str, str]:
    """Give what is wrong with the certificate of `where` (a host and port), and what a person can do about it."""
    code = error.verify_code
    if code in _OTHER_NAME:
        return (
            f"The certificate of {where} is for another name ({_reason(error)}).",
            "Set `host` to a name that stands in the certificate.",
        )
    if code == _EXPIRED:
        return (
            f"The certificate of {where} has expired.",
            "Whoever runs that server has to renew it, unless this machine's clock is ahead.",
        )
    if code == _NOT_YET_VALID:
        return f"The certificate of {where} is not valid yet.", "See that the clocks of both machines are right."
    if code in _NOBODY_KNOWN:
        return (
            f"The certificate of {where} is signed by nobody that inboxd is told to trust ({_reason(error)}).",
            "Name the authority's certificate as `ca_file`.",
        )
    return f"The certificate of {where} is not accepted: {_reason(error)}.", "Whoever runs that server has to mend it."


def _reason(error: ssl.SSLCertVerificationError) -> str:
    return str(error.verify_message).rstrip(". ")
