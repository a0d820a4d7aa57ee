"""The verbs of RFC 5321, each a method of its name."""

# ruff: noqa: ARG002, N802 - aiosmtpd looks verbs up by these names and gives each an argument.

import asyncio
import ssl
from typing import ClassVar

from inboxd.errors import Deferred
from inboxd.intake.envelope import Envelope, Spool
from inboxd.smtp_receiver import parameters, replies
from inboxd.smtp_receiver.address import forward_path, reverse_path
from inboxd.smtp_receiver.body import ClientGone, Keeper, hear
from inboxd.smtp_receiver.clean import printable
from inboxd.smtp_receiver.session import Session
from inboxd.smtp_receiver.wire import SessionOver, as_transport


class Dialogue(Session):
    """A session that knows the verbs."""

    verbs: ClassVar[tuple[str, ...]] = (
        "smtp_AUTH",
        "smtp_DATA",
        "smtp_EHLO",
        "smtp_EXPN",
        "smtp_HELO",
        "smtp_HELP",
        "smtp_MAIL",
        "smtp_NOOP",
        "smtp_QUIT",
        "smtp_RCPT",
        "smtp_RSET",
        "smtp_STARTTLS",
        "smtp_VRFY",
    )

    # The transaction: None before MAIL; "" is the null sender, which aiosmtpd's envelope could not tell from
    # none.
    _mail_from: str | None = None
    _rcpt_tos: dict[str, None]
    _refused_recipients = 0

    def _set_rset_state(self) -> None:
        super()._set_rset_state()  # type: ignore[no-untyped-call]
        self._mail_from = None
        self._rcpt_tos = {}
        self._refused_recipients = 0

    async def smtp_EHLO(self, argument: str) -> None:
        """RFC 5321 4.1.1.1. What stands here is kept, nothing else (no AUTH, SMTPUTF8, CHUNKING, DSN)."""
        if not await self._greet(argument):
            return
        lines = [self.hostname, "PIPELINING", f"SIZE {self._listener.options.max_size}", "8BITMIME"]
        if self._listener.certificate is not None and self._tls is None:
            lines.append("STARTTLS")
        lines.append("ENHANCEDSTATUSCODES")
        await self.push("\r\n".join(f"250-{line}" for line in lines[:-1]) + f"\r\n250 {lines[-1]}")

    async def smtp_HELO(self, argument: str) -> None:
        """RFC 5321 4.1.1.1, for clients older than 1995."""
        if await self._greet(argument):
            await self.push(f"250 {self.hostname}")

    async def _greet(self, argument: str) -> bool:
        # Names that are no domain are taken (RFC 5321 4.1.4: a server must not refuse for that alone); SPF
        # judges.
        if not argument:
            await self.push(replies.BAD_ARGUMENT)
            return False
        self._set_rset_state()
        self._helo = printable(argument)
        return True

    async def smtp_MAIL(self, argument: str) -> None:
        """RFC 5321 4.1.1.2."""
        if self._helo is None or self._mail_from is not None:
            return await self.push(replies.BAD_SEQUENCE)
        path = reverse_path(argument[5:]) if argument[:5].upper() == "FROM:" else None
        if path is None:
            self._log_refused("malformed-sender", argument)
            return await self.push(replies.BAD_SENDER)
        refusal = parameters.refusal_of_mail(path.parameters, self._listener.options.max_size)
        if refusal is not None:
            self._log_refused("parameters", argument)
            return await self.push(refusal)
        self._mail_from = path.mailbox
        return await self.push(replies.SENDER_OK)

    async def smtp_RCPT(self, argument: str) -> None:
        """RFC 5321 4.1.1.3. Who does not live here is refused: nothing is relayed."""
        if self._mail_from is None:
            return await self.push(replies.BAD_SEQUENCE)
        path = forward_path(argument[3:]) if argument[:3].upper() == "TO:" else None
        if path is None:
            return await self._refuse_recipient(replies.BAD_RECIPIENT, "malformed-recipient", argument)
        refusal = parameters.refusal_of_rcpt(path.parameters)
        if refusal is not None:
            return await self._refuse_recipient(refusal, "parameters", argument)
        recipient = self._listener.recipients.find(path.mailbox)
        if recipient is None:
            self._junk += 1
            return await self._refuse_recipient(replies.UNKNOWN_RECIPIENT, "unknown-recipient", argument)
        if len(self._rcpt_tos) >= self._listener.options.max_recipients and recipient not in self._rcpt_tos:
            return await self._refuse_recipient(replies.TOO_MANY_RECIPIENTS, "too-many-recipients", argument)
        self._rcpt_tos[recipient] = None
        return await self.push(replies.RECIPIENT_OK)

    async def _refuse_recipient(self, reply: str, reason: str, argument: str) -> None:
        self._refused_recipients += 1
        self._log_refused(reason, argument)
        await self.push(reply)

    async def smtp_DATA(self, argument: str) -> None:
        """RFC 5321 4.1.1.4: hear the message out, commit it, and only then say 250."""
        if argument:
            return await self.push(replies.BAD_ARGUMENT)
        if not self._rcpt_tos:
            # RFC 5321 3.3: a pipelining client sends DATA before it knows that every RCPT was refused.
            return await self.push(replies.NO_RECIPIENTS if self._refused_recipients else replies.BAD_SEQUENCE)
        try:
            spool = self._listener.acceptor.spool()
        except Exception as error:  # noqa: BLE001 - no room for a body is told before the client sends one; logged
            reply = self._fault(error)
            self._set_rset_state()
            return await self.push(reply)
        keeper = Keeper(spool, max_size=self._listener.options.max_size, fault=self._fault, log=self._listener.log)
        try:
            await self._take_message(keeper)
        except ClientGone:
            self._listener.log.info("gone", **self.log_fields(), size=keeper.heard)
        except SessionOver:
            self._log_too_big(keeper)
            raise
        except Exception as error:
            # Where in the body we stand is not known: its rest must not be taken for commands.
            raise SessionOver(await self.handle_exception(error), sending=True) from error
        finally:
            # Harmless after a commit. In all other cases nobody was promised anything.
            keeper.discard()
            # RFC 5321 4.1.1.4: whatever came of it, the buffers are cleared and the next MAIL is welcome.
            self._set_rset_state()
        return None

    async def _take_message(self, keeper: Keeper) -> None:
        await self.push(replies.SEND_BODY)
        heard = await hear(self.take_input(), self._wire.read, keeper)
        self.give_back(heard.rest)
        self._log_too_big(keeper)
        await self.push(heard.refusal or await self._commit(keeper.spool))

    async def _commit(self, spool: Spool) -> str:
        envelope = Envelope(
            mail_from=self._mail_from,
            rcpt_tos=tuple(self._rcpt_tos),
            client_ip=self.client,
            client_port=self._client_port,
            helo=self._helo,
            tls=self._tls,
        )
        self._wire.working(True)
        try:
            queue_id = await self._listener.acceptor.accept(envelope, spool)
        except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, the client keeps it; logged
            return self._fault(error)
        except asyncio.CancelledError as error:
            # Cancelled from the other side (a store that closes gives up its futures): our own task goes on.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return self._fault(error)
        finally:
            self._wire.working(False)
        self._messages += 1
        self._junk = 0
        self._wire.restart_clock()
        self._listener.log.info(
            "accepted",
            queue_id=queue_id,
            **self.log_fields(),
            mail_from=envelope.mail_from,
            recipients=",".join(envelope.rcpt_tos),
            size=spool.size,
            tls=self._tls,
        )
        return replies.accepted(queue_id)

    def _fault(self, error: BaseException) -> str:
        reply = replies.fault(error)
        # A Deferred was expected, and whoever raised it has logged its cause: a store that is away for an hour must not
        # fill the disk with the same traceback. Anything else is ours to mend.
        trace = None if isinstance(error, Deferred) else error
        self._listener.log.error(
            "deferred", **self.log_fields(), mail_from=self._mail_from, reply=reply, exc_info=trace
        )
        return reply

    def _log_refused(self, reason: str, argument: str) -> None:
        self._listener.log.info(
            "refused",
            **self.log_fields(),
            reason=reason,
            argument=printable(argument),
            mail_from=self._mail_from,
        )

    def _log_too_big(self, keeper: Keeper) -> None:
        """Leave a trace of whose mail comes back to them: the one refusal that is not known before the body."""
        if keeper.refusal != replies.TOO_BIG:
            return
        self._listener.log.info(
            "refused",
            **self.log_fields(),
            reason="message-too-big",
            mail_from=self._mail_from,
            recipients=",".join(self._rcpt_tos),
            size=keeper.heard,
        )

    async def smtp_RSET(self, argument: str) -> None:
        """RFC 5321 4.1.1.5."""
        if argument:
            return await self.push(replies.BAD_ARGUMENT)
        self._set_rset_state()
        return await self.push(replies.OK)

    async def smtp_NOOP(self, argument: str) -> None:
        """RFC 5321 4.1.1.9: the argument is ignored."""
        await self.push(replies.OK)

    async def smtp_VRFY(self, argument: str) -> None:
        """RFC 5321 3.5.3 and 7.3: takes no one's word for who lives here and gives none."""
        await self.push(replies.CANNOT_VERIFY if argument else replies.BAD_ARGUMENT)

    async def smtp_EXPN(self, argument: str) -> None:
        """RFC 5321 3.5.2: there are no lists."""
        await self.push(replies.NOT_IMPLEMENTED)

    async def smtp_HELP(self, argument: str) -> None:
        """RFC 5321 4.1.1.8: one text for all."""
        await self.push(replies.HELP)

    async def smtp_AUTH(self, argument: str) -> None:
        """RFC 4954: not offered. Nobody logs in to hand in mail, so there is no password to guess.

        The argument is neither looked at nor logged: it holds one.
        """
        await self.push(replies.NOT_IMPLEMENTED)

    async def smtp_QUIT(self, argument: str) -> None:
        """RFC 5321 4.1.1.10: who wants to go may go, argument or not."""
        await self.push(replies.CLOSING)

    async def smtp_STARTTLS(self, argument: str) -> None:
        """RFC 3207. Nothing said in the clear outlives the handshake."""
        if argument:
            return await self.push(replies.BAD_ARGUMENT)
        if self._tls is not None:
            return await self.push(replies.BAD_SEQUENCE)
        if self._listener.certificate is None:
            return await self.push(replies.NOT_IMPLEMENTED)
        await self.push(replies.TLS_READY)
        await self._encrypt(self._listener.certificate.context())
        return None

    async def _encrypt(self, context: ssl.SSLContext) -> None:
        clear = as_transport(self.transport)
        # From here to start_tls nothing waits: what the client sent behind STARTTLS in the clear (an
        # injection, or impatience) is dropped here, and what arrives later already goes to the handshake.
        self._wire.send_now()
        self._wire.forget_input()
        self.take_input()
        self._half_close = False
        try:
            encrypted = await self.loop.start_tls(
                clear,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=self._listener.options.handshake_timeout,
            )
        except OSError as error:
            self._listener.log.info("tls_failed", **self.log_fields(), error=printable(str(error)))
            # asyncio does not tell the protocol when a connection ends in the handshake.
            clear.abort()
            self.connection_lost(error)
            raise SessionOver(None) from error
        assert encrypted is not None
        self.transport = encrypted
        self._wire.attach(encrypted)
        self._tls = encrypted.get_extra_info("ssl_object").version()
        # RFC 3207 4.2: the server forgets what it was told before; the client says EHLO again.
        self._set_rset_state()
        self._helo = None
