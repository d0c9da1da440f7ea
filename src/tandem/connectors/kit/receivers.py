"""Whom a parcel goes to: sealed by platforms, opened one order at a time by a person who says what for, and kept nowhere.

Where a platform forbids it there is nothing to open. Each opening is counted against the platform's quota of the day before the platform
is asked, and stays on record: who, when, for what. What was opened is in no table, capture, log or event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from tandem.access import audit
from tandem.connectors.kit.failures import ConnectorFailure, Lasting
from tandem.connectors.kit.platform import Platform, Receiver
from tandem.connectors.kit.registry import platform_of
from tandem.connectors.kit.session import Session
from tandem.connectors.kit.values import GMT8
from tandem.connectors.kit.wire import Send, wired
from tandem.domains.commerce.service import get_order
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, NotFound, Throttled
from tandem.kernel.ids import new_id
from tandem.stream.sources.accounts import opened_account
from tandem.stream.sources.connector import Account

Purpose = Literal["ship", "after_sale"]
SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opened an order's receiver. `at` is machine time; `outcome` is null while the platform is asked."""

    at: datetime
    user_id: UUID | None
    user_name: str | None
    purpose: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an order's receiver can be opened here: `possible`, else why not; how many openings the platform still allows today."""

    possible: bool
    why: str | None
    left_today: int | None
    openings: list[Opening]


# A platform's day is China's.
_TODAY: Final = """
select count(*) from receiver_opening where tenant_id = %(tenant)s and account_id = %(account)s
  and at >= date_trunc('day', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'
"""


def _account(tx: Tx, order_id: UUID) -> tuple[str, Platform | None, Account | None]:
    """The order's number at its platform, and the account it came by, if it came by one. Raises NotFound; scopes hold."""
    order, _lines, _refunds = get_order(tx, order_id)
    account = opened_account(tx, source=order.source)
    return order.external_id, None if account is None else platform_of(account.connector), account


def standing(tx: Tx, order_id: UUID) -> Standing:
    """What can be opened, and who opened it before. Raises NotFound."""
    _number, platform, account = _account(tx, order_id)
    openings = tx.all(
        Opening,
        """
        select r.at, r.user_id, u.name as user_name, r.purpose, r.outcome from receiver_opening r
        left join staff_user u on u.tenant_id = r.tenant_id and u.id = r.user_id
        where r.tenant_id = %(tenant)s and r.order_id = %(order)s order by r.at desc limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "order": order_id, "limit": SHOWN_MAX},
    )
    if platform is None or account is None:
        return Standing(possible=False, why="no_platform", left_today=None, openings=openings)
    if platform.receiver is None:
        return Standing(possible=False, why="forbidden", left_today=None, openings=openings)
    left = platform.manifest.openings_per_day - int(
        tx.value(_TODAY, {"tenant": tx.tenant_id, "account": account.id}) or 0
    )
    if account.status != "active":
        return Standing(possible=False, why="paused", left_today=max(0, left), openings=openings)
    return Standing(possible=left > 0, why=None if left > 0 else "quota", left_today=max(0, left), openings=openings)


@dataclass(frozen=True, slots=True)
class Ready:
    """An opening that was allowed and is on record; nobody was asked yet."""

    tenant_id: UUID
    user_id: UUID | None
    order_id: UUID
    number: str
    platform: Platform
    account: Account
    purpose: Purpose


def prepare(tx: Tx, order_id: UUID, purpose: Purpose) -> Ready:
    """Look whether the caller may see the order and the platform lets its receiver be opened, and write down that she asked.

    Raises NotFound, Conflict where it cannot be opened.
    """
    number, platform, account = _account(tx, order_id)
    why = standing(tx, order_id).why
    if platform is None or account is None or why in {"forbidden", "paused"}:
        raise _closed(why)
    told = {"purpose": purpose, "platform": account.connector}
    audit.record(tx, "order.receiver_opened", "sales_order", order_id, None, told)
    return Ready(tx.tenant_id, tx.user_id, order_id, number, platform, account, purpose)


def open_receiver(db: Database, ready: Ready, *, send: Send | None = None) -> Receiver:
    """Ask the platform whom the parcel goes to. Raises Throttled past the day's quota, Conflict, ConnectorFailure."""
    opening = _count(db, ready)
    try:
        if send is not None:
            found = _ask(db, ready, send)
        else:
            with wired() as wire:
                found = _ask(db, ready, wire)
    except ConnectorFailure as failure:
        _settle(db, ready, opening, failure.kind)
        raise
    _settle(db, ready, opening, "opened")
    return found


def _ask(db: Database, ready: Ready, send: Send) -> Receiver:
    if ready.platform.receiver is None:
        raise _closed("forbidden")
    # Not recorded: a capture of this answer would be the very thing that must be kept nowhere.
    session = Session(ready.platform, ready.account, db, send, record=False)
    found = ready.platform.receiver(session, ready.number, ready.purpose)
    if found is None:
        raise Lasting("the platform tells no receiver of this order")
    return found


def _count(db: Database, ready: Ready) -> UUID:
    """Take one of the day's openings, committed before the platform is asked. Raises Throttled."""
    opening, most = new_id(), ready.platform.manifest.openings_per_day
    with db.tx("worker", tenant=ready.tenant_id) as tx:
        # One after the other for an account: two at once must not both take the last.
        tx.execute(
            "select pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", {"key": f"receiver:{ready.account.id}"}
        )
        if int(tx.value(_TODAY, {"tenant": tx.tenant_id, "account": ready.account.id}) or 0) >= most:
            raise Throttled(
                "receiver_quota",
                f"平台每天只允许查看 {most} 次收件信息，今天已用完。",
                f"The platform allows {most} openings a day, and today's are used up.",
                retry_after_seconds=_until_midnight(),
            )
        tx.execute(
            """
            insert into receiver_opening (tenant_id, id, account_id, order_id, user_id, purpose, at)
            values (%(tenant)s, %(id)s, %(account)s, %(order)s, %(user)s, %(purpose)s, now())
            """,
            {
                "tenant": tx.tenant_id,
                "id": opening,
                "account": ready.account.id,
                "order": ready.order_id,
                "user": ready.user_id,
                "purpose": ready.purpose,
            },
        )
    return opening


def _until_midnight() -> int:
    """Seconds until the platform counts anew."""
    now = datetime.now(GMT8)
    return int((now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now).total_seconds()) + 1


def _settle(db: Database, ready: Ready, opening: UUID, outcome: str) -> None:
    with db.tx("worker", tenant=ready.tenant_id) as tx:
        tx.execute(
            "update receiver_opening set outcome = %(outcome)s where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tx.tenant_id, "id": opening, "outcome": outcome},
        )


def _closed(why: str | None) -> Conflict | NotFound:
    if why == "forbidden":
        return Conflict(
            "receiver_forbidden", "这个平台不允许解密收件信息。", "This platform lets nobody open the receiver."
        )
    if why == "paused":
        return Conflict("receiver_paused", "这个平台账号已停用。", "This platform account is switched off.")
    return NotFound(
        "receiver_unknown", "这个订单不是从已连接的平台来的。", "This order came from no connected platform."
    )
