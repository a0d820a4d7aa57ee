"""The paths below the public address that the provider asks; nothing else answers there."""

from typing import Final

ROOT: Final = "/twilio/"
VOICE: Final = "/twilio/voice"
RECORDED: Final = "/twilio/recorded"
RECORDING: Final = "/twilio/recording"
STATUS: Final = "/twilio/status"
PAGE: Final = "/twilio/page/"
SMS: Final = "/twilio/sms"
