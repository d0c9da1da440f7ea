"""Counts told to shops: by a person, who sees what would change and waits for the answer, or by a flow, within the platform's limits.

A platform is told a number, never a difference, so that what is told twice changes nothing. Of several numbers for one item only the latest
is told, and one at a time: none arrives after a later one, also where the worker that asked was killed or slow. What a shop took is written
down as its count at once; the next reading of the shop has the last word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.connectors.kit.failures import ConnectorFailure, Lasting, NotAuthorised, WronglySetUp
from tandem.connectors.kit.platform import Platform
from tandem.connectors.kit.registry import platform_of
from tandem.connectors.kit.session import Session
from tandem.connectors.kit.wire import Send, wired
from tandem.domains.commerce.service import StockItem, stock_item, write_count
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import new_id
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json
from tandem.stream.sources.accounts import opened_account
from tandem.stream.sources.connector import Account

Why = Literal["no_platform", "forbidden", "paused", "place"]
LEASE: Final = timedelta(minutes=2)
TAKEN_MAX: Final = 20
FAILURES_MAX: Final = 6
ROUND_SECONDS: Final = 2.0
#: Places that are the platform's own warehouses: their stock is counted by it, not set by the seller.
OWN_WAREHOUSES: Final = frozenset({"AFN"})
_ROUNDS: Final = Rounds("connectors.stock_out")
_UNTELLABLE: Final = (ValueError, LookupError, TypeError, AttributeError)
"""What a platform's function raises for an item that is not as its own are: anybody may have sent us one under its source."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A number that was told, or is to be. `at` is machine time; `by` a person, or null for a flow."""

    id: UUID
    at: datetime
    quantity: int
    state: str
    by: str | None
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a count can be set at its shop, else why not."""

    item: StockItem
    platform: Platform | None
    account: Account | None
    shop: str | None
    why: Why | None


def standing(tx: Tx, item_id: UUID) -> Standing:
    """What can be told of a stock item. Raises NotFound."""
    item = stock_item(tx, item_id)
    account = opened_account(tx, source=item.source)
    platform = None if account is None else platform_of(account.connector)
    named = "select name from source_account where tenant_id = %(tenant)s and source = %(source)s"
    shop: str | None = tx.value(named, {"tenant": tx.tenant_id, "source": item.source})
    return Standing(item, platform, account, shop, _why(item, platform, account))


def pushes(tx: Tx, item_id: UUID, *, cursor: str | None = None, limit: int = 10) -> tuple[list[Pushed], str | None]:
    """A page of what was told of a stock item, the latest first, and where the next begins. Raises NotFound, InvalidInput."""
    stock_item(tx, item_id)
    at, last = (None, None) if cursor is None else from_cursor(cursor, 2)
    rows = tx.all(
        Pushed,
        """
        select p.id, p.created_at as at, p.quantity, p.state, u.name as by, p.problem from stock_push p
        left join staff_user u on u.tenant_id = p.tenant_id and u.id = p.user_id
        where p.tenant_id = %(tenant)s and p.item_id = %(item)s
          and (%(at)s::timestamptz is null or (p.created_at, p.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by p.created_at desc, p.id desc limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "item": item_id, "at": at, "last": last, "limit": limit + 1},
    )
    return page_of(rows, limit, "at", "id")


def _why(item: StockItem, platform: Platform | None, account: Account | None) -> Why | None:
    if platform is None or account is None:
        return "no_platform"
    if platform.set_stock is None:
        return "forbidden"
    if item.place in OWN_WAREHOUSES:
        return "place"
    return None if account.status == "active" else "paused"


def file(tx: Tx, item_id: UUID, quantity: int) -> UUID:
    """Write down that a person wants a number told, and that she is telling it. Raises NotFound, Conflict where it cannot be."""
    found = standing(tx, item_id)
    if found.why is not None:
        raise Conflict("stock_not_set", "这个库存项不能从这里改。", "This count cannot be set from here.")
    one_by_one(tx)
    if tx.value(_BEING_TOLD, {"tenant": tx.tenant_id, "item": item_id}):
        raise Conflict(
            "stock_being_told",
            "这个库存项正在发布另一个数量，请稍后再试。",
            "Another number of this item is being told just now; try again in a moment.",
        )
    push = new_id()
    tx.execute(
        """
        insert into stock_push (tenant_id, id, item_id, quantity, user_id, due_at, leased_until)
        values (%(tenant)s, %(id)s, %(item)s, %(quantity)s, %(user)s, now() + %(lease)s, now() + %(lease)s)
        """,
        {"tenant": tx.tenant_id, "id": push, "item": item_id, "quantity": quantity, "user": tx.user_id, "lease": LEASE},
    )
    before, after = {"quantity": str(found.item.quantity)}, {"quantity": quantity}
    audit.record(tx, "stock.published", "stock_item", item_id, before, after)
    return push


def one_by_one(tx: Tx) -> None:
    """Until commit nobody else of the tenant takes a number to tell: who is telling one of which item is looked at before."""
    tx.execute(
        "select pg_advisory_xact_lock(hashtext('stock_push'), hashtext(%(tenant)s))", {"tenant": str(tx.tenant_id)}
    )


@dataclass(frozen=True, slots=True)
class _Push:
    id: UUID
    item_id: UUID
    quantity: int
    failures: int
    leased_until: datetime | None


_BEING_TOLD: Final = """
select exists (select from stock_push p where p.tenant_id = %(tenant)s and p.item_id = %(item)s and p.state in ('waiting', 'asking')
  and p.leased_until > now())
"""
# Whatever nobody is telling now, also what a killed worker was: there is a later number.
_OVERTAKEN: Final = """
update stock_push p set state = 'overtaken', done_at = now(), leased_until = null
where p.tenant_id = %(tenant)s and p.state in ('waiting', 'asking') and (p.leased_until is null or p.leased_until <= now()) and exists (
  select from stock_push n where n.tenant_id = %(tenant)s and n.item_id = p.item_id and (n.created_at, n.id) > (p.created_at, p.id))
"""
_TAKE: Final = """
with due as materialized (
  select p.id from stock_push p where p.tenant_id = %(tenant)s and p.state in ('waiting', 'asking') and p.due_at <= now()
    and (p.leased_until is null or p.leased_until <= now())
    and not exists (select from stock_push o where o.tenant_id = %(tenant)s and o.item_id = p.item_id and o.state in ('waiting', 'asking')
      and o.leased_until > now())
  order by p.due_at, p.id limit %(limit)s for update skip locked)
update stock_push p set state = 'asking', leased_until = now() + %(lease)s from due d where p.tenant_id = %(tenant)s and p.id = d.id
returning p.id, p.item_id, p.quantity, p.failures, p.leased_until
"""
_STILL: Final = """
update stock_push set leased_until = now() + %(lease)s
where tenant_id = %(tenant)s and id = %(id)s and state = 'asking' and leased_until = %(until)s and leased_until > now()
"""


def tell(db: Database, tenant: UUID, push_id: UUID, *, send: Send | None = None) -> None:
    """Tell a shop the number that a person filed, and wait for its answer. Raises ConnectorFailure."""
    with db.tx("worker", tenant=tenant) as tx:
        push = tx.one(
            _Push,
            "select id, item_id, quantity, failures, leased_until from stock_push where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tenant, "id": push_id},
        )
    failure = _tell(db, tenant, push, send, last=True)
    if failure is not None:
        raise failure


def tell_due(db: Database, tenant: UUID, *, send: Send | None = None) -> int:
    """Tell shops what flows filed; returns how many were looked at."""
    with db.tx("worker", tenant=tenant) as tx:
        one_by_one(tx)
        tx.execute(_OVERTAKEN, {"tenant": tenant})
        due = tx.all(_Push, _TAKE, {"tenant": tenant, "limit": TAKEN_MAX, "lease": LEASE})
    for push in due:
        if _is_still_ours(db, tenant, push):
            _tell(db, tenant, push, send, last=push.failures + 1 >= FAILURES_MAX)
    return len(due)


def _is_still_ours(db: Database, tenant: UUID, push: _Push) -> bool:
    """Whether nobody took it while those before it were told, which may have lasted; held on for the length of one."""
    with db.tx("worker", tenant=tenant) as tx:
        still = {"tenant": tenant, "id": push.id, "until": push.leased_until, "lease": LEASE}
        return tx.execute(_STILL, still) == 1


def _tell(db: Database, tenant: UUID, push: _Push, send: Send | None, *, last: bool) -> ConnectorFailure | None:
    with db.tx("worker", tenant=tenant) as tx:
        found = standing(tx, push.item_id)
    if found.why is not None or found.platform is None or found.account is None:
        failure = WronglySetUp(f"the count cannot be set: {found.why}")
        _settle(db, tenant, push, failure, last=True)
        return failure
    try:
        if send is not None:
            _set(db, found, push, send)
        else:
            with wired() as wire:
                _set(db, found, push, wire)
    except ConnectorFailure as failure:
        lasting = failure.kind in {"permanent", "malformed"} or isinstance(failure, NotAuthorised | WronglySetUp)
        _settle(db, tenant, push, failure, last=last or lasting)
        return failure
    except _UNTELLABLE as error:
        failure = Lasting("this is no item of the shop", platform_code=type(error).__name__)
        _settle(db, tenant, push, failure, last=True)
        return failure
    with db.tx("worker", tenant=tenant) as tx:
        write_count(tx, push.item_id, Decimal(push.quantity))
    _settle(db, tenant, push, None, last=True)
    return None


def _set(db: Database, found: Standing, push: _Push, send: Send) -> None:
    assert found.platform is not None and found.platform.set_stock is not None and found.account is not None  # noqa: PT018, S101
    item = found.item
    told = {
        "sku_id": item.product_id,
        "product_id": item.listing or item.product_id,
        "listing": item.listing,
        "place": item.place,
        "key": str(push.id),
    }
    found.platform.set_stock(Session(found.platform, found.account, db, send), told, push.quantity)


def _settle(db: Database, tenant: UUID, push: _Push, failure: ConnectorFailure | None, *, last: bool) -> None:
    problem = (
        None if failure is None else {"kind": failure.kind, "told": failure.told[:300], "code": failure.platform_code}
    )
    pause = 0.0 if failure is None else (failure.retry_after_seconds or 5.0 * 2**push.failures)
    state = "done" if failure is None else ("refused" if last else "waiting")
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update stock_push set state = %(state)s, problem = %(problem)s::jsonb, leased_until = null, due_at = now() + make_interval(secs => %(pause)s),
              failures = failures + %(failed)s, done_at = case when %(state)s in ('done', 'refused') then now() end
            where tenant_id = %(tenant)s and id = %(id)s and (state <> 'overtaken' or %(state)s = 'done')
            """,
            {
                "tenant": tenant,
                "id": push.id,
                "state": state,
                "problem": None if problem is None else to_json(problem),
                "pause": min(3600.0, pause),
                "failed": 0 if failure is None else 1,
            },
        )


def job() -> Callable[[Database], float]:
    """The worker's job: what flows filed, tenant by tenant."""

    def run(db: Database) -> float:
        with db.connection("worker") as connection:
            tenants = [row[0] for row in connection.execute("select tenant_id from stock_push_tenants()")]
        return 0.0 if _ROUNDS.each(tenants, lambda tenant: tell_due(db, tenant)) else ROUND_SECONDS

    return run
