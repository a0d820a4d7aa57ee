"""Everything behind the channels, built and connected: for the daemon, and for a command that runs without one.

Nothing below this knows how it was put together.
"""

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import structlog

from inboxd import confirm, outbox
from inboxd.authentication import Checker, trust
from inboxd.call_story.process_voicemail import VoicemailStory
from inboxd.canary.watch import Watch
from inboxd.clock_watch import ClockWatch
from inboxd.clocks import clocks, told_too_early
from inboxd.clocks.ring_clocks import ClockStory
from inboxd.desk.context import Context
from inboxd.desk.desk import Desk
from inboxd.errors import InboxdError
from inboxd.intake.door import Intake
from inboxd.judging.examine import Examiner
from inboxd.mail_story import authenticate_again, voicemail_mail
from inboxd.mail_story.authenticate_again import LaterLook
from inboxd.mail_story.process_message import MessageStory
from inboxd.oncall import paging
from inboxd.oncall.escalate import EscalationStory
from inboxd.policy.on_file import OnFile
from inboxd.policy.policy import Policy, PolicyHolder
from inboxd.resolver import Resolver
from inboxd.settings import Mailbox, Settings
from inboxd.wiring.sending import Sending
from inboxd.wiring.stores import said
from inboxd.worker import Handler, Lane, Worker
from inboxd.worker_process import ReaderPool
from store import errors as store_errors
from store.claimant import claimant
from transcribe.run import Recogniser

if TYPE_CHECKING:
    from inboxd.imap_fetcher.fetcher import Fetcher
    from inboxd.oauth import TokenSources
    from inboxd.wiring.telephone import Telephone
    from store.open import Store

log = structlog.get_logger("inboxd.wiring")

Role = Literal["daemon", "command", "reader"]

# A mail is read in seconds. A recording may take its time; a crash of the whole machine gives its job back no later.
MAIL_LEASE_SECONDS = 120
SPEECH_LEASE_SECONDS = 3600

# While some hands wait for their commit, others keep the readers busy; and who waits together commits together.
HANDS_A_READER = 4


class House:
    """Everything behind the channels: store, policy, readers, stories, worker."""

    def __init__(self, settings: Settings, store: "Store", policy: Policy, *, confined: bool = False) -> None:
        """`confined` limits the worker to what is accepted here: the work of a command, not of a daemon."""
        self.settings = settings
        self.store = store
        self.policy = PolicyHolder(policy)
        self.on_file = OnFile(store, self.policy)
        self.readers = ReaderPool(settings.workers.mail)
        self.recogniser = Recogniser(settings.speech.engine, settings.speech.model)
        nameservers = [(endpoint.host, endpoint.port) for endpoint in settings.dns.nameservers]
        self.checker = Checker(Resolver(nameservers), self.readers.verify, trust.of(settings))
        self.stopping = threading.Event()
        self._only: set[str] | None = set() if confined else None
        self.clock = ClockWatch(store, of_the_day=(clocks.KIND, confirm.KIND), set_back=told_too_early.take_back)
        self.sending = Sending(
            settings,
            store,
            self.policy,
            tokens=lambda: self._tokens,
            api=lambda: None if self.telephone is None else self.telephone.api,
            extract=self.readers.attachment,
            stopping=self.stopping,
            heed_clock=self.clock.look,
            confined=confined,
        )
        self.intake = Intake(store, self._work_on, spool_folder=_spool_folder(settings))
        self.telephone = self._build_telephone()
        self.worker = self._build_worker()
        self.canary = None if confined else self._build_canary()
        self._started = False
        self._starting = threading.Lock()
        self._fetching: tuple[Fetcher, ...] = ()

    def read_directory(self) -> None:
        """Read what the store keeps of the directory: nothing is decided on the accounts file alone by mistake."""
        try:
            self.on_file.refresh()
        except store_errors.StoreError as error:
            raise said(error) from error

    def start(self) -> None:
        """Start working, once."""
        with self._starting:
            if not self._started:
                self._started = True
                self.worker.start()

    def fetchers(self) -> "tuple[Fetcher, ...]":
        """Build the fetchers of the mailboxes, to be started by whoever wants them to run."""
        if not self.settings.imap:
            return ()
        # Only who pulls mailboxes pays for what that takes to import.
        from inboxd.imap_fetcher.fetcher import Fetcher

        self._fetching = tuple(
            Fetcher(
                mailbox,
                store=self.store,
                intake=self.intake,
                zone=self.settings.desk.zone,
                tokens=self._tokens.of(mailbox.oauth2),
            )
            for mailbox in self.settings.imap
        )
        return self._fetching

    @cached_property
    def _tokens(self) -> "TokenSources":
        """One for all who sign in: two that renew with one refresh token may leave each other without any."""
        from inboxd.oauth import TokenSources
        from inboxd.oauth.stored import StoredRefreshTokens

        return TokenSources(StoredRefreshTokens(self.store))

    def _build_telephone(self) -> "Telephone | None":
        if self.settings.twilio is None:
            return None
        from inboxd.wiring.telephone import Telephone

        return Telephone(
            self.settings.twilio,
            self.store,
            self.intake,
            self.policy,
            self._wake,
            public_url=self.settings.http.public_url if self.settings.http is not None else None,
        )

    def _build_canary(self) -> Watch | None:
        wanted = self.settings.canary
        if wanted is None:
            return None
        return Watch(
            self.settings,
            wanted,
            self.store,
            self.policy,
            wake=self._wake,
        )

    def _audit(self, mailboxes: Sequence[Mailbox], phone: bool) -> list[dict[str, Any]]:
        from inboxd.audit import Sources, audit

        at_work = {fetcher.mailbox.name: fetcher.look_now for fetcher in self._fetching}
        sources = Sources(
            store=self.store,
            tokens_of=lambda mailbox: self._tokens.of(mailbox.oauth2),
            look_now=at_work,
            phone=self.telephone.audit if self.telephone is not None and phone else None,
        )
        return audit(mailboxes, sources)

    def try_sending_again(self) -> None:
        """Let what waits in the outbox after a failure try at once."""
        self.sending.try_again()
        self.worker.wake()

    def try_mailboxes_again(self, token: str | None = None) -> None:
        """Let mailboxes that wait after a failure try at once: all, or those that sign in with the token so named."""
        for fetcher in self._fetching:
            oauth2 = fetcher.mailbox.oauth2
            if token is None or (oauth2 is not None and oauth2.name == token):
                fetcher.try_again()

    def close(self) -> None:
        """Let running jobs end, kill the recogniser, end the readers, close the store."""
        self.stopping.set()
        with self.sending.closing():
            if self._started:
                self.worker.stop()
        self.recogniser.close()
        self.readers.close()
        self.store.close()

    def desk(
        self, actor: str, running: Callable[[], dict[str, Any]], reload: Callable[[], dict[str, Any]] | None = None
    ) -> Desk:
        """Return the desk for one actor; `running` and `reload` are what only a daemon can tell and do."""
        return Desk(
            Context(
                actor=actor,
                settings=self.settings,
                store=self.store,
                intake=self.intake,
                policy=self.policy,
                on_file=self.on_file,
                read=self.readers.read,
                checker=self.checker,
                wake=self.worker.wake,
                work_on=self._work_on,
                through=self._through,
                running=running,
                reload=reload or _no_daemon,
                audit=self._audit,
                signed_in=self._signed_in,
                extract=self.readers.attachment,
                phone=self.telephone,
            )
        )

    def _signed_in(self, token: str) -> None:
        self.try_mailboxes_again(token)
        self.try_sending_again()

    def _work_on(self, queue_id: str) -> None:
        if self._only is not None:
            self._only.add(queue_id)
            self.start()
        self.worker.arrived()

    def _through(self, queue_id: str) -> None:
        """Forget what has ended, or the list that confines the worker would grow with every message."""
        if self._only is not None:
            self._only.discard(queue_id)

    def _wake(self) -> None:
        """Wake the worker, by then: it is built of parts that wake it."""
        self.worker.wake()

    def _build_worker(self) -> Worker:
        examiner = Examiner(self.store, self.readers.read, self.checker)
        message = MessageStory(
            self.store,
            self.policy,
            examiner,
            systems=voicemail_mail.systems(self.settings.voicemail_mail),
            wake=self._wake,
        )
        later = LaterLook(self.store, self.policy, examiner)
        voicemail = VoicemailStory(
            self.store,
            self.policy,
            lambda path, cancel, phrases: self.recogniser.transcribe(path, cancel=cancel, phrases=phrases),
            stopping=self.stopping,
            wake=self._wake,
            extract=self.readers.attachment,
        )
        handlers: dict[str, Handler] = {
            "message": message,
            authenticate_again.KIND: later,
            "voicemail": voicemail.file,
            "transcribe": voicemail.transcribe,
            "decide-again": voicemail.decide_again,
            confirm.KIND: confirm.Expiry(self.store, self.policy, heed_clock=self.clock.look),
            clocks.KIND: ClockStory(self.store, self.policy),
            paging.KIND: EscalationStory(
                self.store,
                self.policy,
                wake=self._wake,
                heed_clock=self.clock.look,
            ),
            outbox.KIND: self.sending.story,
        }
        lanes = [
            Lane(name="mail", hands=self.settings.workers.mail * HANDS_A_READER, lease_seconds=MAIL_LEASE_SECONDS),
            Lane(name="speech", hands=1, lease_seconds=SPEECH_LEASE_SECONDS),
            *self.sending.lanes,
        ]
        if self.telephone is not None:
            handlers |= self.telephone.handlers
            lanes.append(self.telephone.lane)
        return Worker(self.store, handlers, claimant=claimant(), lanes=lanes, only=self._only, stopping=self.stopping)


def _no_daemon() -> dict[str, Any]:
    raise InboxdError("no daemon is running: there is nothing to reload")


def _spool_folder(settings: Settings) -> Path | None:
    database = settings.store.sqlite_path
    return None if database is None else database.parent
