"""The store's schema."""

from collections.abc import Iterator

from inboxd.errors import ConfigurationWrong
from inboxd.preflight.finding import Finding
from inboxd.settings import Settings


def store(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """Look at the store's schema, reading only; `running`: our own daemon has it open, so it is this version's."""
    place = str(settings.store.sqlite_path or settings.store.url)
    if running:
        yield Finding(level="ok", what="the running daemon has it open", place=place)
        return
    from store.errors import StoreError, StoreMissing, StoreNewer, StoreOlder
    from store.file_access import refusal
    from store.open import Store

    try:
        Store.open(settings.store.connection_url(), role="reader").close()
    except StoreMissing:
        yield Finding(level="warning", what="there is no store yet; `inboxd run` will make one", place=place)
    except (StoreOlder, StoreNewer) as error:
        yield Finding(level="wrong", what=str(error), place=place)
    except StoreError as error:
        yield Finding(level="failed", what=str(error), place=place)
    except ConfigurationWrong:
        return  # the password file, which stands among the secrets
    else:
        yield Finding(level="ok", what="the store's schema is this version's", place=place)
        path = settings.store.sqlite_path
        if path is not None and (refused := refusal(path, write=True)) is not None:
            yield Finding(level="failed", what=f"the store's file {refused}", place=place)
