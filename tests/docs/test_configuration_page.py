"""docs/configuration.md is made from the models, and each model is worth reading."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from inboxd.accounts.forms import AccountForm, ContactForm
from inboxd.cli.configuration_reference import page
from inboxd.settings.form import SettingsForm

ROOT = Path(__file__).parents[2]
# Keys that a section cannot do without, so that an example of another of its keys stands in a whole section.
NEEDED = {
    "smtp": {"recipients": ["support@example.com"]},
    "imap": {"name": "support", "user": "support"},
    "twilio": {"account_sid": "AC00000000000000000000000000000000", "auth_token_file": "twilio-auth-token"},
    "voicemail_mail": {"from": "asterisk@pbx.example.com", "line": "+15550190"},
    "oauth2": {"client_id": "inboxd"},
    "staff": {"name": "engineer-1"},
    "queues": {"queue": "tech"},
    "accounts": {"id": "acme", "name": "Acme Widgets"},
    "contacts": {"name": "Operations", "numbers": ["+15550100"]},
}


def models(form: type[BaseModel], name: str = "") -> list[tuple[str, type[BaseModel]]]:
    found = [(name, form)]
    for key, field in form.model_fields.items():
        for kind in [field.annotation, *getattr(field.annotation, "__args__", ())]:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found += models(kind, key)
    return found


SECTIONS = [*models(SettingsForm)[1:], ("accounts", AccountForm), ("contacts", ContactForm)]
EXAMPLES = [
    pytest.param(form, {**NEEDED.get(name, {}), field.alias or key: example}, id=f"{name}.{key}={example}")
    for name, form in SECTIONS
    for key, field in form.model_fields.items()
    for example in field.examples or []
]


def test_the_page_is_what_the_models_say() -> None:
    stale = "write it anew: python -m inboxd.cli.configuration_reference"
    assert (ROOT / "docs" / "configuration.md").read_text("utf-8") == page(), stale


@pytest.mark.parametrize(("name", "form"), SECTIONS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_key_says_what_it_does_and_shows_an_example(name: str, form: type[BaseModel]) -> None:
    for key, field in form.model_fields.items():
        assert (field.description or "").endswith("."), f"{name}.{key}"
        assert field.examples or key == "contacts", f"{name}.{key}"


@pytest.mark.parametrize(("form", "section"), EXAMPLES)
def test_every_example_is_valid(form: type[BaseModel], section: dict[str, Any]) -> None:
    form.model_validate_json(json.dumps(section), strict=True)
