"""Following the events of all tickets: each is given once, whatever the order in which transactions end."""

from collections.abc import Callable

from sqlalchemy import Connection, create_engine

from store import event_feed, tickets
from store.event_feed import Place
from store.open import Store
from store.tickets import NewTicket, Ticket

OpenTicket = Callable[..., Ticket]
NEW = NewTicket(channel="email", source="", subject="Printer on fire", created_at=1)


def _say(txn: Connection, ticket: Ticket, what: str) -> None:
    tickets.event(txn, ticket.id, at=1, actor="inboxd", what=what)


def _follow(store: Store, place: Place, limit: int = 200) -> tuple[list[str], Place]:
    with store.read() as connection:
        found, place = event_feed.behind(connection, place, limit)
    return [event.what for event, _ in found], place


def _end(store: Store) -> Place:
    with store.read() as connection:
        return event_feed.end(connection)


def test_each_event_is_given_once_page_by_page(store: Store, open_ticket: OpenTicket):
    ticket = open_ticket()
    place, given = _end(store), []
    for number in range(5):
        store.write(lambda txn, what=f"event {number}": _say(txn, ticket, what))
    while True:
        found, place = _follow(store, place, limit=2)
        if not found:
            break
        given += found
    assert given == [f"event {number}" for number in range(5)]


def test_an_event_that_is_committed_after_one_with_a_higher_number_is_given_too(
    postgresql_url: str, open_store: Callable[..., Store]
):
    store = open_store(postgresql_url, role="daemon")
    ticket = store.write(lambda txn: tickets.open_ticket(txn, NEW))
    engine = create_engine(postgresql_url)
    with engine.connect() as slow, engine.connect() as failing:
        _say(slow, ticket, "under way when the follower came")
        store.write(lambda txn: _say(txn, ticket, "before the follower came"))
        place = _end(store)
        _say(failing, ticket, "rolled back")
        _say(slow, ticket, "late")
        store.write(lambda txn: _say(txn, ticket, "early"))
        found, place = _follow(store, place)
        assert found == ["early"]
        failing.rollback()
        slow.commit()
        found, place = _follow(store, place)
        assert found == ["under way when the follower came", "late"]
        store.write(lambda txn: _say(txn, ticket, "last"))
        found, place = _follow(store, place)
        assert found == ["last"]
        assert _follow(store, place) == ([], place)
    engine.dispose()


def test_a_place_looks_for_a_bounded_number_of_what_never_came(postgresql_url: str, open_store: Callable[..., Store]):
    store = open_store(postgresql_url, role="daemon")
    ticket = store.write(lambda txn: tickets.open_ticket(txn, NEW))
    place = _end(store)
    store.write(lambda txn: _say(txn, ticket, "before"))
    sequence = "SELECT setval(pg_get_serial_sequence('events', 'id'), 1000000)"
    store.write(lambda txn: txn.exec_driver_sql(sequence).scalar())
    store.write(lambda txn: _say(txn, ticket, "after"))
    found, place = _follow(store, place)
    assert found == ["before", "after"]
    assert len(place.missing) == 1000
    assert place.missing[-1] == place.after - 1
    assert _end(store) == place
