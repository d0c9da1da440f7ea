"""The look-ups that happen before a tenant is known: the only ones that cross tenants.

They call the security-definer functions of `lookups`, each of which gives back at most the one row that the secret opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import class_row

from tandem.access.identity import SESSION_IDLE, Identity, IdentityRow, fingerprint, identity_of
from tandem.kernel.db import Database

# A session's last use is written at most this often, so that reading pages does not write rows.
TOUCH_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class LoginRow:
    """The one account a typed log-in name belongs to."""

    tenant_id: UUID
    user_id: UUID
    password_hash: str
    active: bool


def find_login(db: Database, login: str) -> LoginRow | None:
    """The account of a log-in name, in whichever tenant it is."""
    with db.connection("web") as connection, connection.cursor(row_factory=class_row(LoginRow)) as cursor:
        return cursor.execute("select * from access_login(%s)", (login,)).fetchone()


def identify_session(db: Database, token: str, *, touch: bool = True) -> Identity | None:
    """Who holds this session token; None when it is unknown, expired, idle too long, or its person was disabled.

    `touch` counts this as use; a page that merely stays open does not keep a session from going idle.
    """
    with db.connection("web") as connection, connection.cursor(row_factory=class_row(IdentityRow)) as cursor:
        row = cursor.execute("select * from access_session(%s, %s)", (fingerprint(token), SESSION_IDLE)).fetchone()
    if row is None:
        return None
    identity = identity_of(row, by_key=False)
    if not touch:
        return identity
    _touch(
        db,
        identity,
        row.touched_at,
        "update staff_session set last_seen_at = now() where tenant_id = %(tenant)s and id = %(id)s",
    )
    return identity


def identify_key(db: Database, key: str) -> Identity | None:
    """Who holds this API key; None when it is unknown, expired, revoked, or its maker was disabled."""
    with db.connection("web") as connection, connection.cursor(row_factory=class_row(IdentityRow)) as cursor:
        row = cursor.execute("select * from access_key(%s)", (fingerprint(key),)).fetchone()
    if row is None:
        return None
    identity = identity_of(row, by_key=True)
    _touch(
        db,
        identity,
        row.touched_at,
        "update api_key set last_used_at = now() where tenant_id = %(tenant)s and id = %(id)s",
    )
    return identity


def _touch(db: Database, identity: Identity, touched_at: datetime | None, statement: str) -> None:
    now = datetime.now(touched_at.tzinfo) if touched_at else None
    if touched_at is not None and now is not None and now - touched_at < TOUCH_EVERY:
        return
    with db.tx("web", tenant=identity.tenant_id, user=identity.user_id) as tx:
        tx.execute(statement, {"tenant": identity.tenant_id, "id": identity.session_id or identity.api_key_id})
