"""`imap` and `outgoing` turned into settings: defaults, presets of providers, paths."""

from dataclasses import dataclass

from inboxd import addresses
from inboxd.settings.file_names import FileNames
from inboxd.settings.form import SettingsForm
from inboxd.settings.providers import PRESETS, Server
from inboxd.settings.remote_form import ImapForm, OAuth2Form, OutgoingForm
from inboxd.settings.sections import Mailbox, OAuth2, Outgoing, Provider, TlsMode
from rules.yaml_source import Loc

_IMAP_PORTS: dict[TlsMode, int] = {"implicit": 993, "starttls": 143, "none": 143}


def build_mailboxes(form: SettingsForm, files: FileNames) -> tuple[Mailbox, ...]:
    """Return the mailboxes to fetch from."""
    shared = form.outgoing.oauth2 if form.outgoing else None
    return tuple(
        _mailbox(mailbox, ("imap", index), files, sends=shared == f"imap.{mailbox.name}")
        for index, mailbox in enumerate(form.imap)
    )


def _mailbox(form: ImapForm, at: Loc, files: FileNames, *, sends: bool) -> Mailbox:
    preset = PRESETS[form.provider].imap if form.provider else None
    tls, name = form.tls or (preset.tls if preset else "implicit"), f"imap.{form.name}"
    scope_for = _Scopes(imap=True, smtp=sends)
    return Mailbox(
        name=form.name,
        provider=form.provider,
        host=_host(form.host, preset),
        port=_port(form.port, tls, preset) or _IMAP_PORTS[tls],
        tls=tls,
        ca_file=files.file_path(form.ca_file) if form.ca_file else None,
        user=form.user,
        password=files.secret(form.password_file, (*at, "password_file"), key=f"{name}.password_file")
        if form.password_file
        else None,
        oauth2=_oauth2(form.oauth2, form.provider, name, (*at, "oauth2"), files, scope_for) if form.oauth2 else None,
        address=form.address or _as_address(form.user),
        folders=(*form.folders, *([form.sent] if form.sent is not None else [])),
        sent=form.sent,
        after=form.after,
        start=form.start,
        authserv_id=form.authserv_id,
        max_size=form.max_size,
    )


def build_outgoing(form: OutgoingForm, mailboxes: tuple[Mailbox, ...], files: FileNames) -> Outgoing:
    """Return the smarthost; its sign-in may be that of one of `mailboxes`."""
    preset = PRESETS[form.provider].smtp if form.provider else None
    tls = form.tls or (preset.tls if preset else "starttls")
    user, oauth2 = form.user, None
    if isinstance(form.oauth2, str):
        # `judge` has seen that there is such a mailbox.
        mailbox = next(mailbox for mailbox in mailboxes if form.oauth2 == f"imap.{mailbox.name}")
        user, oauth2 = user or mailbox.user, mailbox.oauth2
    elif form.oauth2 is not None:
        scope_for = _Scopes(imap=False, smtp=True)
        oauth2 = _oauth2(form.oauth2, form.provider, "outgoing", ("outgoing", "oauth2"), files, scope_for)
    # RFC 6409 3.1 and RFC 8314 7.3: mail is handed in with a sign-in at 587, or 465 with TLS from the start.
    usual = 465 if tls == "implicit" else 587 if user else 25
    return Outgoing(
        provider=form.provider,
        host=_host(form.host, preset),
        port=_port(form.port, tls, preset) or usual,
        tls=tls,
        ca_file=files.file_path(form.ca_file) if form.ca_file else None,
        user=user,
        password=files.secret(form.password_file, ("outgoing", "password_file")) if form.password_file else None,
        oauth2=oauth2,
        from_address=form.from_,
        envelope=form.envelope or "null",
        mode=form.mode,
        undo_seconds=form.undo_seconds,
        most_an_hour=form.most_an_hour,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scopes:
    """What a token will be used for."""

    imap: bool
    smtp: bool


def _oauth2(
    form: OAuth2Form, provider: Provider | None, name: str, at: Loc, files: FileNames, scope_for: _Scopes
) -> OAuth2:
    preset = PRESETS[provider] if provider else None
    tenant = form.tenant or ""
    token_url = form.token_url or (preset.token_url.format(tenant=tenant) if preset else "")
    app_scope, login_scope = form.scope, form.scope
    if preset is not None:
        parts = [preset.imap_scope] if scope_for.imap else []
        parts += [preset.smtp_scope] if scope_for.smtp else []
        login_scope = form.scope or " ".join(filter(None, dict.fromkeys([*parts, preset.login_scope])))
        app_scope = form.scope or preset.app_scope
    authorize_url = form.authorize_url or (preset.authorize_url.format(tenant=tenant) if preset else None)
    # Where a person's sign-in is named, by its page or its token, no application signs in by itself.
    person = form.authorize_url or form.refresh_token_file or (preset is not None and preset.app_scope is None)
    return OAuth2(
        name=name,
        provider=provider,
        grant="client-credentials" if form.client_secret_file and not person else "refresh-token",
        token_url=token_url,
        authorize_url=authorize_url,
        client_id=form.client_id,
        client_secret=files.secret(
            form.client_secret_file, (*at, "client_secret_file"), key=_key(name, "client_secret_file")
        )
        if form.client_secret_file
        else None,
        refresh_token=files.secret(
            form.refresh_token_file, (*at, "refresh_token_file"), key=_key(name, "refresh_token_file")
        )
        if form.refresh_token_file
        else None,
        scope=app_scope or "",
        login_scope=login_scope or "",
        ca_file=files.file_path(form.ca_file) if form.ca_file else None,
    )


def _key(name: str, key: str) -> str:
    return f"{name}.oauth2.{key}"


def _host(named: str | None, preset: Server | None) -> str:
    # `judge` refuses a section with neither.
    return named or (preset.host if preset else "")


def _port(named: int | None, tls: TlsMode, preset: Server | None) -> int | None:
    # The provider's port goes with the provider's way of TLS.
    return named or (preset.port if preset and preset.tls == tls else None)


def _as_address(user: str) -> str | None:
    return None if addresses.problem(user, dotless=True) else addresses.shown(user)
