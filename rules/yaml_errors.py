"""pydantic's verdict on a document, told in plain words at the place in the file."""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, islice
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from rules.mistakes import Mistake, short
from rules.yaml_document import Document
from rules.yaml_places import Loc
from rules.yaml_reader import MAX_MISTAKES, kind

# A file full of mistakes is refused at once, too: a suggestion is looked for among so many names at most, by so
# many letters.
MAX_NAMES = 5_000
FEW_NAMES = 100
MAX_LETTERS = 3_500

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list ([…])",
    "tuple_type": "a list ([…])",
    "set_type": "a list ([…])",
    "frozen_set_type": "a list ([…])",
    "dict_type": "keys with values ({key: value})",
    "mapping_type": "keys with values ({key: value})",
    "model_type": "keys with values ({key: value})",
    "model_attributes_type": "keys with values ({key: value})",
    "dataclass_type": "keys with values ({key: value})",
    "path_type": "a path",
    "none_required": "null",
    "date_type": "a date such as 2026-12-31",
    "date_parsing": "a date such as 2026-12-31",
    "date_from_datetime_parsing": "a date such as 2026-12-31",
    "datetime_type": "a date with a time such as 2026-12-31 09:30",
    "datetime_parsing": "a date with a time such as 2026-12-31 09:30",
    "datetime_from_date_parsing": "a date with a time such as 2026-12-31 09:30",
    "time_parsing": "a time such as 09:30",
    "url_parsing": "a URL",
    "url_type": "a URL",
}
_LIMITS = {
    "greater_than": ("gt", "more than {}"),
    "greater_than_equal": ("ge", "{} or more"),
    "less_than": ("lt", "less than {}"),
    "less_than_equal": ("le", "{} or less"),
    "too_short": ("min_length", "at least {} entries"),
    "too_long": ("max_length", "at most {} entries"),
    "string_too_short": ("min_length", "text of at least {} characters"),
    "string_too_long": ("max_length", "text of at most {} characters"),
}


# What people write who know it from elsewhere, or who think of it by another name.
_MEANT = {
    "or": "any", "and": "all", "none": "not", "unless": "not", "if": "when", "do": "then", "actions": "then",
    "name": "rule", "stop": "continue", "plan": "account.plan", "account": "account.id", "customer": "account.id",
    "contact": "contact.known", "role": "contact.role", "authorized": "contact.authorized", "known": "account.known",
    "text": "says", "words": "says", "contains": "says", "phrase": "says", "regex": "matches", "pattern": "matches",
    "sender": "from", "author": "from", "to": "source", "mailbox": "source", "recipient": "source", "number": "caller",
    "verdict": "proof", "authentication": "proof", "confirmed": "proof", "urgency": "claimed_urgency",
    "time": "at", "message": "mail", "voicemail": "call", "email": "mail", "labels": "tag", "label": "tag",
    "assign": "assignee", "owner": "assignee",
    "reply": "acknowledge", "answer": "acknowledge", "receipt": "acknowledge", "notify": "notice", "alert": "page",
    "hold": "quarantine", "spam": "quarantine", "refuse": "reject", "drop": "reject", "forbid": "block",
    "timezone": "zone", "tz": "zone", "holidays": "closed", "rules": "decide", "sections": "decide",
    "numbers": "lines", "phones": "lines", "hours": "calendars", "sla": "clocks", "scale": "priorities",
    "includes": "include", "import": "include", "rota": "oncall", "on-call": "oncall", "permissions": "actions",
}  # fmt: skip


_TRUTHS = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}


def suggest(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean "from"?` for a near miss, else what is allowed (nothing, when nothing is)."""
    names = list(islice(allowed, MAX_NAMES))
    if not names:
        return ""
    folded = {name.casefold(): name for name in names}
    word = word.casefold()[:80]
    if (meant := _MEANT.get(word)) in folded:
        return f'; did you mean "{meant}"?'
    if (before := word.partition(":")[0]) != word and before in folded:
        return f'; behind "{folded[before]}:" a blank is missing'
    near = _near(word, folded)
    if near is not None:
        return f'; did you mean "{near}"?'
    return f"; allowed here: {_some(names)}" if len(names) > 1 else f"; only {_some(names)} is allowed here"


def suggest_of(word: str, there: Iterable[str]) -> str:
    """`; did you mean "acme"?` for a near miss, else what there is (nothing, when nothing is)."""
    names = list(islice(there, MAX_NAMES))
    near = _near(word.casefold()[:80], {name.casefold(): name for name in names})
    if near is not None:
        return f'; did you mean "{near}"?'
    return f"; there {'is' if len(names) == 1 else 'are'} {_some(names)}" if names else ""


def _near(word: str, folded: Mapping[str, str]) -> str | None:
    near = difflib.get_close_matches(word, _likely(word, folded), n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def _some(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names[:30]) + (", …" if len(names) > 30 else "")


def _likely(word: str, names: Collection[str]) -> list[str]:
    """The names worth comparing letter by letter: of very many those that begin alike, as many as is soon done."""
    near = [name for name in names if abs(len(name) - len(word)) <= (len(name) + len(word)) // 4]
    if len(names) > FEW_NAMES:
        near = [name for name in near if name[:1] == word[:1]]
    letters = accumulate(len(name) for name in near)
    return [name for name, so_far in zip(near, letters, strict=True) if so_far <= MAX_LETTERS]


def shown(value: Any) -> str:
    """A value as a mistake names it: `text "abc"`, `the number 5`, `nothing`, `a list`."""
    match kind(value):
        case "text" if not value.strip():
            return "nothing but blanks" if value else "an empty text"
        case "text":
            return f'text "{short(value if len(value) <= 60 else value[:57] + "…")}"'
        case "number":
            return f"the number {value}"
        case "truth":
            return "true" if value else "false"
        case "nothing":
            return "nothing"
        case "list":
            return "a list" if value else "an empty list"
        case "mapping":
            return "keys with values" if value else "no keys ({})"


def expected_truth(value: Any) -> str:
    """A value that stands where `true` or `false` is wanted, with the one that was meant."""
    meant = _TRUTHS.get(value.strip().casefold()) if isinstance(value, str) else None
    how = f"; write {meant}{' without quotes' if value.strip() == meant else ''}" if meant else ""
    return f"expected true or false, got {shown(value)}{how}"


def mistakes_of(model: type[BaseModel], errors: Sequence[ErrorDetails], document: Document, at: Loc) -> list[Mistake]:
    """Each error as a mistake at its place; the branches of a union are told as one sentence."""
    told: dict[tuple[int, int, str], list[str]] = {}
    mistakes: list[Mistake] = []
    for error in errors[:MAX_MISTAKES]:
        loc = (*at, *error["loc"])
        if error["type"] == "extra_forbidden":
            key = str(error["loc"][-1])
            allowed = keys_at(model, error["loc"][:-1])
            mistakes.append(document.mistake(loc, f'unknown key "{short(key)}"{suggest(key, allowed)}', key=True))
            continue
        on_key = bool(error["loc"]) and error["loc"][-1] == "[key]"
        expected, message = _words(error)
        line, column = document.mark(loc, key=on_key)
        if expected is None:
            mistakes.append(Mistake(file=document.name, line=line, column=column, message=message))
        else:  # the branches of a union each report: told as one sentence
            told.setdefault((line, column, message), []).append(expected)
    for (line, column, got), expectations in told.items():
        wanted = " or ".join(dict.fromkeys(expectations))
        mistakes.append(Mistake(file=document.name, line=line, column=column, message=f"expected {wanted}, got {got}"))
    if len(errors) > MAX_MISTAKES:
        rest = f"… and {len(errors) - MAX_MISTAKES} more; mend these first"
        mistakes.append(replace(max(mistakes), message=rest))
    return list(dict.fromkeys(mistakes))


def _words(error: ErrorDetails) -> tuple[str | None, str]:
    """What was expected and what was there instead; or None and the whole sentence."""
    name, context = error["type"], error.get("ctx", {})
    got = shown(error["input"])
    if name == "missing":
        return None, f'the key "{error["loc"][-1]}" is missing'
    if name == "value_error":
        return None, str(context["error"])
    if name in {"literal_error", "enum"}:
        return _choice(str(context["expected"])), got
    if name in {"union_tag_invalid", "union_tag_not_found"}:
        return _choice(str(context.get("expected_tags", context.get("discriminator")))), got
    if name in _LIMITS:
        key, words = _LIMITS[name]
        limit = context[key]
        words = words.replace("entries", "entry").replace("characters", "character") if limit == 1 else words
        return words.format(limit), got
    if name in ("bool_type", "bool_parsing") and isinstance(error["input"], str):
        return None, expected_truth(error["input"])
    if name in _EXPECTED:
        return _EXPECTED[name], got
    message = error["msg"].removeprefix("Value error, ")
    if message.startswith("Input should be "):
        return message.removeprefix("Input should be "), got
    return None, message[:1].lower() + message[1:]


def _choice(words: str) -> str:
    return words.replace("'", '"')


def keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that a file may use at `loc` below `model`."""
    kinds: list[Any] = [model]
    for step in loc:
        below = [kind_ for one in kinds for kind_ in _step(one, step)]
        kinds = below or kinds  # a step that is not in the file: the name of a union's branch
    names: dict[str, None] = {}
    for one in kinds:
        for flat in _flat(one):
            if isinstance(flat, type) and issubclass(flat, BaseModel):
                names.update({field.alias or name: None for name, field in flat.model_fields.items()})
    return list(names)


def _step(annotation: Any, step: str | int) -> list[Any]:
    found: list[Any] = []
    for flat in _flat(annotation):
        if isinstance(flat, type) and issubclass(flat, BaseModel):
            found += [field.annotation for name, field in flat.model_fields.items() if (field.alias or name) == step]
        elif (arguments := get_args(flat)) and not (isinstance(step, str) and get_origin(flat) in {list, tuple}):
            found.append(arguments[-1] if arguments[-1] is not Ellipsis else arguments[0])
    return found


def _flat(annotation: Any) -> list[Any]:
    """A union's branches without `Annotated`; type aliases looked through."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _flat(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return [flat for branch in get_args(annotation) for flat in _flat(branch)]
    return [annotation]
