"""The parts of a rules file as they may be written: their keys, and the kinds of their values.

Each part is checked by itself, so that a mistake in one hides none in another. What the values refer to (phrases,
calendars, lines, plans, clocks) is looked up afterwards, by `rules.load`, which knows the whole file.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules.decision import PRIORITIES, ClockMoment, Meets, TicketType
from rules.mistakes import short

# The keys of the file itself, in the order in which they are read.
FILE_KEYS = (
    "include",
    "desk",
    "plans",
    "priorities",
    "calendars",
    "lines",
    "clocks",
    "phrases",
    "actions",
    "oncall",
    "decide",
    "tests",
)


def _text(value: str) -> str:
    if not value.strip():
        message = "expected text, got nothing but blanks"
        raise ValueError(message)
    if len(value) > 1000:
        message = f"expected text of at most 1000 characters, got {len(value)}"
        raise ValueError(message)
    return value.strip()


def _name(value: str) -> str:
    value = _text(value)
    if len(value) > 100:
        message = f"expected a name of at most 100 characters, got {len(value)}"
        raise ValueError(message)
    if not value.isprintable():
        message = f'"{short(value)}" holds a character that nobody sees; type it anew'
        raise ValueError(message)
    return value


def listed(value: Any) -> Any:
    """One text is a list of one."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return (value,)
    # Behind a validator of its own pydantic is strict about the two kinds of sequence.
    return tuple(value) if isinstance(value, list) else value


def _is_one(value: Any) -> bool:
    """Whether it is one text, or a number, which is read as one."""
    return isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool))


def _by_priority(value: Any) -> Any:
    """One length is the length for every priority; a bare number is told to be no length where lengths are read."""
    if _is_one(value):
        return dict.fromkeys(PRIORITIES, str(value))
    return value


Text = Annotated[str, AfterValidator(_text)]
Name = Annotated[str, AfterValidator(_name)]
# `json_schema_input_type` is what a file may write, for the schema that editors use.
SomeTexts = BeforeValidator(listed, json_schema_input_type=str | list[str])
Names = Annotated[tuple[Name, ...], SomeTexts, Field(min_length=1)]
ClockMoments = Annotated[
    tuple[ClockMoment, ...], BeforeValidator(listed, json_schema_input_type=ClockMoment | list[ClockMoment])
]
Texts = Annotated[tuple[Text, ...], SomeTexts, Field(min_length=1)]
# By priority, in the desk's own words (see `rules.scale`).
Within = Annotated[
    dict[str, str],
    BeforeValidator(_by_priority, json_schema_input_type=str | dict[str, str]),
    Field(min_length=1),
]


def _or_text(schema: dict[str, Any]) -> None:
    """Say in a part's schema that one text may stand for its keys."""
    keys = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, keys]


class Part(BaseModel):
    """A part of the file: no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class DeskPart(Part):
    """`desk`."""

    zone: Name | None = None


class LinePart(Part):
    """One of `lines`."""

    number: str
    hours: Name | None = None
    greeting: "GreetingPart | None" = None
    after: Name | None = None
    default: bool = False


class GreetingPart(Part):
    """`greeting` of a line: names of templates; one name stands for both."""

    model_config = ConfigDict(json_schema_extra=_or_text)

    open: Name | None = None
    closed: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _both(cls, value: Any) -> Any:
        return {"open": value, "closed": value} if _is_one(value) else value


class ClockPart(Part):
    """One of `clocks`."""

    within: Within
    calendar: Name
    met: Meets | None = None
    paused: Literal["waiting"] | None = None
    warn: str | None = None
    notice: ClockMoments = ()


class ClockChangePart(Part):
    """What `then: {clocks: {NAME: …}}` changes."""

    model_config = ConfigDict(json_schema_extra=_or_text)

    within: Within | None = None
    calendar: Name | None = None
    off: bool = False

    @model_validator(mode="before")
    @classmethod
    def _off(cls, value: Any) -> Any:
        if value == "off":
            return {"off": True}
        if isinstance(value, dict) and "off" in value:
            message = 'write "off" in place of the keys: {callback: off}'
            raise ValueError(message)
        if value == {} or not isinstance(value, dict):
            message = "expected what to change ({within: 30m, calendar: office}) or off"
            raise ValueError(message)
        return value


class ActionPart(Part):
    """One of `actions`."""

    needs: dict[str, Any] | None = None
    otherwise: Text | None = Field(default=None, alias="else")
    override: "bool | Names" = False

    @model_validator(mode="after")
    def _both(self) -> "ActionPart":
        if self.needs is not None and self.otherwise is None:
            message = "`else` is missing: the sentence that staff and customer read where `needs` does not hold"
            raise ValueError(message)
        if self.needs is None and self.otherwise is not None:
            message = "`else` is never read without `needs`"
            raise ValueError(message)
        if self.needs is None and self.override:
            message = "`override` has nothing to override without `needs`"
            raise ValueError(message)
        return self


class PagePart(Part):
    """`page`: whom to wake; `once-in`: no sooner again by the same rule."""

    model_config = ConfigDict(json_schema_extra=_or_text)

    to: Name
    once_in: Name | None = Field(default=None, alias="once-in")

    @model_validator(mode="before")
    @classmethod
    def _to(cls, value: Any) -> Any:
        return {"to": value} if _is_one(value) else value


class EffectsPart(Part):
    """`then`."""

    queue: Name | None = None
    type: TicketType | None = None
    priority: Name | None = None
    tag: Names = ()
    assignee: Name | None = None
    clocks: dict[str, ClockChangePart] = Field(default_factory=dict)  # a plain default is copied for each rule
    page: PagePart | None = None
    acknowledge: Name | None = None
    confirm: bool | None = None
    template: Name | None = None
    tell: Names = ()
    notice: Texts = ()
    block: dict[str, Text] = Field(default_factory=dict)
    callback_terms: Name | None = Field(default=None, alias="callback.terms")
    behind: bool | None = None
    quarantine: Text | None = None
    reject: Text | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "EffectsPart":
        if self.quarantine and self.reject:
            message = "a message is held (quarantine) or refused (reject), not both"
            raise ValueError(message)
        return self


class RulePart(Part):
    """One rule of a section; `when` is read by `rules.condition_reader`, `then` as `EffectsPart`."""

    rule: Name
    when: dict[str, Any] | None = None
    then: dict[str, Any]
    goes_on: bool = Field(default=False, alias="continue")
