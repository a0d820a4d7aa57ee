"""What proof costs: CPU milliseconds of one mail with its keys in the cache, beside dkimpy's own time.

    .venv/bin/python -m tests.bench.bench_authentication [--rounds N]

The parts: the checker in this process (SPF, DMARC, alignment, sentences; no signature), the check of the signature as
the worker process makes it, and dkimpy's own `verify` of the same mail with the same key. Needs NSD.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import dkim

from inboxd.authentication import Checker
from inboxd.authentication.trust import Trust
from inboxd.intake.door import moment
from inboxd.message import parse
from inboxd.resolver import Resolver
from inboxd.signatures import Order, Report, verify
from tests.harness.dns import NameServer
from tests.trust.world import DESK, GOOD_IP, NOW, World, rsa_record

SIZES = {"1 KB": 600, "10 KB": 9_500, "100 KB": 99_000, "25 MB": 25_000_000}
BUDGET_MS = 5.0


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """Tell the CPU time of one round, the best of five runs."""
    best = float("inf")
    for _ in range(5):
        before = time.process_time()
        for _ in range(rounds):
            work()
        best = min(best, (time.process_time() - before) / rounds)
    return best * 1000


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=200)
    rounds = arguments.parse_args().rounds
    world = World(number=1, domain="acme.example")
    world.zone(dmarc="v=DMARC1; p=reject")
    key = rsa_record(world.key())
    ours = frozenset({DESK})
    envelope = {"mail_from": world.victim, "client_ip": GOOD_IP, "helo": "mail.acme.example", "rcpt_tos": [DESK]}
    with NameServer.running(world.records) as server:
        resolver = Resolver([("127.0.0.1", server.port)])
        order = Order(
            keys={"k1._domainkey.acme.example": (key,)},
            received_at=int(NOW.timestamp()),
            author=world.victim,
            ours=(DESK,),
            sealers=(),
        )
        print("CPU milliseconds of one mail; RSA of 2048 bits, keys in the cache")
        print(f"{'mail':>8} {'checker':>9} {'signature':>10} {'together':>9} {'dkimpy':>8}")
        for name, size in SIZES.items():
            raw = world.sign(
                world.mail(body="A line of sixty letters, as people write them, and a blank.\r\n" * (size // 61))
            )
            message = parse(raw)
            report = verify(raw, order)
            assert report.signatures[0].result == "pass"
            told = rounds if size < 1_000_000 else 2

            def given(_raw: object, _order: object, report: Report = report) -> Report:
                return report

            checker = Checker(resolver, given, Trust(ours=ours))
            at = moment(int(NOW.timestamp() * 1000))
            assert checker.check(raw, message, envelope, at).proof is not None
            ours_ms = milliseconds(partial(checker.check, raw, message, envelope, at), told)
            signature_ms = milliseconds(partial(verify, raw, order), told)
            dkimpy_ms = milliseconds(partial(dkim.verify, raw, dnsfunc=lambda *_, **__: key.encode()), told)
            both = ours_ms + signature_ms
            print(f"{name:>8} {ours_ms:>9.2f} {signature_ms:>10.2f} {both:>9.2f} {dkimpy_ms:>8.2f}")
            if name == "10 KB":
                verdict = "kept" if both <= BUDGET_MS else "NOT kept"
                print(f"{'':>8} the promise of {BUDGET_MS:g} ms for 10 KB: {verdict}")


if __name__ == "__main__":
    main()
