"""Orders and reports as JSON, there and back; what a worker answers is checked as strictly as any input."""

import dataclasses
import functools
import json
from typing import TYPE_CHECKING, Any

from inboxd.signatures.records import Order, Report

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def plain(order: Order) -> dict[str, Any]:
    """Return an order as JSON can hold it."""
    return dataclasses.asdict(order)


def order(found: Any) -> Order:
    """Return the order that `plain` made; it comes from the parent, which is believed."""
    return Order(
        keys={name: None if records is None else tuple(records) for name, records in found["keys"].items()},
        received_at=found["received_at"],
        author=found["author"],
        ours=tuple(found["ours"]),
        sealers=tuple(found["sealers"]),
    )


def to_json(report: Report) -> bytes:
    """Return a report as it travels."""
    return json.dumps(dataclasses.asdict(report)).encode()


def report(answer: bytes) -> Report:
    """Return the report of an answer. Raises ValueError for anything else."""
    return _adapter().validate_json(answer)


@functools.cache
def _adapter() -> "TypeAdapter[Report]":
    from pydantic import TypeAdapter

    return TypeAdapter(Report)
