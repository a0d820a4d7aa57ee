"""What is asked of the store for one mail: it costs the same on a desk of ten tickets and on one of ten million."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from store.schema import metadata
from tests.harness.mails import mail
from tests.integration.pipeline.conftest import InProcessDesk

Asked = dict[str, Any]


@pytest.fixture
def asked() -> Iterator[Asked]:
    """Every statement of every engine that is made from now on, with what it was asked with last."""
    seen: Asked = {}

    def note(_connection: object, _cursor: object, sql: str, values: Any, _context: object, many: bool) -> None:
        seen[sql] = values[0] if many else values

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_no_statement_of_a_mail_reads_a_table_from_end_to_end(
    asked: Asked, make_desk: Callable[..., InProcessDesk]
) -> None:
    desk = make_desk()
    asked.clear()
    for sender in ("ops@acme.example", "somebody@client.example"):
        ref = desk.mail(mail("A printer", "It does not print.\n", sender=sender))["ticket"]["ref"]
        assert desk.mail(mail(f"Re: [#{ref}]", "Nor now.\n", sender=sender))["status"] == "threaded"
    statements = {sql: values for sql, values in asked.items() if re.match("SELECT|UPDATE|DELETE", sql)}
    assert len(statements) > 10
    database = sqlite3.connect(desk.folder / "inboxd.db")
    plans = {
        sql: [str(row[-1]) for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        for sql, values in statements.items()
    }
    database.close()
    # Who is on file is read whole when it changes, and for no mail.
    tables = {f"SCAN {table}" for table in metadata.tables if not table.startswith("account")}
    assert {
        sql: plan for sql, plan in plans.items() if any(" ".join(step.split()[:2]) in tables for step in plan)
    } == {}
    counted = [step for sql, plan in plans.items() if "count(*)" in sql for step in plan]
    assert "SEARCH tickets USING COVERING INDEX ix_tickets_unclosed_account (account_id=? AND created_at<?)" in counted
    assert "SEARCH outbox USING COVERING INDEX ix_outbox_automatic (created_at>? AND created_at<?)" in counted
    (of_author,) = (plan for sql, plan in plans.items() if "entries.author = " in sql)
    assert not any("TEMP B-TREE" in step for step in of_author)
