"""Files that come with inboxd and are no code: templates of configuration, units."""

from importlib.resources import files
from pathlib import Path


def folder(name: str) -> Path:
    """Return where the shipped folder `name` ("config", "systemd") lies.

    In a wheel that is inside of the package; an editable install has it beside the package, at the root of the
    source, because hatchling's force-include does not apply there.
    """
    package = Path(str(files("inboxd")))
    packed = package / "_data" / name
    return packed if packed.is_dir() else package.parent / name
