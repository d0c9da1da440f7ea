"""How an adviser signs in inside of WeCom: its page says who she is, and whom that means here was written down before.

The way there and the way back must be the same browser's: a random state stands in the address and, as a cookie, in the browser. Whoever
is sent an address with a stranger's code has no such cookie.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from tandem.access import audit
from tandem.access.devices import known_device, network_of, party_of, remember_device
from tandem.access.entering import enter
from tandem.access.http import database_of, public
from tandem.domains.contact.gateway import GatewayFailure, gateway_of
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.sidebar import shapes as s
from tandem.domains.contact.sidebar.binding import signs_in_as
from tandem.kernel.db import Database
from tandem.kernel.errors import NotFound, Unauthenticated, Unavailable
from tandem.kernel.settings import settings
from tandem.stream.sources.accounts import Accounts
from tandem.stream.sources.connector import Account
from tandem.stream.sources.guests import guests
from tandem.stream.sources.limits import Limit

router: Final = APIRouter(tags=["sidebar"])
STATE: Final = "tandem_sidebar_state"
STATE_SECONDS: Final = 600
PER_ADDRESS: Final = Limit(240, 120)
"""A whole office opens chats from one address; a sign-in takes two calls."""
GUESTS: Final = guests()
_ACCOUNTS: Final = Accounts()
_OPEN: Final = "an adviser opens this inside of WeCom before she has a session; WeCom's own sign-in says who she is"


def _account(db: Database, account_id: UUID, request: Request) -> Account:
    address, device = audit.origin().address, known_device(request, f"account:{account_id}")
    if device is None:  # who came in before does not share what strangers at her address use up
        PER_ADDRESS.spend(party_of(address))
    found = _ACCOUNTS.get(db, account_id)
    if found is None or found.status != "active" or gateway_of(found.connector) is None:
        raise NotFound("no_such_account", "没有这个企业微信账号。", "There is no such account with friends.")
    # Of an account there is: ids that somebody makes up would push out what is remembered of him.
    GUESTS.spend(account_id, network_of(address), device)
    return found


@router.get("/sidebar/entry/{account_id}", dependencies=[Depends(public(_OPEN))], status_code=302)
def enter_sidebar(request: Request, account_id: UUID) -> RedirectResponse:
    """Send the adviser to the platform's page, which sends her back to the sidebar's own and nowhere else."""
    account = _account(database_of(request), account_id, request)
    home = settings().public_url
    gateway = gateway_of(account.connector)
    if home is None or gateway is None:
        raise Unavailable(
            "no_public_url",
            "请先设置 TANDEM_PUBLIC_URL。",
            "Set TANDEM_PUBLIC_URL first: WeCom must know where to send people.",
        )
    state = secrets.token_urlsafe(24)
    answer = RedirectResponse(
        gateway.sign_in_url(account.config, f"{home.rstrip('/')}/sidebar/{account_id}", state), 302
    )
    answer.set_cookie(
        STATE, state, max_age=STATE_SECONDS, path="/v1/sidebar", httponly=True, samesite="lax", secure=_secure(request)
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@router.post("/sidebar/session", dependencies=[Depends(public(_OPEN))])
def sign_in_to_sidebar(request: Request, response: Response, given: Annotated[s.SignInCode, ...]) -> s.SignedInAs:
    """Open a session for whoever the platform says it is. Raises Unauthenticated, in one sentence for whatever is wrong."""
    db = database_of(request)
    sent = request.cookies.get(STATE, "")
    account = _account(db, given.account_id, request)
    if not sent or not hmac.compare_digest(sent.encode(errors="replace"), given.state.encode(errors="replace")):
        raise _refused()
    user = _whom(db, account, given.code)
    entered = enter(request, response, account.tenant_id, user)
    if entered is None:
        raise _refused()
    remember_device(request, response, f"account:{account.id}")
    response.delete_cookie(STATE, path="/v1/sidebar", httponly=True, samesite="lax", secure=_secure(request))
    return s.SignedInAs(name=entered.identity.name, csrf=entered.csrf)


def _whom(db: Database, account: Account, code: str) -> UUID:
    try:
        with line_of(db, account.tenant_id, account.id) as line:
            member = line.member_of(code)
    except GatewayFailure as failure:
        if failure.why == "refused":
            raise _refused() from failure
        raise Unavailable("wecom_silent", "企业微信没有应答，请重试。", "WeCom did not answer; try again.") from failure
    with db.tx("web", tenant=account.tenant_id) as tx:
        user = signs_in_as(tx, account.id, member) if member else None
    if user is None:
        raise Unauthenticated(
            "adviser_not_bound",
            "您的企业微信账号还没有绑定同事账号，请联系管理员。",
            "Your WeCom account is nobody's here yet; ask an administrator to bind it.",
        )
    return user


def _secure(request: Request) -> bool:
    return bool(request.app.state.settings.secure_cookies)


def _refused() -> Unauthenticated:
    return Unauthenticated(
        "sign_in_refused", "登录没有成功，请从企业微信重新打开。", "Signing in failed; open it from WeCom again."
    )
