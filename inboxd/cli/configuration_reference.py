"""docs/configuration.md, made from the models: `python -m inboxd.cli.configuration_reference` writes it."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from inboxd.accounts.forms import AccountForm, ContactForm
from inboxd.settings import After, Endpoint, Start
from inboxd.settings.form import QueueVoiceForm, SettingsForm
from inboxd.settings.remote_form import OAuth2Form

_HEAD = """\
# Configuration

Made from the models by `python -m inboxd.cli.configuration_reference`; a test fails when it is stale.

`inboxd init DIR` writes the files of a desk, working as they stand. `inboxd check` says everything that is wrong with
them, each mistake as `file:line:column: what is wrong and what would be right`, and changes nothing.

**Where it is.** `-c FILE`, else `$INBOXD_CONFIG`, else /etc/inboxd/inboxd.yaml.

**Sections.** A section that is left out starts nothing, or stands for its defaults. An unknown key is a mistake.

**Paths.** A relative path is relative to the file it stands in. The value of a key that ends in `_file` and has no
slash is looked for in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`), then in `credentials/` beside the file.

**Secrets.** A password or key never stands in YAML, only in a file of its own that nobody else can read: `chmod 600`,
or `chmod 640` for a group. A file that others may read, or the group may write, is refused.

**YAML.** Read strictly: a key stands once, anchors, aliases and tags are refused, and `no`, `09:30`, `+15550100` and
`2026-12-31` are text.
"""

_ACCOUNTS_HEAD = """\
# The accounts file

Who may ask for what. It rules over what it names, and is read at the start and on reload. Up to 64 MiB.

An address or number that stands on two accounts is no mistake but an ambiguity: a message from there is filed without
an account, and the candidates stand in its evidence. A number may stand on several contacts of an account; then the
account is known, and the contact is not. Addresses are compared with ASCII case ignored, domains as A-labels.
"""


def page() -> str:
    """Return the whole page, as Markdown."""
    return "\n".join([_HEAD, *_sections(SettingsForm), _ACCOUNTS_HEAD, *_accounts()])


def _sections(form: type[BaseModel]) -> Iterator[str]:
    plain: dict[str, FieldInfo] = {}
    for name, field in form.model_fields.items():
        below = _model_of(field)
        if below is None:
            plain[name] = field
            continue
        listed = _is_list(field)
        yield f"## `{name}`\n\n{inspect.getdoc(below)}\n"
        if listed:
            yield "A list; each entry has these keys.\n"
        yield from _table(f"{name}[]." if listed else f"{name}.", below, below.model_fields)
        if name == "outgoing":
            yield f"## `oauth2` of a mailbox and of `outgoing`\n\n{inspect.getdoc(OAuth2Form)}\n"
            yield from _table("oauth2.", OAuth2Form, OAuth2Form.model_fields)
        if name == "templates":
            yield f"## `queues` of `templates`\n\n{inspect.getdoc(QueueVoiceForm)}\n"
            yield "A list; each entry has these keys.\n"
            yield from _table("templates.queues[].", QueueVoiceForm, QueueVoiceForm.model_fields)
    yield "## Other files\n"
    yield from _table("", form, plain)


def _accounts() -> Iterator[str]:
    yield "## `accounts`\n\nA list; each entry has these keys.\n"
    yield from _table("accounts[].", AccountForm, AccountForm.model_fields)
    yield "## `contacts` of an account\n\nA list; each entry has these keys.\n"
    yield from _table("contacts[].", ContactForm, ContactForm.model_fields)


def _table(prefix: str, form: type[BaseModel], fields: dict[str, FieldInfo]) -> Iterator[str]:
    properties = form.model_json_schema()["properties"]
    yield "| key | what it does | type | default | example |\n| --- | --- | --- | --- | --- |"
    for key, field in fields.items():
        name = field.alias or key
        default = "required" if field.is_required() else f"`{_yaml(field.default)}`"
        example = ", ".join(f"`{_yaml(each)}`" for each in field.examples or [])
        cells = (f"`{prefix}{name}`", field.description or "", _type(properties[name]), default, example)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _type(schema: dict[str, Any]) -> str:
    """Say what a value may be, in words."""
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return ", or ".join(_type(each) for each in schema[several])
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{each}`" for each in schema.get("enum", [schema.get("const")]))
    match schema.get("type"):
        case "array":
            one = _type(schema["items"])
            return "list of entries" if one == "entry" else f"list of {one}{'es' if one.endswith('s') else 's'}"
        case "integer":
            low, high = schema.get("minimum"), schema.get("maximum")
            return "whole number" if low is None else f"whole number from {low} to {high}"
        case "boolean":
            return "true or false"
        case "null":
            return "null"
        case _:
            return str(schema.get("format", "entry" if "$ref" in schema else "text"))


def _yaml(value: Any) -> str:
    """Return a value as it may stand in the file."""
    if isinstance(value, Endpoint | After | Start):
        value = str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    # A colon or a hash in a plain text would end it; JSON's quotes are YAML's.
    return value if isinstance(value, str) and not set(value) & set(":#[]{},&*!|>'\"%@`") else json.dumps(value)


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    for kind in [field.annotation, *getattr(field.annotation, "__args__", ())]:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _is_list(field: FieldInfo) -> bool:
    return getattr(field.annotation, "__origin__", None) is list


if __name__ == "__main__":
    (Path(__file__).parents[2] / "docs" / "configuration.md").write_text(page(), "utf-8")
