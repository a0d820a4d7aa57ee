"""The probe behind /readyz."""

import pytest

from store import health
from store.errors import StoreUnavailable


def test_a_store_that_keeps_things_proves_it_again_and_again(store):
    store.write(health.prove_writable)
    store.write(health.prove_writable)


def test_a_store_whose_file_is_away_proves_nothing(tmp_path, open_store, sqlite_url):
    store = open_store(sqlite_url, role="daemon")
    (tmp_path / "inboxd.db").rename(tmp_path / "away.db")
    with pytest.raises(StoreUnavailable):
        store.write(health.prove_writable)
    (tmp_path / "away.db").rename(tmp_path / "inboxd.db")
    store.write(health.prove_writable)
