"""The phone's part of the composition root: imported by who has a provider, since that costs a tenth of a second."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import structlog

from inboxd.call_story import process_call
from inboxd.call_story.process_call import CallStory
from inboxd.intake.door import Intake, now_ms
from inboxd.phone.lines import Compared, compare
from inboxd.phone.poller import Poller
from inboxd.phone.webhooks import Webhooks
from inboxd.phone_api import PhoneApi
from inboxd.policy.policy import PolicyHolder
from inboxd.settings import Twilio
from inboxd.worker import Handler, Lane

if TYPE_CHECKING:
    from store.open import Store

log = structlog.get_logger("inboxd.phone")

# Two recordings are fetched at a time: a provider limits questions, and a slow line must not keep a page from its call.
_HANDS = 2
_LEASE_SECONDS = 600


class Telephone:
    """Everything that has to do with one account at the provider."""

    def __init__(
        self,
        settings: Twilio,
        store: "Store",
        intake: Intake,
        policy: PolicyHolder,
        wake: Callable[[], None],
        *,
        public_url: str | None,
    ) -> None:
        self._settings = settings
        self._public_url = public_url
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

    def audit(self) -> Iterator[dict[str, Any]]:
        """Compare what the provider holds with the store, as it stands now."""
        from inboxd.phone.audit import audit

        return audit(self.api, self._store, self._settings.account_sid, now=now_ms())

    def setup(self, dry_run: bool) -> list[dict[str, Any]]:
        """Set the addresses of each line at the provider, or say what would be set. Raises Troubled."""
        found = []
        for each in self._compared():
            if each.line is None:
                continue
            changes = {name: value for name, value in asdict(each.changes).items() if value}
            stands_in_the_way = each.there is None or each.there.application is not None or each.unanswered
            error = each.problem[1] if each.problem is not None and stands_in_the_way else None
            if error is None and changes and not dry_run and each.there is not None:
                self.api.set_number(each.there.sid, each.changes)
                log.info("line_set_up", line=each.line.name, number=each.number)
            shown = {} if error is not None else changes
            found.append({"number": each.number, "line": each.line.name, "changes": shown, "error": error})
        return found

    def look(self) -> list[dict[str, Any]]:
        """Look at account, numbers and addresses; each finding has a level, a sentence and a place."""
        from inboxd.phone.look import look

        lines = self._policy.current.rules.lines
        found = look(self.api, self._settings, lines, public_url=self._public_url, running=True)
        return [{"level": level, "what": what, "place": place} for level, what, place in found]

    def _compared(self) -> Iterator[Compared]:
        lines, fallback = self._policy.current.rules.lines, self._settings.fallback_url
        return compare(lines, self.api.numbers(), public_url=self._public_url, fallback_url=fallback)

    def webhooks(self) -> Webhooks | None:
        """Build what answers the provider; None where it cannot reach us."""
        if self._public_url is None:
            return None
        return Webhooks(
            settings=self._settings,
            public_url=self._public_url,
            store=self._store,
            policy=self._policy,
            wake=self._wake,
        )
