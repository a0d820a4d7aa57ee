"""`inboxd schema`: JSON Schema of the files that people write, for editors that complete keys and mark mistakes."""

import json
from typing import TYPE_CHECKING, Any

import click

from inboxd.cli.group import Command
from inboxd.cli.session import Session

if TYPE_CHECKING:
    from pydantic import BaseModel

_FILES = ("inboxd", "rules", "accounts")


@click.command("schema", cls=Command)
@click.argument("file", required=False, type=click.Choice(_FILES))
@click.pass_obj
def command(session: Session, file: str | None) -> None:
    """Write the JSON Schema of inboxd.yaml, rules.yaml or accounts.yaml, or of all three.

    An editor with a YAML language server completes keys and marks mistakes with it: `inboxd schema rules >
    rules.schema.json`, and `# yaml-language-server: $schema=rules.schema.json` as the first line of rules.yaml.
    """
    found: Any = schema(file) if file is not None else {f"{name}.yaml": schema(name) for name in _FILES}
    if session.out.json:
        session.out.record(found)
    else:
        session.out.document(json.dumps(found, ensure_ascii=False, indent=2))


def schema(name: str) -> dict[str, Any]:
    """Return the schema of one file."""
    from rules.schema import DIALECT, as_written, rules_schema

    if name == "rules":
        return rules_schema()
    written = as_written(_form(name).model_json_schema(by_alias=True))
    return {"$schema": DIALECT, "title": f"{name}.yaml of inboxd", **written}


def _form(name: str) -> "type[BaseModel]":
    if name == "accounts":
        from inboxd.accounts.forms import AccountsForm

        return AccountsForm
    from inboxd.settings.form import SettingsForm

    return SettingsForm
