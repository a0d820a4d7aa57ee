"""A loaded rules file: everything looked up and checked, nothing left to go wrong when a message comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.calendars import Calendar
from rules.clocks import Clock, ClockChange
from rules.conditions import Condition
from rules.decision import Disposal, Priority, TicketType
from rules.index import SectionIndex
from rules.phrases import PhraseBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A number that callers dial. `hours` names a calendar; the default line stands for numbers that nobody named."""

    name: str
    number: str
    hours: str | None = None
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a rule does; None and empty leave things as they are."""

    queue: str | None = None
    type: TicketType | None = None
    priority: Priority | None = None
    tags: tuple[str, ...] = ()
    assignee: str | None = None
    clocks: Mapping[str, ClockChange] = field(default_factory=dict)
    disposal: Disposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `when` None holds always; `goes_on` does not end its section."""

    name: str
    line: int
    when: Condition | None
    effects: Effects
    goes_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rules in order: the first one that holds decides, unless it goes on. `index` is there for long sections."""

    name: str
    rules: tuple[Rule, ...]
    index: SectionIndex | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that may be asked for; `needs` None is always allowed, `otherwise` is read where it is blocked."""

    name: str
    line: int
    needs: Condition | None = None
    otherwise: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """What `decide` goes by. `plans` None: the file names none, and any plan will do.

    zone: the desk's, by IANA name; None where neither the file nor the caller named one.
    """

    file: str
    zone: str | None = None
    plans: tuple[str, ...] | None = None
    lines: tuple[Line, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    actions: tuple[Action, ...] = ()
    sections: tuple[Section, ...] = ()
    phrases: PhraseBook = field(default_factory=lambda: PhraseBook({}))
