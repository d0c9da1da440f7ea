"""Signing in, and oneself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, StringConstraints

from tandem.access import audit, sessions, throttle
from tandem.access.devices import known_device, remember_device
from tandem.access.http import (
    Access,
    cookie_name,
    csrf_of_request,
    database_of,
    home_cookie_name,
    home_token,
    known_permissions,
    public,
    session_token,
    signed_in,
)
from tandem.access.identity import SESSION_ABSOLUTE, Identity, csrf_of
from tandem.access.permissions import REACH, expand
from tandem.access.shapes import Body, Name
from tandem.kernel.db import Database
from tandem.kernel.errors import Forbidden

router = APIRouter(tags=["access"])

Self = Annotated[Access, Depends(signed_in())]
Password = Annotated[str, StringConstraints(max_length=1000)]


class Credentials(Body):
    """What a person types to sign in."""

    login: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    password: Password


class MeUser(BaseModel):
    """The person."""

    id: UUID
    login: str
    name: str


class MeTenant(BaseModel):
    """The company, with what formats need."""

    id: UUID
    name: str
    zone: str
    currency: str
    demo: bool
    trial: bool


class MeScope(BaseModel):
    """How far the person sees at most; single permissions may reach less far."""

    kind: Literal["all", "region", "store", "own"]
    store_ids: list[UUID]


class Me(BaseModel):
    """Who is working, for whom, and what they may do."""

    user: MeUser
    tenant: MeTenant
    permissions: list[str]
    scope: MeScope
    csrf: str
    business_now: datetime
    language: str


class OwnProfile(Body):
    """What people may change about themselves."""

    name: Name | None = None
    language: Literal["zh", "en"] | None = None


class OwnPassword(Body):
    """The old password proves who asks."""

    old: Password
    new: Password


@router.post("/session", dependencies=[Depends(public("the log-in form is where a session begins"))])
def sign_in(request: Request, response: Response, body: Credentials) -> Me:
    """Open a session and set its cookie. A session the browser brought along ends: its token is never taken over."""
    _refuse_foreign_form(request)
    db = database_of(request)
    address = audit.origin().address
    name = f"login:{body.login.lower()}"
    signed = sessions.sign_in(
        db, body.login, body.password, address=address, agent=request.headers.get("user-agent"), device=known_device(request, name)
    )  # fmt: skip
    remember_device(request, response, name)
    old = session_token(request)
    if old:
        sessions.end_session(db, old)
    _forget_home(request, response, db)
    secure = bool(request.app.state.settings.secure_cookies)
    response.set_cookie(
        cookie_name(secure=secure),
        signed.token,
        max_age=int(SESSION_ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return _me(request, db, signed.identity, csrf_of(signed.token))


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, access: Self) -> None:
    """End the session this request came with."""
    token = session_token(request)
    if token:
        with access.tx() as tx:
            sessions.sign_out(tx, token)
    _forget_home(request, response, access.db)
    secure = bool(request.app.state.settings.secure_cookies)
    response.delete_cookie(cookie_name(secure=secure), path="/", httponly=True, samesite="lax", secure=secure)


@router.get("/me")
def me(request: Request, access: Self) -> Me:
    """Who is signed in."""
    return _me(request, access.db, access.identity, csrf_of_request(request))


@router.patch("/me")
def change_me(request: Request, access: Self, body: OwnProfile) -> Me:
    """Change one's own name or language."""
    with access.tx() as tx:
        sessions.change_own_profile(tx, access.identity, name=body.name, language=body.language)
    changed = replace(
        access.identity,
        name=body.name or access.identity.name,
        language=body.language or access.identity.language,
    )
    return _me(request, access.db, changed, csrf_of_request(request))


@router.post("/me/password", status_code=204)
def change_password(access: Self, body: OwnPassword) -> None:
    """Change one's own password; all other sessions end. Guessing the old one is throttled like the log-in."""
    # Counted for her session alone: strangers who guess at her name from her network keep her from nothing.
    name, address, way = (
        access.identity.login,
        audit.origin().address,
        str(access.identity.session_id or access.identity.api_key_id),
    )
    throttle.count_attempt(access.db, name, address, way)
    with access.tx() as tx:
        sessions.change_own_password(tx, access.identity, old=body.old, new=body.new)
        throttle.forgive(tx.conn, name, address, way)


def _forget_home(request: Request, response: Response, db: Database) -> None:
    """End the session that a browser left behind when it entered a trial: whoever sits here next must not come back into it."""
    home = home_token(request)
    if home is None:
        return
    sessions.end_session(db, home)
    secure = bool(request.app.state.settings.secure_cookies)
    response.delete_cookie(home_cookie_name(secure=secure), path="/", httponly=True, samesite="lax", secure=secure)


def _refuse_foreign_form(request: Request) -> None:
    # Before a session there is no CSRF token; browsers say where a request comes from instead.
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("foreign_form", "只能从 Tandem 的页面登录。", "Sign in from Tandem's own page.")


def _me(request: Request, db: Database, identity: Identity, csrf: str) -> Me:
    with db.tx("web", tenant=identity.tenant_id, user=identity.user_id) as tx:
        tenant: dict[str, Any] = tx.dicts(
            "select id, name, zone, currency, demo, trial_of is not null as trial from tenant where id = %(tenant)s",
            {"tenant": tx.tenant_id},
        )[0]
        now = tx.now
    kind = max((grant.scope for grant in identity.grants), key=REACH.index, default="own")
    stores = {store for grant in identity.grants for store in grant.store_ids}
    return Me(
        user=MeUser(id=identity.user_id, login=identity.login, name=identity.name),
        tenant=MeTenant(**tenant),
        permissions=expand(identity.held(), known_permissions(request)),
        scope=MeScope.model_validate({"kind": kind, "store_ids": sorted(stores)}),
        csrf=csrf,
        business_now=now,
        language=identity.language,
    )
