"""`inboxd rules graph`: the rules as a picture, for people who would rather look."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from inboxd.cli import rules_file
from inboxd.cli.group import Command
from inboxd.cli.session import Session
from inboxd.cli.terminal import cells

if TYPE_CHECKING:
    from rules.ruleset import RuleSet

# Of the picture, in its own units: a line of text, what a letter of it needs, and the columns.
_LINE: Final = 18
_LETTER: Final = 7
_PAD: Final = 10
_NAME, _WHEN, _THEN = 200, 470, 330
_WIDTH: Final = _NAME + _WHEN + _THEN + 4 * _PAD


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    place: str
    when: str
    then: tuple[str, ...]
    goes_on: bool


@click.command("graph", cls=Command)
@rules_file.argument
@click.option("--svg", is_flag=True, help="A picture that any browser shows, in place of Mermaid's text.")
@click.pass_obj
def command(session: Session, file: Path | None, svg: bool) -> None:
    """Draw the rules of FILE (default: the configured one): sections in order, in each the rules from top to bottom.

    Mermaid's text goes into a page or a wiki that draws it; --svg is a picture of its own:
    `inboxd rules graph --svg > rules.svg`.
    """
    sections = _sections(rules_file.read(session, file))
    text = _svg(sections) if svg else _mermaid(sections)
    if session.out.json:
        session.out.record({"format": "svg" if svg else "mermaid", "text": text})
    else:
        session.out.document(text)


def _sections(rules: "RuleSet") -> list[tuple[str, list[_Row]]]:
    from rules import in_words

    return [
        (
            section.name,
            [
                _Row(
                    name=rule.name,
                    place=f"{Path(rule.file).name}:{rule.line}",
                    when=in_words.condition(rule.when),
                    then=in_words.effects(rule, rules.scale),
                    goes_on=rule.goes_on,
                )
                for rule in section.rules
            ],
        )
        for section in rules.sections
    ]


# Mermaid writes the signs that mean something to it as `#name;`: of HTML's `&#x27;` it makes nonsense.
_SIGNS: Final = str.maketrans({"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": " "})


def _mermaid(sections: list[tuple[str, list[_Row]]]) -> str:
    lines = ["flowchart TD", '    start(["a mail or a call"])']
    arrows: list[str] = []
    before = ["start"]
    for number, (name, rows) in enumerate(sections):
        ends: list[str] = []
        lines.append(f'    subgraph s{number}["{name.translate(_SIGNS)}"]')
        for at, row in enumerate(rows):
            rule, effect = f"s{number}r{at}", f"s{number}e{at}"
            lines.append(f'        {rule}{{"{row.name.translate(_SIGNS)}<br>{row.when.translate(_SIGNS)}"}}')
            lines.append(f'        {effect}["{"<br>".join(each.translate(_SIGNS) for each in row.then)}"]')
            lines.append(f"        {rule} -->|holds| {effect}")
            arrows += [f"    {source} --> {rule}" for source in before]
            before = [rule] if row.when != "always" else []
            if row.goes_on:
                before.append(effect)
            else:
                ends.append(effect)
        lines.append("    end")
        before += ends
    lines.append('    decided(["decided"])')
    arrows += [f"    {source} --> decided" for source in before]
    return "\n".join([*lines, *arrows])


def _quoted(text: str) -> str:
    return escape(text).replace("\n", " ")


def _svg(sections: list[tuple[str, list[_Row]]]) -> str:
    drawn: list[str] = []
    y = _PAD
    for name, rows in sections:
        drawn.append(f'<text class="section" x="{_PAD}" y="{y + _LINE}">{_quoted(name)}</text>')
        y += _LINE + _PAD
        for row in rows:
            lines, height = _row(row, y)
            drawn += lines
            y += height + 4
        y += _PAD
    style = (
        "text{font:13px sans-serif;fill:#222}.section{font-weight:bold;font-size:15px}.rule{font-weight:bold}"
        ".place{fill:#777;font-size:11px}.box{fill:#f6f6f2;stroke:#bbb}.then{fill:#e8f0e8;stroke:#9b9}"
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" viewBox="0 0 {_WIDTH} {y}">',
            f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>',
            *drawn,
            "</svg>",
        ]
    )


def _row(row: _Row, y: int) -> tuple[list[str], int]:
    """One rule as a row: its name, its condition, an arrow and what it does; with its height."""
    when = list(_wrapped(row.when, _WHEN // _LETTER))
    then = [line for each in row.then for line in _wrapped(each, _THEN // _LETTER)]
    then += ["… and the section goes on"] if row.goes_on else []
    names = list(_wrapped(row.name, _NAME // (_LETTER + 1)))
    height = max(len(when), len(then), len(names) + 1) * _LINE + _PAD
    middle, right = _NAME + 2 * _PAD, _NAME + _WHEN + 3 * _PAD
    lines = [
        f'<rect class="box" x="{_PAD}" y="{y}" width="{_NAME + _WHEN + _PAD}" height="{height}" rx="4"/>',
        f'<rect class="then" x="{right}" y="{y}" width="{_THEN}" height="{height}" rx="4"/>',
        f'<text x="{right - 9}" y="{y + height // 2 + 4}">›</text>',
        *_text(names, 2 * _PAD, y, "rule"),
        f'<text class="place" x="{2 * _PAD}" y="{y + (len(names) + 1) * _LINE - 2}">{_quoted(row.place)}</text>',
        *_text(when, middle, y, ""),
        *_text(then, right + _PAD, y, ""),
    ]
    return lines, height


def _text(lines: list[str], x: int, y: int, kind: str) -> Iterator[str]:
    named = f' class="{kind}"' if kind else ""
    for number, line in enumerate(lines, start=1):
        yield f'<text{named} x="{x}" y="{y + number * _LINE - 2}">{_quoted(line)}</text>'


def _wrapped(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most `width` cells, cut between words where there are any."""
    line = ""
    for word in text.split():
        while cells(word) > width:
            cut = word[: width - 1]
            yield from (line, cut) if line else (cut,)
            line, word = "", word[width - 1 :]  # noqa: PLW2901 - what is left of a long word
        if line and cells(line) + cells(word) + 1 > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line
