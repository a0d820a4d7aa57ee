"""An API client that speaks to the provider of the test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from inboxd.phone_api import PhoneApi
from inboxd.settings import Settings, load
from tests.harness.phone_provider import ACCOUNT, TOKEN, Provider


@pytest.fixture
def phone_settings(tmp_path: Path, provider: Provider) -> Callable[..., Settings]:
    """Return a function that makes the settings of a desk with this provider; keys of `twilio` may be added."""

    def made(**more: object) -> Settings:
        (tmp_path / "token").write_text(TOKEN, "utf-8")
        (tmp_path / "token").chmod(0o600)
        keys = {"account_sid": ACCOUNT, "auth_token_file": "./token", "api_url": provider.url, **more}
        text = "".join(f"  {key}: {value}\n" for key, value in keys.items())
        (tmp_path / "inboxd.yaml").write_text(f"twilio:\n{text}", "utf-8")
        return load(tmp_path / "inboxd.yaml", {})

    return made


@pytest.fixture
def api(phone_settings: Callable[..., Settings]) -> PhoneApi:
    """The client."""
    twilio = phone_settings().twilio
    assert twilio is not None
    return PhoneApi(twilio)
