"""Refresh tokens in the store, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from store import oauth_tokens
from store.claimant import claimant
from store.open import Store

NAME = "imap.support"


def token_of(store: Store) -> str | None:
    with store.read() as txn:
        kept = oauth_tokens.get(txn, NAME)
    return None if kept is None else kept.refresh_token


def test_what_a_sign_in_gave_is_kept_in_place_of_what_was_there(store: Store) -> None:
    assert token_of(store) is None
    for token in ("first", "second"):
        store.write(lambda txn, token=token: oauth_tokens.keep(txn, NAME, token, origin="a"))
        assert token_of(store) == token


def test_a_line_begins_once_and_anew_with_another_origin(store: Store) -> None:
    store.write(lambda txn: oauth_tokens.begin(txn, NAME, "from the file", origin="a"))
    assert store.write(lambda txn: oauth_tokens.rotate(txn, NAME, "newer", instead_of="from the file"))
    store.write(lambda txn: oauth_tokens.begin(txn, NAME, "from the file", origin="a"))
    assert token_of(store) == "newer"
    store.write(lambda txn: oauth_tokens.begin(txn, NAME, "from the new file", origin="b"))
    assert token_of(store) == "from the new file"


def test_a_newer_one_takes_the_place_of_the_one_it_was_had_for_and_of_no_other(store: Store) -> None:
    store.write(lambda txn: oauth_tokens.keep(txn, NAME, "first", origin="a"))
    assert store.write(lambda txn: oauth_tokens.rotate(txn, NAME, "second", instead_of="first"))
    assert not store.write(lambda txn: oauth_tokens.rotate(txn, NAME, "late", instead_of="first"))
    assert token_of(store) == "second"
    assert not store.write(lambda txn: oauth_tokens.rotate(txn, "outgoing", "x", instead_of="first"))


def test_of_two_that_rotate_at_once_one_wins_and_stays(store: Store) -> None:
    store.write(lambda txn: oauth_tokens.keep(txn, NAME, "first", origin="a"))

    def rotate(number: int) -> bool:
        return store.write(lambda txn: oauth_tokens.rotate(txn, NAME, f"newer {number}", instead_of="first"))

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(rotate, range(8)))
    assert won.count(True) == 1
    assert token_of(store) == f"newer {won.index(True)}"


def test_one_renews_at_a_time_and_who_died_holds_up_nobody_for_long(store: Store) -> None:
    def claim(who: str, seconds: int = 60) -> bool:
        return store.write(lambda txn: oauth_tokens.claim(txn, NAME, who, seconds=seconds))

    assert not claim("one")  # there is no such sign-in
    store.write(lambda txn: oauth_tokens.keep(txn, NAME, "first", origin="a"))
    assert claim("one")
    assert claim("one")
    assert not claim("two")
    store.write(lambda txn: oauth_tokens.release(txn, NAME, "two"))
    assert not claim("two")
    store.write(lambda txn: oauth_tokens.release(txn, NAME, "one"))
    assert claim("two", seconds=0)
    assert claim("one")


def test_who_was_killed_on_this_machine_holds_up_nobody(store: Store) -> None:
    store.write(lambda txn: oauth_tokens.keep(txn, NAME, "first", origin="a"))
    ours, other = claimant(), claimant(host="another-host")
    gone = ":".join([*ours.split(":")[:2], "1", "0", "dead"])  # process 1 did not start at tick 0

    def claim(who: str) -> bool:
        return store.write(lambda txn: oauth_tokens.claim(txn, NAME, who, seconds=60))

    assert claim(gone)
    assert claim(ours)
    assert not claim(other)
    store.write(lambda txn: oauth_tokens.release(txn, NAME, ours))
    # Of another machine nothing is known: it is waited for.
    assert claim(other)
    assert not claim(ours)


def test_claims_of_many_are_given_to_one(store: Store) -> None:
    store.write(lambda txn: oauth_tokens.keep(txn, NAME, "first", origin="a"))
    ask: Callable[[int], bool] = lambda number: store.write(  # noqa: E731
        lambda txn: oauth_tokens.claim(txn, NAME, f"node {number}", seconds=60)
    )
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))).count(True) == 1


def test_a_token_does_not_show(store: Store) -> None:
    store.write(lambda txn: oauth_tokens.keep(txn, NAME, "not-to-be-seen", origin="a"))
    with store.read() as txn:
        assert "not-to-be-seen" not in repr(oauth_tokens.get(txn, NAME))
