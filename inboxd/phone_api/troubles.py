"""What goes wrong at the provider, in words for a person and for a job that waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

from inboxd.errors import InboxdError
from inboxd.remote.trouble import Kind, Trouble, Troubled

_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_TOO_MANY: Final = 429
_SERVERS_OWN: Final = 500


class NotThere(InboxdError):
    """The provider knows no such thing: it was deleted, or never was."""


@contextmanager
def said(what: str) -> Iterator[None]:
    """Turn everything that can go wrong in the block, which does `what`, into NotThere or Troubled."""
    try:
        yield
    except TwilioRestException as error:
        raise refused(what, int(error.status), error.msg, error.code) from error
    except TwilioServiceException as error:  # RFC 9457; not a subclass of the one above
        raise refused(what, int(error.status), error.detail or error.title, error.code) from error
    except TwilioException as error:
        # A page of a list says no more than this; what was answered is the second argument.
        answer = error.args[1] if len(error.args) > 1 else None
        status = getattr(answer, "status_code", None)
        if status is None:
            raise Troubled(_trouble("temporary", f"{what}: the answer cannot be read ({error}).")) from error
        raise refused(what, int(status), "", None) from error
    except requests.RequestException as error:
        raise Troubled(_trouble("temporary", f"{what}: {reason(error)}.")) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # Something between us and the provider answers in its place: a proxy, a sign-in page.
        raise Troubled(_trouble("temporary", f"{what}: the answer is not what the API gives.")) from error


def refused(what: str, status: int, message: str, code: int | None) -> InboxdError:
    """Say an answer that is not a success; `what` was asked, `code` is the provider's own number."""
    why = f"HTTP {status}" + (f", error {code}" if code else "") + (f": {message}" if message else "")
    if status == _NOT_FOUND:
        return NotThere(f"{what}: the provider knows no such thing ({why})")
    if status in (_UNAUTHORISED, _FORBIDDEN):
        return Troubled(
            Trouble(
                kind="credentials",
                what=f"{what}: the provider refuses the sign-in ({why}).",
                advice="Put the account's auth token into twilio.auth_token_file, and see that account_sid is its own.",
            )
        )
    if status == _TOO_MANY:
        return Troubled(_trouble("temporary", f"{what}: too many questions at a time ({why})."))
    if status >= _SERVERS_OWN:
        return Troubled(_trouble("temporary", f"{what}: the provider cannot answer now ({why})."))
    return Troubled(Trouble(kind="refused", what=f"{what}: the provider refuses ({why}).", advice=""))


def _trouble(kind: Kind, what: str) -> Trouble:
    return Trouble(kind=kind, what=what, advice="It may mend itself; see the provider's status page if it does not.")


def reason(error: Exception) -> str:
    """Say in few words why no answer came; no URL and no secret stands in it."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate does not hold"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__
