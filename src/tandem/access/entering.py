"""Opening a session for somebody whom another place vouches for, in the browser that asked: whatever session it had ends."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response

from tandem.access import audit
from tandem.access.http import cookie_name, database_of, home_cookie_name, home_token, session_token
from tandem.access.identity import SESSION_ABSOLUTE, Identity, csrf_of
from tandem.access.sessions import end_session, open_session
from tandem.access.store import identify_session


@dataclass(frozen=True, slots=True)
class Entered:
    """Who is signed in now, and the token that her unsafe requests carry."""

    identity: Identity
    csrf: str


def enter(request: Request, response: Response, tenant_id: UUID, user_id: UUID) -> Entered | None:
    """Sign somebody in; None where she may not (any more). Sessions that the browser brought along are ended, not taken over."""
    db = database_of(request)
    agent = request.headers.get("user-agent")
    token = open_session(db, tenant_id, user_id, address=audit.origin().address, agent=agent)
    identity = identify_session(db, token)
    if identity is None:
        return None
    secure = bool(request.app.state.settings.secure_cookies)
    for old in (session_token(request), home_token(request)):
        if old:
            end_session(db, old)
    response.delete_cookie(home_cookie_name(secure=secure), path="/", httponly=True, samesite="lax", secure=secure)
    response.set_cookie(
        cookie_name(secure=secure), token, max_age=int(SESSION_ABSOLUTE.total_seconds()), path="/", httponly=True, samesite="lax", secure=secure
    )  # fmt: skip
    return Entered(identity, csrf_of(token))
