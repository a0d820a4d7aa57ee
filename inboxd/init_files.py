"""A new desk's files, written from the shipped templates or from one of the policy books."""

import os
import re
from pathlib import Path

from inboxd import shipped
from inboxd.errors import InboxdError, UsageWrong
from inboxd.settings import below_etc, state_folder
from inboxd.settings.values import system_zone

FILES = ("inboxd.yaml", "rules.yaml", "accounts.yaml")

# What the templates say, and `init` says better: it knows the folder and the machine.
_STORE = "sqlite:///inboxd.db"
_ZONE = "desk: {zone: UTC}"
# A section of inboxd.yaml stands between blank lines, with what is said about it; one that is not used is a comment.
_SECTION = re.compile(r"^(?:# )?([a-z]+):(?: |$)", re.MULTILINE)
_ON_CALL = re.compile(r"^oncall:", re.MULTILINE)


def write_desk(folder: Path, policy: str | None = None) -> list[str]:
    """Write the files of a desk into `folder` (made when it is not there); `policy` names a book.

    Returns the lines that say what to edit next. Overwrites nothing: InboxdError when one of the files is there or
    the folder cannot be written; UsageWrong for a policy that does not come with inboxd.
    """
    texts = {name: _adapted(text, folder) for name, text in _texts(policy).items()}
    taken = [str(folder / name) for name in texts if os.path.lexists(folder / name)]
    if taken:
        are = "is" if len(taken) == 1 else "are"
        raise InboxdError(f"{', '.join(taken)} {are} there already, and init overwrites nothing: name another folder")
    written: list[Path] = []
    try:
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, mode=0o750, exist_ok=True)
            _write_new(folder / name, text, written)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InboxdError(f"cannot write into {folder}: {error.strerror or error}") from error
    return _what_next(folder, policy, pages=_ON_CALL.search(texts[FILES[1]]) is not None)


def policies() -> list[str]:
    """Return the names of the policy books that come with inboxd."""
    return sorted(path.name for path in _books().iterdir() if path.is_dir())


def _books() -> Path:
    return shipped.folder("config") / "policies"


def _texts(policy: str | None) -> dict[str, str]:
    """Return the text of each file by its name.

    A book's inboxd.yaml holds the sections in which it differs from the default desk.
    """
    texts = _read(shipped.folder("config") / "default")
    if policy is None:
        return texts
    names = policies()
    if policy not in names:
        raise UsageWrong(f'no policy book "{policy}": there are: {", ".join(names)}')
    book = _read(_books() / policy)
    return texts | book | {FILES[0]: _over(texts[FILES[0]], book[FILES[0]])}


def _over(text: str, differing: str) -> str:
    """Return a configuration with sections of another one in place of its own."""
    own = {_name(section): section.rstrip("\n") for section in differing.split("\n\n")}
    return "\n\n".join(own.get(_name(section), section) for section in text.split("\n\n"))


def _name(section: str) -> str | None:
    found = _SECTION.search(section)
    return None if found is None else found[1]


def _read(folder: Path) -> dict[str, str]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in found}


def _adapted(template: str, folder: Path) -> str:
    text = template.replace(_ZONE, f"desk: {{zone: {system_zone().key}}}")
    if below_etc(folder):
        text = text.replace(_STORE, f"sqlite:///{state_folder(folder / FILES[0]) / 'inboxd.db'}")
    return text


def _write_new(path: Path, text: str, written: list[Path]) -> None:
    # O_EXCL: whoever made the file a moment ago keeps theirs. The group of the desk may read, nobody else: accounts
    # are people's addresses and numbers.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    written.append(path)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _what_next(folder: Path, policy: str | None, *, pages: bool) -> list[str]:
    configuration = folder / FILES[0]
    hours = "the hours of your desk, and what shall happen to what comes in"
    rules = hours if policy is None else f"the book {policy}: its lines and hours, in place of the example's"
    return [
        f"Wrote {', '.join(FILES)} into {folder}. Edit next:",
        f"  {configuration}: smtp.recipients, the addresses of your desk",
        f"  {folder / 'accounts.yaml'}: your customers, in place of the example",
        f"  {folder / 'rules.yaml'}: {rules}",
        *([f"  {configuration}: twilio or outgoing, by which whoever is on call is reached"] if pages else []),
        f"Then: inboxd -c {configuration} check",
        f"      inboxd -c {configuration} run",
    ]
