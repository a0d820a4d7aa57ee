"""How the provider is reached: one base address, verified TLS, no redirects, bounds on bytes and time."""

import io
import time
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol

import requests
import urllib3
from twilio.http import HttpClient
from twilio.http.response import Response

from inboxd.remote.http_line import Line, authorities
from inboxd.remote.time_limit import TimeLimit

_CONNECT_SECONDS: Final = 5.0
_SILENCE_SECONDS: Final = 20.0
_ANSWER_SECONDS: Final = 60.0
# A page of a thousand recordings has about one.
_LARGEST_ANSWER: Final = 16 * 1024 * 1024
_CHUNK: Final = 64 * 1024


class Sink(Protocol):
    """Where an answer goes."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""


class TooLarge(Exception):
    """More came than was asked for."""


class BoundClient(HttpClient):  # type: ignore[misc]  # twilio ships no types, so its classes are Any
    """Sends what twilio's client asks for, to the base address alone: an answer cannot lead us elsewhere."""

    def __init__(self, base_url: str) -> None:
        super().__init__(None, False, None)
        self._base = base_url + "/"
        # What the last answer's Date said, and when that was (monotonic).
        self._told: tuple[datetime, float] | None = None

    def now(self) -> datetime | None:
        """Return what time it is at the other end by its last answer; None before the first, and where it says none."""
        if self._told is None:
            return None
        date, heard_at = self._told
        return date + timedelta(seconds=time.monotonic() - heard_at)

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request and return the whole answer. Raises what `requests` raises."""
        del timeout, allow_redirects  # ours hold
        if not url.startswith(self._base):
            raise requests.exceptions.InvalidURL("outside the configured address")
        content = io.BytesIO()
        question = {"params": params, "data": data, "headers": headers, "auth": auth}
        try:
            status, fields = exchange(
                method, url, content, limit=_LARGEST_ANSWER, whole_seconds=_ANSWER_SECONDS, **question
            )
        except TooLarge as error:
            raise requests.exceptions.ContentDecodingError("an answer without end") from error
        date = next((value for name, value in fields.items() if name.lower() == "date"), "")
        with suppress(ValueError):  # it may be left out, or be no date
            self._told = (parsedate_to_datetime(date), time.monotonic())
        return Response(status, content.getvalue().decode("utf-8", "replace"), fields)


def exchange(
    method: str, url: str, into: Sink, *, limit: int, whole_seconds: float, **question: Any
) -> tuple[int, dict[str, str]]:
    """Ask once, write what is answered into a file, and give status and header.

    Raises RequestException without the request in it, which holds the secret; TooLarge beyond `limit` bytes.
    """
    line = Line()
    with TimeLimit(whole_seconds, line.end) as until:
        try:
            answer = _exchange(method, url, into, limit, line, question)
        except requests.RequestException as error:
            if not until.passed:
                raise type(error)(str(type(error).__name__)) from None
        else:
            # What was cut off may look like an end.
            if not until.passed:
                return answer
    raise requests.Timeout


def _exchange(
    method: str, url: str, into: Sink, limit: int, line: Line, question: dict[str, Any]
) -> tuple[int, dict[str, str]]:
    headers = {**(question.pop("headers", None) or {}), "Accept-Encoding": "identity"}
    with requests.Session() as session:
        session.mount("https://", line)
        session.mount("http://", line)
        # Not from the environment: a .netrc would put a password of somebody else's into the question.
        session.trust_env = False
        proxies = {} if url.startswith("http:") else requests.utils.get_environ_proxies(url)
        with session.request(
            method.upper(),
            url,
            headers=headers,
            timeout=(_CONNECT_SECONDS, _SILENCE_SECONDS),
            allow_redirects=False,  # the token goes to the configured address and to no other
            stream=True,
            verify=authorities(),
            proxies=proxies,
            **question,
        ) as answer:
            _copy(answer, into, limit)
            return answer.status_code, dict(answer.headers)


def _copy(answer: requests.Response, into: Sink, limit: int) -> None:
    size = 0
    try:
        while chunk := answer.raw.read1(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise TooLarge
            into.write(chunk)
    except urllib3.exceptions.TimeoutError:
        raise requests.Timeout from None
    except urllib3.exceptions.HTTPError:  # below requests: the line broke, or the announced length is not reached
        raise requests.ConnectionError from None
