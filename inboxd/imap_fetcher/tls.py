"""TLS as a client: certificates are always verified, and mailboxes that trust the same share what that takes."""

import functools
import ssl
from pathlib import Path


def context(ca_file: Path | None) -> ssl.SSLContext:
    """Give the context that trusts `ca_file` alone, or what this machine trusts. OSError when it cannot be read.

    A context with the machine's authorities holds most of a megabyte, so there is one for all; a changed file makes a
    new one.
    """
    return _context(ca_file, None if ca_file is None else ca_file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=16)
def _context(ca_file: Path | None, _changed_at: int | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
