"""`when` and `needs` as conditions: keys side by side are an `all`."""

from typing import Any

from rules.conditions import Condition, Group
from rules.scope import Scope
from rules.vocabulary import read_test
from rules.yaml_errors import shown
from rules.yaml_places import Loc


def read_condition(value: Any, loc: Loc, scope: Scope) -> Condition | None:
    """A mapping of tests as one condition; None after mistakes were noted (all of them)."""
    if not isinstance(value, dict):
        scope.mistake(loc, f"expected tests ({{account.known: true, …}}), got {shown(value)}")
        return None
    if not value:
        scope.mistake(loc, "no test stands here; a rule that always holds has no `when`")
        return None
    parts = [_one(key, inner, (*loc, key), scope) for key, inner in value.items()]
    found = tuple(part for part in parts if part is not None)
    if len(found) < len(parts):
        return None
    return found[0] if len(found) == 1 else Group(kind="all", line=scope.document.mark(loc)[0], parts=found)


def _one(key: str, value: Any, loc: Loc, scope: Scope) -> Condition | None:
    line = scope.document.mark(loc, key=True)[0]
    if key == "not":
        if isinstance(value, list):
            scope.mistake(loc, 'expected tests, got a list; for "none of these" write not: {any: […]}')
            return None
        part = read_condition(value, loc, scope)
        return None if part is None else Group(kind="not", line=line, parts=(part,))
    if key in ("all", "any"):
        if not isinstance(value, list) or not value:
            scope.mistake(loc, f"expected a list of tests ([{{account.known: true}}, …]), got {shown(value)}")
            return None
        parts = [read_condition(inner, (*loc, at), scope) for at, inner in enumerate(value)]
        found = tuple(part for part in parts if part is not None)
        if len(found) < len(parts):
            return None
        return Group(kind="all" if key == "all" else "any", line=line, parts=found)
    return read_test(key, value, loc, scope)
