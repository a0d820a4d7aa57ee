import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.phrases import PhraseBook, Words, phrase


def says(text: str, *phrases: str, subject: str = "") -> tuple[str, ...]:
    book = PhraseBook({"list": [phrase(one) for one in phrases]})
    return book.match(Words(subject, text)).get("list", ())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The server is DOWN.", "down"),
        ("down", "Down"),
        ("It is (down)!", "down"),
        ("our faxes wait", "fax*"),
        ("our fax waits", "fax*"),
        ("it is not\n  working, again", "not working"),
        ("Nothing goes out.", "nothing ... out"),
        ("nothing out", "nothing ... out"),
        ("nothing one two three four out", "nothing ... out"),
        ("nothing one two out", "nothing … out"),
        ("the e-mail stopped", "e-mail"),
        ("the e mail stopped", "e-mail"),
        ("I can\u2019t send", "can't send"),
        ("Der Drucker ist AUSSER Betrieb", "außer betrieb"),
        ("сервер НЕ РАБОТАЕТ", "не работает"),
        ("ΟΔΟΣ", "οδος"),
        ("सर्वर बंद है", "बंद"),
        ("二重に課金されたので返金お願いします。", "返金"),
        ("ゲームにログインできないんですけど", "ログインできない"),
        ("ゲームにログイン\nできないんですけど", "ログインできない"),
        ("ﾛｸﾞｲﾝできない", "ログイン"),
        ("サーバーがさっきから急に落ちました", "サーバー ... 落ち"),
        ("昨日ＢＡＮされました", "ban"),
        ("系统崩溃了", "崩溃"),
        ("เข้าสู่ระบบไม่ได้ครับ", "ไม่ได้"),
        ("서버가 다운됐어요", "서버*"),
        ("the ﬁle server", "file"),
        ("cafe\u0301 printer", "café"),
        ("do\u00adwn", "down"),
        ("do\u200bwn", "down"),
        ("_down_", "down"),
        ("faxserver7 intermittently fails often", "intermittent* ... often"),
        ("half a pair \ud83d and down", "down"),
    ],
)
def test_a_phrase_is_heard(text: str, written: str) -> None:
    assert says(text, written) == (written,)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("the download stopped", "down"),
        ("a breakdown", "down"),
        ("downtown", "down"),
        ("a telefax", "fax*"),
        ("not quite working", "not working"),
        ("nothing one two three four five out", "nothing ... out"),
        ("out comes nothing", "nothing ... out"),
        ("überfax", "fax"),
        ("お金を返す", "返金"),
        ("サーバーは元気です。さて、昨日の夕方にはコーヒーが落ち", "サーバー ... 落ち"),
        ("서버가 다운됐어요", "서버"),
        ("", "down"),
    ],
)
def test_a_phrase_is_not_heard_in_other_words(text: str, written: str) -> None:
    assert says(text, written) == ()


def test_no_phrase_begins_in_the_subject_and_ends_in_the_body() -> None:
    assert says("working on it", "not working", "not ... it", subject="Why not") == ()
    assert says("body", "not working", subject="not working") == ("not working",)


def test_every_phrase_that_is_found_is_named_in_the_order_of_the_file() -> None:
    assert says("stopped, down, not working", "not working", "dead", "stopped", "down") == (
        "not working",
        "stopped",
        "down",
    )


def test_one_phrase_written_in_two_ways_is_named_once() -> None:
    assert says("the e-mail stopped", "e-mail", "e mail") == ("e-mail",)


def test_one_phrase_may_stand_in_two_lists() -> None:
    book = PhraseBook({"a": [phrase("down")], "b": [phrase("DOWN"), phrase("up")]})
    assert book.match(Words("down")) == {"a": ("down",), "b": ("down",)}


@pytest.mark.parametrize(
    "written", ["", "...", "... a", "a ...", "a ... ... b", "*", "a*b", "*a", "!!", "a...b", "a " * 21, "a" * 201]
)
def test_what_is_no_phrase_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"stands|empty phrase|no letter|are the most"):
        phrase(written)


def test_signs_that_mean_something_to_a_pattern_mean_nothing_in_a_phrase() -> None:
    assert says("a+b (c|d) [e]", "a+b") == ("a+b",)
    assert says("aab", "a+b", "a.b") == ()


def test_a_hostile_text_and_hostile_phrases_end_in_linear_steps() -> None:
    # By backtracking this would outlive the test run's time limit by far.
    phrases = [f"a ... b ... a ... b ... z{number}" for number in range(50)]
    text = "a b " * 50_000 + " ".join(f"z{number}" for number in range(50))
    assert says(text, *phrases) == tuple(phrases[:5])  # the others stand too far from the last "b"


def test_many_phrases_and_one_search_agree_with_each_phrase_alone() -> None:
    text = "the fax server went down and nothing at all goes out since this morning"
    phrases = ["fax*", "server", "went down", "nothing ... out", "since ... morning", "up", "nothing ... in", "mor*"]
    together = says(text, *phrases)
    assert together == tuple(one for one in phrases if says(text, one))


def heard_naively(words: list[str], phrase_words: tuple[str, ...]) -> bool:
    """The meaning of a phrase, word by word and without any index."""

    def from_here(at: int, rest: tuple[str, ...]) -> bool:
        if not rest:
            return True
        if rest[0] == "...":
            return any(from_here(at + skipped, rest[1:]) for skipped in range(5))
        if at >= len(words):
            return False
        wanted = rest[0]
        here = words[at].startswith(wanted[:-1]) if wanted.endswith("*") else words[at] == wanted
        return here and from_here(at + 1, rest[1:])

    return any(from_here(at, phrase_words) for at in range(len(words)))


WORD = st.text("ab", min_size=1, max_size=4)
PIECE = st.one_of(WORD, WORD.map(lambda word: word + "*"))
PHRASE = st.lists(st.tuples(PIECE, st.booleans()), min_size=1, max_size=4).map(
    lambda pieces: " ".join(
        word + (" ..." if gap and at < len(pieces) - 1 else "") for at, (word, gap) in enumerate(pieces)
    )
)


@settings(deadline=None, database=None, max_examples=500)
@given(phrases=st.lists(PHRASE, min_size=1, max_size=12, unique=True), words=st.lists(WORD, max_size=12))
def test_the_indexes_find_exactly_what_the_phrases_mean(phrases: list[str], words: list[str]) -> None:
    expected = tuple(one for one in phrases if heard_naively(words, phrase(one).words))
    assert says(" ".join(words), *phrases) == expected


def test_the_longest_phrase_that_is_taken_is_still_found() -> None:
    words = [f"größe{number:02}" for number in range(18)]
    longest = " ... ".join(words[:9]) + " " + " ".join(words[9:11])
    assert len(longest) <= 200
    assert says(" x y z w ".join(words[:9]) + " " + " ".join(words[9:11]), longest) == (longest,)
