"""The YAML files of a desk: read whole, judged whole, and every way of failing said in one sentence."""

import errno
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from inboxd.errors import ConfigurationWrong
from rules import text_file
from rules.mistakes import Mistake
from rules.yaml_reader import MAX_BYTES, MAX_VALUES, read_all
from rules.yaml_source import Document, Loc, check

M = TypeVar("M", bound=BaseModel)

Judge = Callable[[Document], Iterable[Mistake]]


def read_form(
    model: type[M],
    path: Path,
    what: str,
    judge: Judge,
    *,
    max_bytes: int = MAX_BYTES,
    max_values: int = MAX_VALUES,
) -> tuple[M, Document]:
    """Read a YAML file as `model`; `what` names it in errors ("configuration", "accounts").

    `judge` finds what a schema cannot say. It sees the data as they stand in the file, wrong ones, too, so that
    people hear of every mistake at once and not of the next kind when they have mended the first.
    Raises ConfigurationWrong: the file is not there, cannot be read, or holds mistakes.
    """
    content = content_of(path, what, max_bytes)
    document, mistakes = read_all(content, str(path), max_bytes=max_bytes, max_values=max_values)
    form, wrong_values = check(model, document)
    mistakes += [*wrong_values, *judge(document)]
    if mistakes or form is None:
        raise ConfigurationWrong(f"the {what} file {path} is wrong", sorted(set(mistakes)))
    return form, document


def content_of(path: Path, what: str, max_bytes: int) -> bytes:
    """Read a file whole, or one byte more than is allowed. Raises ConfigurationWrong where it cannot be read."""
    try:
        return text_file.content_of(path, max_bytes)
    except OSError as error:
        raise ConfigurationWrong(_cannot_read(path, what, error)) from error


def value_at(document: Document, loc: Loc) -> Any:
    """Return the value at `loc` as it stands in the file; None where there is none."""
    value = document.data
    for step in loc:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(document: Document, loc: Loc) -> str | None:
    """Return the text at `loc`; a bare number as it is written; None for anything else."""
    value = value_at(document, loc)
    return value if isinstance(value, str) else document.source(loc)


def entries_at(document: Document, loc: Loc) -> Iterator[Loc]:
    """Give the place of each entry of the list at `loc`; nothing where there is no list."""
    value = value_at(document, loc)
    for index in range(len(value) if isinstance(value, list) else 0):
        yield (*loc, index)


def repeated(
    document: Document, locs: Iterable[Loc], key: Callable[[str], str] = str
) -> Iterator[tuple[Loc, str, int]]:
    """Give the texts at `locs` that stand there a second time, as place, text and line of the first.

    `key` gives the form in which texts are compared.
    """
    first: dict[str, Loc] = {}
    for loc in locs:
        text = text_at(document, loc)
        if text is None:
            continue
        earlier = first.setdefault(key(text), loc)
        if earlier != loc:
            yield loc, text, document.mark(earlier)[0]


def not_for_us(what: str, path: Path) -> str:
    """Say that this user may not read a file of ours, and who may."""
    return f"the {what} file {path} is not for this user to read: members of its group may (usually inboxd)"


def _cannot_read(path: Path, what: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"the {what} file {path} is not there"
    if isinstance(error, IsADirectoryError):
        return f"the {what} file {path} is a folder: name the file in it"
    if isinstance(error, PermissionError):
        return not_for_us(what, path)
    if error.errno == errno.ESPIPE:
        return f"the {what} file {path} is a pipe: name a file"
    return f"the {what} file {path} cannot be read: {error.strerror or error}"
