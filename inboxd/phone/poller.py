"""Asks the provider for what it holds, again and again: whatever webhooks missed comes in by this."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import structlog

from inboxd import caller_id
from inboxd.call_story.process_call import CALL, LANE, begin_again, note_recording
from inboxd.errors import ConfigurationWrong
from inboxd.intake.door import milliseconds, moment, now_ms
from inboxd.phone_api import Call, PhoneApi, Recording
from inboxd.policy.policy import PolicyHolder
from inboxd.remote.trouble import Troubled
from inboxd.settings import Twilio
from inboxd.views import time as shown
from store import calls, jobs, recordings
from store import errors as store_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

POLL_SECONDS: Final = 60.0
_AFTER_TROUBLE: Final = 120.0
_AFTER_REFUSAL: Final = 300.0
# The provider lists by day and by its own clock: what was made so shortly before the last look is asked for again.
_OVERLAP_MS: Final = 2 * 24 * 3600 * 1000
# What callers said in the day before the desk's first look is filed, what is older was heard by others.
BEFORE_FIRST_MS: Final = 24 * 3600 * 1000
_UNATTENDED_MS: Final = 3600 * 1000
_AT_ONCE: Final = 200

_Found = TypeVar("_Found")

log = structlog.get_logger("inboxd.phone")


class Poller:
    """One account. `start` once; `stop` asks and waits."""

    def __init__(
        self, settings: Twilio, api: PhoneApi, store: "Store", policy: PolicyHolder, wake: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._api = api
        self._store = store
        self._policy = policy
        self._wake = wake
        self._stopping = threading.Event()
        self._urged = threading.Event()
        self._looking = threading.Lock()
        self._state: Literal["idle", "working", "waiting"] = "idle"
        self._trouble: str | None = None
        self._since = now_ms()
        self._last_success_at: int | None = None
        # A daemon thread: an answer that does not come must not hold up the end of the process.
        self._thread = threading.Thread(target=self._live, name="phone", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, within: float = 5.0) -> None:
        """End; what is committed is committed, what is not is asked for again."""
        self._stopping.set()
        self._urged.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join(within)

    def try_again(self) -> None:
        """Look at once; from any thread."""
        self._urged.set()

    def view(self) -> dict[str, Any]:
        """Say how it goes, for `status`; `clock_ahead_seconds`: of the provider's, None where that is not known."""
        theirs = self._api.now()
        return {
            "clock_ahead_seconds": None if theirs is None else (now_ms() - milliseconds(theirs)) // 1000,
            "state": self._state,
            "trouble": self._trouble,
            "since": shown(self._since),
            "last_success_at": shown(self._last_success_at),
        }

    def look(self) -> None:
        """Ask for everything since the last look, and put what is new on its way. Raises Troubled, StoreError."""
        with self._looking:
            began = self._provider_ms()
            account = self._settings.account_sid
            first, last = self._store.write(
                lambda txn: (recordings.first_look(txn, account, began), recordings.last_look(txn, account))
            )
            # By a clock that stands ahead nothing is found, however long: after that all is asked for again.
            oldest = min(first, began) - BEFORE_FIRST_MS
            since = moment(oldest if last is None or last > began else max(oldest, last - _OVERLAP_MS))
            found = sum(self._take(batch, oldest) for batch in _batches(self._api.recordings(since)))
            noted = 0
            for number in {line.number for line in self._policy.current.rules.lines}:
                noted += sum(self._note(batch, oldest) for batch in _batches(self._api.calls_to(number, since)))
            again = self._store.write(_begin_unattended)
            self._store.write(lambda txn: recordings.looked(txn, account, began))
            if found or noted or again:
                self._wake()
                log.info("phone_found", recordings=found, calls=noted)

    def _provider_ms(self) -> int:
        """Return the time at the provider, by whose clock it lists; ours where it does not say.

        By a clock of ours that is a month ahead nothing new would be found, and by one that is behind what others have
        heard long ago would be filed.
        """
        if self._api.now() is None:
            self._api.account_status()
        now = self._api.now()
        return now_ms() if now is None else milliseconds(now)

    def _take(self, batch: Sequence[Recording], oldest: int) -> int:
        with self._store.read() as connection:
            known = recordings.known(connection, [each.sid for each in batch])
        # One that a webhook told of before the provider knew it is there after all.
        late = {sid for sid, row in known.items() if row.state == "unknown"}
        new = [each for each in batch if (each.sid not in known or each.sid in late) and each.status != "deleted"]
        if not new:
            return 0

        def write(txn: "Connection") -> int:
            count = 0
            for each in new:
                made = milliseconds(each.created_at or datetime.now(UTC))
                if each.sid in late:
                    recordings.change(txn, each.sid, state="waiting", reason=None, at=now_ms())
                    begin_again(txn, each.sid)
                    count += 1
                elif each.source != "RecordVerb":
                    recordings.note(txn, each.sid, call_sid=each.call_sid, state="foreign", started_at=made)
                elif made < oldest:
                    recordings.note(txn, each.sid, call_sid=each.call_sid, state="old", started_at=made)
                else:
                    count += note_recording(txn, each.sid, each.call_sid)
            return count

        return self._store.write(write)

    def _note(self, batch: Sequence[Call], oldest: int) -> int:
        over = [each for each in batch if each.is_over and each.direction == "inbound"]
        with self._store.read() as connection:
            known = calls.known(connection, [each.sid for each in over])
        new = [each for each in over if each.sid not in known]

        def write(txn: "Connection") -> int:
            count = 0
            for each in new:
                old = each.started_at is not None and milliseconds(each.started_at) < oldest
                state: calls.State = "old" if old else "told"
                caller = caller_id.read(each.caller).shown
                _, added = calls.note(txn, each.sid, caller=caller, called=each.called, state=state)
                if added and not old:
                    jobs.add(txn, kind=CALL, lane=LANE, payload={"sid": each.sid})
                    count += 1
            return count

        return self._store.write(write) if new else 0

    def _live(self) -> None:
        while not self._stopping.is_set():
            self._urged.clear()
            pause = self._step()
            self._urged.wait(pause)

    def _step(self) -> float:
        """Look once; give for how many seconds to wait then."""
        self._enter("working")
        try:
            self.look()
        except Troubled as troubled:
            self._say_trouble(str(troubled))
            return _AFTER_TROUBLE if troubled.trouble.kind == "temporary" else _AFTER_REFUSAL
        except (store_errors.StoreError, ConfigurationWrong) as error:
            self._say_trouble(str(error))
            return _AFTER_TROUBLE
        except Exception as error:  # the thread's boundary: else nobody would look any more, and nobody would know
            log.error("phone_failed", exc_info=error)
            self._say_trouble(f"{type(error).__name__}: {error}")
            return _AFTER_TROUBLE
        if self._trouble is not None:
            log.info("phone_trouble_over")
        self._trouble = None
        self._last_success_at = now_ms()
        self._enter("idle")
        return POLL_SECONDS

    def _say_trouble(self, what: str) -> None:
        if self._trouble != what:
            log.error("phone_trouble", what=what)
        self._trouble = what
        self._enter("waiting")

    def _enter(self, state: Literal["idle", "working", "waiting"]) -> None:
        if state != self._state:
            self._state, self._since = state, now_ms()


def _begin_unattended(txn: "Connection") -> int:
    """Give what waits without a job a new one: its job has died of something that a person has mended by now."""
    found = recordings.unattended(txn, before=now_ms() - _UNATTENDED_MS)
    for each in found:
        if each.sid is not None:
            begin_again(txn, each.sid)
    return len(found)


def _batches(found: Iterable[_Found]) -> Iterator[list[_Found]]:
    going = iter(found)
    while batch := list(islice(going, _AT_ONCE)):
        yield batch
