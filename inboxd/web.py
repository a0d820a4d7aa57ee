"""The HTTP listener: `/healthz` says that the process turns, `/readyz` that it can take mail in; and webhooks.

A proxy brings the outside to this same address. So what is for monitoring answers neither under the public name, nor to
what a proxy has passed on, nor to the internet itself: outside there is nothing but the webhooks. And whoever comes
from there may be slow on purpose, so a connection that asks nothing ends, and there is only room for so many.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

# Asked every few seconds by machines; an answer that takes longer than this is no.
_READY_SECONDS = 5.0
# How long a connection may take over the head of a request; more than proxies keep one open for the next.
_IDLE_SECONDS = 75.0
# A provider and its proxy need a few: the rest of the daemon's files are not for them to fill.
_MOST_CONNECTIONS = 256
# What proxies add to what they pass on (RFC 7239 and the names that came before it).
_PASSED_ON: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


class Web:
    """Answers on one address until closed."""

    def __init__(
        self,
        ready: Callable[[], str | None],
        *,
        public_url: str | None = None,
        webhooks: Iterable[web.RouteDef] = (),
        not_reloaded: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`ready` is called in a thread; it returns None, or the sentence that says why not.

        `not_reloaded` gives the mistakes for which the last reload was refused: older rules hold, and health says so.
        `webhooks` are all that answers under the name of `public_url`.
        """
        self._ready = ready
        self._not_reloaded = not_reloaded
        public = list(webhooks)
        private = [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz)]
        application = web.Application(client_max_size=64 * 1024, middlewares=[_hide_from_outside(public_url, private)])
        application.add_routes([*private, *public])
        self._runner = web.AppRunner(
            application, handle_signals=False, access_log=None, shutdown_timeout=5, keepalive_timeout=_IDLE_SECONDS
        )
        self._listener: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> list[tuple[str, int]]:
        """Listen; return the addresses with the ports that were given. OSError when the port is taken."""
        await self._runner.setup()
        server = self._runner.server
        assert server is not None  # since setup

        def connected() -> asyncio.Protocol:
            return server() if len(server.connections) < _MOST_CONNECTIONS else _Full()

        self._listener = await asyncio.get_running_loop().create_server(connected, host, port, backlog=128)
        return [line.getsockname()[:2] for line in self._listener.sockets]

    async def close(self) -> None:
        """Finish what is in flight and stop."""
        if self._listener is not None:
            self._listener.close()
        await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        # The process lives and works, by what it read before: 200 all the same, and what has to be mended.
        refused = [f"not reloaded: {mistake}" for mistake in self._not_reloaded()]
        return web.Response(text="\n".join(["ok", *refused, ""]))

    async def _readyz(self, _request: web.Request) -> web.Response:
        try:
            reason = await asyncio.wait_for(asyncio.to_thread(self._ready), _READY_SECONDS)
        except TimeoutError:
            reason = "the store does not answer"
        return web.Response(text="ready\n") if reason is None else web.Response(status=503, text=reason + "\n")


def _hide_from_outside(public_url: str | None, private: Iterable[web.RouteDef]) -> Middleware:
    host = urlsplit(public_url or "").hostname
    paths = frozenset(route.path for route in private)

    @web.middleware
    async def hide(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.path in paths and _is_outside(request, host):
            raise web.HTTPNotFound
        return await handler(request)

    return hide


def _is_outside(request: web.Request, host: str | None) -> bool:
    named = urlsplit(f"//{request.host}").hostname
    if (host is not None and named == host) or any(name in request.headers for name in _PASSED_ON):
        return True
    try:
        # Whatever it calls us: the networks that monitoring stands in are not of the internet.
        return ipaddress.ip_address(request.remote or "").is_global
    except ValueError:
        return False


class _Full(asyncio.Protocol):
    """Ends a connection for which there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
