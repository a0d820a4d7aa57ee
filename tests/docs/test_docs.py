"""The documents agree with the code, with each other and with themselves."""

import ast
import importlib
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from inboxd.templates import PLACEHOLDERS
from store.intake import Status

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
PACKAGES = ("inboxd", "rules", "store", "transcribe")

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_NAME = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`")
_RFC = re.compile(r"\bRFC ?(\d{3,5})\b((?:, \d{4})*)")
_RFC_ROW = re.compile(r"^\| (\d{3,5}) \| [^|]+ \| (\w+) \|", re.MULTILINE)
_EVENT_ROW = re.compile(r"^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \| (?:info|warning|error)", re.MULTILINE)
_LEVELS = ("info", "warning", "error", "exception", "critical")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page make, as code hosts do."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}


def resolve(dotted: str) -> object:
    """The module, class, function or method of that name."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise ModuleNotFoundError(dotted)


def cited_in_code() -> dict[str, str]:
    """Each RFC that the code names, and one file that does."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for first, more in _RFC.findall(path.read_text("utf-8")):
                for number in [first, *re.findall(r"\d+", more)]:
                    found.setdefault(number, str(path.relative_to(ROOT)))
    return found


def logged() -> set[str]:
    """Each event that the code logs for a person to read: everything but debug lines."""
    calls = (
        node
        for path in (ROOT / "inboxd").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _LEVELS
        and node.args
    )
    said = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    return said | set(get_args(Status))  # a story's last line is named by what became of the message


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_the_documents_leads_somewhere(page: Path) -> None:
    broken = []
    for target in _LINK.findall(page.read_text("utf-8")):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        to = (page.parent / name).resolve() if name else page
        if not to.exists() or (anchor and anchor not in anchors(to)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", ["flow.md", "development.md"])
def test_every_name_on_the_pages_about_the_code_is_in_it(page: str) -> None:
    names = sorted(set(_NAME.findall((ROOT / "docs" / page).read_text("utf-8"))))
    gone = []
    for name in names:
        try:
            resolve(name)
        except (ImportError, AttributeError) as error:
            gone.append(f"{name}: {error}")
    assert len(names) > 20
    assert gone == []


def test_every_rfc_that_the_code_names_is_in_the_list() -> None:
    listed = dict(_RFC_ROW.findall((ROOT / "docs/rfcs.md").read_text("utf-8")))
    assert {number: where for number, where in cited_in_code().items() if number not in listed} == {}


def test_every_rfc_in_the_list_says_how_far_it_is_kept_and_is_named_in_the_code() -> None:
    listed = dict(_RFC_ROW.findall((ROOT / "docs/rfcs.md").read_text("utf-8")))
    assert set(listed.values()) <= {"yes", "partial", "no"}
    assert set(listed) - set(cited_in_code()) == set()


def test_every_log_event_is_explained_to_operators_and_no_other_is() -> None:
    rows = _EVENT_ROW.findall((ROOT / "docs/operating.md").read_text("utf-8"))
    assert {name for row in rows for name in re.findall(r"[a-z_]+", row)} == logged()


def test_the_changelog_has_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    headings = _HEADING.findall((ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert headings[1].split()[0] == version
    assert importlib.import_module("inboxd").__version__ == version


def test_the_two_commands_stand_first_in_the_readme() -> None:
    commands = re.findall(r"^\$ (.+?)(?: +#.*)?$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert commands[:2] == ["make demo", "make test"]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "\nmake test\n" in (ROOT / ".ci/run").read_text("utf-8")


def test_the_readme_says_what_the_environment_fetches() -> None:
    script = (ROOT / "tools/venv").read_text("utf-8")
    runtime, dev = (int(number) for number in re.findall(r"megabytes=(\d+)", script))
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert f"`make demo` fetches about {runtime} MB" in readme
    assert f"`make test` {dev - runtime} MB more" in readme


def test_every_document_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.exists():
            continue
        reached.add(page)
        targets = [target.partition("#")[0] for target in _LINK.findall(page.read_text("utf-8"))]
        waiting += [(page.parent / target).resolve() for target in targets if target.endswith(".md")]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_every_place_of_a_template_is_told() -> None:
    rows = re.findall(r"^\| `\{(\w+)\}` \| (.+) \|$", (ROOT / "docs/mail-out.md").read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == dict(PLACEHOLDERS)
