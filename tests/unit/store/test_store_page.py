"""The page about the store shows the tables there are."""

import re
from pathlib import Path

from store.schema import metadata

PAGE = Path(__file__).parents[3] / "docs/store.md"


def test_the_diagram_has_every_table_and_no_other():
    diagram = PAGE.read_text("utf-8").split("```mermaid")[1].split("```", maxsplit=1)[0]
    shown = {name for pair in re.findall(r"^\s+(\w+) \S+--\S+ (\w+) :", diagram, re.MULTILINE) for name in pair}
    shown |= set(re.findall(r"^\s+(\w+) \{$", diagram, re.MULTILINE))
    assert shown == set(metadata.tables)
