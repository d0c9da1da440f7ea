"""Routes by which people sign in through the directory; public, limited by address and by account."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints

from tandem.access import audit
from tandem.access.devices import known_device, network_of, party_of, remember_device
from tandem.access.entering import enter
from tandem.access.http import database_of, public
from tandem.access.shapes import Label
from tandem.domains.directory import shapes as s
from tandem.domains.directory import signing_in
from tandem.domains.directory.gateway import staff_gateway
from tandem.kernel.errors import Forbidden
from tandem.stream.sources.accounts import Accounts
from tandem.stream.sources.connector import Account
from tandem.stream.sources.guests import guests
from tandem.stream.sources.limits import Limit

router: Final = APIRouter(tags=["sign-in"])
COOKIE: Final = "tandem_sign_in"
PATH: Final = "/v1/sign-in"
PER_ADDRESS: Final = Limit(240, 120)
"""A whole office signs in from one address on Monday morning; a sign-in takes two or three calls, and a code cannot be guessed."""
GUESTS: Final = guests()
_ACCOUNTS: Final = Accounts()
_OPEN: Final = "people open this before they have a session; the company's own directory says who they are"
Company = Annotated[
    str,
    Query(
        max_length=64,
        description="The company's code, as the address or the page before named it; heard where this browser knows her",
    ),
]
Next = Annotated[str | None, Query(max_length=300, description="Where to go afterwards, within the application")]
Chosen = Annotated[str, StringConstraints(min_length=1, max_length=200)]


@router.get("/sign-in", dependencies=[Depends(public(_OPEN))])
def list_sign_ins(request: Request, company: Company = "") -> s.SignInsOut:
    """The buttons of the log-in page: those of the only company here, or of the one named where this browser was signed in to it before."""
    PER_ADDRESS.spend(party_of(audit.origin().address))
    db, named = database_of(request), (company or _subdomain(request)).lower()
    # Which companies are here is nobody's to find out by their codes: only a browser in which somebody of hers signed in hears of one.
    found = signing_in.offers(db, named) if named and known_device(request, f"company:{named}") else []
    found = found or signing_in.offers(db, "")
    return s.SignInsOut(
        ways=[
            s.SignInWay(account_id=one.account_id, connector=one.connector, label=_label(one.connector), company=one.name, simulated=one.simulated)
            for one in found
        ]
    )  # fmt: skip


@router.get("/sign-in/{account_id}/begin", dependencies=[Depends(public(_OPEN))], status_code=302)
def begin_sign_in(request: Request, account_id: UUID, next: Next = None, *, inside: bool = False) -> RedirectResponse:  # noqa: A002
    """Send the browser to the platform's page, which sends it back to our own and nowhere else."""
    db = database_of(request)
    account = _account(request, account_id)
    address, secret = signing_in.begin(db, account, next_path=next, inside=inside)
    answer = RedirectResponse(address, 302)
    answer.set_cookie(
        COOKIE, secret, max_age=int(signing_in.GOOD_FOR.total_seconds()), path=PATH, httponly=True, samesite="lax", secure=_secure(request)
    )  # fmt: skip
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/sign-in/session", dependencies=[Depends(public(_OPEN))])
def finish_sign_in(request: Request, response: Response, given: s.SignInAnswer) -> s.SignedInOut:
    """Open a session for whoever the platform says it is."""
    _refuse_foreign(request)
    db = database_of(request)
    account = _account(request, given.account_id)
    browser = request.cookies.get(COOKIE, "")
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax", secure=_secure(request))
    arrived = signing_in.finish(db, account, state=given.state, code=given.code, browser=browser)
    entered = enter(request, response, account.tenant_id, arrived.user_id)
    if entered is None:
        raise signing_in.refused()
    with db.tx("web", tenant=account.tenant_id) as tx:
        company: str = tx.value("select lower(code) from tenant where id = %(tenant)s", {"tenant": tx.tenant_id})
    remember_device(request, response, f"account:{account.id}", f"company:{company}")
    return s.SignedInOut(name=entered.identity.name, csrf=entered.csrf, next=arrived.next)


@router.get("/sign-in/{account_id}/members", dependencies=[Depends(public(_OPEN))])
def list_simulated_members(request: Request, account_id: UUID) -> s.SimulatedMembers:
    """Whom one can be in a demo's simulated company; a real company's members are nobody's to see here."""
    db = database_of(request)
    account = _simulated(request, account_id)
    with db.tx("web", tenant=account.tenant_id) as tx:
        found = signing_in.simulated_members(tx, account.id)
    return s.SimulatedMembers(members=[s.SimulatedMember(member=one.member, name=one.name) for one in found])


@router.post("/sign-in/{account_id}/members/{member}/code", dependencies=[Depends(public(_OPEN))])
def take_simulated_code(request: Request, account_id: UUID, member: Chosen) -> s.SimulatedCode:
    """The code that a demo's simulated company gives one of its members."""
    _refuse_foreign(request)
    return s.SimulatedCode(code=signing_in.code_as(_simulated(request, account_id), member))


def _account(request: Request, account_id: UUID) -> Account:
    address, db = audit.origin().address, database_of(request)
    device = known_device(request, f"account:{account_id}")
    if device is None:  # who came in before does not share what strangers at her address use up
        PER_ADDRESS.spend(party_of(address))
    found = _ACCOUNTS.get(db, account_id)
    if found is None or found.status != "active" or staff_gateway(found.connector) is None:
        raise signing_in.refused()
    # Of an account there is: ids that somebody makes up would push out what is remembered of him.
    GUESTS.spend(account_id, network_of(address), device)
    with db.tx("web", tenant=found.tenant_id) as tx:
        offered = tx.value(
            """
            select 1 from directory_account as a join tenant as t on t.id = %(tenant)s
            where a.tenant_id = %(tenant)s and a.account_id = %(account)s and a.sign_in and (t.demo or not %(simulated)s)
            """,
            {"tenant": tx.tenant_id, "account": account_id, "simulated": bool(found.config.get("simulated"))},
        )
    if offered is None:
        raise signing_in.refused()
    return found


def _simulated(request: Request, account_id: UUID) -> Account:
    found = _account(request, account_id)
    if not found.config.get("simulated"):
        raise signing_in.refused()
    return found


def _subdomain(request: Request) -> str:
    """The first label of the host that was asked: a hint which buttons to show, and nothing more."""
    name = (request.url.hostname or "").split(".")
    return name[0] if len(name) > 2 and not name[-1].isdigit() else ""


def _label(connector: str) -> Label:
    gateway = staff_gateway(connector)
    return Label(zh=connector, en=connector) if gateway is None else Label(zh=gateway.label.zh, en=gateway.label.en)


def _refuse_foreign(request: Request) -> None:
    # Before a session there is no CSRF token; browsers say where a request comes from instead.
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("foreign_form", "只能从 Tandem 的页面登录。", "Sign in from Tandem's own page.")


def _secure(request: Request) -> bool:
    return bool(request.app.state.settings.secure_cookies)
