"""Tests of what was written or said: phrases, patterns, addresses, files."""

from collections.abc import Callable, Collection
from typing import Any

from rules.conditions import Test
from rules.decision import Shown
from rules.file_names import pattern, says_one_of
from rules.matchers import Reader, bare, folded, row, searchable, truth
from rules.phrases import GAP, Phrase
from rules.scope import Scope
from rules.view import View
from rules.yaml_places import Loc

MAX_FILE_NAME = 200


def says(found: Callable[[View], Any]) -> Reader:
    """A name of `phrases`, or a list of the words themselves."""

    def look(view: View, list_name: str) -> tuple[Shown, bool]:
        phrases = found(view).get(list_name)
        return phrases, phrases is not None

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        named = _phrase_list(name, value, loc, scope)
        if named is None:
            return None
        list_name, wanted = named
        return Test(
            name=name, line=row(scope, loc), wanted=bare(wanted), look=look, given=list_name, filed=(list_name,)
        )

    return read


def _phrase_list(name: str, value: Any, loc: Loc, scope: Scope) -> tuple[str, tuple[str, ...]] | None:
    """The name of the list that is meant, one made here for words that stand in the test, and what was written."""
    texts = scope.texts(loc, value)
    if texts is None:
        return None
    if not isinstance(value, list):
        hint = f" (for the words themselves write {name}: [{texts[0][1]}])"
        if not scope.known(loc, "phrase list", texts[0][1], scope.phrase_names, hint):
            return None
        list_name = texts[0][1]
    else:
        for at, text in texts:
            if text in scope.phrase_names:
                scope.mistake(
                    at,
                    f'"{text}" names a phrase list, but a list here holds the words themselves; '
                    f"write any: [{{{name}: {text}}}, …]",
                )
        # A name that no phrase list can have: it stands on several lines.
        list_name = "\n" + "\n".join(text for _, text in texts)
        if list_name not in scope.phrases:
            scope.add_phrases(list_name, texts)
    return list_name, tuple(text for _, text in texts)


def only(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """The subject has no word but those of the phrases; one without a word has none."""
    named = _phrase_list(name, value, loc, scope)
    if named is None:
        return None
    list_name, wanted = named
    words = _Words(scope.phrases.get(list_name, ()))
    return Test(name=name, line=row(scope, loc), wanted=bare(wanted), look=_look_at_subject, given=words)


class _Words:
    """The words of some phrases, each by itself."""

    def __init__(self, phrases: Collection[Phrase]) -> None:
        words = {word for one in phrases for word in one.words if word != GAP}
        self._whole = frozenset(word for word in words if not word.endswith("*"))
        self._beginnings = tuple(sorted(word.removesuffix("*") for word in words if word.endswith("*")))

    def has(self, word: str) -> bool:
        return word in self._whole or word.startswith(self._beginnings)


def _look_at_subject(view: View, words: _Words) -> tuple[Shown, bool]:
    others = tuple([word for word in view.subject_words if not words.has(word)])
    return view.facts.subject, not others


def matches(found: Callable[[View], frozenset[str]]) -> Reader:
    """Patterns of re2, one of which is found."""

    def look(view: View, wanted: tuple[str, ...]) -> tuple[Shown, bool]:
        there = found(view)
        held = tuple([one for one in wanted if one in there])
        return held, bool(held)

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        texts = scope.texts(loc, value)
        if texts is None:
            return None
        good = [scope.pattern(at, text) for at, text in texts]  # all of them: each mistake is told
        if not all(good):
            return None
        wanted = tuple(text for _, text in texts)
        return Test(name=name, line=row(scope, loc), wanted=bare(wanted), look=look, given=wanted)

    return read


def author(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """The author's address, or `@` and a domain."""
    texts = scope.texts(loc, value)
    if texts is None:
        return None
    for at, text in texts:
        local, _, domain = text.rpartition("@")
        if not domain or "*" in text or " " in text or "@" in local:
            scope.mistake(at, f'expected an address or a domain ("ops@acme.example", "@acme.example"), got "{text}"')
            return None
    wanted = tuple(text for _, text in texts)
    accepted = searchable(tuple([folded(text) for text in wanted]))
    return Test(name=name, line=row(scope, loc), wanted=bare(wanted), look=_look_at_author, given=accepted)


def _look_at_author(view: View, accepted: Collection[str]) -> tuple[Shown, bool]:
    address = view.facts.from_address
    if address is None:
        return None, False
    there = folded(address)
    return address, there in accepted or there[there.rfind("@") :] in accepted


def files(files_of: Callable[[View], tuple[str, ...]]) -> Reader:
    """Names in which `*` stands for anything; `true` and `false` ask whether there are any at all."""
    some = truth(lambda view: bool(files_of(view)))

    def look(view: View, patterns: tuple[tuple[str, ...], ...]) -> tuple[Shown, bool]:
        there = files_of(view)
        return there, any(says_one_of(patterns, file) for file in there)

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        if isinstance(value, bool):
            return some(name, value, loc, scope)
        texts = scope.texts(loc, value)
        if texts is None:
            return None
        for at, text in texts:
            if len(text) > MAX_FILE_NAME:
                scope.mistake(at, f"expected a file name of at most {MAX_FILE_NAME} characters, got {len(text)}")
                return None
        wanted = tuple(text for _, text in texts)
        patterns = tuple([pattern(text) for text in wanted])
        return Test(name=name, line=row(scope, loc), wanted=bare(wanted), look=look, given=patterns)

    return read
