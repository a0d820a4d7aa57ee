"""How phone systems write the mails that carry voicemails: signs and readings, from YAML."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Final, Literal

import re2
import yaml
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from inboxd import caller_id, shipped
from inboxd.message import caller_line

FIELDS: Final = frozenset({"who", "caller", "name", "called", "mailbox", "duration"})

Place = Literal["subject", "body", "from"]


class _Pattern(BaseModel):
    """Where to look, and what for."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    in_: Place | None = Field(default=None, alias="in")
    header: str | None = None
    matches: str

    @model_validator(mode="after")
    def _whole(self) -> "_Pattern":
        if (self.in_ is None) == (self.header is None):
            raise ValueError("names either a header, or in: subject, body or from")
        try:
            compiled = re2.compile(self.matches)
        except re2.error as error:
            raise ValueError(f"is no pattern (RE2): {error}") from None
        wrong = set(compiled.groupindex) - FIELDS
        if wrong:
            raise ValueError(f"reads {', '.join(sorted(wrong))}; there are {', '.join(sorted(FIELDS))}")
        return self


class _System(BaseModel):
    """One phone system."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signs: Annotated[list[_Pattern], Field(min_length=1)]
    reads: list[_Pattern] = []


class SystemsFile(RootModel[dict[str, _System]]):
    """A file of systems, in the order in which they are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`header` in lower case, or `place`."""

    place: Place | None
    header: str | None
    compiled: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A phone system by its name."""

    name: str
    signs: tuple[Pattern, ...]
    reads: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is looked at: header fields by their names in lower case, and what people see."""

    headers: "dict[str, str]"
    subject: str
    body: str
    from_addr: str


def systems(form: SystemsFile) -> tuple[System, ...]:
    """Compile a file's systems."""
    return tuple(
        System(name=name, signs=tuple(map(_compiled, each.signs)), reads=tuple(map(_compiled, each.reads)))
        for name, each in form.root.items()
    )


@cache
def shipped_systems() -> tuple[System, ...]:
    """Read the systems that inboxd knows. The last one's labels in the body are read for each of them."""
    text = (shipped.folder("config") / "voicemail-mails.yaml").read_text("utf-8")
    known = systems(SystemsFile.model_validate(yaml.safe_load(text)))
    labels = tuple(reading for reading in known[-1].reads if reading.place == "body")
    return (*(replace(each, reads=each.reads + labels) for each in known[:-1]), known[-1])


def _compiled(form: _Pattern) -> Pattern:
    header = None if form.header is None else form.header.lower()
    # People write subjects in any case, and machines their fields.
    return Pattern(place=form.in_, header=header, compiled=re2.compile(f"(?i){form.matches}"))


def read(mail: Mail, known: Iterable[System]) -> tuple[str, dict[str, str]] | None:
    """Give the system's name and what was read; None where no sign of a system is seen."""
    for system in known:
        if all(_found(mail, sign) is None for sign in system.signs):
            continue
        fields: dict[str, str] = {}
        for reading in system.reads:
            if (match := _found(mail, reading)) is not None:
                fields = {**_told(match.groupdict()), **fields}
        return system.name, fields
    return None


def _told(groups: Mapping[str, str | None]) -> dict[str, str]:
    told = {name: " ".join(value.split()) for name, value in groups.items() if value}
    if "who" in told:
        caller, name = caller_line.split(told.pop("who"))
        told = {"caller": caller or "", "name": name or "", **told}
    if "name" in told and caller_id.read(told["name"]).withheld:
        del told["name"]
    return {name: value for name, value in told.items() if value}


def _found(mail: Mail, pattern: Pattern) -> Any:
    if pattern.header is not None:
        text = mail.headers.get(pattern.header)
    else:
        text = {"subject": mail.subject, "body": mail.body, "from": mail.from_addr}[pattern.place or "subject"]
    return None if text is None else pattern.compiled.search(text)
