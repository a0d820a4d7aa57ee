"""A rules file and the files that it includes, read as they are: the one place of `rules` that opens files."""

from dataclasses import dataclass, field
from pathlib import Path

from rules.mistakes import Mistake, MistakesFound
from rules.text_file import content_of
from rules.yaml_document import Document
from rules.yaml_errors import shown
from rules.yaml_reader import MAX_BYTES, MAX_VALUES, Twice, read_all

MAX_FILES = 50


@dataclass(slots=True)
class Files:
    """The documents in the order in which they count, those that are included before the file that includes them."""

    documents: tuple[Document, ...] = ()
    mistakes: list[Mistake] = field(default_factory=list)


def read_files(path: Path, twice: Twice) -> Files:
    """Read the file at `path`, and what it includes; `twice` as in `read_all`.

    Raises MistakesFound where the file itself cannot be read; of an included one that is a mistake like others.
    """
    reader = _Reader(twice)
    try:
        text = content_of(path, MAX_BYTES)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise MistakesFound([Mistake(file=str(path), line=1, column=1, message=message)]) from error
    reader.read(text, str(path), path)
    return reader.files


def read_text(text: str | bytes, name: str, twice: Twice) -> Files:
    """Read a text that stands for itself."""
    reader = _Reader(twice)
    reader.read(text, name, None)
    return reader.files


class _Reader:
    """Reads depth first. All files together are held to the limits of one, so that they cost no more than one."""

    def __init__(self, twice: Twice) -> None:
        self.files = Files()
        self._twice = twice
        self._bytes_left, self._values_left = MAX_BYTES, MAX_VALUES
        self._places: dict[Path, str] = {}

    def read(self, text: str | bytes, name: str, path: Path | None) -> None:
        if path is not None:
            self._places.setdefault(path.resolve(), "")
        document, mistakes = read_all(
            text, name, max_bytes=self._bytes_left, max_values=self._values_left, twice=self._twice
        )
        self._bytes_left = max(self._bytes_left - len(text), 0)
        self._values_left = max(self._values_left - document.size, 1)
        self.files.mistakes += mistakes
        if isinstance(document.data, dict) and document.data.get("include") is not None:
            self._include(document, path)
        self.files.documents += (document,)

    def _include(self, document: Document, path: Path | None) -> None:
        included = document.data["include"]
        names = [included] if isinstance(included, str) else included
        if not isinstance(names, list):
            self._note(document, ("include",), f"expected names of files ([phrases.yaml]), got {shown(included)}")
            return
        for at, name in enumerate(names):
            loc = ("include",) if included is name else ("include", at)
            if isinstance(name, str) and name.strip():
                self._one(document, loc, name.strip(), path)
            elif not document.unread(loc):
                self._note(document, loc, f"expected the name of a file (phrases.yaml), got {shown(name)}")

    def _one(self, document: Document, loc: tuple[str | int, ...], name: str, path: Path | None) -> None:
        if path is None:
            self._note(document, loc, "only a file can include others: this text stands for itself")
            return
        found = path.parent / name
        try:
            real = found.resolve()
            # A directory; or a pipe, which nobody may ever write into.
            other = found.exists() and not found.is_file()
        except (OSError, RuntimeError):
            real, other = found, False  # reading it says what is wrong
        except ValueError:  # a name with NUL in it
            other = True
        if other:
            self._note(document, loc, f"{shown(name)} names no file; write one such as phrases.yaml")
            return
        if real in self._places:
            before = self._places[real]
            told = f"is included in {before} already" if before else "is the file that all this begins with"
            self._note(document, loc, f"{name} {told}; each file is read once")
            return
        if len(self._places) >= MAX_FILES:
            self._note(document, loc, f"{MAX_FILES} files are the most that make one set of rules")
            return
        self._places[real] = f"{document.name}:{document.mark(loc)[0]}"
        try:
            text = content_of(found, MAX_BYTES)
        except OSError as error:
            self._note(document, loc, f"{found} cannot be read: {error.strerror or error}")
            return
        self.read(text, str(found), found)

    def _note(self, document: Document, loc: tuple[str | int, ...], message: str) -> None:
        self.files.mistakes.append(document.mistake(loc, message))
