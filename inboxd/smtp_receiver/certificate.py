"""The certificate for STARTTLS, read again when its files change."""

import os
import ssl
from pathlib import Path

import structlog

# What tells a replaced file from the old one: time, size, inode.
_Look = tuple[tuple[int, int, int], tuple[int, int, int]]


class Certificate:
    """A TLS context that follows two files, as renewal tools replace them.

    When the new files cannot be used (one is not written yet, they do not match), the old certificate stays.
    """

    def __init__(
        self, certificate_file: Path, key_file: Path | None, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        """Raise OSError (ssl.SSLError is one) when the files cannot be used."""
        self._certificate_file = certificate_file
        self._key_file = key_file or certificate_file
        self._log = log
        self._loaded = self._look()
        self._unusable: _Look | None = None
        self._context = self._load()

    def context(self) -> ssl.SSLContext:
        """Give the context for a new handshake."""
        look: _Look | None = None
        try:
            look = self._look()
            if look != self._loaded:
                self._context = self._load()
                self._loaded = look
                self._log.info("certificate_loaded", file=str(self._certificate_file))
        except OSError as error:
            # Tried again at each handshake, said once for each state of the files.
            if look is None or look != self._unusable:
                self._log.error("certificate_unusable", file=str(self._certificate_file), error=str(error))
            self._unusable = look
        return self._context

    def _look(self) -> _Look:
        first, second = (os.stat(file) for file in (self._certificate_file, self._key_file))  # noqa: PTH116
        return (
            (first.st_mtime_ns, first.st_size, first.st_ino),
            (second.st_mtime_ns, second.st_size, second.st_ino),
        )

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # A key with a passphrase would make OpenSSL ask the terminal, for ever in a daemon: an empty answer
        # fails.
        context.load_cert_chain(self._certificate_file, self._key_file, password=lambda: b"")
        return context
