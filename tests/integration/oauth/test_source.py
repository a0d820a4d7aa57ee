"""Access tokens for as long as they are wanted."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inboxd.oauth import RefreshToken, TokenSource, TokenSources, source, token_source
from inboxd.oauth.refresh_tokens import origin_of
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import OAuth2
from tests.harness.sign_ins import RefreshTokensInMemory, secret_file, sign_in_at
from tests.harness.token_endpoint import TokenEndpoint, refusal


class Clock:
    """Seconds since boot, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(source, "_now", clock)
    return clock


@pytest.fixture
def tokens() -> RefreshTokensInMemory:
    return RefreshTokensInMemory()


def trouble_of(tokens: TokenSource) -> Trouble:
    with pytest.raises(Troubled) as raised:
        tokens.access_token()
    return raised.value.trouble


def signed_in(endpoint: TokenEndpoint, folder: Path, tokens: RefreshTokensInMemory) -> OAuth2:
    oauth2 = sign_in_at(endpoint, folder, grant="refresh-token")
    tokens.kept[oauth2.name] = RefreshToken(token=endpoint.sign_in("support"), origin=origin_of(oauth2))
    return oauth2


def test_a_token_is_had_once_and_renewed_minutes_before_it_ends(
    endpoint: TokenEndpoint, tmp_path: Path, clock: Clock, tokens: RefreshTokensInMemory
) -> None:
    ours = token_source(sign_in_at(endpoint, tmp_path), tokens)
    first = ours.access_token()
    clock.now += 3299
    assert ours.access_token() == first
    clock.now += 2
    assert ours.access_token() != first
    assert len(endpoint.questions) == 2


def test_a_token_of_seconds_is_used_for_half_of_them(
    endpoint: TokenEndpoint, tmp_path: Path, clock: Clock, tokens: RefreshTokensInMemory
) -> None:
    endpoint.lifetime = 10
    ours = token_source(sign_in_at(endpoint, tmp_path), tokens)
    first = ours.access_token()
    clock.now += 4.9
    assert ours.access_token() == first
    clock.now += 0.2
    assert ours.access_token() != first


def test_a_step_of_the_wall_clock_makes_a_token_neither_older_nor_younger(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = token_source(sign_in_at(endpoint, tmp_path), tokens)
    first = ours.access_token()
    for year in (0.0, 4e9):
        monkeypatch.setattr("time.time", lambda year=year: year)
        assert ours.access_token() == first
    assert len(endpoint.questions) == 1


def test_many_threads_ask_once(endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory) -> None:
    ours = token_source(sign_in_at(endpoint, tmp_path), tokens)
    start = threading.Barrier(8)

    def ask(_: int) -> str:
        start.wait(10)
        return ours.access_token()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(endpoint.questions) == 1


def test_a_refused_token_is_renewed_once_although_two_threads_held_it(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory
) -> None:
    ours = token_source(sign_in_at(endpoint, tmp_path), tokens)
    held = threading.Barrier(2)

    def ask(_: int) -> tuple[str, str]:
        first = ours.access_token()
        held.wait(10)
        return first, ours.access_token(renewed=True)

    with ThreadPoolExecutor(2) as pool:
        (first, second), (also_first, also_second) = pool.map(ask, range(2))
    assert first == also_first
    assert second == also_second != first
    assert len(endpoint.questions) == 2


def test_a_newer_refresh_token_is_kept_before_the_access_token_is_given(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.rotation = "strict"
    oauth2 = signed_in(endpoint, tmp_path, tokens)
    first = tokens.kept[oauth2.name].token
    ours = token_source(oauth2, tokens)
    seen = [first]
    for _ in range(3):
        access = ours.access_token(renewed=True)
        newest = tokens.kept[oauth2.name].token
        assert newest not in seen
        assert endpoint.is_good(newest)
        seen.append(newest)
        assert not any(secret in caplog.text for secret in (access, *seen))
    assert tokens.claimed == set()


def test_a_token_that_the_store_could_not_take_is_kept_as_soon_as_it_can(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.rotation = "strict"
    oauth2 = signed_in(endpoint, tmp_path, tokens)
    first = tokens.kept[oauth2.name].token
    ours = token_source(oauth2, tokens)
    away = Troubled(Trouble(kind="temporary", what="The store is away.", advice="Wait."))

    def fail(*_: object, **__: object) -> bool:
        raise away

    with monkeypatch.context() as broken:
        broken.setattr(tokens, "rotate", fail)
        assert trouble_of(ours) is away.trouble
        assert trouble_of(ours) is away.trouble
        assert tokens.kept[oauth2.name].token == first
        assert not endpoint.is_good(first)
    assert ours.access_token()
    assert endpoint.is_good(tokens.kept[oauth2.name].token)
    # The one that could not be kept was never dropped: it was used for the second question.
    assert [question["refresh_token"] == first for question in endpoint.questions] == [True, False]


def test_a_file_begins_a_line_and_the_newer_token_goes_on_with_it(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory
) -> None:
    endpoint.rotation = "strict"
    file = secret_file(tmp_path / "refresh", endpoint.sign_in("support"))
    oauth2 = sign_in_at(endpoint, tmp_path, grant="refresh-token", refresh_token=file)
    assert token_source(oauth2, tokens).access_token()
    # As after a restart: the file still holds the first one, which is void by now.
    assert token_source(oauth2, tokens).access_token()
    assert len({question["refresh_token"] for question in endpoint.questions}) == 2


def test_a_new_token_in_the_file_begins_a_new_line(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory
) -> None:
    endpoint.rotation = "strict"
    file = secret_file(tmp_path / "refresh", endpoint.sign_in("support"))
    ours = token_source(sign_in_at(endpoint, tmp_path, grant="refresh-token", refresh_token=file), tokens)
    assert ours.access_token()
    endpoint.revoke()
    with pytest.raises(Troubled, match="put a new refresh token into"):
        ours.access_token(renewed=True)
    file.path.write_text(endpoint.sign_in("support") + "\n")
    assert ours.access_token()


def test_where_nobody_has_signed_in_the_command_is_named(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory
) -> None:
    oauth2 = sign_in_at(endpoint, tmp_path, grant="refresh-token")
    trouble = trouble_of(token_source(oauth2, tokens))
    assert (trouble.kind, trouble.what) == ("credentials", "Nobody has signed in for imap.support yet.")
    assert trouble.advice == "Run inboxd oauth login support."
    assert endpoint.questions == []


def test_a_token_of_another_application_means_nothing(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory
) -> None:
    signed_in(endpoint, tmp_path, tokens)
    moved = sign_in_at(endpoint, tmp_path, grant="refresh-token", client_id="another")
    assert "since its client_id" in trouble_of(token_source(moved, tokens)).what
    assert endpoint.questions == []


def test_after_a_refusal_the_next_call_asks_again(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory
) -> None:
    ours = token_source(sign_in_at(endpoint, tmp_path), tokens)
    endpoint.answers.append(refusal("temporarily_unavailable", status=503))
    assert trouble_of(ours).kind == "temporary"
    assert ours.access_token()


def test_who_renews_on_another_node_is_waited_for_and_its_newer_token_is_used(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_WAIT_FOR_OTHERS", 0.01)
    endpoint.rotation = "strict"
    oauth2 = signed_in(endpoint, tmp_path, tokens)
    nodes = [token_source(oauth2, tokens) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda node: node.access_token(), nodes))) == 4
    # Each used the token that the one before it had put there: a strict server refused nobody.
    assert len({question["refresh_token"] for question in endpoint.questions}) == 4
    assert endpoint.is_good(tokens.kept[oauth2.name].token)


def test_another_node_that_never_ends_is_temporary_trouble(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_WAIT_FOR_OTHERS", 0.01)
    monkeypatch.setattr(source, "_LONGEST_WAIT", 0.05)
    oauth2 = signed_in(endpoint, tmp_path, tokens)
    tokens.claimed.add(oauth2.name)
    assert trouble_of(token_source(oauth2, tokens)).kind == "temporary"


def test_who_shares_a_sign_in_shares_its_token(
    endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory
) -> None:
    sources = TokenSources(tokens)
    oauth2 = sign_in_at(endpoint, tmp_path)
    assert sources.of(oauth2) is sources.of(oauth2)
    assert sources.of(None) is None
    other = sources.of(sign_in_at(endpoint, tmp_path, name="outgoing"))
    assert other is not sources.of(oauth2)


def test_a_source_shows_no_token(endpoint: TokenEndpoint, tmp_path: Path, tokens: RefreshTokensInMemory) -> None:
    ours = token_source(signed_in(endpoint, tmp_path, tokens), tokens)
    access = ours.access_token()
    assert access not in repr(ours) + repr(vars(ours))
    assert tokens.kept["imap.support"].token not in repr(tokens.kept)
