"""inboxd.yaml found, read, and turned into settings."""

import os
import socket
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inboxd.errors import ConfigurationWrong
from inboxd.settings import sections, values
from inboxd.settings.file_names import FileNames
from inboxd.settings.form import SettingsForm, SmtpForm, StoreForm, TemplatesForm
from inboxd.settings.judge import judge
from inboxd.settings.paths import DEFAULT_CONFIGURATION, absolute, runtime_folder, state_folder
from inboxd.settings.phone_form import TwilioForm
from inboxd.settings.remote_load import build_mailboxes, build_outgoing
from inboxd.yaml_files import not_for_us, read_form

_TWILIO_API = "https://api.twilio.com"
_HOW_TO_MAKE_ONE = "make one with `inboxd init DIR`, or name yours with -c FILE or $INBOXD_CONFIG"


def find(explicit: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the configuration file: the one named, else `$INBOXD_CONFIG`, else /etc/inboxd/inboxd.yaml.

    Raises ConfigurationWrong when there is no file.
    """
    name = explicit or environment.get("INBOXD_CONFIG") or str(DEFAULT_CONFIGURATION)
    path = Path(name)
    try:
        mode = path.stat().st_mode
    except PermissionError as error:
        raise ConfigurationWrong(not_for_us("configuration", path)) from error
    except OSError as error:
        raise ConfigurationWrong(f"there is no configuration file {name}: {_HOW_TO_MAKE_ONE}") from error
    if stat.S_ISDIR(mode):
        raise ConfigurationWrong(f"{name} is a folder: name the file in it, like {path / 'inboxd.yaml'}")
    return path


def load(path: Path, environment: Mapping[str, str] = os.environ) -> sections.Settings:
    """Read the configuration file; all paths of the result are absolute.

    Opens no other file and reads no secret, so that commands of people who may not read those work, too.
    Raises ConfigurationWrong with every mistake of the file.
    """
    form, document = read_form(SettingsForm, path, "configuration", judge)
    files = FileNames(document=document, folder=absolute(path).parent, environment=environment)
    return _Builder(form=form, path=absolute(path), files=files).build()


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Resolves what the form leaves open: paths relative to the file, and defaults that depend on others."""

    form: SettingsForm
    path: Path
    files: FileNames

    def build(self) -> sections.Settings:
        form = self.form
        store = self._store(form.store)
        mailboxes = build_mailboxes(form, self.files)
        return sections.Settings(
            path=self.path,
            desk=sections.Desk(zone=form.desk.zone or values.system_zone()),
            store=store,
            smtp=self._smtp(form.smtp) if form.smtp else None,
            http=sections.Http(listen=form.http.listen, public_url=form.http.public_url) if form.http else None,
            imap=mailboxes,
            outgoing=build_outgoing(form.outgoing, mailboxes, self.files) if form.outgoing else None,
            twilio=self._twilio(form.twilio) if form.twilio else None,
            voicemail_mail=tuple(
                sections.VoicemailMail(
                    sender=each.from_,
                    networks=tuple(each.networks),
                    line=each.line,
                    lines=dict(each.lines),
                    patterns=self.files.path(each.patterns) if each.patterns else None,
                )
                for each in form.voicemail_mail
            ),
            speech=sections.Speech(
                engine=form.speech.engine, model=self.files.path(form.speech.model) if form.speech.model else None
            ),
            dns=sections.Dns(nameservers=tuple(form.dns.nameservers) if form.dns else ()),
            authentication=sections.Authentication(
                trusted_relays=tuple(form.authentication.trusted_relays),
                trusted_authserv_ids=tuple(form.authentication.trusted_authserv_ids),
                trusted_arc_sealers=tuple(form.authentication.trusted_arc_sealers),
                trusted_filter=form.authentication.trusted_filter,
            ),
            staff=tuple(
                sections.StaffMember(
                    name=member.name,
                    login=member.login,
                    addresses=tuple(member.addresses),
                    queues=tuple(member.queues),
                    notify=member.notify,
                )
                for member in form.staff
            ),
            templates=self._templates(form.templates),
            log=sections.Log(format=form.log.format, level=form.log.level),
            control=sections.Control(socket=self._socket(store)),
            workers=sections.Workers(mail=form.workers.mail or min(8, max(2, os.cpu_count() or 1))),
            rules=self.files.path(form.rules) if form.rules else None,
            accounts=self.files.path(form.accounts) if form.accounts else None,
            limits=sections.Limits(
                same_subject=form.limits.same_subject, sender=form.limits.sender, domain=form.limits.domain
            ),
            canary=sections.Canary(
                every=form.canary.every_seconds, limit=form.canary.limit_seconds, page=form.canary.page
            )
            if form.canary
            else None,
        )

    def _store(self, form: StoreForm) -> sections.StoreSettings:
        url = form.url or f"sqlite:///{state_folder(self.path) / 'inboxd.db'}"
        if url.startswith("sqlite:"):
            url = f"sqlite:///{self.files.path(url.removeprefix('sqlite:///'))}"
        password_file = form.password_file
        return sections.StoreSettings(
            url=url,
            password_file=self.files.secret(password_file, ("store", "password_file")) if password_file else None,
            blobs=self.files.path(form.blobs) if form.blobs else None,
        )

    def _smtp(self, form: SmtpForm) -> sections.Smtp:
        return sections.Smtp(
            listen=form.listen,
            hostname=form.hostname or socket.gethostname().lower(),
            recipients=tuple(form.recipients),
            max_size=form.max_size,
            tls=self._tls(form),
        )

    def _twilio(self, form: TwilioForm) -> sections.Twilio:
        return sections.Twilio(
            account_sid=form.account_sid,
            auth_token=self.files.secret(form.auth_token_file, ("twilio", "auth_token_file")),
            api_url=form.api_url or _TWILIO_API,
            recordings=form.recordings,
            longest=form.longest,
            max_size=form.max_size,
            fallback_url=form.fallback_url,
            page_from=form.page_from,
            language=form.language,
            voice=form.voice,
        )

    def _templates(self, form: TemplatesForm) -> sections.TemplateSettings:
        desks = sections.Voice(name=form.name or "", signature=form.signature or "")
        queues = {
            each.queue: sections.Voice(
                name=desks.name if each.name is None else each.name,
                signature=desks.signature if each.signature is None else each.signature,
                address=each.from_,
            )
            for each in form.queues
        }
        folder = self.files.path(form.folder) if form.folder else None
        return sections.TemplateSettings(
            folder=folder, language=form.language, reference=form.reference, voice=desks, queues=queues
        )

    def _tls(self, form: SmtpForm) -> sections.Tls | None:
        if form.certificate_file is None or form.key_file is None:
            return None  # `judge` refuses the one without the other
        return sections.Tls(
            certificate_file=self.files.file_path(form.certificate_file),
            certificate_place=self.files.place(("smtp", "certificate_file")),
            key=self.files.secret(form.key_file, ("smtp", "key_file")),
        )

    def _socket(self, store: sections.StoreSettings) -> Path:
        named = self.form.control.socket
        if named is not None:
            return self.files.path(named)
        if store.sqlite_path is not None:
            return store.sqlite_path.parent / "control.sock"
        return runtime_folder(self.path) / "control.sock"
