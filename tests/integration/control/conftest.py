"""A control server on a real Unix socket, its loop in a thread of its own, as the daemon runs it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from inboxd.control.server import serve
from inboxd.control.wire import Backend
from inboxd.errors import ConfigurationWrong, InboxdError, TryLater, UsageWrong
from rules.mistakes import Mistake


class Desk:
    """A backend in memory: keeps notes, says who calls, and fails on request."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, str, bytes]] = []
        self.open = threading.Event()

    def backend(self, actor: str) -> Backend:
        return _DeskFor(self, actor)


class _DeskFor:
    def __init__(self, desk: Desk, actor: str) -> None:
        self.desk = desk
        self.actor = actor

    def call(self, operation: str, arguments: dict[str, Any], payload: bytes = b"") -> Any:
        match operation:
            case "whoami":
                return self.actor
            case "note":
                self.desk.notes.append((self.actor, arguments["text"], payload))
                return {"notes": len(self.desk.notes), "size": len(payload)}
            case "ingest.outcome":
                return self.desk.open.wait(float(arguments["wait_seconds"])) or None
            case "fail.usage":
                raise UsageWrong("there is no such thing; say this instead")
            case "fail.busy":
                raise TryLater("the store is busy")
            case "fail.files":
                raise ConfigurationWrong("", [Mistake(file="rules.yaml", line=3, column=5, message="unknown key")])
            case "fail.other":
                raise InboxdError("that is not possible – here")
            case "fail.defect":
                raise ZeroDivisionError
        raise UsageWrong(f"unknown operation {operation}")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def serving() -> Callable[..., Any]:
    """Return a context manager that serves a desk at a path."""

    @contextmanager
    def start(desk: Desk, path: Path, **options: Any) -> Iterator[None]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        executor = ThreadPoolExecutor(2)

        def run(coroutine: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

        try:
            server = run(serve(path, desk.backend, executor, **options))
            try:
                yield
            finally:
                run(server.close())
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
            executor.shutdown()

    return start
