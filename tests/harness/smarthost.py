"""A smarthost on loopback: aiosmtpd, which takes mail, keeps it, and refuses, breaks off or stays silent when told."""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Taken:
    """A mail as it arrived, with its envelope; the null sender is ""."""

    sender: str
    recipient: str
    raw: bytes
    options: tuple[str, ...] = ()


@dataclass
class Smarthost:
    """The server. `answers`: what is said next to `MAIL`, `RCPT`, `DATA` in place of 250.

    An answer `cut` closes the connection; at DATA `taken, then cut` keeps the mail and says nothing; `wait` holds the
    answer back until `go` is set, and takes the mail.
    """

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answers: dict[str, deque[str]] = field(default_factory=lambda: {name: deque() for name in ("MAIL", "RCPT", "DATA")})
    sessions: int = 0
    asked: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    pause: float = 0.0  # seconds before it answers a mail that it has taken
    utf8: bool = True
    max_size: int = 1_000_000

    def answer(self, command: str, *replies: str) -> None:
        self.answers[command].extend(replies)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._say("MAIL", server)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        said = await self._say("RCPT", server)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        taken = [
            Taken(envelope.mail_from.strip("<>"), each, envelope.content, tuple(envelope.mail_options))
            for each in envelope.rcpt_tos
        ]
        what = self.answers["DATA"][0] if self.answers["DATA"] else "250"
        if what.startswith(("taken", "wait", "250")):
            self.taken += taken
            await asyncio.sleep(self.pause)
        return await self._say("DATA", server)

    async def _say(self, command: str, server: SMTP) -> str:
        said = self.answers[command].popleft() if self.answers[command] else "250 2.0.0 taken"
        if said == "wait":
            self.asked.set()
            await asyncio.to_thread(self.go.wait)
            return "250 2.0.0 taken at last"
        if said.endswith("cut"):
            assert server.transport is not None
            server.transport.close()
        return said

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Serve until the block ends."""
        host = self

        class Ours(Controller):
            def factory(self) -> SMTP:
                return SMTP(host, enable_SMTPUTF8=host.utf8, data_size_limit=host.max_size, ident="smarthost")

        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = int(free.getsockname()[1])
        controller = Ours(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            self.go.set()
            controller.stop()
