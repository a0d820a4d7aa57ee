"""Being somebody else for a moment, in tests that run as root."""

from pathlib import Path


def let_everybody_reach(folder: Path) -> None:
    """Open the way to a folder below pytest's own one, which nobody else may enter (xdist adds a level to it)."""
    for part in (folder, *folder.parents):
        if part.stat().st_mode & 0o055 != 0o055:
            part.chmod(0o755)
