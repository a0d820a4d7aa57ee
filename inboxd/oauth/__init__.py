"""Access tokens for mail servers by OAuth 2.0 (RFC 6749): had, kept fresh, and every refusal said in words."""

from inboxd.oauth.refresh_tokens import RefreshToken, RefreshTokens
from inboxd.oauth.source import TokenSource, TokenSources, token_source

__all__ = ["RefreshToken", "RefreshTokens", "TokenSource", "TokenSources", "token_source"]
