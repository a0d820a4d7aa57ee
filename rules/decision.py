"""What rules decide, and the whole way there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Priority = Literal["urgent", "high", "medium", "low"]
Meets = Literal["reply", "call", "solved"]
ClockMoment = Literal["due", "breach"]
TicketType = Literal["incident", "problem", "service-request"]
Scalar = str | bool | int | None
Shown = Scalar | tuple[str, ...]

PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "medium", "low")
ABOVE_MEDIUM: frozenset[Priority] = frozenset({"urgent", "high"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPlan:
    """One clock of the ticket: its times in UTC; `explanation` is the arithmetic in words.

    warn_at: when it says that it is due soon. within, warn: the lengths as they are written, to count again when the
    clock was paused. met: what ends it well. paused: whether it stands still while the ticket is `waiting`. notice: at
    which moments staff are told.
    """

    name: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    calendar: str
    within: str
    warn: str | None
    met: Meets
    paused: bool
    notice: tuple[ClockMoment, ...]
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """A message that becomes no ticket: held for staff, or refused. The bytes are kept either way."""

    kind: Literal["quarantine", "reject"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Somebody is to be woken: `to` is "rota" or a person of `oncall`, `rule` the rule that wants it."""

    to: str
    rule: str


# A trace of hundreds of these is made for each message, and a frozen one takes more than twice the time to make. Nobody
# changes one.
@dataclass(slots=True, kw_only=True)
class ConditionTrace:
    """One condition of a rule: what it wanted, what was there, and whether it held.

    `parts` are the conditions inside of `all`, `any` and `not`, which have no value of their own.
    """

    test: str
    line: int
    wanted: Shown
    value: Shown
    holds: bool
    parts: "tuple[ConditionTrace, ...]" = ()


@dataclass(slots=True, kw_only=True)  # not frozen: as above
class RuleTrace:
    """One rule that was looked at. `holds`: its conditions were met; `decided`: it ended its section."""

    rule: str
    file: str
    line: int
    holds: bool
    decided: bool
    conditions: tuple[ConditionTrace, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionTrace:
    """One section: its rules up to the one that decided.

    `passed_over` counts rules of a long section that an index ruled out without looking at them; `notes`
    say what else happened, such as a priority that the law about mail kept down.
    """

    section: str
    rules: tuple[RuleTrace, ...]
    passed_over: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What `decide` says of one message. `priority_by` is `default` or `rule NAME`.

    `actions_blocked` maps an action to the sentence that staff and customer read. `line` is the name of
    the line called, the default line's for a number that nobody named, None for mail.

    acknowledge: the template of the receipt; "off" where a rule wants none, None where no rule says. template: what
    the receipt, an acknowledgement or a confirmation, says in place of its usual template. confirm: the on-file
    address is to be asked. notices: sentences to staff. tell: templates of mails to the requester, each once for a
    ticket. page: never of a mail; a ticket that pages is urgent. callback_terms: a name for staff to go by. behind:
    in lists the ticket stands behind those that are not.
    """

    queue: str | None = None
    type: TicketType | None = None
    priority: Priority = "medium"
    priority_by: str = "default"
    tags: tuple[str, ...] = ()
    assignee: str | None = None
    clocks: tuple[ClockPlan, ...] = ()
    actions_allowed: tuple[str, ...] = ()
    actions_blocked: Mapping[str, str] = field(default_factory=dict)
    disposal: Disposal | None = None
    acknowledge: str | None = None
    template: str | None = None
    confirm: bool = False
    notices: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    page: Page | None = None
    callback_terms: str | None = None
    behind: bool = False
    line: str | None = None
    trace: tuple[SectionTrace, ...] = ()
    actions_trace: tuple[RuleTrace, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The decision as JSON values; times in RFC 3339 UTC."""
        written = _json(self)
        assert isinstance(written, dict)
        return written


_PLAIN = frozenset({str, bool, int, type(None)})


def _json(value: Any) -> Any:
    # By type, not by isinstance: a trace holds hundreds of these.
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, tuple):
        return [_json(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _json(one) for name, one in value.items()}
    return {name: _json(getattr(value, name)) for name in value.__dataclass_fields__}
