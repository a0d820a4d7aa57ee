"""A new desk's three files, written from the shipped templates."""

import os
from pathlib import Path

from inboxd import shipped
from inboxd.errors import InboxdError, UsageWrong
from inboxd.settings import below_etc, state_folder
from inboxd.settings.values import system_zone

FILES = ("inboxd.yaml", "rules.yaml", "accounts.yaml")

# What the templates say, and `init` says better: it knows the folder and the machine.
_STORE = "sqlite:///inboxd.db"
_ZONE = "desk: {zone: UTC}"


def write_desk(folder: Path, policy: str | None = None) -> list[str]:
    """Write inboxd.yaml, rules.yaml and accounts.yaml into `folder` (made when it is not there).

    Returns the lines that say what to edit next. Overwrites nothing: InboxdError when one of the files is there or
    the folder cannot be written; UsageWrong for a policy that does not come with inboxd.
    """
    templates = _templates(policy)
    taken = [str(folder / name) for name in FILES if os.path.lexists(folder / name)]
    if taken:
        are = "is" if len(taken) == 1 else "are"
        raise InboxdError(f"{', '.join(taken)} {are} there already, and init overwrites nothing: name another folder")
    texts = {name: _adapted((templates / name).read_text("utf-8"), folder) for name in FILES}
    written: list[Path] = []
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o750)
        for name, text in texts.items():
            _write_new(folder / name, text, written)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InboxdError(f"cannot write into {folder}: {error.strerror or error}") from error
    return _what_next(folder)


def _templates(policy: str | None) -> Path:
    if policy is None:
        return shipped.folder("config") / "default"
    books = shipped.folder("config") / "policies"
    names = sorted(path.name for path in books.iterdir() if path.is_dir()) if books.is_dir() else []
    if policy not in names:
        there = f"there are: {', '.join(names)}" if names else "this version comes with none yet"
        raise UsageWrong(f'no policy book "{policy}": {there}')
    return books / policy


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


def _what_next(folder: Path) -> list[str]:
    configuration = folder / FILES[0]
    return [
        f"Wrote {', '.join(FILES)} into {folder}. Edit next:",
        f"  {configuration}: smtp.recipients, the addresses of your desk",
        f"  {folder / 'accounts.yaml'}: your customers, in place of the example",
        f"  {folder / 'rules.yaml'}: the hours of your desk, and what shall happen to what comes in",
        f"Then: inboxd -c {configuration} check",
        f"      inboxd -c {configuration} run",
    ]
