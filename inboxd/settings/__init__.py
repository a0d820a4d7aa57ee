"""The configuration of a desk: `find` the file, `load` it, hand the frozen result to whoever needs a part."""

from inboxd.settings.load import find, load
from inboxd.settings.paths import below_etc, state_folder
from inboxd.settings.secret import Place, SecretFile
from inboxd.settings.sections import (
    After,
    Control,
    Desk,
    Dns,
    Http,
    Log,
    LogFormat,
    LogLevel,
    Settings,
    Smtp,
    Speech,
    StaffMember,
    StoreSettings,
    Tls,
    Workers,
)
from inboxd.settings.values import Endpoint

__all__ = [
    "After",
    "Control",
    "Desk",
    "Dns",
    "Endpoint",
    "Http",
    "Log",
    "LogFormat",
    "LogLevel",
    "Mailbox",
    "OAuth2",
    "Outgoing",
    "Place",
    "Provider",
    "SecretFile",
    "Settings",
    "Smtp",
    "Speech",
    "StaffMember",
    "Start",
    "StoreSettings",
    "Tls",
    "TlsMode",
    "Workers",
    "below_etc",
    "find",
    "load",
    "state_folder",
]
