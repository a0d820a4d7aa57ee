"""docs/commands.md, made from the commands themselves: `python -m inboxd.cli.reference` writes it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from inboxd.cli.root import main

_WIDTH = 100
_HEAD = """\
# Commands

Made from the commands' own `--help` by `python -m inboxd.cli.reference`; a test fails when it is stale.

`-c`, `--json` and `--log-level` are taken before and after the command. With `--json` nothing but JSON Lines goes to
stdout; errors, hints and progress go to stderr.

| exit code | what it means |
| --- | --- |
| 0 | done |
| 1 | something failed: said on stderr, and in JSON as `error` |
| 2 | wrong usage |
| 75 | try again later: the store is busy or unreachable, or another daemon has it |
| 78 | configuration, rules or accounts file wrong, with `file:line:column: what is wrong and what would be right` |
"""


def text() -> str:
    """Return the whole page."""
    return _HEAD + "".join(_section(ctx) for ctx in contexts())


def contexts() -> Iterator[click.Context]:
    """Yield a context of each command, groups before what is in them."""
    return _below(_context(main, "inboxd", None))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings = command.context_settings if parent is None else {}
    return command.context_class(
        command, info_name=name, parent=parent, **{**settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    )


def _below(ctx: click.Context) -> Iterator[click.Context]:
    yield ctx
    if not isinstance(ctx.command, click.Group):
        return
    for name in ctx.command.list_commands(ctx):
        command = ctx.command.get_command(ctx, name)
        if command is not None:
            yield from _below(_context(command, name, ctx))


def _section(ctx: click.Context) -> str:
    heading = "##" if ctx.parent is None or ctx.parent.parent is None else "###"
    lines = "\n".join(line.rstrip() for line in ctx.get_help().splitlines())
    return f"\n{heading} {ctx.command_path}\n\n```text\n{lines}\n```\n"


if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "commands.md"
    page.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{page}\n")
