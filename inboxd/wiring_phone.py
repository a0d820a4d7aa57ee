"""The phone's part of the composition root: imported by who has a provider, since that costs a tenth of a second."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from inboxd import process_call
from inboxd.intake import Intake
from inboxd.phone.poller import Poller
from inboxd.phone.webhooks import PageAnswers, Webhooks
from inboxd.phone_api import PhoneApi
from inboxd.policy import PolicyHolder
from inboxd.process_call import CallStory
from inboxd.settings import Twilio
from inboxd.worker import Handler, Lane

if TYPE_CHECKING:
    from store.open import Store

# Two recordings are fetched at a time: a provider limits questions, and a slow line must not keep a page from its call.
_HANDS = 2
_LEASE_SECONDS = 600


class Telephone:
    """Everything that has to do with one account at the provider."""

    def __init__(
        self, settings: Twilio, store: "Store", intake: Intake, policy: PolicyHolder, wake: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._store = store
        self._policy = policy
        self._wake = wake
        self.api = PhoneApi(settings)
        self._story = CallStory(store, intake, self.api, policy, afterwards=settings.recordings, wake=wake)
        self.poller = Poller(settings, self.api, store, policy, wake)

    @property
    def lane(self) -> Lane:
        """Where its jobs run."""
        return Lane(name=process_call.LANE, hands=_HANDS, lease_seconds=_LEASE_SECONDS)

    @property
    def handlers(self) -> dict[str, Handler]:
        """What its jobs do."""
        return {
            process_call.RECORDING: self._story.recording,
            process_call.CALL: self._story.call,
            process_call.DELETE: self._story.delete,
        }

    def webhooks(self, public_url: str, pages: PageAnswers | None = None) -> Webhooks:
        """Build what answers the provider."""
        return Webhooks(
            settings=self._settings,
            public_url=public_url,
            store=self._store,
            policy=self._policy,
            wake=self._wake,
            pages=pages,
        )
