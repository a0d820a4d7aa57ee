"""What inboxd writes by itself: templates in YAML files, with places for what a mail is about."""

from inboxd.templates.load import load
from inboxd.templates.named import missing
from inboxd.templates.placeholders import PLACEHOLDERS
from inboxd.templates.template import LANGUAGE, Templates, Text, Words, Written

__all__ = ["LANGUAGE", "PLACEHOLDERS", "Templates", "Text", "Words", "Written", "load", "missing"]
