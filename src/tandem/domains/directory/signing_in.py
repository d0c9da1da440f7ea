"""Signing in by the directory: a state that one browser may use once, a code that is good once, and whom the platform then names.

The browser holds a secret of its own in a cookie. Its hash stands with the state, so that an answer which another browser brings is
nobody's; and it is the verifier of the code (RFC 7636) where the platform checks one. Nothing is decided by a GET.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from tandem.access import audit
from tandem.domains.directory.gateway import DirectoryFailure, Entry, staff_gateway
from tandem.domains.directory.lines import line_of
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import InvalidInput, Unauthenticated, Unavailable
from tandem.kernel.settings import settings
from tandem.stream.sources.connector import Account

log = structlog.get_logger("tandem.access")
GOOD_FOR: Final = timedelta(minutes=10)
CODES_KEPT: Final = timedelta(days=1)
_LOCAL: Final = re.compile(r"/(?:[A-Za-z0-9_\-.~%?=&#][A-Za-z0-9_\-.~%?=&#/]*)?")
HOME: Final = "/home"


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to sign in, as the log-in page shows it."""

    tenant_id: UUID
    account_id: UUID
    connector: str
    name: str
    simulated: bool


def offers(db: Database, company: str) -> list[Offer]:
    """The directories of a company by its code; without one, those of the only company here that has some."""
    with db.connection("web") as connection:
        rows = connection.execute("select * from directory_sign_ins(%s)", (company,)).fetchall()
    return [Offer(*row) for row in rows]


def local(path: str | None) -> str:
    """An address of this application, or home: nobody is sent elsewhere by a link that was prepared for her."""
    return path if path and len(path) <= 300 and _LOCAL.fullmatch(path) and "//" not in path else HOME


def fingerprint(text: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(text.encode()).digest()


def begin(db: Database, account: Account, *, next_path: str | None, inside: bool) -> tuple[str, str]:
    """Where to send the browser, and the secret it is to keep. Raises Unavailable where the platform would not find the way back."""
    gateway = staff_gateway(account.connector)
    if gateway is None:
        raise refused()
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    simulated = bool(account.config.get("simulated"))
    redirect = f"{_home(simulated=simulated)}/sign-in/{account.id}"
    with db.tx("web", tenant=account.tenant_id) as tx:
        _sweep(tx)
        tx.execute(
            """
            insert into directory_sign_in (tenant_id, state_hash, account_id, browser_hash, next, redirect, expires_at)
            values (%(tenant)s, %(state)s, %(account)s, %(browser)s, %(next)s, %(redirect)s, now() + %(good)s)
            """,
            {
                "tenant": tx.tenant_id,
                "state": fingerprint(state),
                "account": account.id,
                "browser": fingerprint(browser),
                "next": local(next_path),
                "redirect": redirect,
                "good": GOOD_FOR,
            },
        )
    if simulated:
        return f"/sign-in/{account.id}/try?state={state}", browser
    challenge = base64.urlsafe_b64encode(fingerprint(browser)).decode().rstrip("=")
    return gateway.sign_in_url(account.config, Entry(redirect, state, challenge, inside)), browser


def _home(*, simulated: bool) -> str:
    """Where this installation is reached. Never what a Host header says: whoever asks writes it."""
    home = settings().public_url
    if home is None and not simulated:
        raise Unavailable(
            "no_public_url",
            "请先设置 TANDEM_PUBLIC_URL。",
            "Set TANDEM_PUBLIC_URL first: the platform must know where to send people.",
        )
    return (home or "").rstrip("/")


def _sweep(tx: Tx) -> None:
    # Used codes stay for a day, longer than any platform takes one: what comes again is known.
    tx.execute(
        "delete from directory_sign_in where tenant_id = %(tenant)s and expires_at < now() - %(kept)s",
        {"tenant": tx.tenant_id, "kept": CODES_KEPT},
    )


@dataclass(frozen=True, slots=True)
class _Begun:
    next: str
    redirect: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who came, and where she was going."""

    user_id: UUID
    next: str


def finish(db: Database, account: Account, *, state: str, code: str, browser: str) -> Arrived:
    """Whom the platform names by a code. The state is used up before the platform is asked, whatever it answers.

    Raises Unauthenticated, in one sentence for whatever is wrong; Unavailable when the platform does not answer.
    """
    with db.tx("web", tenant=account.tenant_id) as tx:
        begun = _use(tx, account.id, state, code, browser) if browser else None
    if begun is None:
        log.info("directory_login.refused", account=str(account.id), address=audit.origin().address)
        raise refused()
    try:
        with line_of(db, account.tenant_id, account.id) as line:
            member = line.who(code, browser, begun.redirect)
    except DirectoryFailure as failure:
        if failure.why in {"refused", "gone"}:
            raise refused() from failure
        raise Unavailable(
            "platform_silent", "登录平台没有应答，请重试。", "The platform did not answer; try again."
        ) from failure
    with db.tx("web", tenant=account.tenant_id) as tx:
        user = _whom(tx, account.id, member) if member else None
    if user is None:
        raise Unauthenticated(
            "not_a_member",
            "您还没有被加入本系统，请联系管理员。",
            "You are nobody's here yet; ask an administrator to let you in.",
        )
    return Arrived(user, begun.next)


def _use(tx: Tx, account: UUID, state: str, code: str, browser: str) -> _Begun | None:
    """Use a state up with a code; None where either was used, is over, or belongs to another browser."""
    params = {
        "tenant": tx.tenant_id,
        "account": account,
        "state": fingerprint(state),
        "code": fingerprint(code),
        "browser": fingerprint(browser),
    }
    known = "select 1 from directory_sign_in where tenant_id = %(tenant)s and account_id = %(account)s and code_hash = %(code)s"
    if tx.value(known, params) is not None:
        return None
    return tx.maybe(
        _Begun,
        """
        update directory_sign_in set used_at = now(), code_hash = %(code)s
        where tenant_id = %(tenant)s and state_hash = %(state)s and account_id = %(account)s and browser_hash = %(browser)s
          and used_at is null and expires_at > now()
        returning next, redirect
        """,
        params,
    )


def _whom(tx: Tx, account: UUID, member: str) -> UUID | None:
    return tx.value(
        """
        select u.id from directory_member as m join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id and u.active
        join directory_account as a on a.tenant_id = %(tenant)s and a.account_id = m.account_id and a.sign_in
        where m.tenant_id = %(tenant)s and m.account_id = %(account)s and m.member = %(member)s and m.state = 'active'
        """,
        {"tenant": tx.tenant_id, "account": account, "member": member},
    )


@dataclass(frozen=True, slots=True)
class Stranger:
    """A member of a simulated company, to be chosen where a real one would be asked who she is."""

    member: str
    name: str


def simulated_members(tx: Tx, account: UUID) -> list[Stranger]:
    """The members of a simulated company who may sign in."""
    return tx.all(
        Stranger,
        """
        select m.member, m.name from directory_member as m join staff_user as u on u.tenant_id = %(tenant)s and u.id = m.user_id and u.active
        where m.tenant_id = %(tenant)s and m.account_id = %(account)s and m.state = 'active' order by m.name, m.member limit 100
        """,
        {"tenant": tx.tenant_id, "account": account},
    )


def code_as(account: Account, member: str) -> str:
    """The code with which a simulated company's page would send a member here. Raises InvalidInput, Unauthenticated for a real account."""
    gateway = staff_gateway(account.connector)
    if gateway is None or not account.config.get("simulated"):
        raise refused()
    try:
        return gateway.try_as(account, member)
    except DirectoryFailure as failure:
        raise InvalidInput(
            "no_such_member", "模拟企业里没有这位成员。", "The simulated company has no such member."
        ) from failure


def refused() -> Unauthenticated:
    """The one answer to whatever is wrong with an attempt."""
    return Unauthenticated("sign_in_refused", "登录没有成功，请重新开始。", "Signing in failed; begin again.")
