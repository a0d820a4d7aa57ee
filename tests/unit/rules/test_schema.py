"""The JSON Schema of the files: it takes every file that inboxd takes, and marks what editors should mark."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from inboxd.cli.schema import schema
from rules.expectations import EXPECTATIONS
from rules.language import FILE_KEYS, EffectsPart
from rules.vocabulary import TESTS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "rules.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SHIPPED = sorted(path for path in (ROOT / "config").rglob("*.yaml") if path.stem in ("inboxd", "rules", "accounts"))


class _Yaml12(yaml.CSafeLoader):
    """YAML as editors read it (the core schema of YAML 1.2): dates are text, `NO` is text, `+15550100` is a number."""


_Yaml12.yaml_implicit_resolvers = {}
_Yaml12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf"))
_Yaml12.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|~|)\Z"), ["n", "~", ""])
_Yaml12.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+\Z"), list("-+0123456789"))
_Yaml12.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


def as_an_editor_reads_it(text: str) -> Any:
    return yaml.load(text, _Yaml12)


def marked(name: str, text: str) -> list[str]:
    found = Draft202012Validator(schema(name)).iter_errors(as_an_editor_reads_it(text))
    return [".".join(map(str, error.absolute_path)) for error in found]


@pytest.mark.parametrize("name", ["inboxd", "rules", "accounts"])
def test_each_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_that_is_shipped_has_nothing_marked(path: Path) -> None:
    assert marked(path.stem, path.read_text()) == []


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_page_has_nothing_marked(number: int) -> None:
    assert marked("rules", EXAMPLES[number]) == []


def test_every_key_of_the_language_is_completed() -> None:
    rules = schema("rules")
    assert set(rules["properties"]) == set(FILE_KEYS)
    assert set(TESTS) <= set(rules["$defs"]["when"]["properties"])
    effects = {field.alias or name for name, field in EffectsPart.model_fields.items()}
    assert set(rules["$defs"]["then"]["properties"]) == effects
    assert set(rules["properties"]["tests"]["items"]["properties"]["expect"]["properties"]) == set(EXPECTATIONS)


RULE = "decide:\n  s:\n    - {{rule: r, when: {{{when}}}, then: {{{then}}}}}\n"
GOOD = [
    "account.known: true", "line: help", "line: [a, b]", "caller: +15550101", "all: [{says: x}, {not: {says: [y]}}]",
    "hours.office: open", "day.office: [holiday, free]", "account.open-tickets: {at-least: 2}", "callback.made: 0",
    "earlier.calls: {within: 24h, at-least: 3}", 'attachment: "*.exe"', "attachment: true", "account.plan: 24",
]  # fmt: skip
BAD = [
    "acount.known: true", "account.known: yes", "all: {says: x}", "not: [{says: x}]", "hours.office: ajar",
    "channel: fax", "account.open-tickets: {atleast: 2}", "earlier.calls: 3", "day.office: monday", "proof: full",
]  # fmt: skip


@pytest.mark.parametrize("when", GOOD)
def test_a_condition_that_loads_is_not_marked(when: str) -> None:
    assert marked("rules", RULE.format(when=when, then="tag: x")) == []


@pytest.mark.parametrize("when", BAD)
def test_a_condition_with_a_slip_is_marked_below_its_rule(when: str) -> None:
    found = marked("rules", RULE.format(when=when, then="tag: x"))
    assert found
    assert all(place.startswith("decide.s.0.when") for place in found)


@pytest.mark.parametrize(
    ("then", "good"),
    [
        ("tag: x", True), ("tag: [x, 5]", True), ("page: rota", True), ("page: {to: rota, once-in: 12h}", True),
        ("clocks: {callback: off, other: {within: 30m}, third: {within: {1: 2h}, calendar: a}}", True),
        ("block: {credentials: Not here.}", True), ("callback.terms: charged, behind: true", True),
        ("priority: 1", True), ("tags: x", False), ("type: outage", False), ("confirm: yes", False),
        ("page: {from: rota}", False),
        ("clocks: {callback: {withn: 30m}}", False), ("tag: {x: y}", False),
    ],
)  # fmt: skip
def test_effects_are_marked_where_the_loader_refuses_them(then: str, good: bool) -> None:
    assert (marked("rules", RULE.format(when="says: x", then=then)) == []) is good


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rules", "plan: [a]\n"),
        ("rules", "calendars: {office: {monday: 08:00-17:00}}\n"),
        ("rules", "calendars: {office: {mon: 8-17}}\n"),
        ("rules", "tests: [{test: a, mail: {form: x}, expect: {priority: low}}]\n"),
        ("rules", "tests: [{test: a, mail: {}, expect: {}}]\n"),
        ("rules", "lines: {help: {numbr: +15550190}}\n"),
        ("accounts", "accounts: [{id: a, name: A, plans: x}]\n"),
        ("accounts", "accounts: [{id: a, name: A, contacts: [{name: B, authorised: true}]}]\n"),
        ("inboxd", "smtp: {lisen: 127.0.0.1:25}\n"),
        ("inboxd", "log: {level: loud}\n"),
    ],
)
def test_a_slip_in_a_file_is_marked(name: str, text: str) -> None:
    assert marked(name, text)
