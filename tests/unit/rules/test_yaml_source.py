from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from rules.mistakes import MistakesFound
from rules.yaml_reader import MAX_BYTES, MAX_MISTAKES
from rules.yaml_source import read, read_all, read_model, validate


class Mailbox(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    port: Annotated[int, Field(ge=1)] = 993
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    folders: tuple[str, ...] = ()
    sender: str | None = Field(default=None, alias="from")


class Desk(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    imap: tuple[Mailbox, ...] = ()
    boxes: dict[str, Mailbox | None] = {}
    open: bool = True


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(MistakesFound) as found:
        read_model(Desk, text, "desk.yaml")
    return [str(mistake) for mistake in found.value.mistakes]


@pytest.mark.parametrize(
    "written",
    [
        "NO",
        "yes",
        "on",
        "True",
        "09:30",
        "24x7",
        "+15550100",
        "0123",
        "0x1f",
        "1e3",
        ".5",
        "2026-12-31",
        "1_000",
        "Null",
    ],
)
def test_what_yaml_1_1_would_turn_into_something_else_stays_text(written: str) -> None:
    assert read(f"a: {written}\n", "f.yaml").data == {"a": written}


@pytest.mark.parametrize(
    ("written", "value"),
    [("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("7", 7), ("-7", -7), ("1.50", 1.5)],
)
def test_truth_nothing_and_plain_decimals_are_typed(written: str, value: object) -> None:
    data = read(f"a: {written}\n", "f.yaml").data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_a_value_in_quotes_is_text_whatever_it_looks_like() -> None:
    assert read("""a: ["7", 'true', "null"]""", "f.yaml").data == {"a": ["7", "true", "null"]}


def test_keys_are_text_as_they_are_written() -> None:
    assert read("1: a\ntrue: b\nno: c\n24x7: d\n", "f.yaml").data == {"1": "a", "true": "b", "no": "c", "24x7": "d"}


def test_an_empty_file_and_one_of_comments_hold_nothing() -> None:
    assert read("", "f.yaml").data is None
    assert read("# nothing yet\n", "f.yaml").data is None


def test_every_value_and_key_has_its_line_and_column_from_one() -> None:
    document = read("a: 1\nb:\n  - x\n  - {c: y, d: z}\n", "f.yaml")
    assert document.mark(("a",)) == (1, 4)
    assert document.mark(("a",), key=True) == (1, 1)
    assert document.mark(("b", 1, "d")) == (4, 15)
    assert document.mark(("b", 1, "d"), key=True) == (4, 12)


def test_columns_count_characters_not_bytes() -> None:
    assert read("{ä: ö, ü: x}", "f.yaml").mark(("ü",)) == (1, 11)


def test_a_loc_that_the_file_does_not_know_is_told_at_what_is_around_it() -> None:
    document = read("a:\n  b: 1\n", "f.yaml")
    assert document.mark(("a", "function-before[x(), str]", "b")) == (2, 6)
    assert document.mark(("a", "missing")) == (2, 3)


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    document = read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f.yaml")
    assert document.data == {"a": 1, "b": 2}
    assert document.mark(("b",)) == (2, 4)


def test_a_duplicate_key_names_both_lines() -> None:
    assert mistakes("open: true\nimap: []\nopen: false\n") == [
        'desk.yaml:3:1: duplicate key "open": it stands on line 1 already; keep one of the two'
    ]


def test_anchors_aliases_merges_tags_and_odd_keys_are_refused_all_at_once() -> None:
    quotes = "text that begins with {} stands in quotes"
    text = 'imap: &all []\nboxes: *all\n<<: {}\nopen: !!bool true\n[a]: b\n"": c\n'
    assert mistakes(text) == [
        'desk.yaml:1:7: "&all" is an anchor, and anchors are not used here: delete it; ' + quotes.format("&"),
        'desk.yaml:2:8: "*all" is an alias, and aliases are not used here: write the value out; ' + quotes.format("*"),
        'desk.yaml:3:1: merge keys ("<<") are not used here: write the keys out',
        'desk.yaml:4:7: "!!bool" is a tag, and tags are not used here: delete it; ' + quotes.format("!"),
        "desk.yaml:5:1: a key is text, not a list or a mapping",
        'desk.yaml:6:1: a key is missing before ":"',
    ]


def test_an_alias_bomb_is_refused_where_it_is_named() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert any("is an alias" in mistake for mistake in mistakes("\n".join(lines)))


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a: b: c\n", '1:5: a ":" that YAML cannot place'),
        ("imap:\n\t- a\n", "2:1: a tab; indent with spaces"),
        (
            "imap: [a\nopen: true\n",
            '2:5: a "," or the closing "]" of this list is missing (inside of what begins on line 1)',
        ),
        ("imap: {a\n", '2:1: a "," or the closing "}" is missing'),
        ("imap: 'a\n", "2:1: the file ends in the middle of a text in quotes"),
        ('imap: "\\q"\n', "1:8: unknown \\ escape"),
        ("imap: @x\n", "1:7: no value may begin with this character"),
        ("imap: *\n", "1:8: text that begins with * or & stands in quotes"),
        ("- a\nopen: true\n", '2:1: a "-" was expected'),
        ("---\nopen: true\n---\nopen: true\n", '3:1: a second document begins here ("---"); one file holds one'),
        ("%YAML 1.1\n---\nopen: true\n", "1:1: lines that begin with % (directives) are not used here"),
        ("open: \x07\n", "1:7: control character U+0007; delete it"),
        ("open: true\nimap: a\u2028b\n", "2:8: control character U+2028; delete it"),
        (
            "open: a\rb\n",
            "1:8: a line ends with CR alone; save the file with the line ends of Unix (LF) or",
        ),
        (b"open: true\nimap: \xff\n", "2:7: the byte 0xff is not UTF-8; save the file as UTF-8"),
        ("open: true".encode("utf-16"), "1:1: the file is in UTF-16; save it as UTF-8"),
        ("[" * 40, "1:21: nested more than 20 deep"),
        (b"#" * (MAX_BYTES + 1), "1:1: the file has 1,048,577 bytes; 1,048,576 (1 MiB) is the most that is read"),
    ],
)
def test_what_is_no_yaml_is_told_in_plain_words_at_its_place(text: str | bytes, mistake: str) -> None:
    found = mistakes(text)
    assert len(found) == 1
    assert found[0].startswith(f"desk.yaml:{mistake}")


def test_a_file_of_mistakes_alone_is_cut_short_and_says_so() -> None:
    found = mistakes("open: true\n" * 5000)
    assert len(found) == MAX_MISTAKES + 1
    assert found[-1].endswith("… and there may be more; mend these first")


def test_a_key_that_stands_often_names_its_first_line_each_time() -> None:
    text = "".join(f"k{number}: x\n" for number in range(30)) + "k3: y\nnew: x\nk20: y\nnew: y\nk3: z\n"
    _, found = read_all(text, "f.yaml")
    assert [(one.line, one.message.split(" ")[2:8]) for one in found] == [
        (31, ['"k3":', "it", "stands", "on", "line", "4"]),
        (33, ['"k20":', "it", "stands", "on", "line", "21"]),
        (34, ['"new":', "it", "stands", "on", "line", "32"]),
        (35, ['"k3":', "it", "stands", "on", "line", "4"]),
    ]


def test_places_behind_a_refused_key_and_in_long_lists_are_right() -> None:
    text = "? [x, 1]\n: {a: 2}\nlist: [" + "[7, {a: b}], " * 20 + "]\nlast: 5\n"
    document, mistakes = read_all(text, "f.yaml")
    assert [(one.line, one.column) for one in mistakes] == [(1, 3)]
    assert document.data["last"] == 5
    assert document.source(("last",)) == "5"
    assert document.mark(("last",), key=True) == (4, 1)
    for at in (0, 7, 8, 19):
        assert document.mark(("list", at, 1, "a")) == (3, 8 + at * 13 + 8)
        assert document.source(("list", at, 0)) == "7"
    assert document.mark(("list", 20)) == document.mark(("list",)) == (3, 7)
    assert document.mark(("list", "a")) == (3, 7)


@pytest.mark.parametrize("before", ["", "a: b\n...\n", "[]\n"])
def test_directives_are_refused_before_they_are_compared_with_each_other(before: str) -> None:
    (told,) = mistakes(before + "".join(f"%TAG !{number}! x\n" for number in range(60_000)))
    assert told.startswith(f"desk.yaml:{before.count(chr(10)) + 1}:1: lines that begin with %")


def test_a_mistake_does_not_repeat_a_key_of_many_characters() -> None:
    long = f"? {'k' * 5000}\n: 1\n"
    assert all(len(told) < 250 for told in mistakes(long + long))


def test_values_of_the_wrong_kind_are_told_all_at_once_in_plain_words() -> None:
    text = (
        "imap:\n"
        "  - {nam: support, port: '993', tls: sometimes, folders: INBOX}\n"
        "  - {name: true, port: 0, from: null}\n"
        "  - text\n"
        "boxes: {a: {nmae: x, form: y}}\n"
        "open: NO\n"
    )
    assert mistakes(text) == [
        'desk.yaml:2:5: the key "name" is missing',
        'desk.yaml:2:6: unknown key "nam"; did you mean "name"?',
        'desk.yaml:2:26: expected a whole number, got text "993"',
        'desk.yaml:2:38: expected "implicit", "starttls" or "none", got text "sometimes"',
        'desk.yaml:2:58: expected a list ([…]), got text "INBOX"',
        "desk.yaml:3:12: expected text, got true",
        "desk.yaml:3:24: expected 1 or more, got the number 0",
        'desk.yaml:4:5: expected keys with values ({key: value}), got text "text"',
        'desk.yaml:5:12: the key "name" is missing',
        'desk.yaml:5:13: unknown key "nmae"; did you mean "name"?',
        'desk.yaml:5:22: unknown key "form"; did you mean "from"?',
        'desk.yaml:6:7: expected true or false, got text "NO"; write false',
    ]


def test_mistakes_of_yaml_and_of_values_are_told_together() -> None:
    found = mistakes("open: 5\nimap: *boxes\nopen: true\nbocks: {}\n")
    assert [mistake.split(":")[1] for mistake in found] == ["1", "2", "3", "4"]


def test_what_could_not_be_read_is_not_told_a_second_time() -> None:
    (told,) = mistakes("imap:\n  - {name: *all}\n")
    assert told.startswith('desk.yaml:2:12: "*all" is an alias, and aliases are not used here')


def test_a_key_far_from_every_other_is_answered_with_what_is_allowed() -> None:
    assert mistakes("zzz: 1\n") == ['desk.yaml:1:1: unknown key "zzz"; allowed here: "imap", "boxes", "open"']


def test_a_number_is_text_as_it_is_written_where_text_is_wanted() -> None:
    desk, _ = read_model(Desk, "imap: [{name: 48213, folders: [1.10, 7]}]\nboxes: {a: {name: 0123}}\n", "desk.yaml")
    assert desk.imap[0].name == "48213"
    assert desk.imap[0].folders == ("1.10", "7")
    assert desk.boxes["a"] == Mailbox(name="0123")


def test_an_empty_file_is_valid_where_every_key_may_be_left_out() -> None:
    assert validate(Desk, read("", "desk.yaml")) == Desk()


def test_a_part_of_a_file_can_be_validated_by_itself() -> None:
    document = read("open: nonsense\nboxes:\n  a: {name: x, port: y}\n", "desk.yaml")
    with pytest.raises(MistakesFound) as found:
        validate(Mailbox, document, at=("boxes", "a"))
    assert str(found.value) == 'desk.yaml:3:22: expected a whole number, got text "y"'
