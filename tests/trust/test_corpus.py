"""The corpus: no attack is ever proven, every honest mail is, whatever it takes to tell them apart.

The whole way but the store: a worker process reads the mail and checks its signatures, the resolver asks a real name
server that serves the zone of the case.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from inboxd.accounts import Account, Contact, Directory
from inboxd.authentication import Checker, trust
from inboxd.intake.door import milliseconds
from inboxd.judging.judge_message import Judged, judge
from inboxd.policy.policy import Policy
from inboxd.resolver import Resolver
from inboxd.settings import load
from inboxd.worker_process import ReaderPool
from rules import load as rules_load
from tests.harness.dns import BROKEN, NameServer
from tests.plugins.dns import need_name_server
from tests.trust import controls_varied
from tests.trust.attacks import (
    author,
    changed,
    composition,
    disowned,
    envelope,
    keys,
    look_alikes,
    published,
    results,
    seals,
    signatures,
    signers,
)
from tests.trust.attacks.table import ATTACKS
from tests.trust.controls import CONTROLS
from tests.trust.world import DESK, LIST, NOW, RELAY_IP, TESTING, Case, Delivery, World

SETTINGS = {
    "smtp": {"listen": "127.0.0.1:0", "recipients": [DESK]},
    "authentication": {
        "trusted_relays": [RELAY_IP],
        "trusted_authserv_ids": ["relay.desk.example"],
        "trusted_arc_sealers": [LIST, f"forward.{LIST}", TESTING, f"seals.{BROKEN}"],
    },
    "imap": [
        {"name": "support", "host": "127.0.0.1", "user": DESK, "password_file": "p", "authserv_id": "mx.desk.example"},
        {"name": "gmail", "provider": "google", "user": "desk@gmail.example", "address": DESK, "password_file": "p"},
        {
            "name": "outlook",
            "provider": "microsoft",
            "user": "desk@outlook.example",
            "address": DESK,
            "oauth2": {"tenant": "desk.example", "client_id": "x", "client_secret_file": "s"},
        },
        {"name": "bare", "host": "127.0.0.2", "user": DESK, "password_file": "p"},
    ],
}
MODULES = (
    author, changed, composition, signatures, keys, signers, envelope, published, results, seals, disowned, look_alikes,
)  # fmt: skip
assert controls_varied.CONTROLS is CONTROLS  # its cases join those of `controls`
ALL = [*CONTROLS.cases, *ATTACKS.cases]


@dataclass
class Court:
    """Everything that judges a mail; `deliveries` are the cases by their place in the table."""

    checker: Checker
    readers: ReaderPool
    worlds: dict[int, tuple[World, Delivery]]

    def judge(self, world: World, delivery: Delivery) -> Judged:
        """Say what becomes of one mail."""
        contact = Contact(id=world.victim, name="Operations", addresses=(world.victim,), authorized=True)
        policy = Policy(
            rules=rules_load.loads("", "rules.yaml", zone="Etc/UTC"),
            directory=Directory([Account(id="acme", name="Acme", contacts=(contact,))]),
            zone=NOW.tzinfo,
        )
        message = self.readers.read(delivery.raw)
        findings = self.checker.check(delivery.raw, message, delivery.envelope(), NOW)
        return judge(message, delivery.envelope(), milliseconds(NOW), policy, findings)


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    need_name_server()
    folder: Path = tmp_path_factory.mktemp("court")
    (folder / "inboxd.yaml").write_text(json.dumps(SETTINGS))
    settings = load(folder / "inboxd.yaml")
    worlds = {}
    records: dict[str, list[str]] = {}
    for number, case in enumerate(ALL):
        world = World(number=number, domain=case.domain or case.victim.rpartition("@")[2], victim=case.victim)
        worlds[number] = (world, case.build(world))
        for name, lines in world.records.items():
            records.setdefault(name, []).extend(line for line in lines if line not in records.get(name, ()))
    readers = ReaderPool(1)
    with NameServer.running(records) as server:
        checker = Checker(Resolver([("127.0.0.1", server.port)]), readers.verify, trust.of(settings))
        yield Court(checker, readers, worlds)
    readers.close()


def of(kind: list[Case]) -> list[pytest.param]:
    return [pytest.param(number, id=str(case)) for number, case in enumerate(ALL) if case in kind]


@pytest.mark.parametrize("number", of(CONTROLS.cases))
def test_an_honest_mail_is_proven(court: Court, number: int) -> None:
    judged = court.judge(*court.worlds[number])
    assert judged.authentication.verdict == "authenticated", (judged.authentication, judged.findings.to_json())


@pytest.mark.parametrize("number", of(ATTACKS.cases))
def test_an_attack_is_not_proven_and_staff_are_told_why(court: Court, number: int) -> None:
    judged = court.judge(*court.worlds[number])
    assert judged.authentication.verdict != "authenticated", judged.authentication
    assert ALL[number].verdict in ("", judged.authentication.verdict), judged.authentication
    assert judged.authentication.reason.strip()
    assert "\r" not in judged.authentication.reason
    assert judged.findings.proof is None or judged.identity.address != court.worlds[number][0].victim


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len(ATTACKS.cases) >= 150
    assert len(CONTROLS.cases) >= 25
    assert len({str(case) for case in ALL}) == len(ALL)


def test_each_module_of_attacks_is_in_the_corpus() -> None:
    folder = Path(__file__).with_name("attacks")
    assert {Path(str(module.__file__)).name for module in MODULES} == {
        path.name for path in folder.glob("*.py") if path.name != "table.py"
    }
