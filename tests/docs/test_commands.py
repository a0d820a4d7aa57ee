"""docs/commands.md says what the commands say."""

from pathlib import Path

import click

from inboxd.cli import reference

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_what_the_commands_say_of_themselves() -> None:
    assert PAGE.read_text("utf-8") == reference.text(), "run: python -m inboxd.cli.reference"


def test_every_command_and_every_option_stands_there() -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")
    text = "\n### ".join(sections).split("\n### ")
    pages = {section.splitlines()[0]: section for section in text[1:]}
    for ctx in reference.contexts():
        page = pages[ctx.command_path]
        for parameter in ctx.command.params:
            if isinstance(parameter, click.Option):
                assert all(name in page for name in parameter.opts), (ctx.command_path, parameter.opts)


def test_every_command_says_what_it_is_for_and_every_option_is_explained_or_is_a_choice() -> None:
    for ctx in reference.contexts():
        assert ctx.command.help, ctx.command_path
        for parameter in ctx.command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help or isinstance(parameter.type, click.Choice), (ctx.command_path, parameter.name)


def test_every_command_takes_the_common_options_behind_its_name() -> None:
    for ctx in reference.contexts():
        taken = {name for parameter in ctx.command.params for name in parameter.opts}
        assert {"--config", "--json", "--log-level"} <= taken, ctx.command_path


def test_a_list_of_commands_cuts_no_sentence_short() -> None:
    for ctx in reference.contexts():
        listed = ctx.get_help().split("Commands:")
        assert len(listed) == 1 or "..." not in listed[1], ctx.command_path
