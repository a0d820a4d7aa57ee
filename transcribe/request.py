"""What a child is asked for, as its parent says it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Literal

from transcribe.limits import Limits

EXIT_NO_MEMORY = 71

Task = Literal["transcribe", "probe", "measure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`model` is a model's folder or None; `phrases`: what to listen for, where the engine can."""

    task: Task
    engine: str
    model: str | None
    limits: Limits
    phrases: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """Return the form in which it is sent."""
        return json.dumps(dataclasses.asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Request:
        """Read what the parent wrote; it is trusted."""
        value = json.loads(data)
        return cls(**{**value, "limits": Limits(**value["limits"]), "phrases": tuple(value["phrases"])})
