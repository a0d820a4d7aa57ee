"""A desk in memory, to be served on a real socket."""

import threading
from typing import Any

import pytest

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
