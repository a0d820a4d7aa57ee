"""How long a decision takes with 100, 1,000 and 10,000 rules, and how long such a file takes to load.

Run it from the root of the project: `.venv/bin/python tests/bench/bench_rules.py`. Each message has other words, so
nothing is answered from memory. The rules are of the kinds that long files are made of: words, accounts, addresses.
Times are CPU seconds of this process: what else runs on the machine counts little.
"""

import random
import resource
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from rules.decide import decide
from rules.facts import Facts
from rules.load import loads
from rules.ruleset import RuleSet

SIZES = (100, 1_000, 10_000)
MESSAGES = 200
ROUNDS = 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = random.Random(1)
COMMON = ["".join(WORDS.choices(LETTERS, k=WORDS.randint(2, 9))) for _ in range(20_000)]


def rules_file(size: int) -> str:
    """`size` rules: half by a word, a fifth by a phrase, a fifth by an account, a tenth by several tests."""
    rules, phrases = [], []
    for number in range(size):
        word, other = f"{WORDS.choice(COMMON)}{number}", WORDS.choice(COMMON)
        kind = number % 10
        if kind < 5:
            phrases.append(f"  p{number}: [{word}, {other}x*]")
            when = f"{{says: p{number}}}"
        elif kind < 7:
            phrases.append(f"  p{number}: [{other} ... {word}, {word} {other}]")
            when = f"{{says: p{number}}}"
        elif kind < 9:
            when = f"{{account.id: account-{number}}}"
        else:
            phrases.append(f"  p{number}: [{word}]")
            either = f"any: [{{says: p{number}}}, {{account.id: account-{number}}}]"
            when = f"{{channel: email, {either}, not: {{bounce: true}}}}"
        rules.append(f"    - {{rule: r{number}, when: {when}, then: {{queue: q{number}}}}}")
    return "\n".join(["phrases:", *phrases, "decide:", "  queue:", *rules, ""])


def message(size: int, seed: int) -> Facts:
    """A mail of about `size` bytes."""
    chosen = random.Random(seed)
    return Facts(
        channel="email",
        source="support@example.com",
        received_at=datetime(2026, 6, 10, 9, 0, tzinfo=UTC),
        account_id=f"account-{chosen.randint(20_000, 30_000)}",
        verdict="unverified",
        subject="About " + " ".join(chosen.choices(COMMON, k=5)),
        text=" ".join(chosen.choices(COMMON, k=size // 7)),
    )


def decision_ms(ruleset: RuleSet, messages: list[Facts]) -> float:
    """The median time of one decision in milliseconds; of each message the best of some rounds counts."""
    best = [float("inf")] * len(messages)
    for _ in range(ROUNDS):
        for at, facts in enumerate(messages):
            began = time.process_time()
            decide(ruleset, facts)
            best[at] = min(best[at], (time.process_time() - began) * 1e3)
    return statistics.median(best)


def hostile_seconds() -> float:
    """200 phrases with gaps against 1 MB of the words that begin them."""
    phrases = [f"a ... b ... c ... z{number}" for number in range(200)]
    ruleset = loads(
        f"phrases: {{p: [{', '.join(phrases)}]}}\ndecide: {{s: [{{rule: r, when: {{says: p}}, then: {{}}}}]}}", "r"
    )
    chosen = random.Random(2)
    text = " ".join(chosen.choices("abcdefgh", k=(1 << 19))) + " " + " ".join(f"z{number}" for number in range(200))
    facts = Facts(
        channel="email", source="s", received_at=datetime(2026, 6, 10, tzinfo=UTC), verdict="unknown", text=text
    )
    began = time.process_time()
    decide(ruleset, facts)
    return time.process_time() - began


def hostile_pattern_seconds() -> float:
    """200 patterns of the kind that stalls other engines, against 1 MB of what they almost find."""
    patterns = [f"(a+)+b{{1,9}}c{number}|(x|xx|y{number})*z$" for number in range(200)]
    listed = ", ".join(f'"{pattern}"' for pattern in patterns)
    ruleset = loads(f"decide: {{s: [{{rule: r, when: {{matches: [{listed}]}}, then: {{}}}}]}}", "r")
    facts = Facts(
        channel="email",
        source="s",
        received_at=datetime(2026, 6, 10, tzinfo=UTC),
        verdict="unknown",
        text=("a" * 60 + "bbb " + "x" * 60 + "y ") * 8_000,
    )
    began = time.process_time()
    decide(ruleset, facts)
    return time.process_time() - began


def main() -> None:
    """Print one line for each size, the ratio, and the worst case."""
    messages = [message(10_000, seed) for seed in range(MESSAGES)]
    medians: dict[int, float] = {}
    for size in SIZES:
        text = rules_file(size)
        began = time.process_time()
        ruleset = loads(text, "rules.yaml")
        load = time.process_time() - began
        medians[size] = decision_ms(ruleset, messages)
        print(
            f"{size:>6} rules ({len(text) >> 10:>4} KiB): load {load:.2f} s, decide a 10 KB mail {medians[size]:.3f} ms"
        )
    print(f"ratio of 10,000 rules to 100: {medians[SIZES[-1]] / medians[SIZES[0]]:.2f}")
    print(f"1 MB against 200 phrases that it almost says: {hostile_seconds():.2f} s")
    print(f"1 MB against 200 patterns that it almost matches: {hostile_pattern_seconds():.2f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


if __name__ == "__main__":
    main()
