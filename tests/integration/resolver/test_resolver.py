"""The resolver against a real name server: answers, limits, and what it does when nobody answers."""

import contextlib

import pytest

from inboxd.resolver import Answer, Asker, Resolver
from inboxd.resolver.cache import Cache
from inboxd.resolver.resolver import SILENCES_BEFORE_REST
from tests.harness.dns import BROKEN, NameServer, Silence, txt
from tests.plugins.dns import need_name_server


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def resolver_for(server: NameServer | Silence, cache: Cache | None = None) -> Resolver:
    return Resolver([("127.0.0.1", server.port)], cache=cache)


def test_each_kind_of_record_is_read(name_server: NameServer) -> None:
    name_server.publish(
        {
            "kinds.example": [txt("v=spf1 -all"), "MX 20 b.kinds.example.", "MX 10 A.kinds.example."],
            "a.kinds.example": ["A 192.0.2.1", "AAAA 2001:db8::1"],
            "1.2.0.192.in-addr.arpa": ["PTR A.kinds.example."],
        }
    )
    resolver = resolver_for(name_server)
    assert resolver.ask("kinds.example", "TXT").records == ("v=spf1 -all",)
    assert resolver.ask("KINDS.example.", "MX").records == ("a.kinds.example", "b.kinds.example")
    assert resolver.ask("a.kinds.example", "A").records == ("192.0.2.1",)
    assert resolver.ask("a.kinds.example", "AAAA").records == ("2001:db8::1",)
    assert resolver.ask("1.2.0.192.in-addr.arpa", "PTR").records == ("a.kinds.example",)


def test_the_strings_of_a_record_are_joined_and_long_ones_come_by_tcp(name_server: NameServer) -> None:
    long = "v=DKIM1; p=" + "A" * 3_000
    name_server.publish({"long.example": [txt(long)]})
    assert resolver_for(name_server).ask("long.example", "TXT").records == (long,)


def test_nothing_is_none_and_not_trouble(name_server: NameServer) -> None:
    name_server.publish({"only-a.example": ["A 192.0.2.1"]})
    resolver = resolver_for(name_server)
    assert resolver.ask("only-a.example", "TXT").outcome == "none"
    assert resolver.ask("nobody.only-a.example", "TXT").outcome == "none"


@pytest.mark.parametrize(
    "name",
    ["", "a..example", "x" * 64 + ".example", ".".join(["a" * 60] * 5), "a\0.example", "ä.example", "a b.example"],
)
def test_what_can_be_no_name_is_not_asked(silence: Silence, name: str) -> None:
    assert resolver_for(silence).ask(name, "TXT").outcome == "none"
    assert silence.heard() == 0


def test_a_zone_that_fails_is_temporary(name_server: NameServer) -> None:
    answer = resolver_for(name_server).ask(f"key.{BROKEN}", "TXT")
    assert (answer.outcome, "SERVFAIL" in (answer.reason or "")) == ("temperror", True)


@pytest.mark.timeout(30)  # it ends
def test_a_name_that_leads_to_itself_is_no_answer_and_ends(name_server: NameServer) -> None:
    name_server.publish({"loop-a.example": ["CNAME loop-b.example."], "loop-b.example": ["CNAME loop-a.example."]})
    assert resolver_for(name_server).ask("loop-a.example", "TXT").outcome == "permerror"


def test_another_name_for_a_key_is_followed(name_server: NameServer) -> None:
    name_server.publish({"alias.example": ["CNAME real-key.example."], "real-key.example": [txt("p=x")]})
    assert resolver_for(name_server).ask("alias.example", "TXT").records == ("p=x",)


def test_more_data_than_a_record_may_have_is_a_permanent_error(name_server: NameServer) -> None:
    name_server.publish(
        {
            "heavy.example": [txt("x" * 20_000)],
            "many.example": [f"A 192.0.2.{number}" for number in range(1, 120)],
        }
    )
    resolver = resolver_for(name_server)
    assert resolver.ask("heavy.example", "TXT").outcome == "permerror"
    assert resolver.ask("many.example", "A").outcome == "permerror"


def test_an_answer_is_remembered_as_long_as_its_ttl_and_no_longer(name_server: NameServer) -> None:
    name_server.publish({"ttl.example": ['60 TXT "one"']})
    clock = Clock()
    resolver = resolver_for(name_server, Cache(clock=clock))
    assert resolver.ask("ttl.example", "TXT").records == ("one",)
    name_server.publish({"ttl.example": ['60 TXT "two"']})
    clock.now += 59
    assert resolver.ask("ttl.example", "TXT").records == ("one",)
    clock.now += 2
    assert resolver.ask("ttl.example", "TXT").records == ("two",)


def test_that_there_is_nothing_is_remembered_as_the_zone_says() -> None:
    need_name_server()
    clock = Clock()
    with NameServer.running() as server:
        server.negative = 30
        server.publish({})
        resolver = resolver_for(server, Cache(clock=clock))
        assert resolver.ask("later.example", "TXT").outcome == "none"
        server.publish({"later.example": [txt("here")]})
        assert resolver.ask("later.example", "TXT").outcome == "none"
        clock.now += 31
        assert resolver.ask("later.example", "TXT").records == ("here",)


def test_the_memory_is_bounded() -> None:
    cache = Cache(max_entries=3)
    answer = Answer(outcome="none")
    for number in range(10):
        cache.put((f"{number}.example", "TXT"), answer, 60)
    assert [number for number in range(10) if cache.get((f"{number}.example", "TXT")) is not None] == [7, 8, 9]


def test_a_message_asks_only_so_much(name_server: NameServer) -> None:
    asker = Asker(resolver_for(name_server), questions=3)
    outcomes = [asker.ask(f"{number}.example", "TXT").outcome for number in range(5)]
    assert outcomes == ["none", "none", "none", "temperror", "temperror"]
    assert asker.ask("0.example", "TXT").outcome == "none"  # asked before: it costs nothing


def test_a_message_waits_only_so_long(silence: Silence) -> None:
    asker = Asker(resolver_for(silence), seconds=0.2)
    assert [asker.ask(f"{number}.example", "TXT").outcome for number in range(4)] == ["temperror"] * 4
    assert silence.heard() >= 1


def test_name_servers_that_are_away_are_left_alone_for_a_while(silence: Silence) -> None:
    resolver = resolver_for(silence)
    for number in range(SILENCES_BEFORE_REST):
        resolver.ask(f"{number}.example", "TXT", seconds=0.1)
    assert silence.heard() >= SILENCES_BEFORE_REST
    answer = resolver.ask("another.example", "TXT")
    assert (answer.outcome, silence.heard()) == ("temperror", 0)


def test_a_second_name_server_answers_when_the_first_does_not(name_server: NameServer, silence: Silence) -> None:
    name_server.publish({"second.example": [txt("here")]})
    resolver = Resolver([("127.0.0.1", silence.port), ("127.0.0.1", name_server.port)])
    assert resolver.ask("second.example", "TXT").records == ("here",)


def test_nobody_listening_is_temporary() -> None:
    with contextlib.closing(Silence()) as gone:
        port = gone.port
    assert Resolver([("127.0.0.1", port)]).ask("a.example", "TXT", seconds=0.3).outcome == "temperror"
