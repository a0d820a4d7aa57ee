"""A token endpoint on loopback for each test."""

from collections.abc import Iterator

import pytest

from tests.harness.token_endpoint import TokenEndpoint


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with TokenEndpoint(applications={"inboxd": "support"}).running() as endpoint:
        yield endpoint
