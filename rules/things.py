"""What tests ask about, thing by thing, for who reasons about conditions without a message (see `rules.possible`).

A thing is what has one value in each message: the channel, the plan, or whether one phrase is heard. Its values here
are those that tests name and the usual ones: None where there is nothing, OTHER for all that no test names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rules.conditions import Test
from rules.decision import PRIORITIES
from rules.matchers_of_time import DAY, DAYS, HOURS
from rules.vocabulary import BOUNCES, CHANNELS, IDENTIFIED_BY, RESULTS, TRANSCRIPTS, TYPES, VERDICTS

Thing = tuple[str, ...]
Value = str | bool | int | None
# How often rules before have changed a thing of the decision itself, which is another thing since.
Changes = Mapping[Thing, int]

OTHER: Final = "\n"  # no name holds a line end
_TRUTH: Final = (False, True)
_USUAL: Final[Mapping[str, tuple[Value, ...]]] = {
    "channel": CHANNELS,
    "identity.by": (None, *IDENTIFIED_BY),
    "authentication.verdict": VERDICTS,
    "proof": VERDICTS,
    "transcript": (None, *TRANSCRIPTS),
    "bounce.kind": (None, *BOUNCES),
    "type": (None, *TYPES),
    "priority": ("medium", *(each for each in PRIORITIES if each != "medium")),
    "claimed_urgency": (None, *PRIORITIES),
    "source": (OTHER,),
    **dict.fromkeys(("authentication.spf", "authentication.dkim", "authentication.dmarc"), (None, *RESULTS)),
    **dict.fromkeys(("line.known", "caller.withheld", "contact.authorized"), (None, *_TRUTH)),
    **dict.fromkeys(("account.id", "account.plan", "contact.role", "line", "caller", "queue", "from"), (None, OTHER)),
    **dict.fromkeys(("account.open-tickets", "callback.made"), (0,)),
}
# One thing for each word: a text says several.
_BY_WORD: Final = frozenset({"says", "subject", "body", "matches", "subject.matches", "tag"})
_OF_FILES: Final = frozenset({"attachment", "attachment.type"})
_OF_MAIL: Final = (
    "attachment", "attachment.type", "attachment.dangerous", "auto-reply", "bounce", "list", "forwarded", "spam",
)  # fmt: skip
_NUMBERS: Final = frozenset({"account.open-tickets", "callback.made"})
# What is said in the first is said in the second.
_WIDER: Final = {"subject": "says", "body": "says", "subject.matches": "matches"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The thing has one of `values`, or none of them."""

    thing: Thing
    values: tuple[Value, ...]
    among: bool = True

    def opposite(self) -> "Answer":
        """The answer that is true where this is not."""
        return Answer(thing=self.thing, values=self.values, among=not self.among)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Where `when` is true, `then` is."""

    when: Answer
    then: Answer


def usual(thing: Thing) -> tuple[Value, ...]:
    """The values that a thing may have without being named, the most usual first."""
    name = thing[0]
    if name.startswith(HOURS):
        return "open", "closed"
    if name.startswith(DAY):
        return DAYS
    if name.startswith("earlier."):
        return (0,)
    return _USUAL.get(name, _TRUTH)


def asked(test: Test, changes: Changes, known: Mapping[Thing, tuple[Value, ...]]) -> tuple[Answer, ...]:
    """The answers of which one is what the test wants. `known`: the values of things, of numbers those at limits."""
    name, given = test.name, test.given
    words = test.wanted if isinstance(test.wanted, tuple) else (test.wanted,)
    if isinstance(given, bool):
        return (_is((name,), given),)
    if name in _BY_WORD:
        return tuple([_is(_at((name, str(word)), changes)) for word in words])
    if name in _OF_FILES:
        return tuple([_is((name, str(word).casefold())) for word in words])
    if name == "subject.only":
        return (_is((name, *sorted(map(str, words)))),)
    if name == "from":
        return _from(sorted(given))
    if name.startswith((HOURS, DAY)):
        return (Answer(thing=(name,), values=words),)
    if name in _NUMBERS:
        return (_between((name,), given, known),)
    if name.startswith("earlier."):
        of, within, limits = given
        return (_between((name, of, str(within)), limits, known),)
    return (Answer(thing=_at((name,), changes), values=tuple(sorted(given))),)


def laws_of(answer: Answer) -> tuple[Law, ...]:
    """What follows from such an answer, or goes before it."""
    thing = answer.thing
    name = thing[0]
    if name in _WIDER:
        wider = Law(when=_is(thing), then=_is((_WIDER[name], *thing[1:])))
        return (wider,) if name == "body" else (wider, Law(when=_is(thing), then=_MAIL))
    if name in _OF_FILES and len(thing) > 1:
        return (Law(when=_is(thing), then=_is((name,))),)
    if thing == ("from",):
        return tuple(
            Law(when=_is(thing, each), then=_is(("from", "domain"), each[each.rfind("@") :]))
            for each in map(str, answer.values)
        )
    if name.startswith(HOURS):
        day = (DAY + name.removeprefix(HOURS),)
        return (Law(when=_is(thing, "open"), then=_is(day, "working")),)
    return ()


def _is(thing: Thing, value: Value = True) -> Answer:
    return Answer(thing=thing, values=(value,))


def _at(thing: Thing, changes: Changes) -> Thing:
    times = changes.get(thing, 0)
    return (*thing, f"\n{times}") if times else thing


def _from(folded: list[str]) -> tuple[Answer, ...]:
    domains = tuple([each for each in folded if each.startswith("@")])
    others = tuple([each for each in folded if not each.startswith("@")])
    answers = (Answer(thing=("from",), values=others), Answer(thing=("from", "domain"), values=domains))
    return tuple([each for each in answers if each.values])


def _between(thing: Thing, limits: tuple[int, int], known: Mapping[Thing, tuple[Value, ...]]) -> Answer:
    least, most = limits
    if thing not in known:
        return Answer(thing=thing, values=tuple(each for each in (least - 1, least, most, most + 1) if each >= 0))
    within = [each for each in known[thing] if isinstance(each, int) and least <= each <= most]
    return Answer(thing=thing, values=tuple(within))


def _never_both(name: str, value: Value, *others: str) -> tuple[Law, ...]:
    """Where a thing has the value, there is nothing of the others."""
    return tuple(Law(when=_is((name,), value), then=_is((other,), None)) for other in others)


def _then(name: str, value: Value, other: str, *values: Value, among: bool = True) -> Law:
    return Law(when=_is((name,), value), then=Answer(thing=(other,), values=values, among=among))


_MAIL: Final = _is(("channel",), "email")
LAWS: Final[tuple[Law, ...]] = (
    Law(when=_is(("channel",), "voicemail"), then=_is(("from", "domain"), None)),
    *_never_both("channel", "email", "line", "line.known", "caller", "caller.withheld", "transcript"),
    _then("channel", "email", "authentication.verdict", "none", among=False),
    _then("channel", "email", "proof", "none", among=False),
    *_never_both(
        "channel", "voicemail", "from", "bounce.kind", "claimed_urgency",
        "authentication.spf", "authentication.dkim", "authentication.dmarc",
    ),
    _then("channel", "voicemail", "authentication.verdict", "none"),
    *(
        _then("channel", "voicemail", name, None, among=False)
        for name in ("line.known", "caller.withheld", "transcript")
    ),
    *(_then("channel", "voicemail", name, False) for name in _OF_MAIL),
    # A confirmation proves what was not.
    *(_then("authentication.verdict", verdict, "proof", verdict, "authenticated") for verdict in VERDICTS),
    _then("caller.withheld", True, "caller", None),
    _then("line.known", True, "line", None, among=False),
    _then("bounce", False, "bounce.kind", None),
    *_never_both(
        "account.known", False, "account.id", "account.plan", "contact.role", "contact.authorized"
    ),
    _then("account.known", False, "contact.known", False),
    _then("account.known", True, "account.id", None, among=False),
    _then("account.known", True, "account.ambiguous", False),
    *_never_both("contact.known", False, "contact.role", "contact.authorized"),
)  # fmt: skip
