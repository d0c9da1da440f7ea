"""Routes of trials: which trades there are, open one, go in and come back, empty it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from tandem.access import audit, sessions
from tandem.access.http import Access, allowed, cookie_name, home_cookie_name, home_token, session_token, signed_in
from tandem.access.identity import SESSION_ABSOLUTE
from tandem.access.paging import Cursor, Limit, Page, page_in_memory
from tandem.access.shapes import Body, Label
from tandem.access.store import identify_session
from tandem.demo.trial import service
from tandem.demo.trial.trades import TRADES
from tandem.kernel.errors import Conflict

router = APIRouter(tags=["trials"])
Owner = Annotated[Access, Depends(allowed("trial.write"))]
Signed = Annotated[Access, Depends(signed_in())]


class TradeOut(BaseModel):
    """A trade one can try, with what its sample year holds."""

    code: str
    label: Label
    company: str
    customers: int
    products: list[str]
    segments: list[str]


class TrialOut(BaseModel):
    """A trial. `done` of `records` says how far opening or emptying has come; `seconds`: how long opening took."""

    id: UUID
    trade: str
    label: Label
    name: str
    status: Literal["opening", "ready", "failed", "emptying"]
    customers: int
    records: int
    done: int
    opened_at: datetime
    seconds: int | None
    problem: Label | None


class NewTrial(Body):
    """A trade's code; `customers` where not as many as the trade suggests."""

    trade: Annotated[str, StringConstraints(max_length=50)]
    customers: Annotated[int, Field(ge=service.CUSTOMERS_MIN, le=service.CUSTOMERS_MAX)] | None = None


class TypedName(Body):
    """The trial's name, typed by who wants it gone."""

    name: Annotated[str, StringConstraints(max_length=200)]


@router.get("/trial-trades")
def trial_trades(access: Owner, cursor: Cursor = None, limit: Limit = 50) -> Page[TradeOut]:
    """The trades one can try."""
    del access
    shown, following = page_in_memory(list(TRADES.values()), cursor, limit, "code")
    items = [
        TradeOut(
            code=one.code,
            label=Label(zh=one.label.zh, en=one.label.en),
            company=one.company,
            customers=one.customers,
            products=[ware.name for ware in one.wares],
            segments=[name for name, _ in one.segments],
        )
        for one in shown
    ]
    return Page(items=items, next=following)


@router.get("/trials")
def list_trials(access: Owner, cursor: Cursor = None, limit: Limit = 50) -> Page[TrialOut]:
    """The company's trials, newest first; ten at most."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.listed(tx), cursor, limit, "id")
    return Page(items=[_out(row) for row in rows], next=following)


@router.post("/trials", status_code=201)
def open_trial(access: Owner, body: NewTrial) -> TrialOut:
    """Open a trial: a tenant of its own with a made-up year behind it, ready within about a minute."""
    with access.tx() as tx:
        return _out(service.get(tx, service.request(tx, body.trade, body.customers)))


@router.post("/trials/{trial_id}/empty", status_code=202)
def empty_trial(access: Owner, trial_id: UUID, body: TypedName) -> TrialOut:
    """Take a trial away with everything in it. It asks for the trial's name."""
    with access.tx() as tx:
        service.empty(tx, trial_id, body.name)
        return _out(service.get(tx, trial_id))


@router.post("/trials/{trial_id}/enter", status_code=204)
def enter_trial(request: Request, response: Response, access: Owner, trial_id: UUID) -> None:
    """Go in: this browser works in the trial until it leaves. The way back is kept."""
    home = session_token(request)
    if home is None:
        raise Conflict("no_session", "请用浏览器登录后进入。", "Entering a trial needs a browser's session.")
    with access.tx() as tx:
        trial = service.get(tx, trial_id)
        audit.record(tx, "trial.entered", "trial", trial_id, None, {"name": trial.name})
    token = service.enter(
        access.db,
        access.identity,
        trial,
        address=audit.origin().address,
        agent=request.headers.get("user-agent"),
    )
    _set(request, response, _home_name(request), home)
    _set(request, response, cookie_name(secure=_secure(request)), token)


@router.post("/trials/leave", status_code=204)
def leave_trial(request: Request, response: Response, access: Signed) -> None:
    """Come back to where this browser came from; the trial's session ends. Raises Conflict where the way back has expired."""
    home = home_token(request)
    if home is None or not _came_from(access, home):
        raise Conflict("no_way_back", "原来的登录已过期，请重新登录。", "Your own session has expired; sign in again.")
    token = session_token(request)
    if token is not None:
        with access.tx() as tx:
            sessions.sign_out(tx, token)
    _set(request, response, cookie_name(secure=_secure(request)), home)
    response.delete_cookie(_home_name(request), path="/", httponly=True, samesite="lax", secure=_secure(request))


def _came_from(access: Access, home: str) -> bool:
    """Whether this is a living session of the person who works here, in the company that opened this trial."""
    before = identify_session(access.db, home)
    if before is None or access.identity.login != service.login_inside(before.login, access.tenant_id):
        return False
    with access.tx() as tx:
        host = tx.value("select trial_of from tenant where id = %(tenant)s", {"tenant": tx.tenant_id})
    return host == before.tenant_id


def _secure(request: Request) -> bool:
    return bool(request.app.state.settings.secure_cookies)


def _home_name(request: Request) -> str:
    return home_cookie_name(secure=_secure(request))


def _set(request: Request, response: Response, name: str, token: str) -> None:
    response.set_cookie(
        name,
        token,
        max_age=int(SESSION_ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=_secure(request),
    )


def _out(row: service.TrialRow) -> TrialOut:
    trade = TRADES.get(row.trade)
    label = Label(zh=row.trade, en=row.trade) if trade is None else Label(zh=trade.label.zh, en=trade.label.en)
    took = None if row.ready_at is None else round((row.ready_at - row.opened_at).total_seconds())
    return TrialOut(
        id=row.id,
        trade=row.trade,
        label=label,
        name=row.name,
        status=row.status,  # pyright: ignore[reportArgumentType] - one of four, the table's check says so
        customers=row.customers,
        records=row.records,
        done=row.done,
        opened_at=row.opened_at,
        seconds=took,
        problem=None if row.problem is None else Label(**row.problem),
    )
