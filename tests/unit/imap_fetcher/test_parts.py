"""The parts of the fetcher that ask nobody: reading answers, naming mails, sets of UIDs, waiting."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from inboxd.imap_fetcher import uid_sets
from inboxd.imap_fetcher.backoff import Backoff
from inboxd.imap_fetcher.fetch_reply import read
from inboxd.imap_fetcher.fetching import MOST_BYTES, Wanted, batches
from inboxd.imap_fetcher.identity import identity
from inboxd.imap_fetcher.news import News
from inboxd.imap_fetcher.retries import Retries


def test_an_answer_with_a_literal_is_read():
    found = read([(b'3 (UID 7 INTERNALDATE " 1-Feb-2026 03:04:05 -0700" BODY[] {5}', b"a(b)c"), b" FLAGS (\\Seen))"])
    assert found[7].body == b"a(b)c"
    assert found[7].internal_date == datetime(2026, 2, 1, 3, 4, 5, tzinfo=timezone(-timedelta(hours=7)))


def test_a_body_may_be_a_quoted_string_or_nil():
    found = read([b'1 (UID 1 BODY[] "say \\"hi\\"" RFC822.SIZE 8)', b"2 (UID 2 BODY[] NIL)", b'3 (UID 3 BODY[] "NIL")'])
    assert [found[uid].body for uid in (1, 2, 3)] == [b'say "hi"', None, b"NIL"]
    assert found[1].size == 8


def test_an_answer_without_a_uid_is_about_nobody():
    assert read([(b"7 (BODY[] {3}", b"abc"), b")", b"8 (FLAGS (\\Seen))", None]) == {}


def test_items_of_one_mail_in_several_answers_belong_together_and_the_first_body_counts():
    found = read(
        [b"1 (UID 5 RFC822.SIZE 3)", (b"1 (UID 5 BODY[] {3}", b"abc"), b")", (b"1 (UID 5 BODY[] {1}", b"x"), b")"]
    )
    assert (found[5].size, found[5].body) == (3, b"abc")


def test_a_section_with_spaces_and_parentheses_is_one_name():
    (one,) = read([(b"1 (UID 5 BODY[HEADER.FIELDS (DATE FROM)] {4}", b"a: b"), b" RFC822.SIZE 9)"]).values()
    assert (one.body, one.size) == (b"a: b", 9)


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"1", b"(", b")))", b"1 (UID", b"1 (UID x)", b"1 (UID 0)", b"1 (UID 99999999999999999999999)",
     b"1 (UID 18446744073709551615)", b"1 ((((UID 5", b"1 (UID (5))", b"\xff\xfe", b"{5}"],
)  # fmt: skip
def test_nonsense_is_nobody(nonsense: bytes):
    assert read([nonsense]) == {}


@pytest.mark.parametrize(
    "date",
    [b"31-Feb-2026 00:00:00 +0000", b"yesterday", b"1-Foo-2026 00:00:00 +0000",
     b"01-Jan-0001 00:00:00 +1400", b"31-Dec-9999 23:59:59 -1400", b"17-Nov-1858 00:00:00 +0000"],
)  # fmt: skip
def test_a_date_that_is_none_or_that_no_mail_can_have_come_on_is_left_out(date: bytes):
    assert read([b'1 (UID 5 INTERNALDATE "' + date + b'")'])[5].internal_date is None


def test_the_identity_is_the_same_from_the_whole_mail_and_from_its_fields():
    whole = (
        b"Received: from a\r\n\tby b; Tue\r\nReceived: from c by a\r\nSubject: x\r\nFROM : A <a@client.example>\r\n"
        b"Date: Tue, 13 Jan 2026 16:00:00 +0000\r\nMessage-ID:\r\n <1@client.example>\r\n\r\nDate: not this one\r\n"
    )
    fields = (
        b"Message-ID: <1@client.example>\r\nDate: Tue, 13 Jan 2026 16:00:00 +0000\r\nFrom: A  <a@client.example>\r\n"
        b"Received: from c by a\r\nReceived: from a by b; Tue\r\n\r\n"
    )
    assert identity(whole) == identity(fields) is not None
    assert identity(whole.replace(b"\r\n", b"\n")) == identity(whole)
    assert identity(whole.replace(b"<1@", b"<2@")) != identity(whole)


def test_a_mail_that_nothing_names_has_no_identity():
    assert (
        identity(b"From: a@client.example\r\nDate: Tue, 13 Jan 2026 16:00:00 +0000\r\n\r\nMessage-ID: <1@x>\r\n")
        is None
    )
    assert identity(b"\r\nMessage-ID: <1@client.example>\r\n\r\n") is None
    assert identity(b"") is None


def test_uids_are_written_in_few_words():
    assert uid_sets.of([5, 3, 1, 2, 2, 9]) == "1:3,5,9"
    assert uid_sets.of([]) == ""


def test_batches_are_bounded_in_number_and_bytes():
    mails = [Wanted(uid=uid, size=2000) for uid in range(1, 501)]
    assert [len(batch) for batch in batches(mails, alone=set(), max_size=MOST_BYTES)] == [200, 200, 100]
    mails = [Wanted(uid=uid, size=MOST_BYTES // 2) for uid in (1, 2, 3)]
    assert [len(batch) for batch in batches(mails, alone=set(), max_size=MOST_BYTES)] == [2, 1]


def test_large_ones_and_those_of_unknown_size_go_alone():
    mails = [Wanted(uid=1, size=1), Wanted(uid=2, size=None), Wanted(uid=3, size=MOST_BYTES + 1), Wanted(uid=4, size=1)]
    got = [[mail.uid for mail in batch] for batch in batches(mails, alone={4}, max_size=MOST_BYTES * 2)]
    assert sorted(got) == [[1], [2], [3], [4]]


def test_waiting_doubles_to_five_minutes_and_to_fifteen_with_wrong_credentials():
    backoff = Backoff()
    assert [backoff.after("temporary") for _ in range(11)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert backoff.after("credentials") == 900
    backoff.reset()
    assert backoff.after("credentials") == 1


def test_a_mail_at_which_the_line_breaks_three_times_is_given_up_for_an_hour():
    retries = Retries()
    assert retries.broke_at((1, 2, 3)) is None
    assert retries.alone == {1, 2, 3}
    retries.done([1, 3], still_refused=[])
    assert [retries.broke_at((2,)) for _ in range(3)] == [None, None, 2]
    assert retries.due() == []
    retries.all_at_once()
    assert retries.due() == []


def test_what_a_server_would_not_hand_out_is_due_at_once_on_a_new_line():
    retries = Retries()
    retries.learn([4])
    assert retries.due() == [4]
    retries.done([4], still_refused=[4])
    retries.learn([4])
    assert retries.due() == []
    retries.all_at_once()
    assert retries.due() == [4]
    retries.done([4], still_refused=[])
    assert not retries.are_waiting


def test_one_mail_is_told_at_once_and_a_backlog_at_its_end():
    told: list[list[str]] = []
    news = News(lambda ids: told.append(list(ids)))
    news.add(["a"], more=False)
    assert told == [["a"]]
    news.add(["b"], more=True)
    news.add(["c"], more=True)
    assert told == [["a"]]
    news.add(["d"], more=False)
    assert told == [["a"], ["b", "c", "d"]]
    news.tell()
    assert len(told) == 2


def test_times_are_compared_across_zones():
    found = read([b'1 (UID 5 INTERNALDATE "01-Feb-2026 00:00:00 +0100")'])
    assert found[5].internal_date == datetime(2026, 1, 31, 23, 0, tzinfo=UTC)
