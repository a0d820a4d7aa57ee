"""The phone: webhooks of the provider in, what callers hear out, and a poller for what webhooks missed."""
