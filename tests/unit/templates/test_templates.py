"""Templates: what they may say, and that nothing said in a message gets out of its place."""

from pathlib import Path

import pytest

from inboxd.errors import ConfigurationWrong
from inboxd.templates import PLACEHOLDERS, load, missing
from inboxd.templates.placeholders import names
from rules.load import loads

SHIPPED = load(None, "en")


def mistakes(folder: Path, text: str, *, name: str = "received", language: str = "en") -> list[str]:
    (folder / f"{name}.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationWrong) as wrong:
        load(folder, language)
    return [str(each).removeprefix(f"{folder}/") for each in wrong.value.mistakes]


@pytest.mark.parametrize("name", sorted(SHIPPED.texts))
def test_every_shipped_template_speaks_both_languages_and_fills_every_place(name: str) -> None:
    texts = SHIPPED.texts[name]
    assert set(texts) == {"en", "de"}
    everything = {place: f"<{place}>" for place in PLACEHOLDERS}
    for language, text in texts.items():
        written = SHIPPED.write(name, language, everything)
        for place in names(text.body):
            assert f"<{place}>" in written.text
        assert "<mark>" in written.subject
        assert "{" not in written.subject + written.text


def test_both_languages_of_a_template_tell_the_same() -> None:
    for name, texts in SHIPPED.texts.items():
        assert set(names(texts["en"].body)) == set(names(texts["de"].body)), name


def test_a_paragraph_with_an_empty_place_is_left_out() -> None:
    full = dict.fromkeys(PLACEHOLDERS, "x")
    assert "Our hours" in SHIPPED.write("received", "en", full).text
    text = SHIPPED.write("received", "en", {**full, "hours": ""}).text
    assert "Our hours" not in text
    assert "\n\n\n" not in text


def test_what_is_written_says_which_places_it_has_and_keeps_paragraphs_that_are_alike(tmp_path: Path) -> None:
    body = "--\\n\\nTo {in_copy} and {terms}.\\n\\n{what}\\n\\n--"
    (tmp_path / "own.yaml").write_text(f'en: {{subject: "{{mark}}", body: "{body}"}}\n')
    own = load(tmp_path, "en")
    written = own.write("own", "en", {"what": "x", "in_copy": "boss@example.com"})
    assert (written.text, written.places) == ("--\n\nx\n\n--\n", {"what"})
    written = own.write("own", "en", {"what": "x", "in_copy": "boss@example.com", "terms": "y"})
    assert written.places == {"what", "in_copy", "terms"}


@pytest.mark.parametrize(
    "value",
    [
        "x\r\nBcc: everybody@evil.test",
        "x\nBcc: a@b.test\n\nbody",
        "x\u2028Bcc: a",
        "x\x00\x0b\x1b[2J",
        "x" * 5000,
        "\ud800",
    ],
)
def test_no_value_makes_a_second_line_of_a_subject(value: str) -> None:
    written = SHIPPED.write("notice", "en", dict.fromkeys(PLACEHOLDERS, value))
    assert len(written.subject) <= 200
    assert written.subject.isprintable()
    written.subject.encode("utf-8")
    written.text.encode("utf-8")


def test_braces_in_a_value_stay_what_they_are() -> None:
    written = SHIPPED.write("received", "en", {"reference": "48213-7", "subject": "{queue} {0.__class__} %s"})
    assert "Your subject: {queue} {0.__class__} %s" in written.text


def test_a_desks_own_template_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "received.yaml").write_text('en: {subject: "{reference}", body: Ours.}\n')
    (tmp_path / "closed-today.yaml").write_text('en: {subject: "{reference}", body: Closed.}\n')
    own = load(tmp_path, "en")
    assert own.write("received", "en", {"reference": "1"}).text == "Ours.\n"
    assert "closed-today" in own
    assert "confirmation" in own


def test_a_desk_of_a_region_may_have_its_templates_in_the_language_alone(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text('de: {subject: "{mark}", body: "Guten Tag"}\n')
    assert load(tmp_path, "de-AT").language_of("own", None) == "de"
    with pytest.raises(ConfigurationWrong):
        load(tmp_path, "fr-CH")


@pytest.mark.parametrize(
    ("wanted", "desk", "language"),
    [
        (None, "en", "en"),
        ("de-AT", "en", "de"),
        ("DE", "en", "de"),
        ("fr", "de", "de"),
        ("fr", "en", "en"),
        ("", "de", "de"),
        (None, "de-AT", "de"),
        ("fr", "de-CH", "de"),
    ],
)
def test_the_readers_language_goes_before_the_desks(wanted: str | None, desk: str, language: str) -> None:
    assert load(None, desk).language_of("received", wanted) == language


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            'en:\n  subject: "[#{reference}]"\n  body: |\n    Hello.\n    You are {nam}.\n',
            'received.yaml:5:13: unknown placeholder "{nam}"; did you mean "name"?',
        ),
        ('en: {subject: "{reference!r}", body: x}\n', "received.yaml:1:16: a placeholder is one name in braces"),
        (
            'en: {subject: "{reference.__class__}", body: x}\n',
            'received.yaml:1:16: unknown placeholder "{reference.__cl',
        ),
        ('en: {subject: "{reference} }", body: x}\n', 'received.yaml:1:26: a "}" stands alone; write }} for the sign'),
        ("en: {subject: Hello, body: x}\n", "received.yaml:1:15: nobody could refer to the ticket"),
        ('en: {subject: "{reference}"}\n', 'received.yaml:1:5: the key "body" is missing'),
        ('en: {subject: "{reference}", body: x, html: y}\n', 'received.yaml:1:39: unknown key "html"'),
        ('english: {subject: "{reference}", body: x}\n', 'received.yaml:1:1: "english" is no language'),
        ('fr: {subject: "{reference}", body: x}\n', 'received.yaml:1:1: the desk writes in "en": add en'),
        ("", "received.yaml:1:1: expected a language with a subject and a body"),
        ("- en\n", "received.yaml:1:1: expected a language with a subject and a body"),
        ('en: {subject: "a{reference}\\nBcc: x", body: x}\n', "received.yaml:1:15: a subject is one line"),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, text: str, mistake: str) -> None:
    told = mistakes(tmp_path, text)
    assert any(each.startswith(mistake) for each in told), told


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationWrong, match="is not there"):
        load(tmp_path / "nothing", "en")


def test_a_template_that_rules_name_and_nobody_wrote_is_a_mistake_of_the_rules_file() -> None:
    text = (
        "lines: {help: {number: +15550190, greeting: hello}}\n"
        "decide:\n"
        "  answer:\n"
        "    - {rule: quiet, when: {channel: voicemail}, then: {acknowledge: off}}\n"
        "    - {rule: receved, then: {acknowledge: receved, tell: [received, nothing-like-it]}}\n"
    )
    told = [str(each) for each in missing(loads(text, "rules.yaml"), SHIPPED)]
    assert [each.partition(";")[0] for each in told] == [
        'rules.yaml:5:43: no template "receved"',
        'rules.yaml:5:69: no template "nothing-like-it"',
    ]
    assert 'did you mean "received"?' in told[0]


@pytest.mark.parametrize("wrote", ["wrote", "On {when} somebody wrote", "{who} {when} {what}", "{", "{when}\\n{who}"])
def test_the_line_above_a_quote_says_who_wrote_and_when(tmp_path: Path, wrote: str) -> None:
    days = "[a, b, c, d, e, f, g]"
    (tmp_path / "words.yaml").write_text(f'fr: {{days: {days}, span: à, always: toujours, wrote: "{wrote}"}}\n')
    with pytest.raises(ConfigurationWrong, match=r"words\.yaml:1:\d+: expected one line with \{when\} and \{who\}"):
        load(tmp_path, "en")
