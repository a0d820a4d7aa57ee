"""The phone provider: looked at directly or, where its token is not for this user, by the daemon."""

from collections.abc import Iterator

from inboxd.control.client import connect
from inboxd.errors import ConfigurationWrong, InboxdError
from inboxd.preflight.finding import Finding, wrong
from inboxd.preflight.private_files import not_for_us
from inboxd.settings import Settings
from rules.mistakes import MistakesFound
from rules.ruleset import Line


def phone(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """Look at phone systems that mail, and at the provider, if there is one."""
    for each in settings.voicemail_mail:
        # Only who has one pays for what reading its mails takes to import.
        from inboxd.mail_story.voicemail_mail import systems

        try:
            systems((each,))
        except ConfigurationWrong as error:
            yield from wrong(error, str(each.patterns))
        else:
            how = "by its machines" if each.networks else "where DKIM or SPF proves it"
            yield Finding(level="ok", what=f"its mails are calls to {each.line}, {how}", place=each.sender)
    if settings.twilio is None:
        return
    try:
        yield from (
            _asked_of_daemon(settings)
            if running and not_for_us(settings.twilio.auth_token)
            else _directly(settings, running=running)
        )
    except ConfigurationWrong:
        return  # the token's file, which stands among the secrets
    except InboxdError as error:
        yield Finding(level="failed", what=str(error), place="twilio")


def _asked_of_daemon(settings: Settings) -> Iterator[Finding]:
    daemon = connect(settings.control.socket)
    for each in daemon.call("phone.look", {}) if daemon is not None else ():
        yield Finding(level=each["level"], what=each["what"], place=each["place"])


def _directly(settings: Settings, *, running: bool) -> Iterator[Finding]:
    # Only who has a provider pays for what its client takes to import.
    from inboxd.phone.look import look
    from inboxd.phone_api import PhoneApi

    assert settings.twilio is not None
    public_url = settings.http.public_url if settings.http is not None else None
    api, lines = PhoneApi(settings.twilio), _lines(settings)
    for level, what, place in look(api, settings.twilio, lines, public_url=public_url, running=running):
        yield Finding(level=level, what=what, place=place)


def _lines(settings: Settings) -> tuple[Line, ...]:
    from rules.load import load

    if settings.rules is None:
        return ()
    try:
        return load(settings.rules, zone=settings.desk.zone.key).lines
    except MistakesFound:
        return ()  # said already
