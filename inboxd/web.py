"""The HTTP listener: `/healthz` says that the process turns, `/readyz` that it can take mail in."""

import asyncio
from collections.abc import Callable

from aiohttp import web

# Asked every few seconds by machines; an answer that takes longer than this is no.
_READY_SECONDS = 5.0


class Web:
    """Answers on one address until closed."""

    def __init__(self, ready: Callable[[], str | None]) -> None:
        """`ready` is called in a thread; it returns None, or the sentence that says why not."""
        self._ready = ready
        application = web.Application(client_max_size=64 * 1024)
        application.add_routes([web.get("/healthz", self._healthz), web.get("/readyz", self._readyz)])
        self._runner = web.AppRunner(application, handle_signals=False, access_log=None, shutdown_timeout=5)

    async def start(self, host: str, port: int) -> list[tuple[str, int]]:
        """Listen; return the addresses with the ports that were given. OSError when the port is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        return [address[:2] for address in self._runner.addresses]

    async def close(self) -> None:
        """Finish what is in flight and stop."""
        await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        try:
            reason = await asyncio.wait_for(asyncio.to_thread(self._ready), _READY_SECONDS)
        except TimeoutError:
            reason = "the store does not answer"
        return web.Response(text="ready\n") if reason is None else web.Response(status=503, text=reason + "\n")
