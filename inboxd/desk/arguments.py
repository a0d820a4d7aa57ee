"""What an argument of an operation may be beyond its plain type: what does not fit is told, and never met later."""

from dataclasses import fields
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, TypeAdapter

from inboxd import views
from inboxd.intake.envelope import Envelope

_ENVELOPE_FIELDS: Final = frozenset(field.name for field in fields(Envelope))

_LONGEST_NAME: Final = 100


@cache
def _envelope_form() -> TypeAdapter[Envelope]:
    return TypeAdapter(Envelope)


def _envelope(given: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(given.keys() - _ENVELOPE_FIELDS)
    if unknown:
        raise ValueError(f"an envelope has no {', '.join(unknown)}")
    _envelope_form().validate_python(given)
    return given


def _time(text: str) -> str:
    views.parsed_time(text)
    return text


def _name(text: str) -> str:
    name = text.strip()
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise ValueError(f"{text[:_LONGEST_NAME]!r} is no name: write one line of 1 to {_LONGEST_NAME} letters")
    return name


# The bounds are those of the databases: PostgreSQL refuses a negative LIMIT, and both a number beyond 64 bits.
Limit = Annotated[int, Field(ge=1, lt=2**31)]
Number = Annotated[int, Field(ge=0, lt=2**63)]
# NaN would be waited for without an end: no comparison with it is ever true.
Seconds = Annotated[float, Field(allow_inf_nan=False)]
Time = Annotated[str, AfterValidator(_time)]
# Of a person, a queue or a tag, as rules may name them. An empty one would be neither somebody's nor nobody's.
Name = Annotated[str, AfterValidator(_name)]
EnvelopeFields = Annotated[dict[str, Any], AfterValidator(_envelope)]
