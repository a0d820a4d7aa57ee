"""Verdicts of mail filters: read in each one's own words, believed only of the one that the configuration names."""

from types import SimpleNamespace

import pytest

from inboxd.message import parse
from inboxd.policy.office import Office

VERDICTS = [
    ("X-Spam-Flag: YES", True),
    ("X-Spam-Flag: NO", False),
    ("X-Spam-Status: Yes, score=7.2 required=5.0 tests=BAYES_99", True),
    ("X-Spam-Status: No, score=-1.0 required=5.0", False),
    ("X-Spam: Yes", True),
    ("X-Spamd-Result: default: False [3.10 / 15.00]", False),
    ("X-Spamd-Result: default: True [17.10 / 15.00]; BAYES_SPAM(5.1)", True),
    ("X-Rspamd-Action: add header", True),
    ("X-Rspamd-Action: no action", False),
    ("X-Bogosity: Spam, tests=bogofilter, spamicity=0.99", True),
    ("X-Bogosity: Ham, tests=bogofilter", False),
    ("X-Bogosity: Unsure", None),
    ("X-DSPAM-Result: Innocent", False),
    ("X-Barracuda-Spam-Flag: YES", True),
    ("X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:5;SFV:SPM;", True),
    ("X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:1;SFV:NSPM;", False),
    ("X-MS-Exchange-Organization-SCL: -1", False),
    ("X-MS-Exchange-Organization-SCL: 9", True),
    ("X-Spam-Flag: perhaps", None),
]


def office(trusted):
    return Office(settings=SimpleNamespace(authentication=SimpleNamespace(trusted_filter=trusted)))


def message(*lines):
    return parse("".join(f"{line}\r\n" for line in (*lines, "From: a@example.com", "", "x")).encode())


@pytest.mark.parametrize(("line", "verdict"), VERDICTS)
def test_a_verdict_is_read_in_the_filters_own_words(line, verdict):
    name = line.partition(":")[0].lower()
    assert dict(message(line).claims.filters).get(name) is verdict


def test_only_the_filter_that_is_named_counts():
    spam = message("X-Spam-Flag: YES")
    assert office("x-spam-flag").calls_spam(spam)
    assert not office("x-spam-status").calls_spam(spam)
    assert not office(None).calls_spam(spam)
    assert not Office().calls_spam(spam)


def test_the_topmost_field_counts_which_is_what_the_filter_added_last():
    assert not office("x-spam-flag").calls_spam(message("X-Spam-Flag: NO", "Received: x", "X-Spam-Flag: YES"))
