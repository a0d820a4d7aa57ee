"""A phone provider on loopback that speaks the true API, calls webhooks with true signatures, and can misbehave."""

from tests.harness.phone_provider.callers import Caller, Delivery, sign
from tests.harness.phone_provider.description import Description
from tests.harness.phone_provider.provider import Provider
from tests.harness.phone_provider.state import ACCOUNT, TOKEN, State

__all__ = ["ACCOUNT", "TOKEN", "Caller", "Delivery", "Description", "Provider", "State", "sign"]
