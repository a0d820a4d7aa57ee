"""Refresh tokens of OAuth 2.0: one for each sign-in, the newest; and which process renews it."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, select, update

from store.claimant import is_gone, this_host
from store.clock import lease_now, now_ms
from store.schema import oauth_tokens
from store.sql import insert_or_ignore, insert_or_update


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthToken:
    """A refresh token. `origin` is a digest of what it descends from; `obtained_at` in epoch milliseconds."""

    name: str
    refresh_token: str = field(repr=False)
    origin: str
    obtained_at: int


def get(txn: Connection, name: str) -> OAuthToken | None:
    """Give the newest refresh token of a sign-in, None where there is none."""
    columns = (oauth_tokens.c[key] for key in ("name", "refresh_token", "origin", "obtained_at"))
    row = txn.execute(select(*columns).where(oauth_tokens.c.name == name)).mappings().first()
    return None if row is None else OAuthToken(**row)


def keep(txn: Connection, name: str, refresh_token: str, *, origin: str) -> None:
    """Keep a refresh token of a new line, whatever stood there."""
    row = {"name": name, "refresh_token": refresh_token, "origin": origin, "obtained_at": now_ms()}
    txn.execute(
        insert_or_update(txn, oauth_tokens, row, keys=["name"], change=["refresh_token", "origin", "obtained_at"])
    )


def begin(txn: Connection, name: str, refresh_token: str, *, origin: str) -> None:
    """Keep the first refresh token of a line; one of the same origin that is there already is newer, and stays."""
    row = {"name": name, "refresh_token": refresh_token, "origin": origin, "obtained_at": now_ms()}
    if txn.execute(insert_or_ignore(txn, oauth_tokens, "name"), row).first() is not None:
        return
    txn.execute(update(oauth_tokens).where(oauth_tokens.c.name == name, oauth_tokens.c.origin != origin).values(**row))


def rotate(txn: Connection, name: str, refresh_token: str, *, instead_of: str) -> bool:
    """Keep a newer refresh token in place of the one that it was had for. False: another stands there, and stays."""
    done = txn.execute(
        update(oauth_tokens)
        .where(oauth_tokens.c.name == name, oauth_tokens.c.refresh_token == instead_of)
        .values(refresh_token=refresh_token, obtained_at=now_ms())
    )
    return done.rowcount == 1


def claim(txn: Connection, name: str, claimant: str, *, seconds: int) -> bool:
    """Take the right to renew, for so long at most. False: another has it, or there is no such sign-in."""
    clock, now = lease_now(txn.dialect.name)
    table = oauth_tokens.c
    # A lease of another clock (an earlier boot) has ended.
    ended = or_(table.lease_clock != clock, table.lease_until <= now)
    free = or_(table.claimant.is_(None), table.claimant == claimant, ended)
    # Who was killed in the middle of it holds up nobody of this machine.
    holder = txn.scalar(select(table.claimant).where(table.name == name))
    if holder is not None and holder.partition(":")[0] == this_host() and is_gone(holder):
        free = or_(free, table.claimant == holder)
    done = txn.execute(
        update(oauth_tokens)
        .where(table.name == name, free)
        .values(claimant=claimant, lease_clock=clock, lease_until=now + seconds * 1000)
    )
    return done.rowcount == 1


def release(txn: Connection, name: str, claimant: str) -> None:
    """Give the right to renew back."""
    table = oauth_tokens.c
    txn.execute(
        update(oauth_tokens)
        .where(table.name == name, table.claimant == claimant)
        .values(claimant=None, lease_clock=None, lease_until=None)
    )
