"""The parts of `oncall` as they may be written."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from rules.language import Part


def _listed(value: Any) -> Any:
    # Behind a validator of its own pydantic is strict about the two kinds of sequence.
    return tuple(value) if isinstance(value, list) else value


class PersonPart(Part):
    """One of `oncall.people`."""

    call: str | None = None
    sms: str | None = None
    mail: str | None = None
    webhook: str | None = None


class StepPart(Part):
    """One of `oncall.escalate`."""

    page: str
    wait: str
    repeat: Annotated[int, Field(ge=1, le=100)] = 1


class RotaPart(Part):
    """`oncall.rota`."""

    turns: Annotated[tuple[str, ...] | dict[str, str], BeforeValidator(_listed)]
    each: str | None = None
    begins: str | None = Field(default=None, alias="from")
    handover: str | None = None
    zone: str | None = None
    overrides: Annotated[tuple[dict[str, str], ...], BeforeValidator(_listed)] = ()


class OnCallPart(Part):
    """`oncall`."""

    people: dict[str, PersonPart]
    rota: RotaPart | None = None
    escalate: Annotated[tuple[StepPart, ...], BeforeValidator(_listed)] | None = None
