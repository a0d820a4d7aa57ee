"""An API client that speaks to the provider of the test, and a desk with a phone line whose recogniser is quick."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inboxd.call_story.process_voicemail import VoicemailStory
from inboxd.intake.door import Intake
from inboxd.phone_api import PhoneApi
from inboxd.policy.load_policy import load_policy
from inboxd.policy.policy import PolicyHolder
from inboxd.settings import Settings, load
from inboxd.views import ticket as shown
from inboxd.web import Web
from inboxd.wiring.telephone import Telephone
from inboxd.worker import Lane, Worker
from store import calls, jobs, recordings, tickets
from store import intake as rows
from store.open import Store
from tests.harness.desk import wait_until
from tests.harness.phone_provider import Caller, Provider
from transcribe.transcript import Transcript

PUBLIC = "https://desk.example.com"
LINE = "+15550190"
RULES = """
lines:
  help: {number: "+15550190", hours: office, greeting: {open: leave-a-message, closed: closed-until}, default: true}
  private: {number: "+15550191", hours: office, after: thank-you}
calendars:
  office: {mon-fri: 08:00-17:00}
phrases:
  said: ["bytes were said"]
decide:
  calls:
    - {rule: words, when: {says: said}, then: {type: incident}}
"""
ACCOUNTS = """
accounts:
  - {id: acme, name: Acme Widgets, contacts: [{name: Operations, numbers: ["+15550100"], authorized: true}]}
"""


@pytest.fixture
def phone_settings(tmp_path: Path, provider: Provider) -> Callable[..., Settings]:
    """Return a function that makes the settings of a desk with this provider; keys of `twilio` may be added."""

    def made(**more: object) -> Settings:
        (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
        (tmp_path / "accounts.yaml").write_text(ACCOUNTS, "utf-8")
        keys = {**provider.section(tmp_path), **more}
        text = "".join(f"  {key}: {value}\n" for key, value in keys.items())
        files = "rules: rules.yaml\naccounts: accounts.yaml\ndesk: {zone: America/Chicago}\n"
        http = f'http: {{listen: "127.0.0.1:0", public_url: "{PUBLIC}"}}\n'
        (tmp_path / "inboxd.yaml").write_text(f"{files}{http}twilio:\n{text}", "utf-8")
        return load(tmp_path / "inboxd.yaml", {})

    return made


@pytest.fixture
def api(phone_settings: Callable[..., Settings]) -> PhoneApi:
    """The client."""
    twilio = phone_settings().twilio
    assert twilio is not None
    return PhoneApi(twilio)


@dataclass
class PhoneDesk:
    """The parts of a desk that a call goes through, really wired; what a recogniser would hear is the file's length."""

    provider: Provider
    caller: Caller
    store: Store
    phone: Telephone
    worker: Worker

    def settle(self, *, hurry: bool = True) -> None:
        """Wait until nothing is to be done; `hurry`: what has its time later is due now."""

        def settled() -> bool:
            counts = self.store.write(jobs.counts)
            if not any(each.ready or each.running or (hurry and each.later) for each in counts):
                return True
            if hurry:
                self.hurry()
            return False

        self.wait_until(settled, "nothing is to be done")

    def wait_until(self, true: Callable[[], object], what: str) -> None:
        """Wait until it is so, with workers that look for jobs."""

        def looked() -> bool:
            self.worker.wake()
            return bool(true())

        wait_until(looked, within=30, what=what)

    def hurry(self) -> None:
        """Let all that waits for its time be due."""
        from sqlalchemy import update

        from store.schema import jobs as table

        self.store.write(lambda txn: txn.execute(update(table).where(table.c.state == "ready").values(due_at=None)))

    def age(self, seconds: int) -> None:
        """Let calls and recordings have been heard of so long ago."""
        from sqlalchemy import update

        from store.schema import calls as calls_table
        from store.schema import recordings as table

        for each in (calls_table, table):
            self.store.write(lambda txn, each=each: txn.execute(update(each).values(at=each.c.at - seconds * 1000)))

    def tickets(self) -> list[dict[str, Any]]:
        """Every ticket, whole, in the order of creation."""
        with self.store.read() as txn:
            found = list(tickets.everything(txn))
            scale = self.phone._policy.current.rules.scale
            return [shown(each, tickets.entries(txn, each.id), tickets.events(txn, each.id), scale) for each in found]

    def recording(self, sid: str) -> recordings.Recording:
        with self.store.read() as txn:
            found = recordings.get(txn, sid)
        assert found is not None, f"nobody told of the recording {sid}"
        return found

    def call(self, sid: str) -> calls.Call:
        with self.store.read() as txn:
            found = calls.get(txn, sid)
        assert found is not None, f"nobody told of the call {sid}"
        return found

    def knows_call(self, sid: str) -> bool:
        with self.store.read() as txn:
            return calls.get(txn, sid) is not None

    def intakes(self) -> list[rows.Intake]:
        with self.store.read() as txn:
            return rows.list_(txn)


def _nothing(_mail: bytes | Path, _index: int) -> bytes:
    raise AssertionError


def _heard(path: Path, _cancel: threading.Event, _phrases: Sequence[str]) -> Transcript:
    size = path.stat().st_size
    return Transcript(
        text=f"{size} bytes were said", engine="test", model="", language="en", confidence=None, duration=size / 16000
    )


@pytest.fixture
def make_phone_desk(
    tmp_path: Path, provider: Provider, phone_settings: Callable[..., Settings]
) -> Iterator[Callable[..., PhoneDesk]]:
    """Make a desk, listening, on its own store or the one at `url`; keys of `twilio` may be added."""
    with ExitStack() as stack:

        def make(url: str | None = None, **more: object) -> PhoneDesk:
            settings = phone_settings(**more)
            assert settings.twilio is not None
            for name, number in (("help line", LINE), ("private line", "+15550191")):
                if any(each["phone_number"] == number for each in provider.state.numbers.values()):
                    continue
                provider.state.add_number(
                    number, name, voice_url=f"{PUBLIC}/twilio/voice", status_callback=f"{PUBLIC}/twilio/status"
                )
            where = url or f"sqlite:///{tmp_path}/inboxd.db"
            store = stack.enter_context(Store.open(where, role="daemon", create=True))
            policy, stopping = PolicyHolder(load_policy(settings)), threading.Event()

            def wake(*_: object) -> None:
                worker.wake()

            intake = Intake(store, wake)
            phone = Telephone(settings.twilio, store, intake, policy, wake, public_url=PUBLIC)
            story = VoicemailStory(store, policy, _heard, stopping=stopping, wake=wake, extract=_nothing)
            handlers = {
                "voicemail": story.file,
                "transcribe": story.transcribe,
                "decide-again": story.decide_again,
                **phone.handlers,
            }
            lanes = (
                Lane(name="mail", hands=4, lease_seconds=60),
                Lane(name="speech", hands=1, lease_seconds=60),
                phone.lane,
            )
            worker = Worker(store, handlers, claimant=f"test/{id(store)}", lanes=lanes, stopping=stopping)
            worker.start()
            stack.callback(worker.stop)
            webhooks = phone.webhooks()
            assert webhooks is not None
            web = Web(lambda: None, public_url=PUBLIC, webhooks=webhooks.routes)
            address = _listening(web, stack)
            return PhoneDesk(provider, Caller(provider, address, PUBLIC), store, phone, worker)

        yield make


@pytest.fixture
def phone_desk(make_phone_desk: Callable[..., PhoneDesk]) -> PhoneDesk:
    """A desk with two lines."""
    return make_phone_desk()


@pytest.fixture
def chance() -> random.Random:
    """The same chance in each run."""
    return random.Random(7)


def _listening(web: Web, stack: ExitStack) -> tuple[str, int]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def end() -> None:
        asyncio.run_coroutine_threadsafe(web.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

    addresses = asyncio.run_coroutine_threadsafe(web.start("127.0.0.1", 0), loop).result(10)
    stack.callback(end)
    return addresses[0]
