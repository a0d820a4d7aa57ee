"""Bounces in the words of some forty mailers, automatic answers by their marks, and people who only mention either."""

from pathlib import Path

import pytest
import yaml

from inboxd.message import parse

MAILS = yaml.safe_load(Path(__file__).with_name("mailers.yaml").read_text("utf-8"))


def read(kind, name):
    head, _, body = MAILS[kind][name].partition("\n\n")
    more = "Message-ID: <z@mx.example>\nDate: Tue, 3 Jun 2025 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8"
    return parse(f"{head}\n{more}\n\n{body}".encode())


@pytest.mark.parametrize("name", MAILS["bounces"])
def test_a_report_in_a_mailers_own_words_is_a_bounce_of_the_recipient_it_names(name):
    message = read("bounces", name)
    assert message.is_bounce
    assert not message.is_auto_reply
    assert "frontdesk@example.org" in message.bounced_recipients
    assert message.bounce.action == ("delayed" if "delay" in name else "failed")
    assert message.no_autoresponse


@pytest.mark.parametrize("name", MAILS["automatic"])
def test_an_automatic_answer_is_told_by_its_marks(name):
    message = read("automatic", name)
    assert message.is_auto_reply
    assert not message.is_bounce


@pytest.mark.parametrize("name", MAILS["people"])
def test_people_who_write_about_bounces_and_absence_are_people(name):
    message = read("people", name)
    assert not message.is_auto_reply
    assert not message.is_bounce
