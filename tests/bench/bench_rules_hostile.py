"""What the worst rules files of 1 MiB cost: CPU seconds and memory for each shape, loaded or refused.

    .venv/bin/python tests/bench/bench_rules_hostile.py [SHAPE …]

Each shape is read in a process of its own, forked from one that has loaded a small file already: what is shown above
that is what the file costs. A table, the slowest last.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from rules.load import loads
from rules.mistakes import MistakesFound
from rules.yaml_reader import MAX_BYTES

MOST_SECONDS = 2.0
MOST_MEMORY = 64_000_000
GIVEN_UP = 10  # CPU seconds
TAGS = "decide: {s: [{rule: a,then: {tag: ["
CHANGES = "decide: {s: [{rule: a,then: {clocks: {"
HOURS = "desk: {zone: UTC}\ncalendars: {c: {mon: 08:00-09:00"
ONCALL = "oncall: {people: {a: {call: +15550171}}, rota: {turns: [a], each: week, from: 2026-01-05 08:00, zone: UTC}}\n"
CATCH = "decide: {s: [{rule: a,then: {}}]}\n"


def full(each: str | Callable[[int], str], *, head: str = "", tail: str = "", size: int = MAX_BYTES) -> str:
    """As many of `each` as fit between head and tail; `#` in it stands for its number."""
    pieces, left, number = [head], size - len((head + tail).encode()), 0
    while True:
        piece = each(number) if callable(each) else each.replace("#", f"{number:x}")
        left -= len(piece.encode())
        if left < 0:
            return "".join([*pieces, tail])
        pieces.append(piece)
        number += 1


def some(each: str, number: int) -> str:
    """So many of `each`, at most 150,000 values being read."""
    return "".join(each.replace("#", f"{at:x}") for at in range(number))


def rules(each: str, *, before: str = "") -> str:
    """A file of one section that is full of such rules."""
    return full(each, head=f"{before}decide:\n s:\n")


def one_test(each: str, most: int = 1 << 20, *, before: str = "") -> str:
    """A file of one rule whose `any` is full of such tests."""
    head, tail = f"{before}decide: {{s: [{{rule: a,then: {{}},when: {{any: [", "]}}]}\n"
    text = full(each, head=head, tail=tail, size=MAX_BYTES - 100)
    inside = text[len(head) : -len(tail)] if text.count(each[:3]) <= most else some(each, most)
    return head + inside + tail


def nested(open_: str, close: str, depth: int, *, head: str = "", tail: str = "\n") -> str:
    """Towers of brackets side by side."""
    return full(f"{open_ * depth}{close * depth},", head=f"{head}[", tail=f"]{tail}")


SHAPES: dict[str, Callable[[], str | bytes]] = {
    # Rules, as many as fit.
    "rules without tests": lambda: rules("  - {rule: #,then: {}}\n"),
    "rules in flow": lambda: full("{rule: #,then: {}},", head="decide: {s: [", tail="]}\n"),
    "rules in blocks": lambda: rules("  - rule: #\n    then:\n     tag: #\n"),
    "rules with a tag test": lambda: rules("  - {rule: #,when: {tag: a},then: {}}\n"),
    "rules with words": lambda: rules("  - {rule: #,when: {says: [w#]},then: {}}\n"),
    "rules with words and gaps": lambda: rules("  - {rule: #,when: {says: [w# ... v#]},then: {}}\n"),
    "rules with an account": lambda: rules("  - {rule: #,when: {account.id: #},then: {}}\n"),
    "rules with an attachment": lambda: rules('  - {rule: #,when: {attachment: "*.#"},then: {}}\n'),
    "rules with priorities": lambda: rules("  - {rule: #,then: {priority: low}}\n"),
    "rules with every effect": lambda: rules("  - {rule: #,then: {queue: a,type: problem,priority: low,tag: [a,b]}}\n"),
    "rules with a clock": lambda: rules(
        "  - {rule: #,then: {clocks: {c: off}}}\n",
        before="desk: {zone: UTC}\ncalendars: {c: {mon: 08:00-09:00}}\nclocks: {c: {within: 1m,calendar: c}}\n",
    ),
    "rules with a number as a name": lambda: rules("  - {rule: 1#,queue: 5,then: {queue: 5}}\n").replace(
        ",queue: 5,", ","
    ),
    "rules of one name": lambda: rules("  - {rule: a,then: {}}\n"),
    "rules with a wrong key": lambda: rules("  - {rule: #,hten: {}}\n"),
    "rules that mail reaches": lambda: rules("  - {rule: #,then: {priority: high}}\n"),
    "sections of one rule": lambda: full(" s#: [{rule: a,then: {}}]\n", head="decide:\n"),
    "rules with patterns": lambda: rules('  - {rule: #,when: {matches: "e#"},then: {}}\n'),
    "rules with a pattern": lambda: rules('  - {rule: #,when: {matches: "ab+c"},then: {}}\n'),
    "rules with a wrong pattern": lambda: rules('  - {rule: #,when: {matches: "(#"},then: {}}\n'),
    "rules with the largest patterns": lambda: rules(
        "  - {rule: #,when: {matches: '" + "[a-zé]{1,9}[^q]" * 12 + "#'},then: {}}\n"
    ),
    "rules with numbers": lambda: rules("  - {rule: #,when: {callback.made: {at-least: 1,at-most: 2}},then: {}}\n"),
    "rules that look back": lambda: rules("  - {rule: #,when: {earlier.calls: {within: 1h,at-least: 1}},then: {}}\n"),
    "rules that page": lambda: rules(
        "  - {rule: #,when: {channel: voicemail},then: {page: {to: rota}}}\n", before=ONCALL
    ),
    "rules that nobody can page": lambda: rules("  - {rule: #,when: {channel: voicemail},then: {page: rota}}\n"),
    "rules that page for mail": lambda: rules("  - {rule: #,then: {page: rota}}\n", before=ONCALL),
    "rules that answer": lambda: rules("  - {rule: #,then: {acknowledge: a,tell: [b,c],notice: d,template: e}}\n"),
    "rules that block": lambda: rules("  - {rule: #,then: {block: {a: b}}}\n", before="actions: {a: {}}\n"),
    "rules whose subject is only": lambda: rules("  - {rule: #,when: {subject.only: [a#,b*]},then: {}}\n"),
    # Tests in the file.
    "tests": lambda: full("  - {test: #,mail: {},expect: {pages: 0}}\n", head="tests:\n"),
    "tests of calls": lambda: full("  - {test: #,call: {says: a},expect: {tags: [a]}}\n", head="tests:\n"),
    "tests without a message": lambda: full("  - {test: #,expect: {pages: 0}}\n", head="tests:\n"),
    "tests with wrong keys": lambda: full("  - {test: #,mail: {a: b},expect: {c: d}}\n", head="tests:\n"),
    "one test of keys": lambda: full("a#: 1,", head="tests: [{test: a,mail: {},expect: {", tail="}}]\n"),
    "one test of what was earlier": lambda: full(
        "{what: call,at: 2026-01-01 00:00},",
        head="tests: [{test: a,expect: {pages: 0},mail: {earlier: [",
        tail="]}}]\n",
    ),
    "own priorities": lambda: full("#: low,", head="priorities: {", tail="}\n"),
    "what is included": lambda: full("a#.yaml,", head="include: [", tail="]\n"),
    # One rule that is large.
    "one any of tags": lambda: one_test("{tag: #},", 74_000),
    "one any of sources": lambda: one_test("{source: #},", 74_000),
    "one any of accounts": lambda: one_test("{account.id: #},", 74_000),
    "one any of words": lambda: one_test("{says: [#]},", 49_000),
    "one any of addresses": lambda: one_test("{from: #@b},", 74_000),
    "one any of attachments": lambda: one_test('{attachment: "*#"},', 74_000),
    "one any of nots": lambda: one_test("{not: {not: {not: {tag: #}}}},", 29_000),
    "one any of not and any": lambda: one_test("{not: {any: [{all: [{tag: #}]}]}},", 20_000),
    "one any of empty tests": lambda: one_test("{},", 149_000),
    "one any of unknown tests": lambda: one_test("{sayz: #},", 74_000),
    "one long tag test": lambda: one_test("#,").replace("any: [", "tag: ["),
    "one long attachment test": lambda: one_test('"*#*",').replace("any: [", "attachment: ["),
    "one attachment test of stars": lambda: one_test(f'"{"a*" * 99}",').replace("any: [", "attachment: ["),
    "one long account test": lambda: one_test("#,").replace("any: [", "account.id: ["),
    "one long list of words": lambda: one_test("#,").replace("any: [", "says: ["),
    "one effect of tags": lambda: full("#,", head=TAGS, tail="]}}]}\n"),
    "one effect of wrong tags": lambda: full("[],", head=TAGS, tail="]}}]}\n"),
    "one effect of true tags": lambda: full("true,", head=TAGS, tail="]}}]}\n"),
    "one effect of number tags": lambda: full("#,", head=TAGS, tail="]}}]}\n").replace("a", "1"),
    "one effect of unknown keys": lambda: full("#: ,", head="decide: {s: [{rule: a,then: {", tail="}}]}\n"),
    "one rule of unknown keys": lambda: full("#: ,", head="decide: {s: [{rule: a,then: {},", tail="}]}\n"),
    "one rule of unknown numbers": lambda: full("#: 1,", head="decide: {s: [{rule: a,then: {},", tail="}]}\n"),
    "clocks of one effect": lambda: full("#: off,", head=CHANGES, tail="}}}]}\n"),
    "wrong clocks of one effect": lambda: full("#: 1,", head=CHANGES, tail="}}}]}\n"),
    "unknown keys of a clock": lambda: full("#: 1,", head=CHANGES + "c: {", tail="}}}}]}\n"),
    # Phrases.
    "phrases of one word": lambda: "phrases: {p: [" + some("#,", 149_000) + "]}\n",
    "phrases of one letter word": lambda: full("a#,", head="phrases: {p: [", tail="]}\n"),
    "phrases with an ending": lambda: full("#*,", head="phrases: {p: [", tail="]}\n"),
    "phrases that begin each other": lambda: full(
        lambda n: f"{'a' * (n % 190)}{n % 7}*,", head="phrases: {p: [", tail="]}\n"
    ),
    "phrases of two words": lambda: full("# b,", head="phrases: {p: [", tail="]}\n"),
    "phrases of two endings": lambda: full("a* #*,", head="phrases: {p: [", tail="]}\n"),
    "phrases with a gap": lambda: full("# ... b,", head="phrases: {p: [", tail="]}\n"),
    "phrases of many words": lambda: full(f"{'a b ' * 9}#,", head="phrases: {p: [", tail="]}\n"),
    "phrases in other alphabets": lambda: full("д#é\u0301ﬁ,", head="phrases: {p: [", tail="]}\n"),
    "phrases of ligatures": lambda: full(f"{chr(0xFDFA) * 60}#,", head="phrases: {p: [", tail="]}\n"),
    "phrases of marks": lambda: full(lambda n: f"a{chr(0x300 + n % 80) * 70}{n},", head="phrases: {p: [", tail="]}\n"),
    "phrases of numbers": lambda: full(lambda n: f"{n},", head="phrases: {p: [", tail="]}\n"),
    "phrases without a letter": lambda: full("!,", head="phrases: {p: [", tail="]}\n"),
    "phrases one a line": lambda: full("  - #\n", head="phrases:\n p:\n"),
    "lists of one phrase": lambda: full(" #: [a]\n", head="phrases:\n"),
    "lists of own phrases": lambda: full(" #: [p#]\n", head="phrases:\n"),
    "lists and unknown lists": lambda: (
        full(" pa#: [a]\n", head="phrases:\n", size=900_000)
        + "decide:\n s:\n"
        + some("  - {rule: #,when: {says: pb#},then: {}}\n", 3000)
    ),
    # Names that others refer to.
    "plans": lambda: full("p#,", head="plans: [", tail="]\n"),
    "plans and tests of plans": lambda: rules(
        "  - {rule: #,when: {account.plan: pz},then: {}}\n", before=f"plans: [{some('p#,', 60_000)}pz]\n"
    ),
    "plans and unknown plans": lambda: rules(
        "  - {rule: #,when: {account.plan: q},then: {}}\n", before=f"plans: [{some('p#,', 60_000)}]\n"
    ),
    "lines": lambda: full(lambda n: f" l{n:x}: {{number: +1555{n:07d}}}\n", head="lines:\n"),
    "lines of one number": lambda: full(" l#: {number: +15550100}\n", head="lines:\n"),
    "lines and tests of lines": lambda: (
        "lines:\n"
        + "".join(f" l{n:x}: {{number: +1555{n:07d}}}\n" for n in range(15_000))
        + full("  - {rule: #,when: {line: l1},then: {}}\n", head="decide:\n s:\n", size=500_000)
    ),
    "calendars": lambda: full(" c#: {mon: 08:00-09:00}\n", head="desk: {zone: UTC}\ncalendars:\n"),
    "calendars without a zone": lambda: full(" c#: {mon: 08:00-09:00}\n", head="calendars:\n"),
    "calendars of unknown zones": lambda: full(" c#: {zone: Europe/#,mon: 08:00-09:00}\n", head="calendars:\n"),
    "calendars and unknown ones": lambda: (
        "desk: {zone: UTC}\n"
        + full(" c#: {mon: 08:00-09:00}\n", head="calendars:\n", size=900_000)
        + "decide:\n s:\n"
        + some("  - {rule: #,when: {hours.d#: open},then: {}}\n", 2500)
    ),
    "a calendar of closed days": lambda: full("2026-12-24,", head=HOURS + ",closed: [", tail="]}}\n"),
    "a calendar of wrong days": lambda: full("#,", head=HOURS + ",closed: [", tail="]}}\n"),
    "a calendar of unknown days": lambda: full("d#: 1,", head="desk: {zone: UTC}\ncalendars: {c: {", tail="}}\n"),
    "a day of many hours": lambda: full("08:00-09:00,", head="desk: {zone: UTC}\ncalendars: {c: {mon: [", tail="]}}\n"),
    "clocks": lambda: full(
        " c#: {within: 1m,calendar: c}\n", head="desk: {zone: UTC}\ncalendars: {c: {mon: 08:00-09:00}}\nclocks:\n"
    ),
    "actions": lambda: full(" a#: {}\n", head="actions:\n"),
    "actions with needs": lambda: full(" a#: {needs: {tag: a},else: b}\n", head="actions:\n"),
    # YAML itself.
    "tiny keys": lambda: full("#: \n"),
    "tiny keys below a part": lambda: full(" #: \n", head="actions:\n"),
    "tiny keys in flow": lambda: full("#: ,", head="lines: {", tail="}\n"),
    "one key again and again": lambda: full("a: \n"),
    "empty keys": lambda: full(": \n"),
    "keys of mappings": lambda: full("? {a: b}\n: c\n"),
    "a long key": lambda: f"? {'k' * (MAX_BYTES - 20)}\n: 1\n",
    "long keys": lambda: full(f"? {'k' * 5000}#\n: 1\n"),
    "towers of lists": lambda: nested("[", "]", 18, head="decide: {s: ", tail="}\n"),
    "towers of mappings": lambda: full("{a: " * 17 + "}" * 17 + ",", head="decide: {s: [", tail="]}\n"),
    "towers of blocks": lambda: full("  " + "- " * 17 + "\n", head="decide:\n s:\n"),
    "one tower too high": lambda: "[" * MAX_BYTES,
    "empty lists": lambda: full("[],", head="plans: [", tail="]\n"),
    "empty mappings": lambda: full("{},", head="plans: [", tail="]\n"),
    "lists of one": lambda: full("[a],", head="decide: {s: [", tail="]}\n"),
    "mappings of one": lambda: full("{a: b},", head="decide: {s: [", tail="]}\n"),
    "a long text in blocks": lambda: full(" word #\n", head="phrases:\n p: |\n"),
    "a long folded text": lambda: full(" word #\n\n", head="phrases:\n p: >\n"),
    "a long text in quotes": lambda: full("\\u00e9", head='phrases: {p: ["', tail='"]}\n'),
    "a long plain text": lambda: "phrases: {p: [" + "a" * (MAX_BYTES - 40) + "]}\n",
    "a long plain text of lines": lambda: full("  a\n", head="desk:\n  zone:\n"),
    "many block texts": lambda: full(" #: |\n  a\n", head="actions:\n"),
    "many texts in quotes": lambda: full('"\\x41#",', head="plans: [", tail="]\n"),
    "comments": lambda: full("# a\n", tail=CATCH),
    "comments behind values": lambda: full(" - # a\n", head="plans:\n"),
    "one long comment": lambda: "#" * (MAX_BYTES - 100) + "\n" + CATCH,
    "empty lines": lambda: "\n" * (MAX_BYTES - 100) + CATCH,
    "blanks": lambda: " " * (MAX_BYTES - 100) + "\n" + CATCH,
    "directives": lambda: full("%TAG !#! x\n", tail="---\na: b\n"),
    "directives behind the end": lambda: full("%TAG !#! x\n", head="a: b\n...\n", tail="---\na: b\n"),
    "directives behind a value": lambda: full("%TAG !#! x\n", head="[]\n", tail="---\na: b\n"),
    "documents": lambda: full("---\n"),
    "anchors": lambda: full("&# a,", head="plans: [", tail="]\n"),
    "aliases": lambda: full("*#,", head="plans: [", tail="]\n"),
    "tags": lambda: full("!# a,", head="plans: [", tail="]\n"),
    "wide characters": lambda: full("😀#,", head="plans: [", tail="]\n"),
    "one wide character": lambda: full("#,", head="plans: [😀,", tail="]\n"),
    "one wide text": lambda: "phrases: {p: [" + "😀" * (MAX_BYTES // 4 - 20) + "]}\n",
    "control characters": lambda: "\x01" * MAX_BYTES,
    "bytes that are no text": lambda: b"a" * (MAX_BYTES - 1) + b"\xff",
    "a quote that never ends": lambda: 'a: "' + "x\n " * 340_000,
    "a flow that never ends": lambda: full("#,", head="plans: ["),
    "braces": lambda: "{" * MAX_BYTES,
    "questions": lambda: "? " * (MAX_BYTES // 2),
    "dashes": lambda: "- " * (MAX_BYTES // 2),
    "numbers": lambda: full(lambda n: f"{n},", head="plans: [", tail="]\n"),
    "decimals": lambda: full(lambda n: f"1.{n},", head="plans: [", tail="]\n"),
    "digits": lambda: "plans: [" + "1" * (MAX_BYTES - 20) + "]\n",
}


def cost(text: str | bytes) -> tuple[float, int, str]:
    """CPU seconds, bytes above what was there before, and what became of the file; measured in a child."""
    reads, writes = os.pipe()
    if not (child := os.fork()):
        resource.setrlimit(resource.RLIMIT_CPU, (GIVEN_UP, GIVEN_UP))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        try:
            loads(text, "rules.yaml")
            end = "loaded"
        except MistakesFound as found:
            end = f"{len(found.mistakes)} mistakes: {str(found.mistakes[0])[:60]}"
        except BaseException as error:  # whatever ends the reading, an exit or exhausted memory, is what the file costs
            end = f"CRASH {type(error).__name__}: {str(error)[:60]}"
        took = time.process_time() - began
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
        os.write(writes, f"{took}|{grown}|{end}".encode("utf-8", "replace"))
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as answer:
        told = answer.read().decode()
    os.waitpid(child, 0)
    if not told:
        return float(GIVEN_UP), 0, "CRASH killed, or still reading"
    seconds, size, end = told.split("|", 2)
    return float(seconds), int(size), end


def main() -> int:
    """Print a line for each shape; 1 when one of them costs too much."""
    loads(CATCH, "rules.yaml")
    rows = []
    for name, make in SHAPES.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        text = make()
        raw = text.encode() if isinstance(text, str) else text
        assert len(raw) <= MAX_BYTES, name
        del text
        rows.append((*cost(raw), name, len(raw)))
    over = 0
    for seconds, grown, end, name, size in sorted(rows):
        wrong = seconds > MOST_SECONDS or grown > MOST_MEMORY or end.startswith("CRASH")
        over += wrong
        flag = "OVER" if wrong else ""
        print(f"{seconds:6.2f} s {grown / 1e6:6.1f} MB {size >> 10:5} KiB {flag:4} {name:32} {end}")
    worst = max(row[1] for row in rows) / 1e6
    print(f"{len(rows)} shapes; slowest {max(rows)[0]:.2f} s CPU, largest {worst:.1f} MB; {over} cost too much")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
