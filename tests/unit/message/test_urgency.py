"""The urgency a sender claims: kept for staff to see."""

import pytest

from inboxd.message import parse, urgency


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("URGENT: server down", "urgent"),
        ("Please fix this asap.", "urgent"),
        ("This is an emergency!", "urgent"),
        ("Priority: high", "high"),
        ("severity 1 outage", "urgent"),
        ("high priority, please", "high"),
        ("please answer as soon as possible", "high"),
        ("Das ist dringend", "urgent"),
        ("not urgent", "low"),
        ("This isn't really an emergency.", "low"),
        ("nothing urgent at all", "low"),
        ("non-urgent question", "low"),
        ("priority: low", "low"),
        ("low priority", "low"),
        ("no need to answer immediately", "low"),
        ("No rush.", "low"),
        ("medium priority", "medium"),
        ("Not urgent for us, but critical for Berlin", "urgent"),
        ("Hello", None),
        ("the insurgents", None),
        ("an mp3 file and version p1.2", None),
        ("If you are not the intended recipient, notify the sender immediately.", None),
    ],
)
def test_a_claim_in_words_is_found_and_a_denial_is_one_of_low(text, claim, mail):
    assert parse(mail("", text)).claimed_urgency == claim
    assert parse(mail(f"From: a@example.com\nSubject: {text}\n", "x", bare=True)).claimed_urgency == claim


@pytest.mark.parametrize(
    ("header", "claim"),
    [
        ("X-Priority: 1 (Highest)", "urgent"), ("X-Priority: 2", "high"), ("X-Priority: 3", None),
        ("X-Priority: 5", "low"), ("Importance: high", "high"), ("Importance: normal", None),
        ("Priority: urgent", "urgent"),
        ("Priority: non-urgent", "low"), ("X-MSMail-Priority: High", "high"), ("X-Priority: 99999", None),
    ],
)  # fmt: skip
def test_a_claim_in_a_header_is_found(header, claim, mail):
    assert parse(mail(header)).claimed_urgency == claim


def test_the_strongest_claim_counts(mail):
    assert parse(mail("Importance: low", "Priority: high. In fact it is urgent.")).claimed_urgency == "urgent"


def test_a_claim_in_the_quoted_history_is_not_the_senders(mail):
    text = (
        "All well now, thanks.\n\nOn Tue, Jun 3, 2025 at 9:00 AM Front <front@example.com> wrote:\n\n> urgent!\n> now\n"
    )
    assert parse(mail("", text)).claimed_urgency is None


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("緊急のお願い", "urgent"), ("緊急ではありません", None), ("紧急求助", "urgent"), ("긴급 요청", "urgent"),
        ("긴급하지 않습니다", None), ("Acil!", "urgent"), ("Bu acil değil", None), ("Pilna sprawa", "urgent"),
        ("Kiireellinen", "urgent"), ("Naléhavé", "urgent"), ("Терміново", "urgent"), ("не срочно", "low"),
        ("Det haster", "urgent"), ("Det haster ikke", None), ("facilities", None),
    ],
)  # fmt: skip
def test_a_claim_is_found_in_the_languages_of_the_mail_programs(text, claim):
    assert urgency.in_words(text, "") == claim
