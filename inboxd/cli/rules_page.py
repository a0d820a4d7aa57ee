"""How the commands of `inboxd rules` show what came out, for a person."""

from collections.abc import Iterator
from typing import Any

from inboxd.cli.terminal import one_line
from rules.file_tests import as_written


def test_result(result: dict[str, Any]) -> str:
    """One test: a line where it holds, else each difference with the rule or the arithmetic behind it."""
    place = f"{result['file']}:{result['line']}"
    if result["holds"]:
        return f"holds    {place}: {one_line(result['test'])}"
    return "\n".join([f"differs  {place}: {one_line(result['test'])}", *_differences(result["differences"])])


def _differences(differences: list[dict[str, Any]]) -> Iterator[str]:
    width = max((len(each["key"]) for each in differences), default=0)
    for each in differences:
        key = each["key"].ljust(width)
        yield f"    {key}  wanted {as_written(each['wanted'])}"
        yield f"    {' ' * width}  got    {as_written(each['got'])}"
        if each["because"]:
            yield f"    {' ' * width}         {one_line(each['because'])}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 test`, `2 tests`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
