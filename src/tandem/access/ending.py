"""Taking every way in from somebody who left: sessions, keys, and the password of whom nothing else keeps out."""

from __future__ import annotations

from uuid import UUID

from tandem.access import audit
from tandem.access.passwords import NO_PASSWORD
from tandem.access.sessions import end_sessions
from tandem.access.staff import lock_staff, require_admin
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict


def end_access(tx: Tx, user_id: UUID, why: str) -> bool:
    """Disable a person at once: sessions end, API keys are revoked, nothing they hold lets anybody in again.

    The last active administrator stays one, so that the company can be helped from the command line, but signed out and without a
    password. Returns whether the person was disabled.
    """
    lock_staff(tx)
    params = {"tenant": tx.tenant_id, "user": user_id, "none": NO_PASSWORD}
    ended = end_sessions(tx, user_id)
    keys = tx.execute(
        "update api_key set revoked_at = now() where tenant_id = %(tenant)s and created_by = %(user)s and revoked_at is null",
        params,
    )
    tx.execute("update staff_user set active = false where tenant_id = %(tenant)s and id = %(user)s", params)
    try:
        require_admin(tx)
        disabled = True
    except Conflict:
        disabled = False
        tx.execute(
            "update staff_user set active = true, password_hash = %(none)s where tenant_id = %(tenant)s and id = %(user)s",
            params,
        )
    told = {"why": why, "sessions": ended, "api_keys": keys, "disabled": disabled}
    audit.record(tx, "user.access_ended", "staff_user", user_id, None, told)
    return disabled
