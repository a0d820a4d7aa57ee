"""Commands that take the common options anywhere, and groups that import a command when it is called."""

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from inboxd.cli.session import Session

LEVELS = ("debug", "info", "warning", "error")
# Longer than any first sentence of a help.
_SENTENCE: Final = 1000


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Keep a common option where every command finds it; given twice, the one after the command counts."""
    session = ctx.ensure_object(Session)
    if value in (None, False):
        return value
    match param.name:
        case "config":
            session.config = Path(os.fsdecode(value))
        case "json_":
            session.out.json = True
        case "log_level":
            session.log_level = value
    return value


def common_options() -> list[click.Parameter]:
    """Return new instances of the options that each command and each group takes."""
    return [
        click.Option(
            ["-c", "--config"],
            metavar="FILE",
            expose_value=False,
            is_eager=True,
            callback=_keep,
            help="Configuration; default $INBOXD_CONFIG, then /etc/inboxd/inboxd.yaml.",
        ),
        click.Option(
            ["--json", "json_"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_keep,
            help="Print JSON Lines and nothing else on stdout.",
        ),
        click.Option(
            ["--log-level"],
            type=click.Choice(LEVELS),
            expose_value=False,
            is_eager=True,
            callback=_keep,
            help="How much to log on stderr; debug also shows the traceback of an internal error.",
        ),
    ]


class _Listed(click.Command):
    """A command whose line in a list of commands is the first sentence of its help, whole."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence whole: in a list of commands it wraps, and nothing has to be guessed."""
        return super().get_short_help_str(max(limit, _SENTENCE))


class Command(_Listed):
    """A command that takes the common options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(common_options())


class Group(_Listed, click.Group):
    """A group of commands, all of which take the common options."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(common_options())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order they were added, which is the order of a day's work."""
        del ctx
        return list(self.commands)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that is imported when it is called: attribute `command` of `module`; `help` is its first line."""

    module: str
    help: str


class LazyGroup(Group):
    """A group whose commands stand in a table of sections, so that its help imports none of them."""

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, Entry]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections
        self.entries = {name: entry for section in sections.values() for name, entry in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names in the order of the table."""
        del ctx
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None where there is none of that name."""
        del ctx
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = importlib.import_module(entry.module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a wrong name is answered with the names that are like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=self.entries, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table into the help, a heading for each section."""
        del ctx
        longest = max(map(len, self.entries))
        for title, entries in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(longest), entry.help) for name, entry in entries.items()])
