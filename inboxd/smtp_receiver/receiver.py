"""The listener: opens the port, makes a session for each client, and closes in good order."""

import asyncio
import logging

import structlog

from inboxd.intake.envelope import Acceptor
from inboxd.smtp_receiver import replies
from inboxd.smtp_receiver.certificate import Certificate
from inboxd.smtp_receiver.dialogue import Dialogue
from inboxd.smtp_receiver.options import SmtpOptions
from inboxd.smtp_receiver.recipients import Recipients
from inboxd.smtp_receiver.session import Listener
from inboxd.smtp_receiver.sessions import Sessions

_BACKLOG = 512


class Receiver:
    """Takes mail on one or more ports and hands it to the acceptor.

    aiosmtpd's Controller is not used: it runs a thread and a loop of its own, asks DNS for the host's name at
    start and cancels a message under way at stop.
    """

    def __init__(self, options: SmtpOptions, acceptor: Acceptor, logger: structlog.typing.FilteringBoundLogger) -> None:
        """Raise ValueError for a recipient that is no address."""
        self._options = options
        self._acceptor = acceptor
        self._log = logger
        self._recipients = Recipients(options.recipients, options.hostname)
        self._sessions = Sessions(options)
        self._servers: list[asyncio.Server] = []
        self._listener: Listener | None = None
        # aiosmtpd logs commands and lines of mail; no content of a message goes into a log.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)

    async def start(self, host: str, port: int) -> None:
        """Listen on `host` and `port` (0: any free one).

        Raises OSError when port or certificate cannot be used.
        """
        loop, listener = self._prepare()
        self._servers.append(await loop.create_server(lambda: Dialogue(listener, loop), host, port, backlog=_BACKLOG))

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each listening socket."""
        return [
            (str(name[0]), int(name[1]))
            for server in self._servers
            for name in (listening.getsockname() for listening in server.sockets)
        ]

    async def drain(self, seconds: float) -> None:
        """Stop listening and end all sessions, within about `seconds`.

        Sessions between two commands get 421 4.3.2 at once. Those that are sending a message are heard out,
        get their 250, then the 421. What is not through in time is cut; a commit that has begun goes on by
        itself.
        """
        self._sessions.draining = True
        await self._stop_listening()
        for session in self._sessions.all():
            session.dismiss(replies.SHUTTING_DOWN)
        if await self._sessions.ended(seconds):
            for session in self._sessions.all():
                session.abort()
            # The tasks of cut sessions need a turn of the loop to see it; a commit may need longer, and is
            # not ours.
            left = await self._sessions.ended(1.0)
            self._log.warning("drain_incomplete", seconds=seconds, committing=left)

    async def _stop_listening(self) -> None:
        servers, self._servers = self._servers, []
        # A connection that asyncio has accepted but not yet given a protocol is dropped, its socket left open, when
        # the server closes under it. So first nothing new is accepted, then what was accepted gets its session.
        for server in servers:
            for listening in server.sockets:
                server.get_loop().remove_reader(listening.fileno())
        await asyncio.sleep(0)
        for server in servers:
            server.close()

    def _prepare(self) -> tuple[asyncio.AbstractEventLoop, Listener]:
        if self._listener is None:
            options = self._options
            certificate = (
                Certificate(options.certificate_file, options.key_file, self._log)
                if options.certificate_file is not None
                else None
            )
            self._listener = Listener(
                options=options,
                recipients=self._recipients,
                acceptor=self._acceptor,
                sessions=self._sessions,
                certificate=certificate,
                # Bound once: a lazy logger would look its configuration up at each line.
                log=self._log.bind(),
            )
        return asyncio.get_running_loop(), self._listener
