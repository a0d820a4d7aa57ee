"""Search: the same words find the same tickets on both databases, and no text breaks it."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import tickets
from store.open import Store
from store.tickets import NewEntry, Ticket

OpenTicket = Callable[..., Ticket]


def search(store: Store, words: str, **more: int) -> list[int]:
    with store.read() as connection:
        return [ticket.id for ticket in tickets.search(connection, words, **more)]


@pytest.fixture
def ticket(store: Store, open_ticket: OpenTicket) -> Ticket:
    opened = open_ticket(
        subject="Drucker im Büro brennt",
        account={"id": "acme", "name": "Acme Widgets", "plan": "standard"},
        requester={"address": "ops@acme.example", "name": "Zoë from Operations", "phone": "+15550100"},
    )
    other = open_ticket(subject="Something else", account={"id": "other", "name": "Other Ltd"})
    entry = NewEntry(
        kind="email",
        at=2,
        author="ops@acme.example",
        text="The server 10.0.0.1 says ERROR_4711, straße 客服系統故障 naïve.",
        attachments=({"filename": "screenshot.png"},),
    )
    store.write(lambda txn: tickets.append(txn, opened.id, entry))
    store.write(lambda txn: tickets.append(txn, other.id, NewEntry(kind="note", at=1, text="about 10.0.1.0")))
    return opened


def test_words_of_subject_entries_requester_and_account_find_the_ticket(store: Store, ticket: Ticket):
    questions = ["drucker", "BÜRO", "buro", "brennt server", "acme drucker 4711", "widgets", "ops@acme.example", "zoe"]
    questions += ["+15550100", "10.0.0.1", "STRASSE", "naive", "系統", "screenshot.png", "standard", '"büro"']
    questions += ["büro -- brennt"]
    assert {words: search(store, words) for words in questions} == {key: [ticket.id] for key in questions}


def test_every_word_must_stand_in_the_ticket(store: Store, ticket: Ticket):
    questions = ["drucker missing", "büro other", "統系", "10.0.1", "ltd acme", "rucker"]
    assert [words for words in questions if ticket.id in search(store, words)] == []


def test_the_reference_finds_the_ticket_with_and_without_its_hyphen(store: Store, ticket: Ticket):
    assert search(store, ticket.ref) == [ticket.id]
    assert search(store, ticket.ref.replace("-", "")) == [ticket.id]


def test_a_question_without_words_finds_nothing(store: Store, ticket: Ticket):
    questions = ["", "   ", '"', "-", "*", "( ) & | ! : <->", "\x00", "'"]
    assert {words: search(store, words) for words in questions} == {key: [] for key in questions}


def test_what_looks_like_a_query_language_is_only_words(store: Store, ticket: Ticket):
    questions = ['büro -x " OR', "NEAR(a b", "words:x", "a* ^b", "col : x", "'; DROP TABLE tickets; --", "a & !b"]
    questions += ["x " * 5000]
    assert {words: search(store, words) for words in questions} == {key: [] for key in questions}
    assert search(store, "büro") == [ticket.id]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=40))
def test_no_text_breaks_the_search(store: Store, words: str):
    search(store, words)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=st.text(alphabet=st.characters(categories=["L", "Nd"], max_codepoint=0x52F), min_size=1, max_size=12))
def test_any_word_that_was_written_is_found(store: Store, open_ticket: OpenTicket, subject: str):
    opened = open_ticket(subject=subject)
    assert opened.id in search(store, subject, limit=1000)


def test_the_head_is_searched_as_it_is_now(store: Store, ticket: Ticket):
    store.write(lambda txn: tickets.update(txn, ticket.id, at=3, subject="Kopierer"))
    assert search(store, "drucker") == []
    assert search(store, "kopierer") == [ticket.id]


def test_a_transcript_is_searched(store: Store, open_ticket: OpenTicket):
    opened = open_ticket(channel="voicemail")
    entry_id = store.write(lambda txn: tickets.append(txn, opened.id, NewEntry(kind="voicemail", at=1)))
    store.write(lambda txn: tickets.set_transcript(txn, entry_id, {"text": "the mainframe is down"}))
    assert search(store, "mainframe") == [opened.id]


def test_a_very_long_text_is_filed_and_searched_far_into_it(store: Store, open_ticket: OpenTicket):
    opened = open_ticket()
    body = " ".join(f"word{number:06}" for number in range(200_000))
    store.write(lambda txn: tickets.append(txn, opened.id, NewEntry(kind="email", at=1, text=body)))
    store.write(lambda txn: tickets.append(txn, opened.id, NewEntry(kind="email", at=1, text="q" * 3_000_000)))
    assert search(store, "word000000 word080000") == [opened.id]


def test_the_last_changed_come_first(store: Store, open_ticket: OpenTicket):
    first, second, third = (open_ticket(subject="printer", created_at=n) for n in (3, 9, 6))
    assert search(store, "printer") == [second.id, third.id, first.id]
    assert search(store, "printer", limit=1) == [second.id]
