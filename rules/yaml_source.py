"""The door for YAML files: `read` them, `validate` them, and get every mistake with its line and column."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from rules.mistakes import Mistake, MistakesFound
from rules.yaml_document import Document
from rules.yaml_errors import mistakes_of
from rules.yaml_places import Loc
from rules.yaml_reader import read_all

__all__ = ["Document", "Loc", "check", "read", "read_all", "read_model", "validate"]

M = TypeVar("M", bound=BaseModel)


def read(text: str | bytes, name: str) -> Document:
    """Read one YAML file's text; `name` is what mistakes call it.

    Raises MistakesFound with all that is wrong with it as YAML (what the values mean is `validate`'s matter).
    """
    document, mistakes = read_all(text, name)
    if mistakes:
        raise MistakesFound(mistakes)
    return document


def read_model(model: type[M], text: str | bytes, name: str) -> tuple[M, Document]:
    """Read and validate in one: MistakesFound carries what is wrong as YAML and with the values together."""
    document, mistakes = read_all(text, name)
    checked, more = check(model, document)
    if mistakes or more or checked is None:
        raise MistakesFound([*mistakes, *more])
    return checked, document


def validate(model: type[M], document: Document, *, at: Loc = ()) -> M:
    """The document's data (or the part of it at `at`) as `model`.

    An empty file or part counts as one without keys. Types are strict: a number in quotes is text; but where
    text is wanted, a bare number is taken as it is written (`id: 48213`, `plan: 1.10`).
    Raises MistakesFound with every mistake at its line and column.
    """
    checked, mistakes = check(model, document, at=at)
    if mistakes or checked is None:
        raise MistakesFound(mistakes)
    return checked


def check(model: type[M], document: Document, *, at: Loc = ()) -> tuple[M | None, list[Mistake]]:
    """Like `validate`, but gives the mistakes back, and beside them what can be had without the wrong values.

    For callers that look further (does this calendar exist?) and want to tell all mistakes at once: the model is
    there in spite of mistakes when every wrong key may as well be left out. What could not be read as YAML is not
    judged again.
    """
    data = document.data
    if not document.unread(at):
        for step in at:
            data = data[step]
    return check_value(model, data, document, at=at)


def check_value(model: type[M], data: Any, document: Document, *, at: Loc) -> tuple[M | None, list[Mistake]]:
    """Like `check`, for a value at hand: the one that stands at `at`, or what is to be judged of it."""
    if document.unread(at):
        return None, []
    data = {} if data is None else data
    errors: list[ErrorDetails] = []
    for _ in range(2):
        try:
            # JSON mode is the strict mode that takes a list for a tuple and text for a path or a date.
            return model.model_validate_json(to_json(data), strict=True), []
        except ValidationError as error:
            errors = error.errors(include_url=False)
        data, changed = _numbers_as_text(data, errors, document, at)
        if not changed:
            break
    judged = [error for error in errors if not document.unread((*at, *error["loc"]))]
    return _without(model, data, errors), mistakes_of(model, judged, document, at)


def _without(model: type[M], data: Any, errors: Sequence[ErrorDetails]) -> M | None:
    """The model from the data less every key that an error lies at or below; None when that is not enough."""
    copy = from_json(to_json(data))
    for error in errors:
        holder, last, value = None, "", copy
        for step in error["loc"]:
            if isinstance(value, dict) and step in value:
                holder, last, value = value, str(step), value[step]
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]  # never removed: the entries behind it would change their places
        if error["type"] == "missing" or holder is None:
            continue
        holder.pop(last, None)
    try:
        return model.model_validate_json(to_json(copy), strict=True)
    except ValidationError:
        return None


def _numbers_as_text(data: Any, errors: Sequence[ErrorDetails], document: Document, at: Loc) -> tuple[Any, bool]:
    """A copy of the data in which numbers stand as they are written, where the model wanted text."""
    copy = from_json(to_json(data))
    changed = False
    for error in errors:
        if error["type"] not in {"string_type", "literal_error", "path_type"}:
            continue
        source = document.source((*at, *error["loc"]))
        if source is None or isinstance(error["input"], bool):
            continue
        changed = _replace(copy, error["loc"], source) or changed
    return copy, changed


def _replace(data: Any, loc: Loc, value: str) -> bool:
    holder: Any = None
    last: str | int = 0
    for step in loc:
        known = isinstance(data, dict) and step in data
        if known or (isinstance(data, list) and isinstance(step, int) and step < len(data)):
            holder, last, data = data, step, data[step]
    if holder is None or not isinstance(data, int | float):
        return False
    holder[last] = value
    return True
