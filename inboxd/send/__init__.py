"""Carrying out what the outbox holds: mail by the smarthost, calls, text messages and webhooks by their carriers."""

from inboxd.send.carrier import Begin, Carrier, Later, Never
from inboxd.send.story import SendStory

__all__ = ["Begin", "Carrier", "Later", "Never", "SendStory"]
