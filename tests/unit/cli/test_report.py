"""The report in its forms; what a customer is called is never a formula nor markup."""

import csv
import io
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from inboxd.cli import report, report_page

EVIL = "=HYPERLINK(1);<script>alert(1)</script>"
CLOCK = {
    "name": "first-response",
    "met": 9,
    "breached": 1,
    "running": 2,
    "met_percent": 90.0,
    "open_seconds": {"p50": 600, "p90": 4000, "p95": 5000, "max": 9000},
}
ROW = {
    "period": "2026-06-01",
    "account": "acme",
    "plan": "24x7",
    "priority": "urgent",
    "type": None,
    "queue": None,
    "account_name": EVIL,
    "tickets": 12,
    "open": 2,
    "clocks": [CLOCK],
}
GROUPS = ("account", "plan", "priority", "type")


def page(*rows):
    return report_page.render(rows, GROUPS, period="month", now=datetime(2026, 6, 20, tzinfo=UTC))


def test_a_cell_of_the_csv_is_no_formula():
    (head, row) = csv.reader(io.StringIO(report._csv([ROW])))
    cells = dict(zip(head, row, strict=True))
    assert cells["account_name"].startswith("'=")
    assert (cells["clock"], cells["met"], cells["p90"], cells["type"]) == ("first-response", "9", "4000", "")


def test_the_page_stands_alone_and_shows_names_as_text():
    text = page(ROW, {**ROW, "account": "mill", "account_name": "Mill & Co", "period": "2026-07-01"})
    assert "<script" not in text
    assert re.search(r"(?:src|href)=|url\(|@import|https?://", text) is None
    charts = [ET.fromstring(each) for each in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]
    assert len(charts) == 5  # by period, and by each of the four
    labels = {node.text for chart in charts for node in chart.iter("text")}
    assert {"Mill & Co", "90.0 % of 10", "2026-06-01"} <= labels


def test_a_report_of_nothing_is_a_page_too():
    assert "<h1>Service levels</h1>" in page()
    assert report._table([], GROUPS) == "No tickets."
    assert len(report._csv([]).splitlines()) == 1


def test_the_table_is_for_people():
    text = report._table([ROW], GROUPS)
    assert "9 (90.0 %)" in text
    assert "10m" in text
    assert "1h 07m" in text
