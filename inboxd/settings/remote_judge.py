"""What is wrong with `imap` and `outgoing` beyond single values: keys that need, exclude or contradict each other."""

from collections.abc import Iterator

from inboxd import addresses
from inboxd.settings import remote_values
from inboxd.yaml_files import entries_at, repeated, text_at, value_at
from rules.mistakes import Mistake
from rules.yaml_source import Document, Loc

_OUTGOING: Loc = ("outgoing",)


def judge_remotes(document: Document) -> Iterator[Mistake]:
    """Find the mistakes of the sections `imap` and `outgoing`."""
    mailboxes = list(entries_at(document, ("imap",)))
    for loc, text, line in repeated(document, ((*at, "name") for at in mailboxes), addresses.ascii_lower):
        yield document.mistake(loc, f'the name "{text}" is taken (line {line}): each mailbox has its own')
    for at in mailboxes:
        yield from _server(document, at)
        yield from _sign_in(document, at, needed=True)
        yield from _folders(document, at)
        yield from _sent(document, at)
        yield from _results(document, at)
    yield from _pulled_twice(document, mailboxes)
    if isinstance(value_at(document, _OUTGOING), dict):
        yield from _server(document, _OUTGOING)
        yield from _sign_in(document, _OUTGOING, needed=False)
        yield from _outgoing(document, mailboxes)


def _server(document: Document, at: Loc) -> Iterator[Mistake]:
    host, tls = text_at(document, (*at, "host")), text_at(document, (*at, "tls"))
    if host is None and text_at(document, (*at, "provider")) is None and isinstance(value_at(document, at), dict):
        yield document.mistake(at, "neither a host nor a provider: add host: the server's name")
    secrets = {"password_file": "the password", "oauth2": "the access token"}
    what = next((words for key, words in secrets.items() if value_at(document, (*at, key)) is not None), None)
    if tls == "none" and what is not None and (host is None or not remote_values.is_loopback(host)):
        yield document.mistake(
            (*at, "tls"), f"without TLS {what} would go over the network in the clear: write implicit or starttls"
        )


def _sign_in(document: Document, at: Loc, *, needed: bool) -> Iterator[Mistake]:
    password, oauth2 = ((*at, key) for key in ("password_file", "oauth2"))
    has_password, has_oauth2 = (value_at(document, loc) is not None for loc in (password, oauth2))
    if has_password and has_oauth2:
        yield document.mistake(oauth2, "password_file and oauth2 exclude each other: delete one of the two", key=True)
    elif needed and not has_password and not has_oauth2 and isinstance(value_at(document, at), dict):
        yield document.mistake(at, "nothing to sign in with: add password_file, or oauth2")
    provider = text_at(document, (*at, "provider"))
    if has_password and provider == "microsoft" and needed:
        yield document.mistake(
            password,
            "Microsoft 365 takes no password over IMAP: write oauth2 (docs/mailbox-microsoft-365.md)",
            key=True,
        )
    if isinstance(value_at(document, oauth2), dict):
        yield from _oauth2(document, oauth2, provider)


def _oauth2(document: Document, at: Loc, provider: str | None) -> Iterator[Mistake]:
    def there(key: str) -> bool:
        return value_at(document, (*at, key)) is not None

    if provider == "microsoft" and not there("tenant") and not (there("token_url") and there("authorize_url")):
        yield document.mistake(
            at, 'the key "tenant" is missing: the Directory (tenant) ID from the application\'s overview page'
        )
    if provider != "microsoft" and there("tenant"):
        yield document.mistake(
            (*at, "tenant"), "a tenant is Microsoft's: add provider: microsoft, or leave tenant out", key=True
        )
    if provider is None and not there("token_url"):
        yield document.mistake(at, 'the key "token_url" is missing: without a provider nothing else says where it is')
    if provider == "google" and not there("client_secret_file"):
        yield document.mistake(
            at, 'the key "client_secret_file" is missing: Google gives every desktop client a secret, and wants it'
        )
    if provider is None and not any(map(there, ("client_secret_file", "refresh_token_file", "authorize_url"))):
        yield document.mistake(
            at,
            "nothing to get a token with: add client_secret_file (client credentials), refresh_token_file, or "
            "authorize_url (and then run inboxd oauth login)",
        )


def _folders(document: Document, at: Loc) -> Iterator[Mistake]:
    for loc, text, line in repeated(document, entries_at(document, (*at, "folders")), _folded):
        yield document.mistake(loc, f'"{text}" is listed twice (line {line}): delete one of the two')
    target = _move_target(document, at)
    if target is not None and target in map(_folded, _folder_names(document, at)):
        yield document.mistake(
            (*at, "after"), "mails would be moved into a folder that is fetched from: name another one to move them to"
        )


def _sent(document: Document, at: Loc) -> Iterator[Mistake]:
    sent = text_at(document, (*at, "sent"))
    if sent is None:
        return
    if _folded(sent) in map(_folded, _folder_names(document, at)):
        yield document.mistake((*at, "sent"), "it is listed in `folders` as well: leave it out there")
    after = text_at(document, (*at, "after")) or "keep"
    if after == "delete" or after.startswith("move:"):
        yield document.mistake(
            (*at, "after"), "with `sent`, what people have sent would go as well: write keep or seen, or leave sent out"
        )


def _results(document: Document, at: Loc) -> Iterator[Mistake]:
    provider = text_at(document, (*at, "provider"))
    if provider is not None and value_at(document, (*at, "authserv_id")) is not None:
        yield document.mistake(
            (*at, "authserv_id"),
            f"provider: {provider} knows where its Authentication-Results stands: leave authserv_id out",
            key=True,
        )


def _pulled_twice(document: Document, mailboxes: list[Loc]) -> Iterator[Mistake]:
    """Two entries that fetch the same folder, or one that moves mails into a folder of another."""
    pulled: dict[tuple[str, str, str], Loc] = {}
    for at in mailboxes:
        for name in _folder_names(document, at):
            earlier = pulled.setdefault((*_account(document, at), _folded(name)), at)
            if earlier != at:
                line = document.mark(earlier)[0]
                yield document.mistake(
                    at, f'the folder "{name}" of this user is fetched already (line {line}): each folder once'
                )
    for at in mailboxes:
        target = _move_target(document, at)
        owner = None if target is None else pulled.get((*_account(document, at), target))
        if owner is not None and owner != at:
            line = document.mark(owner)[0]
            yield document.mistake(
                (*at, "after"),
                f"mails would be moved into a folder that is fetched from (line {line}): name another one",
            )


def _account(document: Document, at: Loc) -> tuple[str, str]:
    host = text_at(document, (*at, "host")) or text_at(document, (*at, "provider")) or ""
    port, user = text_at(document, (*at, "port")) or "", text_at(document, (*at, "user"))
    # Without a user nothing is known to be the same.
    return addresses.ascii_lower(f"{host}:{port}"), str(at) if user is None else addresses.ascii_lower(user)


def _folder_names(document: Document, at: Loc) -> list[str]:
    if value_at(document, (*at, "folders")) is None:
        return ["INBOX"]
    return list(filter(None, (text_at(document, loc) for loc in entries_at(document, (*at, "folders")))))


def _move_target(document: Document, at: Loc) -> str | None:
    after = text_at(document, (*at, "after"))
    return None if after is None or not after.startswith("move:") else _folded(after.removeprefix("move:").strip())


def _folded(folder: str) -> str:
    # RFC 3501 5.1: INBOX is the same in any case; nothing else is.
    return "INBOX" if addresses.ascii_lower(folder) == "inbox" else folder


def _outgoing(document: Document, mailboxes: list[Loc]) -> Iterator[Mistake]:
    user, password, oauth2 = ((*_OUTGOING, key) for key in ("user", "password_file", "oauth2"))
    reference = text_at(document, oauth2)
    if reference is not None and reference.startswith("imap."):
        yield from _reference(document, reference, mailboxes)
    own = value_at(document, password) is not None or isinstance(value_at(document, oauth2), dict)
    if own and value_at(document, user) is None:
        yield document.mistake(_OUTGOING, 'the key "user" is missing: the login name at the server')
    if value_at(document, user) is not None and not own and reference is None:
        yield document.mistake(user, "a user needs something to sign in with: add password_file, or oauth2", key=True)


def _reference(document: Document, reference: str, mailboxes: list[Loc]) -> Iterator[Mistake]:
    at = (*_OUTGOING, "oauth2")
    named = {text_at(document, (*mailbox, "name")): mailbox for mailbox in mailboxes}
    mailbox = named.get(reference.removeprefix("imap."))
    if mailbox is None:
        known = ", ".join(f"imap.{name}" for name in named if name) or "none"
        yield document.mistake(at, f'there is no mailbox "{reference}": name one of those in this file ({known})')
    elif not isinstance(value_at(document, (*mailbox, "oauth2")), dict):
        yield document.mistake(
            at, f"{reference} signs in with a password: write password_file here, too, in place of oauth2"
        )
