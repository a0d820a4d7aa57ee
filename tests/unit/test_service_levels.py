from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inboxd.clocks.service_levels import Levels, percentile

ACME = {"id": "acme", "name": "Acme Widgets", "plan": "24x7"}


def ms(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def clock(name="first-response", *, due, met=None, spent=None, paused=None):
    return {
        "name": name,
        "due_at": ms(due),
        "met_at": met and ms(met),
        "spent": spent,
        "paused_at": paused and ms(paused),
    }


def ticket(at, *clocks, account=ACME, **more):
    given = {"status": "open", "type": "incident", "priority": "urgent", "queue": "tech"}
    return {"created_at": ms(at), "account": account, "clocks": list(clocks), **given, **more}


def levels(*, by=("account", "priority"), period="month", zone="America/Chicago"):
    return Levels(by=by, period=period, zone=ZoneInfo(zone), priority=lambda word: {"urgent": "1"}.get(word, word))


NOW = ms("2026-06-20T00:00")


def test_a_clock_is_met_breached_or_can_still_be_met():
    rows = levels(period="all").report(
        [
            ticket("2026-06-01", clock(due="2026-06-02", met="2026-06-01T12:00", spent=600)),
            ticket("2026-06-01", clock(due="2026-06-02", met="2026-06-03", spent=9000)),
            ticket("2026-06-01", clock(due="2026-06-19")),
            ticket("2026-06-01", clock(due="2026-06-21")),
            ticket("2026-06-01", clock(due="2026-06-19", paused="2026-06-18"), status="waiting"),
            ticket("2026-06-01", status="closed"),
        ],
        NOW,
    )
    (row,) = rows
    assert (row["period"], row["account"], row["account_name"], row["priority"]) == (None, "acme", "Acme Widgets", "1")
    assert (row["plan"], row["type"], row["queue"]) == (None, None, None)  # not asked for
    assert (row["tickets"], row["open"]) == (6, 5)
    (counted,) = row["clocks"]
    assert (counted["met"], counted["breached"], counted["running"]) == (1, 2, 2)
    assert counted["met_percent"] == 33.3
    assert counted["open_seconds"] == {"p50": 600, "p90": 9000, "p95": 9000, "max": 9000}


@pytest.mark.parametrize(
    ("period", "first"),
    [("day", "2026-05-31"), ("week", "2026-05-25"), ("month", "2026-05-01"), ("year", "2026-01-01")],
)
def test_a_period_begins_in_the_desks_zone(period, first):
    (row,) = levels(by=(), period=period).report([ticket("2026-06-01T03:00")], NOW)  # 22:00 the day before in Chicago
    assert row["period"] == first


def test_groups_stand_in_order_and_what_has_no_account_is_a_group_of_its_own():
    rows = levels(by=("plan",)).report(
        [ticket("2026-06-10"), ticket("2026-06-10", account=None), ticket("2026-05-10")], NOW
    )
    assert [(row["period"], row["plan"]) for row in rows] == [
        ("2026-05-01", "24x7"), ("2026-06-01", None), ("2026-06-01", "24x7"),
    ]  # fmt: skip


@settings(deadline=None, database=None, max_examples=100)
@given(numbers=st.lists(st.integers(0, 10_000), min_size=1), percent=st.integers(1, 100))
def test_a_percentile_is_one_of_the_numbers_and_so_many_are_no_greater(numbers, percent):
    ordered = sorted(numbers)
    found = percentile(ordered, percent)
    assert found in numbers
    assert sum(number <= found for number in numbers) * 100 >= percent * len(numbers)
    assert sum(number < found for number in numbers) * 100 < percent * len(numbers)
    assert percentile([], percent) is None
