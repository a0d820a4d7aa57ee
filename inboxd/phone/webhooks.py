"""The provider's webhooks: signature, commit, answer. What they tell is asked of the provider before it is believed."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from aiohttp import web
from twilio.twiml.messaging_response import MessagingResponse

from inboxd.errors import ConfigurationWrong
from inboxd.intake.door import moment
from inboxd.oncall import oncall_answers
from inboxd.phone import addresses, told
from inboxd.phone.signature import is_signed
from inboxd.phone.spoken import AROUND_A_MESSAGE, Voice
from inboxd.policy.policy import PolicyHolder
from inboxd.settings import Twilio
from store import errors as store_errors

if TYPE_CHECKING:
    from multidict import MultiDictProxy

    from store.open import Store

# What each path needs to be of any use; the forms are the provider's.
_CALL: Final = {"CallSid": re.compile(r"CA[0-9a-f]{32}")}
_TEXT_MESSAGE: Final = {"From": re.compile(r"\+[0-9]{3,15}"), "MessageSid": re.compile(r"(?:SM|MM)[0-9a-f]{32}")}
_RECORDING: Final = {**_CALL, "RecordingSid": re.compile(r"RE[0-9a-f]{32}")}

# The provider itself waits 15 seconds for the answer.
_FORM_SECONDS = 10.0

log = structlog.get_logger("inboxd.phone")

Fields = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """The handlers. `wake` tells the workers of new jobs."""

    settings: Twilio
    public_url: str
    store: "Store"
    policy: PolicyHolder
    wake: Callable[[], None]

    @property
    def routes(self) -> list[web.RouteDef]:
        """What answers, all of it below `/twilio/`."""
        table: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = {
            addresses.VOICE: self.voice,
            addresses.RECORDED: self.recorded,
            addresses.RECORDING: self.recording,
            addresses.STATUS: self.status,
            addresses.SMS: self.sms,
            addresses.PAGE + "{token}": self.page,
        }
        return [web.post(path, _guarded(handler)) for path, handler in table.items()]

    async def voice(self, request: web.Request) -> web.Response:
        """Somebody calls: note it, draw its reference, greet."""
        fields = await self._fields(request, _CALL)
        policy = self.policy.current
        look_after = timedelta(seconds=self.settings.longest) + AROUND_A_MESSAGE
        call = await _stored(self.store.submit(lambda txn: told.call(txn, fields, look_after=look_after)))
        if call.blocked:
            return _twiml(self._voice.refuse())
        return _twiml(self._voice.greet(policy, call.called, moment(call.at)))

    async def recorded(self, request: web.Request) -> web.Response:
        """Somebody has spoken: say the reference. The sound may not be there yet."""
        fields = await self._fields(request, _RECORDING)
        call = await self._note(fields)
        return _twiml(self._voice.thank(self.policy.current, call.called or fields.get("To"), call.ref))

    async def recording(self, request: web.Request) -> web.Response:
        """A recording is ready, or will never be."""
        await self._note(await self._fields(request, _RECORDING))
        return web.Response(status=204)

    async def status(self, request: web.Request) -> web.Response:
        """A call is over."""
        fields = await self._fields(request, _CALL)
        await _stored(self.store.submit(lambda txn: told.ended(txn, fields)))
        self.wake()
        return web.Response(status=204)

    async def page(self, request: web.Request) -> web.Response:
        """Somebody who was paged presses a key."""
        fields = await self._fields(request, _CALL)
        token, digits = request.match_info["token"], fields.get("Digits", "")
        words = await asyncio.to_thread(oncall_answers.by_key, self.store, token, digits)
        return _twiml(self._voice.answer(words))

    async def sms(self, request: web.Request) -> web.Response:
        """Somebody who was paged answers a text message."""
        fields = await self._fields(request, _TEXT_MESSAGE)
        said = fields["From"], fields.get("Body", ""), fields["MessageSid"]
        words = await asyncio.to_thread(oncall_answers.by_sms, self.store, *said)
        response = MessagingResponse()
        if words:
            response.message(words)
        return _twiml(str(response))

    async def _note(self, fields: Fields) -> told.Told:
        call: told.Told = await _stored(self.store.submit(lambda txn: told.recording(txn, fields)))
        self.wake()
        return call

    @property
    def _voice(self) -> Voice:
        return Voice(settings=self.settings, public_url=self.public_url)

    async def _fields(self, request: web.Request, needed: dict[str, re.Pattern[str]]) -> Fields:
        """Return the fields of a request that the provider signed for this account. Raises HTTPForbidden."""
        form = await _form(request)
        token = self.settings.auth_token.read()
        # Of the path as it came: a proxy may change the Host, and the signature is over our public address.
        if not is_signed(token, self.public_url + request.raw_path, form, request.headers):
            raise _refused(request, "its signature is not the provider's")
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if fields.get("AccountSid") != self.settings.account_sid:
            raise _refused(request, "it is for another account")
        # Names and values are signed without a border between them, so what matters is looked at by its form.
        for name, pattern in needed.items():
            if not pattern.fullmatch(fields.get(name, "")):
                raise _refused(request, f"{name} is missing")
        return fields


async def _form(request: web.Request) -> "MultiDictProxy[Any]":
    """Read a form in UTF-8: anybody can send anything here. Raises HTTPForbidden, HTTPRequestTimeout."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise _refused(request, "it is no form")
    if (request.charset or "utf-8").lower() != "utf-8":
        raise _refused(request, "it is not in UTF-8")
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            return await request.post()
    except UnicodeDecodeError:
        raise _refused(request, "it is not in UTF-8") from None
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="Too slow.\n") from None


def _guarded(handler: Callable[[web.Request], Awaitable[web.Response]]) -> Any:
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (store_errors.StoreError, ConfigurationWrong) as error:
            # The provider then turns to its fallback, and the poller brings what was said there.
            log.error("webhook_not_kept", path=request.path, error=str(error))
            return web.Response(status=503, text="Not now.\n")

    return guarded


async def _stored(future: "Future[Any]") -> Any:
    return await asyncio.wrap_future(future)


def _refused(request: web.Request, why: str) -> web.HTTPForbidden:
    log.warning("webhook_refused", path=request.path, why=why, client=request.remote)
    return web.HTTPForbidden(text="Forbidden\n")


def _twiml(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/xml")
