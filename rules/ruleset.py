"""A loaded rules file: everything looked up and checked, nothing left to go wrong when a message comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from rules.calendars import Calendar
from rules.clocks import Clock, ClockChange
from rules.conditions import Condition
from rules.decision import Disposal, Priority, TicketType
from rules.facts import EarlierKind, Whose
from rules.file_test import FileTest
from rules.index import SectionIndex
from rules.patterns import PatternBook
from rules.phrases import PhraseBook
from rules.rota import Rota
from rules.scale import Scale

# What a rules file names and others know: `queue` is one that a rule gives, `queue asked for` one in a `when`.
Outside = Literal[
    "account", "plan", "role", "queue", "queue asked for", "person", "approver", "template", "greeting"
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A number that callers dial. `hours` names a calendar; the default line stands for numbers that nobody named.

    greeting_open, greeting_closed: templates of what callers hear before they speak, in the hours and outside of them;
    after: of what they hear when they have spoken. None: the desk's usual ones.
    """

    name: str
    number: str
    hours: str | None = None
    greeting_open: str | None = None
    greeting_closed: str | None = None
    after: str | None = None
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEffect:
    """Wake `to`, "rota" or a person of `oncall`; by the same rule no sooner again than after `once_in`."""

    to: str
    once_in: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a rule does; None and empty leave things as they are. `block`: actions, each with its sentence."""

    queue: str | None = None
    type: TicketType | None = None
    priority: Priority | None = None
    tags: tuple[str, ...] = ()
    assignee: str | None = None
    clocks: Mapping[str, ClockChange] = field(default_factory=dict)
    page: PageEffect | None = None
    acknowledge: str | None = None
    confirm: bool | None = None
    template: str | None = None
    tell: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    block: Mapping[str, str] = field(default_factory=dict)
    callback_terms: str | None = None
    behind: bool | None = None
    disposal: Disposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `when` None holds always; `goes_on` does not end its section."""

    name: str
    file: str = ""
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
    """Something that may be asked for; `needs` None is always allowed, `otherwise` is read where it is blocked.

    override: whether a person may allow it all the same, saying why; approvers: these alone, where any are named.
    """

    name: str
    file: str = ""
    line: int
    needs: Condition | None = None
    otherwise: str = ""
    override: bool = False
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameUse:
    """A place of the file that names something outside of it. What there is of its kind is not the rules' matter."""

    kind: Outside
    name: str
    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """What `decide` goes by. `plans` None: the file names none, and any plan will do.

    zone: the desk's, by IANA name; None where neither the file nor the caller named one. looks_back: what
    `Facts.earlier` has to hold for these rules, and how far back: of each kind, for whom they ask. outside: every place
    that names a template or a greeting, and of each other name the first place, in the file's order.
    """

    file: str
    zone: str | None = None
    plans: tuple[str, ...] | None = None
    scale: Scale = field(default_factory=Scale)
    lines: tuple[Line, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    actions: tuple[Action, ...] = ()
    rota: Rota | None = None
    sections: tuple[Section, ...] = ()
    tests: tuple[FileTest, ...] = ()
    outside: tuple[NameUse, ...] = ()
    looks_back: Mapping[tuple[EarlierKind, Whose], timedelta] = field(default_factory=dict)
    patterns: PatternBook = field(default_factory=PatternBook)
    phrases: PhraseBook = field(default_factory=lambda: PhraseBook({}))

    def line_of(self, number: str | None) -> Line | None:
        """Return the line of a number; the default one for a number that nobody named; None without lines."""
        named = next((line for line in self.lines if line.number == number), None)
        return named or next((line for line in self.lines if line.default), None)
