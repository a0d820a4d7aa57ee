"""Whether a page would reach anybody is found before the night in which it is needed."""

import pytest

from inboxd.preflight.oncall import oncall
from inboxd.settings import load
from rules.load import loads

RULES = """
lines: {private: {number: "+15550191", default: true}}
oncall:
  people: PEOPLE
  rota: {turns: [engineer-1], each: week, from: 2026-01-05 08:00}
decide:
  page: [{rule: at-night, when: {channel: voicemail}, then: {page: rota}}]
"""
TWILIO = """
twilio: {account_sid: AC00000000000000000000000000000000, auth_token_file: token}
"""


@pytest.mark.parametrize(
    ("people", "sections", "found"),
    [
        ("{engineer-1: {call: +15550171}}", "", ["warning", "failed", "failed"]),
        ("{engineer-1: {mail: engineer-1@example.com}}", "", ["warning", "failed", "failed"]),
        ("{engineer-1: {webhook: 'https://alerts.example.com/page'}}", "", ["ok"]),
        (
            "{engineer-1: {call: +15550171, webhook: 'https://alerts.example.com/page'}}",
            "",
            ["warning", "ok", "warning"],
        ),
        ("{engineer-1: {call: +15550171}}", TWILIO, ["ok", "warning"]),  # no public_url: no key is heard
        (
            "{engineer-1: {call: +15550171}}",
            TWILIO + 'http: {listen: "127.0.0.1:0", public_url: "https://desk.example.com"}',
            ["ok"],
        ),
    ],
)
def test_each_way_is_looked_at_and_a_rule_that_can_wake_nobody_fails(tmp_path, people, sections, found):
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "token").write_text("secret")
    (tmp_path / "inboxd.yaml").write_text(sections or "{}")
    told = list(
        oncall(load(tmp_path / "inboxd.yaml", {}), loads(RULES.replace("PEOPLE", people), "rules.yaml", zone="UTC"))
    )
    assert [each.level for each in told] == found, told
    if "failed" in found:
        assert "no way to reach a person is configured" in told[-1].what
        assert "give another way in oncall.people" in told[-2].what
