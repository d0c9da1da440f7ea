"""Signing in and out. Session times are machine time: moving a demo clock signs nobody out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import structlog

from tandem.access import audit, passwords, throttle
from tandem.access.identity import SESSION_ABSOLUTE, SESSION_IDLE, Identity, fingerprint, new_token
from tandem.access.store import LoginRow, find_login, identify_session
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import InvalidInput, Unauthenticated
from tandem.kernel.ids import new_id

log = structlog.get_logger("tandem.access")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: its token goes into the cookie and nowhere else."""

    token: str
    identity: Identity


def sign_in(
    db: Database, login: str, password: str, *, address: str | None, agent: str | None, device: str | None = None
) -> SignedIn:
    """Open a session. Raises Throttled, or Unauthenticated in the same words and time for every wrong combination.

    `device`: the browser's id where somebody signed in by this name in it before.
    """
    throttle.count_attempt(db, login, address, device)
    found = find_login(db, login)
    right = passwords.fits(found.password_hash if found else None, password)
    if found is None or not right or not found.active:
        log.info("login.refused", address=address, known=found is not None)
        raise Unauthenticated("wrong_login", "登录名或密码不正确。", "The log-in name or password is not right.")
    token = _open_session(db, found, password, address=address, agent=agent)
    with db.connection("web") as connection:
        throttle.forgive(connection, login, address, device)
    identity = identify_session(db, token)
    if identity is None:  # disabled between the two statements
        raise Unauthenticated("wrong_login", "登录名或密码不正确。", "The log-in name or password is not right.")
    return SignedIn(token, identity)


def open_session(db: Database, tenant_id: UUID, user_id: UUID, *, address: str | None, agent: str | None) -> str:
    """A session for somebody who has proved who they are by another way than a password; returns its token."""
    with db.tx("web", tenant=tenant_id, user=user_id) as tx:
        return _add_session(tx, user_id, address=address, agent=agent)


def _add_session(tx: Tx, user_id: UUID, *, address: str | None, agent: str | None) -> str:
    _sweep(tx)
    token, session_id = new_token(), new_id()
    tx.execute(
        """
        insert into staff_session (id, tenant_id, user_id, token_hash, created_at, last_seen_at, expires_at, address, agent)
        values (%(id)s, %(tenant)s, %(user)s, %(token)s, now(), now(), now() + %(absolute)s, %(address)s, %(agent)s)
        """,
        {
            "id": session_id,
            "tenant": tx.tenant_id,
            "user": user_id,
            "token": fingerprint(token),
            "absolute": SESSION_ABSOLUTE,
            "address": address,
            "agent": (agent or "")[:200],
        },
    )
    audit.record(tx, "session.opened", "staff_session", session_id)
    return token


def _open_session(db: Database, found: LoginRow, password: str, *, address: str | None, agent: str | None) -> str:
    with db.tx("web", tenant=found.tenant_id, user=found.user_id) as tx:
        token = _add_session(tx, found.user_id, address=address, agent=agent)
        renewed = passwords.hash_password(password) if passwords.outdated(found.password_hash) else None
        tx.execute(
            """
            update staff_user set last_seen_at = now(), password_hash = coalesce(%(hash)s, password_hash)
            where tenant_id = %(tenant)s and id = %(user)s
            """,
            {"tenant": tx.tenant_id, "user": found.user_id, "hash": renewed},
        )
    return token


def _sweep(tx: Tx) -> None:
    tx.execute(
        "delete from staff_session where tenant_id = %(tenant)s and (expires_at < now() or last_seen_at < now() - %(idle)s)",
        {"tenant": tx.tenant_id, "idle": SESSION_IDLE},
    )


def sign_out(tx: Tx, token: str) -> None:
    """End the session of this token, if it is one of this tenant's."""
    ended: UUID | None = tx.value(
        "delete from staff_session where tenant_id = %(tenant)s and token_hash = %(token)s returning id",
        {"tenant": tx.tenant_id, "token": fingerprint(token)},
    )
    if ended is not None:
        audit.record(tx, "session.closed", "staff_session", ended)


def end_session(db: Database, token: str) -> None:
    """End the session of this token in whichever tenant it is; one that is no session, or no longer, is let be."""
    identity = identify_session(db, token, touch=False)
    if identity is not None:
        with db.tx("web", tenant=identity.tenant_id, user=identity.user_id) as tx:
            sign_out(tx, token)


def end_sessions(tx: Tx, user_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of a person at once, except perhaps the one that asks; returns how many ended."""
    return tx.execute(
        "delete from staff_session where tenant_id = %(tenant)s and user_id = %(user)s and id is distinct from %(but)s",
        {"tenant": tx.tenant_id, "user": user_id, "but": but},
    )


def change_own_password(tx: Tx, identity: Identity, *, old: str, new: str) -> None:
    """Set a new password after proving the old one; every other session of the person ends.

    Raises InvalidInput for a wrong old or an unfit new password.
    """
    stored: str | None = tx.value(
        "select password_hash from staff_user where tenant_id = %(tenant)s and id = %(user)s",
        {"tenant": tx.tenant_id, "user": identity.user_id},
    )
    if not passwords.fits(stored, old):
        raise InvalidInput("wrong_password", "原密码不正确。", "The old password is not right.")
    set_password(tx, identity.user_id, new, keep=identity.session_id)


def set_password(tx: Tx, user_id: UUID, password: str, *, keep: UUID | None = None) -> None:
    """Store a new password, end the person's sessions (but `keep`) and leave a trace without the password."""
    tx.execute(
        "update staff_user set password_hash = %(hash)s where tenant_id = %(tenant)s and id = %(user)s",
        {"tenant": tx.tenant_id, "user": user_id, "hash": passwords.hash_password(password)},
    )
    end_sessions(tx, user_id, but=keep)
    audit.record(tx, "user.password_changed", "staff_user", user_id)


def change_own_profile(tx: Tx, identity: Identity, *, name: str | None, language: str | None) -> None:
    """Change one's own name or language, where not None."""
    before = {"name": identity.name, "language": identity.language}
    after = {"name": name or identity.name, "language": language or identity.language}
    old, new = audit.changes(before, after)
    if not new:
        return
    tx.execute(
        """
        update staff_user set name = coalesce(%(name)s, name), language = coalesce(%(language)s, language)
        where tenant_id = %(tenant)s and id = %(user)s
        """,
        {"tenant": tx.tenant_id, "user": identity.user_id, "name": name, "language": language},
    )
    audit.record(tx, "user.changed", "staff_user", identity.user_id, old, new)
