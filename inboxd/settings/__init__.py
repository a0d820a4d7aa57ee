"""The configuration of a desk: `find` the file, `load` it, hand the frozen result to whoever needs a part."""

from inboxd.settings.load import find, load
from inboxd.settings.paths import below_etc, state_folder
from inboxd.settings.secret import Place, SecretFile
from inboxd.settings.sections import (
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
    "Control",
    "Desk",
    "Dns",
    "Endpoint",
    "Http",
    "Log",
    "LogFormat",
    "LogLevel",
    "Place",
    "SecretFile",
    "Settings",
    "Smtp",
    "Speech",
    "StaffMember",
    "StoreSettings",
    "Tls",
    "Workers",
    "below_etc",
    "find",
    "load",
    "state_folder",
]
