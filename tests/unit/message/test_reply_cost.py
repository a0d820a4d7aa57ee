"""What it costs to find what is new in a hostile text, counted in calls: twice the text may cost twice as much."""

import sys
from random import Random
from types import FrameType
from typing import Any

import pytest

from inboxd.message import forwards, reply_text
from inboxd.message.reply_lines import Lines

UNITS = {
    "attributions": "On Mon wrote\n> On Tue, a <a@b.example> wrote:\n",
    "dated attributions": "On 1 June 2026 at 10:00, a <a@b.example> wrote:\n> x\ny\n",
    "verbs": "1 wrote\n",
    "colons": "a:\n",
    "numbers with colons": "1:\n",
    "addresses with colons": "a <a@b.example>:\n",
    "header lines": "to: a\n",
    "senders": "from: a\n",
    "tables": "| to | a |\n",
    "titles": "--- a ---\n",
    "signature marks": "-- \nx\n",
    "rules": "x\n---\n",
    "stars": "*" * 100 + "\n",
    "quotes": "> x\ny\n",
    "blank lines": "x\n" + "\n" * 50,
}
LINES = 1_000
CALLS_A_LINE = 150


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_twice_the_text_costs_twice_the_calls(unit: str) -> None:
    lines = unit.count("\n")
    once, twice = (_calls(unit * (times * LINES // lines)) for times in (1, 2))
    assert twice < 2.5 * once
    assert twice < CALLS_A_LINE * 2 * LINES


def test_blocks_are_tried_as_attributions_only_so_often() -> None:
    text = Lines("1 wrote\n" * 20_000)
    assert all(text.attribution(index) is None for index in range(len(text.lines)))
    tried = text.tries
    assert text.attribution(0) is None
    assert text.tries == tried < 2 * 20_000


def test_an_attribution_behind_hundreds_of_lines_that_could_be_one_is_found() -> None:
    settings = "port-80:\n" * 2_000
    text = settings + "\nOn Mon, 1 Jun 2026 at 10:00, Front Desk <front@example.com> wrote:\n> the old one\n"
    assert reply_text.of(text).text == settings.strip()


def _calls(text: str) -> int:
    count = 0

    def seen(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        forwards.own_words(reply_text.of(text).text)
    finally:
        sys.setprofile(None)
    return count


_SAID = (
    "The printer prints nothing.", "", "> old", "On Mon, Jun 2, 2025 at 9:00 AM Desk <desk@example.com> wrote:",
    "On Mon, Jun 2, 2025 Desk", "<desk@example.com> wrote:", "From: Desk", "Sent: Monday", "To: us | them",
    "| From | a |",
    "-- ", "-----Original Message-----", "____", "Posted by desk on 06/03/2025", "2025/6/3 Desk <desk@example.com>",
    "2025-06-03 10:00 GMT+02:00 Desk:", "Desk ---06/03/2025 10:00:00 AM---Hello", "*",
    "Am 1.2.2014 um 10:00 schrieb Desk:",
    "差出人：Desk", "> > older", "see you at 10", "Please type your reply above this line", "Begin forwarded message:",
)  # fmt: skip


def test_lines_that_are_passed_over_are_those_in_which_nothing_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(1)
    texts = ["\n".join(random.choices(_SAID, k=random.randint(1, 12))) for _ in range(3_000)]
    quick = [reply_text.of(text) for text in texts]
    monkeypatch.setattr(Lines, "is_plain", lambda _self, _index: False)
    assert quick == [reply_text.of(text) for text in texts]
