"""What the file names in inboxd.yaml mean: relative to the file, or a credential."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inboxd.settings.paths import absolute
from inboxd.settings.secret import Place, SecretFile
from rules.yaml_source import Document, Loc

# `LoadCredential=inboxd:/etc/inboxd/credentials` of our unit: each file of a folder comes as ID_FILE (systemd.exec(5)).
_OF_A_FOLDER = "inboxd_"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNames:
    """Resolves the names in one configuration file, which lies in `folder`."""

    document: Document
    folder: Path
    environment: Mapping[str, str]

    def path(self, text: str) -> Path:
        """Resolve a path."""
        return absolute(self.folder / text)

    def file_path(self, text: str) -> Path:
        """Resolve a `…_file`: a bare name is a systemd credential, or a file in `credentials/`."""
        if "/" in text:
            return self.path(text)
        credentials = self.environment.get("CREDENTIALS_DIRECTORY")
        for name in (text, _OF_A_FOLDER + text):
            if credentials and (Path(credentials) / name).exists():
                return Path(credentials) / name
        return self._beside(text)

    def secret(self, text: str, at: Loc, *, key: str | None = None) -> SecretFile:
        """Resolve a `…_file` that holds a secret; `key` names it in mistakes where `at` would count entries."""
        path = self.file_path(text)
        copied = path.name != Path(text).name
        return SecretFile(
            key=key or ".".join(map(str, at)),
            path=path,
            place=self.place(at),
            original=self._beside(text) if copied else None,
        )

    def _beside(self, text: str) -> Path:
        return self.folder / "credentials" / text

    def place(self, at: Loc) -> Place:
        """Return where the value at `at` stands."""
        line, column = self.document.mark(at)
        return Place(file=self.document.name, line=line, column=column)
