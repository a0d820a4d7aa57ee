"""How many files of tests run beside each other with `-n auto`."""

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """Give one more than there are processors: a third of their time, tests wait for servers and for clocks."""
    return len(os.sched_getaffinity(0)) + 1
