"""How mail and pages leave: who takes an item out, the story of each, and the lanes it runs in."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import structlog

from inboxd import desk_address, outbox
from inboxd.send import Carrier, SendStory
from inboxd.send.story import LEASE_SECONDS
from inboxd.settings import Settings
from inboxd.worker import Lane
from inboxd.worker_process import Extract
from store import errors as store_errors

if TYPE_CHECKING:
    from inboxd.oauth import TokenSources
    from inboxd.oncall.page_carriers import PageCarriers
    from inboxd.phone_api import PhoneApi
    from inboxd.policy.policy import PolicyHolder
    from inboxd.send.smarthost import Smarthost
    from store.open import Store

log = structlog.get_logger("inboxd.wiring")

# A smarthost takes few sessions side by side, and a slow one must not take all hands.
HANDS = 2
# What is under way when the daemon stops gets so long; then its line is cut, and the next start tries it again.
DRAIN_SECONDS = 10.0


class Sending:
    """Everything that has to do with what goes out."""

    def __init__(
        self,
        settings: Settings,
        store: "Store",
        policy: "PolicyHolder",
        *,
        tokens: "Callable[[], TokenSources]",
        api: "Callable[[], PhoneApi | None]",
        extract: Extract,
        stopping: threading.Event,
        heed_clock: Callable[[], None],
        confined: bool,
    ) -> None:
        """`confined`: the house of a command, which sends nothing; what it queues is the daemon's to send."""
        self._settings = settings
        self._store = store
        self._tokens = tokens
        self._api = api
        self._extract = extract
        self._smarthost = None if confined else self._build_smarthost()
        self._confined = confined
        hold = settings.outgoing is not None and settings.outgoing.mode == "hold"
        self.story = SendStory(store, policy, self._carriers(), hold=hold, stopping=stopping, heed_clock=heed_clock)

    @property
    def lanes(self) -> list[Lane]:
        """Where its jobs run: mail and pages beside each other, so that no mail holds up a page."""
        names = () if self._confined else (outbox.MAIL_LANE, outbox.PAGE_LANE)
        return [Lane(name=name, hands=HANDS, lease_seconds=LEASE_SECONDS, of_intakes=False) for name in names]

    def try_again(self) -> None:
        """Let what waits after a failure try at once."""
        try:
            self.story.try_again()
        except store_errors.StoreError as error:
            log.warning("not_tried_again", error=str(error))  # each tries by itself when its time has come

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Let what is under way end while the block runs, and cut its line when that takes too long."""
        if self._smarthost is None:
            yield
            return
        cutting = threading.Timer(DRAIN_SECONDS, self._smarthost.cut)
        cutting.start()
        try:
            yield
        finally:
            cutting.cancel()
            self._smarthost.close()

    def _build_smarthost(self) -> "Smarthost | None":
        outgoing = self._settings.outgoing
        if outgoing is None:
            return None
        # Only who sends pays for what that takes to import.
        from inboxd.send.attached import attached
        from inboxd.send.smarthost import Smarthost

        return Smarthost(
            outgoing,
            self._tokens().of(outgoing.oauth2) if outgoing.oauth2 else None,
            hostname=self._settings.hostname,
            from_address=lambda item: item.from_address or desk_address.of(self._settings, None),
            attached=lambda item: attached(self._store, self._extract, item),
        )

    def _carriers(self) -> dict[str, Carrier]:
        """Who takes an item out, by the scheme of its address; `mail` where there is a smarthost."""
        pages: dict[str, Carrier] = {
            "tel": lambda item, begin: self._pages.call(item, begin),  # noqa: PLW0108 - imported by need
            "sms": lambda item, begin: self._pages.sms(item, begin),  # noqa: PLW0108 - as above
            "https": lambda item, begin: self._pages.webhook(item, begin),  # noqa: PLW0108 - as above
        }
        return pages if self._smarthost is None else {**pages, "mail": self._smarthost}

    @cached_property
    def _pages(self) -> "PageCarriers":
        # Only a desk that pages pays for the import of the provider's client.
        from inboxd.oncall.page_carriers import PageCarriers

        return PageCarriers(self._store, self._settings, self._api())
