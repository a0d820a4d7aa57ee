"""Access tokens for as long as they are wanted: cached, renewed in time, one question at a time."""

import threading
import time
from dataclasses import dataclass, field
from typing import Final

import structlog

from inboxd.oauth import endpoint
from inboxd.oauth.answer import Granted
from inboxd.oauth.refresh_tokens import RefreshToken, RefreshTokens, origin_of
from inboxd.remote.trouble import Trouble, Troubled
from inboxd.settings import OAuth2

log = structlog.get_logger("inboxd.oauth")

# A session is signed in within seconds; five minutes leave room for a slow server and for clocks there that are off.
_EARLY_SECONDS: Final = 300.0
_WAIT_FOR_OTHERS: Final = 0.5
_LONGEST_WAIT: Final = 100.0  # longer than a claim lasts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access:
    token: str = field(repr=False)
    fresh_until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unsaved:
    token: str = field(repr=False)
    instead_of: str = field(repr=False)


class TokenSource:
    """The access tokens of one sign-in. May be shared by threads; holds the newest token in memory alone."""

    def __init__(self, oauth2: OAuth2, refresh_tokens: RefreshTokens) -> None:
        self.oauth2 = oauth2
        self._refresh_tokens = refresh_tokens
        self._lock = threading.Lock()
        self._given = threading.local()
        self._access: _Access | None = None
        self._unsaved: _Unsaved | None = None

    def __repr__(self) -> str:
        return f"TokenSource({self.oauth2.name!r})"

    def access_token(self, *, renewed: bool = False) -> str:
        """Return a token that holds for some minutes; `renewed`: the server has refused the one given last.

        Raises Troubled when none can be had, ConfigurationWrong when a secret's file cannot be read. May take as long
        as the time limits of a question (40 seconds), or two where several nodes renew at once.
        """
        with self._lock:
            self._save_what_was_not()
            refused = getattr(self._given, "token", None) if renewed else None
            # Another thread may have renewed meanwhile: then the refused one is not the one that is here.
            if self._access is None or not _is_fresh(self._access) or (renewed and self._access.token == refused):
                self._access = None
                asked_at = _now()
                granted = self._granted()
                early = min(_EARLY_SECONDS, granted.lasts / 2)
                self._access = _Access(token=granted.access_token, fresh_until=asked_at + granted.lasts - early)
                log.debug("token_obtained", sign_in=self.oauth2.name, seconds=int(granted.lasts))
            self._given.token = self._access.token
            return self._access.token

    def _granted(self) -> Granted:
        if self.oauth2.grant == "client-credentials":
            return endpoint.client_credentials(self.oauth2)
        return self._refreshed()

    def _refreshed(self) -> Granted:
        origin = origin_of(self.oauth2)
        self._begin(origin)
        self._kept(origin)
        self._claim()
        try:
            # Only now: who renewed before us has put a newer one there.
            kept = self._kept(origin)
            granted = endpoint.refresh(self.oauth2, kept.token)
            if granted.refresh_token is not None and granted.refresh_token != kept.token:
                # Committed before anybody sees the access token: from its first use on, the old one may be void.
                self._unsaved = _Unsaved(token=granted.refresh_token, instead_of=kept.token)
                self._save_what_was_not()
            return granted
        finally:
            self._release()

    def _begin(self, origin: str) -> None:
        file = self.oauth2.refresh_token
        if file is not None:
            self._refresh_tokens.begin(self.oauth2.name, RefreshToken(token=file.read(), origin=origin))

    def _kept(self, origin: str) -> RefreshToken:
        kept = self._refresh_tokens.get(self.oauth2.name)
        if kept is None or kept.origin != origin:
            raise Troubled(_nobody_signed_in(self.oauth2, moved=kept is not None))
        return kept

    def _claim(self) -> None:
        deadline = time.monotonic() + _LONGEST_WAIT
        while not self._refresh_tokens.claim(self.oauth2.name):
            if time.monotonic() > deadline:
                raise Troubled(
                    Trouble(
                        kind="temporary",
                        what=f"Another node has been renewing the token of {self.oauth2.name} for too long.",
                        advice="If it lasts, look at the other nodes.",
                    )
                )
            time.sleep(_WAIT_FOR_OTHERS)

    def _release(self) -> None:
        try:
            self._refresh_tokens.release(self.oauth2.name)
        except Troubled as error:
            # The claim ends by itself; what was had with it is worth more than this.
            log.debug("claim_not_released", sign_in=self.oauth2.name, reason=str(error))

    def _save_what_was_not(self) -> None:
        """Keep a newer refresh token; where the store cannot, it stays in memory and the next call tries again."""
        unsaved = self._unsaved
        if unsaved is None:
            return
        kept = self._refresh_tokens.rotate(self.oauth2.name, unsaved.token, instead_of=unsaved.instead_of)
        self._unsaved = None
        log.info("token_rotated", sign_in=self.oauth2.name, kept="this one" if kept else "a newer one")


class TokenSources:
    """One TokenSource for each sign-in, so that a mailbox and the smarthost that share one share its token, too."""

    def __init__(self, refresh_tokens: RefreshTokens) -> None:
        self._refresh_tokens = refresh_tokens
        self._sources: dict[str, TokenSource] = {}
        self._lock = threading.Lock()

    def of(self, oauth2: OAuth2 | None) -> TokenSource | None:
        """Return the source of a sign-in; None for a server that is signed in to by password, or not at all."""
        if oauth2 is None:
            return None
        with self._lock:
            return self._sources.setdefault(oauth2.name, TokenSource(oauth2, self._refresh_tokens))


def token_source(oauth2: OAuth2, refresh_tokens: RefreshTokens) -> TokenSource:
    """Return a source of its own for one sign-in."""
    return TokenSource(oauth2, refresh_tokens)


def _nobody_signed_in(oauth2: OAuth2, *, moved: bool) -> Trouble:
    name = oauth2.name.removeprefix("imap.")
    since = "since its client_id, token_url or refresh_token_file changed" if moved else "yet"
    advice = f"Run inboxd oauth login {name}."
    if oauth2.authorize_url is None:
        advice = f"Name refresh_token_file below oauth2 of {oauth2.name}, or authorize_url and run inboxd oauth login."
    return Trouble(kind="credentials", what=f"Nobody has signed in for {oauth2.name} {since}.", advice=advice)


def _is_fresh(access: _Access) -> bool:
    return _now() < access.fresh_until


def _now() -> float:
    # Seconds since boot, suspension included: no step of the wall clock makes a token older or younger.
    return time.clock_gettime(time.CLOCK_BOOTTIME)
