"""The daemon's life: open, listen, say that it is ready, wait for a signal, drain, close.

Async stands where sockets are; everything else runs in threads of its own.
"""

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import structlog

from inboxd import disk_room
from inboxd.control.server import Server, serve
from inboxd.errors import ConfigurationWrong, InboxdError
from inboxd.heartbeat import beat
from inboxd.policy.load_policy import load_policy
from inboxd.policy.on_file import demand_plans
from inboxd.reload import Reload
from inboxd.schedule import Schedule
from inboxd.service_manager import notify, watchdog_seconds
from inboxd.settings import Endpoint, Settings
from inboxd.smtp_receiver import Receiver, SmtpOptions
from inboxd.web import Web
from inboxd.wiring.house import House
from inboxd.wiring.stores import open_store
from store import health, recovery
from store.errors import StoreError

if TYPE_CHECKING:
    from inboxd.imap_fetcher.fetcher import Fetcher
    from inboxd.wiring.telephone import Telephone

log = structlog.get_logger("inboxd.daemon")

# Longer than a commit takes, shorter than the 30 s after which a service manager may lose patience.
DRAIN_SECONDS = 20.0
_CONTROL_THREADS = 8


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. InboxdError when it cannot start."""
    asyncio.run(_Daemon(settings).live())


class _Daemon:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._started_at = time.monotonic()
        self._listeners: list[dict[str, str]] = []
        self._stop = asyncio.Event()
        self._hangup = asyncio.Event()
        self._not_reloaded: tuple[str, ...] = ()
        self._fetchers: tuple[Fetcher, ...] = ()
        self._telephone: Telephone | None = None

    async def live(self) -> None:
        """Start everything, wait, stop everything in the opposite order."""
        loop = asyncio.get_running_loop()
        self._stop_on_signals(loop)
        # From the first moment on: until somebody listens for it, SIGHUP ends a process.
        loop.add_signal_handler(signal.SIGHUP, self._hangup.set)
        policy = load_policy(self._settings)
        house = House(self._settings, open_store(self._settings, "daemon"), policy)
        executor = ThreadPoolExecutor(_CONTROL_THREADS, thread_name_prefix="control")
        schedule = Schedule(
            due=lambda: _due(house),
            look=house.on_file.look,
            sweep=lambda: _recover(house),
            watch=house.canary.look if house.canary is not None else None,
        )
        reload = Reload(self._settings, house.policy, lambda wrong: self._reload_ended(house, wrong))
        tasks: list[asyncio.Task[None]] = []
        receiver: Receiver | None = None
        web: Web | None = None
        control: Server | None = None
        try:
            await asyncio.to_thread(house.clock.begin)
            await asyncio.to_thread(_recover_if_possible, house)
            await asyncio.to_thread(house.read_directory)
            demand_plans(house.policy.current, self._settings.rules)
            # Perhaps what kept the last run from sending is mended.
            await asyncio.to_thread(house.sending.try_again)
            house.start()
            schedule.start()
            control = await self._control(house, executor, reload)
            web = await self._web(house)
            receiver = await self._smtp(house)
            self._fetchers = house.fetchers()
            for fetcher in self._fetchers:
                fetcher.start()
            if house.telephone is not None:
                self._telephone = house.telephone
                house.telephone.poller.start()
            log.info("ready", pid=os.getpid())
            notify(f"READY=1\nSTATUS={self._status(None)}")
            reload.open = True
            tasks += [
                loop.create_task(self._reload_on_hangup(reload, executor)),
                loop.create_task(beat(lambda: _not_ready(house), self._status, watchdog_seconds())),
            ]
            await self._stop.wait()
        finally:
            log.info("stopping")
            notify("STOPPING=1\nSTATUS=Finishing what is under way")
            # Outside in: first nobody new is let in, then what was let in is finished.
            await asyncio.to_thread(_stop_fetchers, self._fetchers)
            if house.telephone is not None:
                await asyncio.to_thread(house.telephone.poller.stop)
            if receiver is not None:
                await receiver.drain(DRAIN_SECONDS)
            if web is not None:
                await web.close()
            if control is not None:
                await control.close()
            if schedule.running:
                schedule.stop()
            for task in tasks:
                task.cancel()
            await asyncio.to_thread(house.close)
            executor.shutdown()
        log.info("stopped")

    def _stop_on_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop on SIGTERM and SIGINT, once; a second one, late in the stopping, changes nothing.

        `loop.add_signal_handler` would give the signal its deadly default back when the loop is closed, and an
        impatient service manager would see a crash where all was well.
        """

        def stop(_number: int, _frame: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._stop.set)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    async def _smtp(self, house: House) -> Receiver | None:
        smtp = self._settings.smtp
        if smtp is None:
            return None
        options = SmtpOptions(
            hostname=smtp.hostname,
            recipients=smtp.recipients,
            max_size=smtp.max_size,
            certificate_file=smtp.tls.certificate_file if smtp.tls else None,
            key_file=smtp.tls.key.path if smtp.tls else None,
        )
        receiver = Receiver(options, house.intake, structlog.get_logger("inboxd.smtp_receiver"))
        await _listen("smtp", smtp.listen, receiver.start(smtp.listen.host, smtp.listen.port))
        for host, port in receiver.addresses:
            self._listening("smtp", host, port)
        return receiver

    async def _web(self, house: House) -> Web | None:
        http = self._settings.http
        if http is None:
            return None
        webhooks = house.telephone.webhooks() if house.telephone is not None else None
        routes = webhooks.routes if webhooks is not None else ()
        web = Web(
            lambda: _not_ready(house),
            public_url=http.public_url,
            webhooks=routes,
            not_reloaded=lambda: self._not_reloaded,
        )
        bound = await _listen("http", http.listen, web.start(http.listen.host, http.listen.port))
        for host, port in bound:
            self._listening("http", host, port)
        return web

    async def _control(self, house: House, executor: ThreadPoolExecutor, reload: Reload) -> Server:
        path = self._settings.control.socket
        server = await serve(
            path, lambda actor: house.desk(actor, lambda: self._running(house), lambda: reload.run(actor)), executor
        )
        self._listeners.append({"listener": "control", "address": str(path)})
        log.info("listening", listener="control", address=str(path))
        return server

    def _listening(self, listener: str, host: str, port: int) -> None:
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._listeners.append({"listener": listener, "address": address})
        log.info("listening", listener=listener, address=address)

    async def _reload_on_hangup(self, reload: Reload, executor: ThreadPoolExecutor) -> None:
        """SIGHUP says no more than that something changed: several in a row are one reload."""
        loop = asyncio.get_running_loop()
        while True:
            await self._hangup.wait()
            self._hangup.clear()
            try:
                await loop.run_in_executor(executor, reload.run, "SIGHUP")
            except InboxdError:
                continue  # every mistake is in the log, the old policy holds
            except Exception:  # the edge of a task that must see the next SIGHUP, too
                log.exception("reload_failed")

    def _reload_ended(self, house: House, wrong: InboxdError | None) -> None:
        mistakes = wrong.mistakes if isinstance(wrong, ConfigurationWrong) else ()
        self._not_reloaded = () if wrong is None else tuple(map(str, mistakes)) or (str(wrong),)
        if self._telephone is not None:
            self._telephone.poller.try_again()
        for fetcher in self._fetchers:
            # Who asks for a reload has mended something: perhaps the password that a mailbox waits for.
            fetcher.try_again()
        house.try_sending_again()
        notify(f"READY=1\nSTATUS={self._status(None)}")

    def _status(self, trouble: str | None) -> str:
        """Return the line that `systemctl status` shows."""
        listeners = ", ".join(f"{each['listener']} at {each['address']}" for each in self._listeners)
        said = f"Cannot take mail in: {trouble}" if trouble else f"Ready: {listeners}"
        if self._not_reloaded:
            said += f"; not reloaded, mistakes in the files: {len(self._not_reloaded)} (see the log)"
        return " ".join(said.split())

    def _running(self, house: House) -> dict[str, Any]:
        return {
            "running": True,
            "not_ready": _not_ready(house),
            "pid": os.getpid(),
            "seconds_up": int(time.monotonic() - self._started_at),
            "listeners": self._listeners,
            "not_reloaded": list(self._not_reloaded),
            "mailboxes": [fetcher.view() for fetcher in self._fetchers],
            "phone": None if self._telephone is None else self._telephone.poller.view(),
        }


async def _listen(name: str, where: Endpoint, start: Any) -> Any:
    """Await a listener's start; say a taken port in one line that names the key to change."""
    try:
        return await start
    except OSError as error:
        raise InboxdError(f"{name}.listen: cannot listen on {where}: {error.strerror}") from error


def _stop_fetchers(fetchers: "tuple[Fetcher, ...]") -> None:
    if fetchers:
        from inboxd.imap_fetcher.fetcher import stop_all

        stop_all(fetchers)


def _recover(house: House) -> None:
    """Take back what dead processes of this host held, clear away what nobody was promised, miss what is gone."""
    house.clock.look()
    found = recovery.recover(house.store)
    log.info("recovered", jobs=found.jobs, blobs_swept=found.swept.blobs, bytes_swept=found.swept.bytes)
    for queue_id in found.missing:
        log.error("blob_missing", queue_id=queue_id)
    house.worker.wake()


def _recover_if_possible(house: House) -> None:
    """Recover at the start; on a full disk the daemon comes up all the same, and says so to whoever brings mail."""
    try:
        _recover(house)
    except StoreError as error:
        # Leases end by themselves, and the sweep of the next hour tries again.
        log.error("not_recovered", error=str(error))


def _due(house: House) -> None:
    house.clock.look()
    house.worker.wake()


def _not_ready(house: House) -> str | None:
    """Ask whether a mail could be kept now: bytes that reach the disk, not a process that lives."""
    try:
        house.store.write(health.prove_writable)
    except StoreError as error:
        return str(error)  # it names the store
    except Exception as error:  # noqa: BLE001 - the boundary of the probe: whatever is wrong, the answer is no
        return f"the store cannot be written: {error}"
    return disk_room.none(house.settings)
