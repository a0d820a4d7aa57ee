"""The plugins of every lane. Helpers come from `tests.plugins` and `tests.harness`, never from here."""

pytest_plugins = [
    "tests.plugins.side_by_side",
    "tests.plugins.needs",
    "tests.plugins.daemon",
    "tests.plugins.machine",
    "tests.plugins.postgres",
    "tests.plugins.dovecot",
    "tests.plugins.dns",
    "tests.plugins.phone",
]
