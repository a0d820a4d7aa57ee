"""Where a desk's files lie when the configuration does not say."""

import os
from pathlib import Path

DEFAULT_CONFIGURATION = Path("/etc/inboxd/inboxd.yaml")
STATE_FOLDER = Path("/var/lib/inboxd")
RUNTIME_FOLDER = Path("/run/inboxd")


def absolute(path: Path) -> Path:
    """Return the path from the root without `..`.

    Symbolic links stay: paths are relative to where a file was named, not to where a link of it points.
    """
    return Path(os.path.normpath(path.absolute()))


def below_etc(path: Path) -> bool:
    """Say whether a file or folder lies in /etc: then a desk's state lies in /var/lib and /run, not beside it."""
    return absolute(path).is_relative_to("/etc")


def state_folder(configuration: Path) -> Path:
    """Return the folder of the store that belongs to a configuration file, where that file does not name it."""
    return STATE_FOLDER if below_etc(configuration) else absolute(configuration).parent


def runtime_folder(configuration: Path) -> Path:
    """Return the folder of the control socket of a desk whose store lies on a database server."""
    return RUNTIME_FOLDER if below_etc(configuration) else absolute(configuration).parent
