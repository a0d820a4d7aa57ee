"""Two nodes with one PostgreSQL and one sign-in, at a provider that takes each refresh token just once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from inboxd.oauth import RefreshToken, TokenSource, source, token_source
from inboxd.oauth.refresh_tokens import origin_of
from inboxd.oauth.stored import StoredRefreshTokens
from inboxd.remote.trouble import Troubled
from store.open import Store
from tests.harness.sign_ins import secret_file, sign_in_at
from tests.harness.token_endpoint import TokenEndpoint

ROUNDS = 5


def test_they_renew_one_after_the_other_and_the_newest_token_is_kept(
    endpoint: TokenEndpoint, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_WAIT_FOR_OTHERS", 0.02)
    endpoint.rotation = "strict"
    file = secret_file(tmp_path / "refresh", endpoint.sign_in("support"))
    oauth2 = sign_in_at(endpoint, tmp_path, grant="refresh-token", refresh_token=file)
    with ExitStack() as stack, ThreadPoolExecutor(3) as pool:
        stores = [stack.enter_context(Store.open(postgres_url, role="command", create=True)) for _ in range(3)]
        nodes = [token_source(oauth2, StoredRefreshTokens(store)) for store in stores]

        def renew(node: TokenSource) -> list[str]:
            return [node.access_token(renewed=True) for _ in range(ROUNDS)]

        tokens = [token for several in pool.map(renew, nodes) for token in several]
        kept = StoredRefreshTokens(stores[0]).get(oauth2.name)
    assert len(set(tokens)) == 3 * ROUNDS
    assert len({question["refresh_token"] for question in endpoint.questions}) == 3 * ROUNDS
    assert kept is not None
    assert endpoint.is_good(kept.token)


def test_a_store_that_is_away_is_temporary_trouble_and_shows_no_token(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path, grant="refresh-token")
    store = Store.open(f"sqlite:///{tmp_path}/inboxd.db", role="command", create=True)
    tokens = StoredRefreshTokens(store)
    token = endpoint.sign_in("support")
    tokens.keep(oauth2.name, RefreshToken(token=token, origin=origin_of(oauth2)))
    store.close()
    with pytest.raises(Troubled) as raised:
        token_source(oauth2, tokens).access_token()
    assert raised.value.trouble.kind == "temporary"
    assert token not in str(raised.value)
