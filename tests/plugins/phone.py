"""The phone provider for the tests, judged by its own published description where that is at hand."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.phone_provider import Description, Provider
from tests.plugins.needs import needs


@pytest.fixture(scope="session")
def phone_description() -> Description | None:
    """The provider's description of its API, from the shared data; None where there are none."""
    shared = os.environ.get("INBOXD_SHARED")
    path = Path(shared) / "twilio_api_v2010.json" if shared else None
    return Description(path) if path is not None and path.is_file() else None


@pytest.fixture
def provider(phone_description: Description | None) -> Iterator[Provider]:
    """A provider of its own for the test; at the end nothing that was said may contradict the description."""
    with Provider.running(phone_description) as running:
        yield running
        assert running.complaints == []


@pytest.fixture
def judged_provider(provider: Provider) -> Provider:
    """A provider whose conversation is judged, or a skip."""
    if provider.description is None:
        needs("the provider's published API description", "set INBOXD_SHARED to the folder of shared data")
    return provider
