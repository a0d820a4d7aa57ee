"""The JSON Schema of a rules file (2020-12), from which editors complete keys and mark mistakes.

It says what may be written, not what it refers to: whether a calendar is there, and the law about mail, only the loader
knows. Whatever the loader takes, the schema takes.
"""

from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel

from rules.calendars import DAYS
from rules.decision import PRIORITIES
from rules.expectations import EXPECTATIONS, OUTBOX
from rules.facts import Whose
from rules.language import ActionPart, ClockPart, DeskPart, EffectsPart, LinePart, RulePart
from rules.language_of_tests import FileTestPart, GivenCallPart, GivenMailPart
from rules.matchers_of_time import DAYS as KINDS_OF_DAYS
from rules.rota_language import OnCallPart
from rules.vocabulary import BOUNCES, CHANNELS, IDENTIFIED_BY, RESULTS, TESTS, TRANSCRIPTS, TYPES, VERDICTS

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# What a file writes without quotes and an editor takes for a number (`+15550190`, `1`) is text to the loader.
_TEXT: Final[Schema] = {"type": ["string", "number"]}
_NULL: Final[Schema] = {"type": "null"}
_TRUTH: Final[Schema] = {"type": "boolean"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_LIMITS: Final[Schema] = {"at-least": _COUNT, "at-most": _COUNT}
_NUMBER: Final[Schema] = {
    "anyOf": [_COUNT, {"type": "object", "properties": _LIMITS, "additionalProperties": False, "minProperties": 1}]
}
_EARLIER: Final[Schema] = {
    "type": "object",
    "properties": {"within": _TEXT, "of": {"enum": list(get_args(Whose))}, **_LIMITS},
    "required": ["within"],
    "additionalProperties": False,
}
_DAY: Final = f"({'|'.join(DAYS)})"


def some(one: Schema) -> Schema:
    """One of something, or a list of them."""
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def _words(*names: str) -> Schema:
    return some({"enum": list(names)})


_OF_TESTS: Final[Mapping[str, Schema]] = {
    "channel": _words(*CHANNELS),
    "identity.by": _words(*IDENTIFIED_BY),
    "proof": _words(*VERDICTS),
    "authentication.verdict": _words(*VERDICTS),
    "authentication.spf": _words(*RESULTS),
    "authentication.dkim": _words(*RESULTS),
    "authentication.dmarc": _words(*RESULTS),
    "transcript": _words(*TRANSCRIPTS),
    "bounce.kind": _words(*BOUNCES),
    "claimed_urgency": _words(*PRIORITIES),
    "type": _words(*TYPES),
    "attachment": {"anyOf": [_TRUTH, some(_TEXT)]},
    "attachment.type": {"anyOf": [_TRUTH, some(_TEXT)]},
    **dict.fromkeys(("account.open-tickets", "callback.made"), _NUMBER),
    **dict.fromkeys(("earlier.tickets", "earlier.calls", "earlier.pages"), _EARLIER),
    **dict.fromkeys(
        ("line.known", "caller.withheld", "account.known", "account.ambiguous", "contact.known", "contact.authorized",
         "attachment.dangerous", "auto-reply", "bounce", "list", "forwarded", "spam", "reference.quoted"),
        _TRUTH,
    ),
}  # fmt: skip


def rules_schema() -> Schema:
    """The schema of rules.yaml."""
    return {
        "$schema": DIALECT,
        "title": "rules.yaml of inboxd",
        "type": ["object", "null"],
        "properties": {
            "include": {**some(_TEXT), "description": "Other files whose parts count as if they stood here."},
            "desk": {"anyOf": [_NULL, _part(DeskPart)]},
            "plans": {
                "type": ["array", "null"],
                "items": _TEXT,
                "description": "The only plans that accounts may have.",
            },
            "priorities": _named({"enum": list(PRIORITIES)}, "The desk's own names for the four priorities."),
            "calendars": _named(_calendar(), "Hours."),
            "lines": _named(_part(LinePart), "The numbers that callers dial."),
            "clocks": _named(_part(ClockPart), "How soon something is due."),
            "phrases": _named({"type": "array", "items": _TEXT, "minItems": 1}, "Words to listen for."),
            "actions": _named(_part(ActionPart, needs={"$ref": "#/$defs/when"}), "What may be done for whom."),
            "oncall": {"anyOf": [_NULL, _part(OnCallPart)]},
            "decide": _named({"type": "array", "items": {"$ref": "#/$defs/rule"}}, "Sections of rules, in order."),
            "tests": {"type": ["array", "null"], "items": _test()},
        },
        "additionalProperties": False,
        "$defs": {
            "when": _when(),
            "then": _part(EffectsPart),
            "rule": _part(RulePart, when={"$ref": "#/$defs/when"}, then={"$ref": "#/$defs/then"}),
        },
    }


def _named(value: Schema, description: str) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": value, "description": description}


def _calendar() -> Schema:
    hours = some({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2} ?[-–] ?[0-9]{2}:[0-9]{2}$"})
    return {
        "type": "object",
        "properties": {"zone": {"type": "string"}, "closed": some({"type": ["string", "number", "object"]})},
        "patternProperties": {f"^{_DAY}(-{_DAY})?$": hours},
        "additionalProperties": False,
    }


def _when() -> Schema:
    here = {"$ref": "#/$defs/when"}
    tests = {name: _OF_TESTS.get(name, some(_TEXT)) for name in TESTS}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {
            **tests,
            "all": {"type": "array", "items": here, "minItems": 1},
            "any": {"type": "array", "items": here, "minItems": 1},
            "not": here,
        },
        "patternProperties": {
            "^hours\\.": {"enum": ["open", "closed"]},
            "^day\\.": _words(*KINDS_OF_DAYS),
        },
        "additionalProperties": False,
    }


def _test() -> Schema:
    due = {"anyOf": [_NULL, {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$"}]}
    listed = {"anyOf": [_NULL, _TEXT, {"type": "array", "items": _TEXT}]}
    expect: dict[str, Schema] = {name: {"anyOf": [_NULL, _TEXT]} for name in EXPECTATIONS}
    expect |= dict.fromkeys(("tags", "allowed", "blocked", "tell", "notice"), listed)
    expect |= dict.fromkeys(("confirm", "behind"), _TRUTH)
    expect["pages"] = {"enum": [0, 1]}
    expect["outbox"] = {"anyOf": [_NULL, {"enum": list(OUTBOX)}, {"type": "array", "items": {"enum": list(OUTBOX)}}]}
    expect["type"] = {"enum": [*TYPES, None]}
    expect["claimed_urgency"] = {"enum": [*PRIORITIES, None]}
    return _part(
        FileTestPart,
        mail=_part(GivenMailPart),
        call=_part(GivenCallPart),
        # A key that is none of these is the name of a clock.
        expect={"type": "object", "minProperties": 1, "properties": expect, "additionalProperties": due},
    )


def _part(model: type[BaseModel], **instead: Schema) -> Schema:
    """The schema of a part of the file; `instead` for keys that are read by somebody else."""
    written = model.model_json_schema(by_alias=True)
    shapes = written.pop("$defs", {})
    schema = as_written(_inlined(written, shapes))
    if instead:
        schema["properties"] |= instead
    return schema


def _inlined(value: Any, shapes: Mapping[str, Any]) -> Any:
    """The same without references into `$defs`: each part stands for itself."""
    if isinstance(value, dict):
        if "$ref" in value:
            rest = {key: one for key, one in value.items() if key != "$ref"}
            return {**_inlined(shapes[value["$ref"].rpartition("/")[2]], shapes), **rest}
        return {key: _inlined(one, shapes) for key, one in value.items()}
    if isinstance(value, list):
        return [_inlined(one, shapes) for one in value]
    return value


def as_written(schema: Any) -> Schema:
    """A schema of values as one of what stands in a file: a number is text where text is wanted."""
    written: Schema = {}
    for key, one in schema.items():
        if key in ("properties", "patternProperties", "$defs"):
            written[key] = {name: as_written(inner) for name, inner in one.items()}
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            written[key] = [as_written(inner) for inner in one]
        elif key in ("items", "additionalProperties") and isinstance(one, dict):
            written[key] = as_written(one)
        elif key not in ("title", "default"):
            written[key] = one
    if written.get("type") == "string" and "enum" not in written and "pattern" not in written:
        written["type"] = ["string", "number"]
    return written
