"""The gate of every route: `Depends(allowed("customer.read"))` gives an `Access`, or refuses before the handler runs.

    @router.get("/customers")
    def list_customers(access: Annotated[Access, Depends(allowed("customer.read"))]) -> Page[CustomerLine]:
        with access.tx() as tx:
            ...

Each route has exactly one of `allowed(permission)`, `signed_in()` (any signed-in person: their own session, the palette) or
`public(reason)`; tests/architecture fails on a route with none. Rooms write their paths without `/v1`, which `tandem.web` adds, and
give their router one tag: the operation id is `<tag>_<function name>`. Handlers are plain `def`.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from uuid import UUID

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tandem.access.audit import origin
from tandem.access.budget import spend
from tandem.access.idempotency import Claim, mark
from tandem.access.identity import KEY_PREFIX, Identity, csrf_fits, csrf_of
from tandem.access.permissions import Grant, Permission, called
from tandem.access.privacy import Privacy, privacy_of
from tandem.access.store import identify_key, identify_session
from tandem.kernel.db import Database, Scope, Tx
from tandem.kernel.errors import Forbidden, TandemError, Throttled, Unauthenticated
from tandem.kernel.settings import Role

CSRF_HEADER: Final = "X-CSRF-Token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_COOKIE = "tandem_session"


@dataclass(frozen=True, slots=True)
class Access:
    """A caller who may use this route. `scope` is how far the route's permission reaches for them."""

    db: Database
    identity: Identity
    scope: Scope
    permission: str | None
    claim: Claim | None = None
    """The idempotency key that this request holds."""

    @property
    def tenant_id(self) -> UUID:
        """The caller's tenant."""
        return self.identity.tenant_id

    @property
    def user_id(self) -> UUID:
        """The person, or the maker of the API key."""
        return self.identity.user_id

    @property
    def privacy(self) -> frozenset[Privacy]:
        """The classes of data that the caller may see."""
        return privacy_of(self.identity)

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The caller's role assignments."""
        return self.identity.grants

    @contextmanager
    def tx(self, role: Role = "web") -> Generator[Tx]:
        """One transaction with this caller's tenant, person and scope; commits when the block ends without an error."""
        with self.db.tx(role, tenant=self.tenant_id, user=self.user_id, scope=self.scope) as tx:
            yield tx
            if self.claim is not None:
                mark(tx, self.claim)

    def may(self, permission: str) -> bool:
        """Whether the caller also holds another permission, anywhere."""
        return self.identity.reach(permission) is not None

    def narrowed(self, permission: str) -> Access | None:
        """The same caller as far as another permission reaches, or None where they do not hold it."""
        scope = self.identity.reach(permission)
        return None if scope is None else replace(self, scope=scope, permission=permission)

    def require(self, permission: str) -> None:
        """Raise Forbidden unless the caller also holds `permission`."""
        if not self.may(permission):
            raise forbidden(permission)


class Allowed:
    """The dependency that `allowed` makes. `permission` None asks for nothing but a valid session or key."""

    def __init__(self, permission: str | None) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Access:
        """Raises Unauthenticated, or Forbidden for a missing permission or CSRF token."""
        identity = identity_of_request(request)
        db, claim = database_of(request), getattr(request.state, "idempotency", None)
        if self.permission is None:
            return Access(db, identity, Scope("own"), None, claim)
        scope = identity.reach(self.permission)
        if scope is None:
            raise forbidden(self.permission)
        return Access(db, identity, scope, self.permission, claim)


class Public:
    """The dependency that `public` makes: it lets everybody pass and says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __call__(self) -> None:
        """Nothing to check."""


def allowed(permission: str) -> Allowed:
    """The dependency of a route that needs `permission`."""
    return Allowed(permission)


def signed_in() -> Allowed:
    """The dependency of a route that serves whoever is signed in, about themselves or about nothing private."""
    return Allowed(None)


def public(reason: str) -> Public:
    """Mark a route open to everybody, with the reason: `dependencies=[Depends(public("..."))]`."""
    return Public(reason)


def shown_once(request: Request) -> None:
    """A dependency of routes whose answer shows a secret or a personal value: it is kept for no repeat of the request.

    Who asks again under the same `Idempotency-Key` is told that it was done.
    """
    request.state.shown_once = True


@dataclass(frozen=True, slots=True)
class RouteGuard:
    """How a route is guarded: a permission name, "signed-in", or "public" with its reason."""

    permission: str
    reason: str | None = None


def route_permission(route: APIRoute) -> RouteGuard | None:
    """Read a route's guard from its dependencies; None means that somebody forgot it."""
    return guard_of(route.dependant)


def guard_of(dependant: Dependant) -> RouteGuard | None:
    """The guard among a handler's dependencies, however deep."""
    for call in _calls(dependant):
        if isinstance(call, Allowed):
            return RouteGuard(call.permission or "signed-in")
        if isinstance(call, Public):
            return RouteGuard("public", call.reason)
    return None


def _calls(dependant: Dependant) -> list[Any]:
    found: list[Any] = []
    for one in dependant.dependencies:
        found.append(one.call)
        found.extend(_calls(one))
    return found


def database_of(request: Request) -> Database:
    """The process's database, put on the application by `tandem.web`."""
    return cast("Database", request.app.state.db)


def permission_list(request: Request) -> tuple[Permission, ...]:
    """Every permission the assembled rooms know, put on the application by `tandem.web`."""
    return cast("tuple[Permission, ...]", request.app.state.permissions)


def known_permissions(request: Request) -> tuple[str, ...]:
    """The names in `permission_list`."""
    return tuple(one.name for one in permission_list(request))


def cookie_name(*, secure: bool) -> str:
    """The session cookie's name; with TLS the `__Host-` prefix keeps sibling domains from planting one."""
    return f"__Host-{_COOKIE}" if secure else _COOKIE


def session_token(request: Request) -> str | None:
    """The session token the browser sent, if any."""
    return request.cookies.get(cookie_name(secure=bool(request.app.state.settings.secure_cookies)))


def home_cookie_name(*, secure: bool) -> str:
    """The cookie that keeps a browser's own session while it works in a trial."""
    return f"{cookie_name(secure=secure)}_home"


def home_token(request: Request) -> str | None:
    """The token of the session that the browser left behind when it entered a trial, if it did."""
    return request.cookies.get(home_cookie_name(secure=bool(request.app.state.settings.secure_cookies)))


def csrf_of_request(request: Request) -> str:
    """The CSRF token to send with unsafe requests; empty for an API key, which needs none."""
    token = session_token(request)
    return csrf_of(token) if token else ""


def identity_of_request(request: Request) -> Identity:
    """Who sends this request, looked up once per request.

    An API key in `Authorization` wins over a cookie and needs no CSRF token, since no browser sends it by itself.
    Raises Unauthenticated, or Forbidden where an unsafe request with a cookie lacks its CSRF token.
    """
    known: Identity | None = getattr(request.state, "identity", None)
    if known is None:
        known = _authenticate(request)
        request.state.identity = known
        origin().api_key_id = known.api_key_id
        origin().privacy = privacy_of(known)
    return known


def _authenticate(request: Request, *, touch: bool = True) -> Identity:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credential.startswith(KEY_PREFIX):
        program = _required(identify_key(database_of(request), credential))
        if touch:
            _spend(request, program)
        return program
    token = session_token(request)
    if not token:
        raise unauthenticated()
    identity = _required(identify_session(database_of(request), token, touch=touch))
    if request.method not in SAFE_METHODS and not csrf_fits(token, request.headers.get(CSRF_HEADER, "")):
        raise Forbidden(
            "csrf",
            "请求缺少有效的 CSRF 令牌，请刷新页面后再试。",
            "The request lacks a valid CSRF token; reload the page and try again.",
        )
    return identity


def _spend(request: Request, program: Identity) -> None:
    if program.api_key_id is None:
        return
    budget = spend(database_of(request), program, program.api_key_id)
    request.state.budget = budget
    if budget.is_refused:
        raise Throttled(
            "rate_limited",
            "请求过于频繁，请稍后再试。",
            "Too many requests for this key; wait and try again.",
            retry_after_seconds=budget.retry_after_seconds,
        )


def identity_still_valid(request: Request) -> bool:
    """Whether the caller of a long answer is still signed in, looked up anew."""
    try:
        fresh = _authenticate(request, touch=False)
    except TandemError:
        return False
    known: Identity = request.state.identity
    return fresh.grants == known.grants


def _required(identity: Identity | None) -> Identity:
    if identity is None:
        raise unauthenticated()
    return identity


def unauthenticated() -> Unauthenticated:
    """The one answer to every missing, unknown, expired or revoked credential."""
    return Unauthenticated("not_signed_in", "请先登录。", "Please sign in.")


def forbidden(permission: str) -> Forbidden:
    """The answer to a missing permission; names it as the settings do, so that an administrator knows what to grant."""
    right = called(permission)
    return Forbidden(
        "forbidden",
        f"您没有执行此操作的权限（{right.zh}）。",
        f"You lack the permission for this ({right.en}).",
    )


def error_body(error: TandemError, request_id: str) -> dict[str, Any]:
    """The one shape of an error answer; `id` is the request's, for support."""
    return {
        "error": {
            "code": error.code,
            "message": {"zh": error.zh, "en": error.en},
            "details": [{"where": one.where, "what": {"zh": one.what_zh, "en": one.what_en}} for one in error.details],
            "id": request_id,
        },
    }
