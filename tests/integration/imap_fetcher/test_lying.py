"""Whatever a server says or leaves unsaid: each mail is stored once and whole in the end, and none is marked before."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inboxd.imap_fetcher import backoff, fetcher, retries, wire
from inboxd.settings.sections import After
from store import mailboxes
from store.mailboxes import Row
from tests.harness.desk import wait_until
from tests.harness.lying_imap import TRUE, LyingImap, lies
from tests.harness.lying_imap.answers import Answer
from tests.harness.mails import mail
from tests.harness.pulled import Pulled, mailbox

BODY = b"BODY.PEEK[]"
MAILS = 12


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds of waiting become moments; what is waited for stays the same."""
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 0.02)
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 0.1)
    monkeypatch.setattr(backoff, "LONGEST_WITH_WRONG_CREDENTIALS", 0.1)
    monkeypatch.setattr(wire, "READ_SECONDS", 0.4)
    monkeypatch.setattr(wire, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(fetcher, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(retries, "_FIRST_SECONDS", 0.1)
    monkeypatch.setattr(retries, "_LONGEST_SECONDS", 0.3)


@pytest.fixture
def pulled(tmp_path: Path) -> Iterator[Pulled]:
    opened = Pulled.open(tmp_path)
    yield opened
    opened.close()


class Case:
    """A server with some mails, and a fetcher that is let loose on it."""

    def __init__(self, server: LyingImap, pulled: Pulled) -> None:
        self.server, self.pulled = server, pulled
        self.sent: list[bytes] = []

    def put(self, count: int = MAILS, folder: str = "INBOX", **options: Any) -> None:
        for _ in range(count):
            raw = mail(f"Report {len(self.sent)}", "Words.\n" * (len(self.sent) % 7)).replace(b"\n", b"\r\n")
            self.sent.append(raw)
            self.server.folders.put(folder, raw, **options)

    def start(self, **keys: Any) -> "Case":
        self.fetcher = self.pulled.start(
            mailbox(self.pulled.folder, password=self.server.password, port=self.server.port, **keys)
        )
        return self

    def exact(self) -> bool:
        return not self.pulled.wrong(self.sent) and not self.pulled.owed()

    def settle(self, within: float = 30) -> None:
        """Wait until the account is exact; name what is wrong where it does not become so."""
        try:
            wait_until(self.exact, within=within, what="an exact account", every=0.05)
        finally:
            assert self.pulled.wrong(self.sent) == [], self.fetcher.view()
        assert self.pulled.owed() == 0, self.fetcher.view()
        assert self.fetcher.join(0) is False, "the thread has died"

    def marked(self, folder: str = "INBOX") -> set[int]:
        return {uid for uid, flags in self.server.folders.flags(folder).items() if "\\Seen" in flags}

    def trouble(self, folder: int | None = None) -> str:
        view = self.fetcher.view()
        return str(view["trouble"] if folder is None else view["folders"][folder]["trouble"])

    def wait_for_trouble(self, words: str, folder: int | None = None) -> None:
        try:
            wait_until(lambda: words in self.trouble(folder), within=20, what=words)
        finally:
            assert words in self.trouble(folder)


@pytest.fixture
def case(pulled: Pulled) -> Iterator[Callable[..., Case]]:
    """Make a case on a server of its own; the options are the server's."""
    servers: list[LyingImap] = []

    def made(*folders: str, **options: Any) -> Case:
        server = LyingImap(*(folders or ("INBOX", "Done")), **options)
        servers.append(server.__enter__())
        return Case(server, pulled)

    yield made
    pulled.stop()
    for server in servers:
        server.__exit__()


BREAKS = {
    "drop": lies.drop, "do and drop": lies.do_and_drop, "drop in the answer": lies.drop_in_literal,
    "hang": lies.hang, "hang in the answer": lies.hang_in_literal,
    "garbage": lambda: lies.say_instead(b"* %$#@! \xff\xfe\x00 garbage", b"more of it"),
    "garbage, and silence": lambda: lies.say_instead(b"}{)(*&^ FETCH ((((", end="hang"),
    "a huge line": lambda: lies.say_instead(b"* OK " + b"x" * 2_000_000),
    "BYE": lambda: lies.say_instead(b"* BYE going down"),
    "BAD": lambda: lies.refuse(b"BAD what?"),
}  # fmt: skip


COMMANDS = ["CAPABILITY", "AUTHENTICATE", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"]


@pytest.mark.parametrize(
    ("at", "how"),
    [(at, how) for at in COMMANDS for how in BREAKS if at == "UID FETCH" or how in ("drop", "hang", "garbage")],
)
def test_a_line_that_breaks_at_any_command_is_taken_up_again(case: Callable[..., Case], at: str, how: str) -> None:
    one = case()
    one.put()
    # With the capabilities in the greeting, nobody asks for them.
    if at == "CAPABILITY":
        one.server.lie("GREETING", lies.say_instead(b"* OK ready", end="go on"), times=None)
    one.server.lie(at, BREAKS[how]())
    one.server.lie(at, BREAKS[how](), skip=2)
    one.start().settle()
    assert one.marked() == set(range(1, MAILS + 1))


@pytest.mark.parametrize("how", ["drop", "do and drop", "BAD"])
@pytest.mark.parametrize(
    ("at", "after", "without"),
    [
        ("UID MOVE", After(action="move", folder="Done"), ()),
        ("UID COPY", After(action="move", folder="Done"), ("MOVE",)),
        ("UID STORE", After(action="move", folder="Done"), ("MOVE",)),
        ("UID EXPUNGE", After(action="move", folder="Done"), ("MOVE",)),
        ("UID STORE", After(action="delete"), ()),
        ("UID EXPUNGE", After(action="delete"), ()),
    ],
)
def test_a_move_or_a_deletion_that_breaks_off_is_done_in_the_end(
    case: Callable[..., Case], at: str, after: After, without: tuple[str, ...], how: str
) -> None:
    one = case(capabilities=[word for word in TRUE if word not in without])
    one.put()
    one.server.lie(at, BREAKS[how]())
    one.start(after=after)
    wait_until(lambda: not one.pulled.wrong(one.sent), within=30, what="all stored", every=0.05)
    if how == "BAD":
        one.server.reset_lines()  # what a server refuses is asked for again at the next connect
    one.settle()
    assert one.server.folders.flags("INBOX") == {}
    with one.server.folders.lock:
        moved = [each.raw for each in one.server.folders.by_name["Done"].mails.values()]
    # A copy whose answer was lost may lie there twice; none is missing.
    assert set(moved) == (set(one.sent) if after.action == "move" else set())


TWISTS = {
    "repeated": lies.repeat(), "in the opposite order": lies.reverse(), "other UIDs": lies.other_uids(),
    "NIL for bodies": lies.nil_bodies(), "a literal too long": lies.wrong_literal(7),
    "a literal too short": lies.wrong_literal(-7), "a literal of gigabytes": lies.wrong_literal(3 << 30),
    "nothing at all": lies.leave_out(b""), "some left out": lies.leave_out(b"* 3 FETCH"),
    "news between": lies.add_between(b"* 4711 EXISTS"),
    "flags between": lies.add_between(b"* 1 FETCH (FLAGS (\\Seen))"),
    "expunged ones between": lies.add_between(b"* 1 EXPUNGE"), "noise between": lies.add_between(b"* FOO bar baz"),
    "bytes between": lies.add_between(b"\x00\xff\xfe {99"),
    "another sequence number": lies.replace(rb"^\* \d+", b"* 1"), "UID 0": lies.replace(rb"UID \d+", b"UID 0"),
    "no UID": lies.replace(rb"UID \d+ ", b""), "no close": lies.replace(rb"\($", b""),
    "a size of nothing": lies.replace(rb"RFC822.SIZE \d+", b"RFC822.SIZE 0"),
    "a size too small": lies.replace(rb"RFC822.SIZE \d+", b"RFC822.SIZE 1"),
    "a size too large": lies.replace(rb"RFC822.SIZE \d+", b"RFC822.SIZE 40000000"),
    "a size that is none": lies.replace(rb"RFC822.SIZE \d+", b"RFC822.SIZE NIL"),
    "a date that is none": lies.replace(rb'INTERNALDATE "[^"]+"', b'INTERNALDATE "99-Foo-0000 99:99:99 +9999"'),
    "no date": lies.replace(rb'INTERNALDATE "[^"]+"', b"INTERNALDATE NIL"),
}  # fmt: skip


@pytest.mark.parametrize("how", TWISTS)
def test_twisted_answers_to_fetch_lose_and_double_nothing(case: Callable[..., Case], how: str) -> None:
    one = case()
    one.put()
    one.server.lie("UID FETCH", TWISTS[how], times=5)
    one.start().settle(60)
    assert one.marked() == set(range(1, MAILS + 1))


@pytest.mark.parametrize(
    "how",
    ["repeated", "in the opposite order", "news between", "flags between", "noise between", "a size of nothing",
     "a size too small", "a size too large", "a size that is none", "a date that is none", "no date",
     "another sequence number"],
)  # fmt: skip
def test_a_server_that_always_twists_so_is_served_all_the_same(case: Callable[..., Case], how: str) -> None:
    one = case()
    one.put()
    one.server.lie("UID FETCH", TWISTS[how], times=None)
    one.start().settle(60)
    assert one.marked() == set(range(1, MAILS + 1))


def test_a_mail_that_yields_nothing_is_named_left_alone_and_holds_up_no_other(case: Callable[..., Case]) -> None:
    one = case()
    one.put(5)
    lost = one.sent.pop(2)
    assert lost
    one.server.lie("UID FETCH", lies.nil_bodies(), times=None, text=b" 3 ")
    one.server.lie("UID FETCH", lies.leave_out(b"UID 3 "), times=None)
    one.start().settle()
    wait_until(lambda: one.pulled.states() == {"stored": 4, "unreadable": 1}, within=20, what="an unreadable mail")
    assert one.marked() == {1, 2, 4, 5}


def test_a_mail_at_which_the_line_breaks_each_time_holds_up_no_other(case: Callable[..., Case]) -> None:
    one = case()
    one.put(5)
    poison = one.sent[2]
    one.server.lie("UID FETCH", _breaks_at(b"UID 3 "), times=None)
    one.start()
    one.sent.remove(poison)
    one.settle()
    one.put(2)
    one.settle()
    wait_until(lambda: one.pulled.states()["unreadable"] == 1, within=20, what="an unreadable mail")
    assert 3 not in one.marked()
    # Once the server has mended itself the mail comes, too.
    one.server.tell_the_truth()
    one.sent.append(poison)
    one.server.reset_lines()
    one.settle()


@pytest.mark.parametrize("how", ["drop", "hang", "garbage"])
def test_a_mail_that_was_not_handed_out_before_the_line_broke_is_asked_for_again(
    case: Callable[..., Case], how: str
) -> None:
    one = case()
    one.put()
    # Neither sizes, nor what is asked about the first mail, nor its body; and the line breaks at the second one.
    one.server.lie("UID FETCH", lies.leave_out(b""), times=3)
    one.server.lie("UID FETCH", BREAKS[how]())
    one.start().settle()
    assert one.marked() == set(range(1, MAILS + 1))


def test_a_mail_that_another_node_put_down_as_unreadable_is_asked_for_on_the_next_line(
    case: Callable[..., Case],
) -> None:
    one = case()
    one.put()
    one.start().settle()
    (uidvalidity,) = _numbers(one)
    row = Row(mailbox="support", folder="INBOX", uidvalidity=uidvalidity, uid=MAILS + 1, state="unreadable")
    one.pulled.store.write(lambda txn: mailboxes.enter(txn, [row]))
    one.put(2)
    wait_until(lambda: one.pulled.states()["stored"] == MAILS + 1, within=20, what="the mail behind it")
    one.server.reset_lines()
    one.settle()


def _breaks_at(what: bytes) -> Any:
    def tell(command: Any, execute: Any) -> Any:
        answer = execute()
        if BODY[:4] in command.text.upper() and any(what in line for line in answer.untagged):
            answer.untagged, answer.tagged, answer.end = [], b"", "cut"
        return answer

    return tell


@pytest.mark.parametrize("said", [0, 100, 40_000_000])
def test_a_mail_larger_or_smaller_than_the_server_says_is_fetched_whole(case: Callable[..., Case], said: int) -> None:
    one = case()
    one.put(2)
    one.sent.append(mail("Large", ("x" * 70 + "\n") * 50_000).replace(b"\n", b"\r\n"))
    uid = one.server.folders.put("INBOX", one.sent[-1])
    one.server.folders.by_name["INBOX"].mails[uid].said_size = said
    one.start().settle()
    assert one.marked() == {1, 2, 3}


def test_of_a_mail_too_large_its_beginning_is_stored_and_it_is_not_marked(case: Callable[..., Case]) -> None:
    one = case()
    large = mail("Large", ("x" * 70 + "\n") * 50_000).replace(b"\n", b"\r\n")
    one.server.folders.put("INBOX", large)
    one.sent.append(large[: 1 << 20])
    one.start(max_size=1_500_000).settle()
    assert (one.pulled.states(), one.marked()) == ({"partial": 1}, set())


def test_a_new_numbering_brings_no_mail_a_second_time(case: Callable[..., Case]) -> None:
    one = case()
    one.put()
    one.start().settle()
    one.server.folders.renumber("INBOX", first=500)
    one.server.reset_lines()
    one.put(3)
    one.settle()
    wait_until(lambda: _numbers(one) == {1001}, within=20, what="every mail under its new number")
    one.settle()


def test_a_server_that_numbers_anew_each_time_does_not_let_the_ledger_grow(case: Callable[..., Case]) -> None:
    one = case()
    one.put()
    one.start().settle()
    for times in range(1, 4):
        one.server.folders.renumber("INBOX", first=times * 100)
        one.server.reset_lines()
        wait_until(
            lambda wanted=1000 + times: _numbers(one) == {wanted}, within=20, what="every mail under its new number"
        )
        one.settle()
    assert one.pulled.states().total() == MAILS


def _numbers(case: Case) -> set[int]:
    return {row["uidvalidity"] for row in case.pulled.ledger()}


def test_a_new_numbering_between_the_commit_and_the_mark_marks_no_other_mail(case: Callable[..., Case]) -> None:
    one = case()
    one.put()
    stop = one.server.lie("UID STORE", lies.drop(), times=None)
    one.start()
    wait_until(lambda: not one.pulled.wrong(one.sent), within=20, what="all stored")
    # Now number 1 to 12 are other mails than those with which something is owed.
    with one.server.folders.lock:
        one.server.folders.by_name["INBOX"].mails.clear()
        one.server.folders.renumber("INBOX")
        one.put()
    one.server.lie("UID FETCH", lies.drop(), times=3, text=BODY)
    stop.times = 0
    one.server.reset_lines()
    wait_until(lambda: not one.pulled.wrong(one.sent), within=20, what="all stored")
    wait_until(lambda: one.marked() == set(range(1, MAILS + 1)), within=20, what="all marked")


def test_mails_that_a_server_shows_late_below_others_are_found(case: Callable[..., Case]) -> None:
    one = case()
    one.put(3)
    one.put(4, hidden=True)
    one.put(3)
    hidden = one.sent[3:7]
    del one.sent[3:7]
    one.start().settle()
    one.server.folders.show("INBOX")
    one.sent += hidden
    one.server.reset_lines()
    one.settle()


SELECTS = {
    "no UIDNEXT": lies.leave_out(b"UIDNEXT"), "UIDNEXT too low": lies.replace(rb"UIDNEXT \d+", b"UIDNEXT 1"),
    "UIDNEXT too high": lies.replace(rb"UIDNEXT \d+", b"UIDNEXT 99999"), "no EXISTS": lies.leave_out(b"EXISTS"),
    "EXISTS 0": lies.replace(rb"\d+ EXISTS", b"0 EXISTS"),
    "EXISTS huge": lies.replace(rb"\d+ EXISTS", b"4000000000 EXISTS"),
    "no PERMANENTFLAGS": lies.leave_out(b"PERMANENTFLAGS"), "noise": lies.add(b"* 3 EXPUNGE", b"* 1 FETCH (FLAGS ())"),
}  # fmt: skip


@pytest.mark.parametrize("how", SELECTS)
def test_what_is_said_of_a_folder_is_not_relied_on(case: Callable[..., Case], how: str) -> None:
    one = case()
    one.server.lie("SELECT", SELECTS[how], times=None)
    one.put()
    one.start().settle()
    one.put(2)
    one.settle()


def test_a_folder_without_uidvalidity_is_left_alone_and_says_so(case: Callable[..., Case]) -> None:
    one = case("Odd", "INBOX")
    one.server.lie("SELECT", lies.leave_out(b"UIDVALIDITY"), times=None, text=b"ODD")
    one.server.folders.put("Odd", mail("odd"))
    one.put()
    one.start(folders=("Odd", "INBOX")).settle()
    one.wait_for_trouble("UIDVALIDITY", folder=0)


def test_news_in_idle_is_a_hint_and_silence_in_idle_is_none(case: Callable[..., Case]) -> None:
    one = case()
    one.start()
    wait_until(lambda: one.server.commands["IDLE"] > 0, within=20, what="IDLE")
    for _ in range(5):
        one.put(1)
        one.settle()


@pytest.mark.parametrize("how", ["drop", "hang", "BYE", "garbage", "garbage, and silence", "a huge line"])
def test_an_idle_that_ends_in_any_way_costs_nothing(case: Callable[..., Case], how: str) -> None:
    one = case()
    one.put(2)
    one.server.lie("IDLE", BREAKS[how](), times=3)
    one.start().settle()
    wait_until(lambda: one.server.commands["IDLE"] > 3, within=30, what="another IDLE")
    one.put(2)
    one.settle()


def test_a_server_that_refuses_idle_is_asked_now_and_then(case: Callable[..., Case]) -> None:
    one = case()
    one.server.lie("IDLE", lies.refuse(b"NO not here"), times=None)
    one.start()
    wait_until(lambda: one.server.commands["IDLE"] > 0, within=20, what="IDLE")
    one.put(2)
    one.settle()


def test_hints_without_end_are_no_reason_to_ask_without_end(case: Callable[..., Case]) -> None:
    one = case()
    one.put(1)
    one.server.lie("IDLE", lies.say_instead(*(b"* 1 EXISTS" for _ in range(2000)), end="go on"))
    one.start().settle()
    wait_until(lambda: one.server.commands["IDLE"] > 1, within=20, what="another IDLE")
    assert one.server.asked() < 60


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"NO [AUTHENTICATIONFAILED] wrong", "password"),
        (b"NO [UNAVAILABLE] later", "UNAVAILABLE"),
        (b"NO [LIMIT] too many", "LIMIT"),
    ],
)
def test_a_refused_sign_in_is_said_and_tried_again(case: Callable[..., Case], words: bytes, said: str) -> None:
    one = case()
    one.put(2)
    one.server.lie("AUTHENTICATE", lies.refuse(words), times=None)
    one.start()
    one.wait_for_trouble(said)
    assert one.server.password not in one.trouble()
    one.server.tell_the_truth()
    one.settle()
    wait_until(lambda: one.fetcher.view()["trouble"] is None, within=20, what="no trouble")


def test_a_full_target_leaves_mail_where_it_is_and_says_so(case: Callable[..., Case]) -> None:
    one = case()
    one.put()
    one.server.lie("UID MOVE", lies.refuse(b"NO [OVERQUOTA] no room"), times=None)
    one.start(after=After(action="move", folder="Done"))
    wait_until(lambda: not one.pulled.wrong(one.sent), within=20, what="all stored")
    one.wait_for_trouble("OVERQUOTA", folder=0)
    assert (one.pulled.owed(), len(one.server.folders.flags("INBOX"))) == (MAILS, MAILS)
    one.server.tell_the_truth()
    one.server.reset_lines()
    one.settle()
    assert len(one.server.folders.flags("Done")) == MAILS
    wait_until(lambda: one.fetcher.view()["folders"][0]["trouble"] is None, within=20, what="no trouble")


def test_a_folder_that_is_granted_for_reading_alone_is_fetched_and_not_marked(case: Callable[..., Case]) -> None:
    one = case()
    one.put()
    one.server.lie("SELECT", lambda command, _: _examined(one, command), times=None)
    one.start()
    wait_until(lambda: not one.pulled.wrong(one.sent), within=20, what="all stored")
    one.wait_for_trouble("read", folder=0)
    assert one.marked() == set()
    one.server.tell_the_truth()
    one.server.reset_lines()
    one.settle()
    assert one.marked() == set(range(1, MAILS + 1))


def _examined(one: Case, command: Any) -> Any:
    folder = one.server.folders.by_name["INBOX"]
    lines = [b"* %d EXISTS\r\n" % len(folder.seen()), b"* OK [UIDVALIDITY %d] v\r\n" % folder.uidvalidity]
    lines.append(b"* OK [UIDNEXT %d] n\r\n" % folder.uidnext)
    return Answer(untagged=lines, tagged=command.tag + b" OK [READ-ONLY] selected\r\n")


def test_one_folder_that_cannot_be_opened_holds_up_no_other(case: Callable[..., Case]) -> None:
    one = case("Alarms", "INBOX")
    one.put()
    one.server.lie("SELECT", lies.refuse(b"NO [NONEXISTENT] gone"), times=None, text=b"ALARMS")
    one.start(folders=("Alarms", "INBOX")).settle()
    one.wait_for_trouble("gone", folder=0)
    one.put(2, folder="Alarms")
    one.put(2)
    one.server.tell_the_truth()
    one.settle()
    wait_until(lambda: one.fetcher.view()["folders"][0]["trouble"] is None, within=20, what="no trouble")


def test_a_server_that_says_it_knows_us_already_gets_no_password_in_the_clear(case: Callable[..., Case]) -> None:
    """PREAUTH in the clear ends the chance of STARTTLS (RFC 9051 11.1): whoever says it sees nothing of us."""
    one = case(tls="starttls")
    one.put(2)
    one.server.lie("GREETING", lies.say_instead(b"* PREAUTH welcome", end="go on"), times=None)
    one.start(tls="starttls")
    wait_until(lambda: one.server.connections > 2, within=20, what="three tries")
    assert not {"LOGIN", "AUTHENTICATE", "SELECT", "UID FETCH"} & one.server.commands.keys()
    assert one.trouble() != "None"


def test_a_server_that_goes_and_returns_again_and_again(case: Callable[..., Case]) -> None:
    one = case()
    one.put(3)
    one.start()
    for _ in range(5):
        one.server.vanish()
        one.server.return_()
        one.put(3)
        one.settle()


@pytest.mark.parametrize("at", ["GREETING", "AUTHENTICATE", "SELECT", "UID SEARCH", "IDLE"])
@pytest.mark.parametrize("how", ["drop", "BYE", "garbage"])
def test_a_server_that_is_always_bad_is_not_asked_without_end(
    case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch, at: str, how: str
) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 0.3)
    monkeypatch.setattr(backoff, "LONGEST_SECONDS", 300.0)
    one = case()
    one.put(2)
    one.server.lie(at, BREAKS[how](), times=None)
    one.start()
    time.sleep(1.5)
    # Tried at 0, 0.3, 0.9 and 2.1 seconds; a client that spins would have come hundreds of times.
    assert 1 <= one.server.connections <= 6
    assert one.server.asked() < 60
    one.server.tell_the_truth()


@pytest.mark.parametrize("seed", range(4))
def test_any_lies_in_any_order(case: Callable[..., Case], seed: int) -> None:
    chance = random.Random(seed)
    one = case()
    one.put(40)
    one.start(after=chance.choice([After(action="seen"), After(action="delete")]))
    commands = ["GREETING", "AUTHENTICATE", "SELECT", "UID SEARCH", "UID FETCH", "UID FETCH", "UID STORE", "IDLE"]
    for _ in range(25):
        at = chance.choice(commands)
        tell = chance.choice([*TWISTS.values()]) if at == "UID FETCH" and chance.random() < 0.5 else None
        one.server.lie(
            at, tell or BREAKS[chance.choice([*BREAKS])](), times=chance.randint(1, 2), skip=chance.randint(0, 3)
        )
        one.put(chance.randint(0, 4))
        if chance.random() < 0.2:
            one.server.reset_lines()
        time.sleep(chance.random() * 0.2)
    wait_until(lambda: one.fetcher.view()["state"] in ("idle", "waiting"), within=30, what="an end of the lies")
    one.server.tell_the_truth()
    one.server.reset_lines()
    one.settle(60)
