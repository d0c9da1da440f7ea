"""Routes of ownership: rules, who earns, what was earned, months, targets; disputes and an adviser's own month are in `mine_api`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, from_cursor, page_in_memory, page_of
from tandem.domains.contact.ownership import disputes, policy, reading, targets, trying
from tandem.domains.contact.ownership import shapes as s
from tandem.kernel.db import Scope
from tandem.kernel.errors import Forbidden

router: Final = APIRouter(tags=["performance"])
Reader = Annotated[Access, Depends(allowed("performance.read"))]
Writer = Annotated[Access, Depends(allowed("performance.write"))]
Month = Annotated[s.Period | None, Query(description="Which month, as 2026-11; this one where none is named")]


def whole(access: Access):  # noqa: ANN201 - a transaction's context manager, as `Access.tx`
    """A transaction that sees every order and credit: what leaves it is the caller's own, or sums."""
    return access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all())


def refuse_narrow(access: Access) -> None:
    """Rules, months and targets are the company's. Raises Forbidden for whoever sees only part of it."""
    if access.scope.kind != "all":
        raise Forbidden("whole_company_only", "只有能看到全公司的人才能这样做。", "Only who sees the whole company may do this.")  # fmt: skip


@router.get("/ownership")
def get_ownership(access: Reader) -> s.OwnershipOut:
    """The rules by which orders find their advisers, and all versions before."""
    with whole(access) as tx:
        rows = policy.versions(tx)
        found = [
            s.PolicyOut(
                version=one.version, rules=[s.OwnershipRule.model_validate(rule) for rule in one.rules], starts_at=one.starts_at,
                saved_at=one.saved_at, saved_by=one.saved_by,
            )
            for one in rows
        ]  # fmt: skip
        channels: list[str] = tx.values(
            """
            select distinct sales_channel from sales_order where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
              and placed_at >= %(now)s::timestamptz - interval '92 days' and sales_channel is not null order by 1 limit 100
            """,
            {"tenant": tx.tenant_id, "buckets": policy.ALL_BUCKETS, "now": tx.now},
        )
        return s.OwnershipOut(
            version=found[0].version if found else 0, rules=found[0].rules if found else [], versions=found,
            waiting=any(one.caught_bucket is not None for one in rows), posts=sum(one.since is not None for one in policy.posts(tx)),
            unbound=policy.unbound(tx), channels=channels, closed=sorted(f"{one:%Y-%m}" for one in policy.closed(tx)),
        )  # fmt: skip


@router.put("/ownership")
def save_ownership(access: Writer, given: s.NewOwnership) -> s.OwnershipOut:
    """Let these rules hold from now on, or since an earlier moment: orders nobody looked at yet are looked at, the others stay."""
    refuse_narrow(access)
    with access.tx() as tx:
        policy.save(tx, [one.model_dump(mode="json") for one in given.rules], given.version, given.starts_at)
    return get_ownership(access)


@router.post("/ownership/try")
def try_ownership(access: Writer, given: s.OwnershipTry) -> s.OwnershipTried:
    """What the last days would have looked like under other rules. Nothing is changed."""
    refuse_narrow(access)
    with whole(access) as tx:
        return trying.attempt(tx, [one.model_dump(mode="json") for one in given.rules], given.days)


@router.get("/adviser-posts")
def list_adviser_posts(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[s.PostOut]:
    """Colleagues and as what they earn."""
    with access.tx() as tx:
        rows = [one for one in policy.posts(tx) if access.scope.kind == "all" or one.store_id in access.scope.store_ids]
    shown, following = page_in_memory(rows, cursor, limit, "user_id")
    return Page(items=[s.PostOut.model_validate(one) for one in shown], next=following)


@router.put("/adviser-posts/{user_id}", status_code=204)
def set_adviser_post(access: Writer, user_id: UUID, given: s.PostBody) -> None:
    """Say as what a colleague earns: her staff number, her store, and who goes on when she leaves."""
    refuse_narrow(access)
    with access.tx() as tx:
        policy.set_post(
            tx,
            user_id,
            code=given.code,
            store_id=given.store_id,
            left_at=given.left_at,
            successor_id=given.successor_id,
        )


@router.get("/performance")
def list_performance(
    access: Reader,
    period: Month = None,
    by: Literal["adviser", "store"] = "adviser",
    store_id: UUID | None = None,
    cursor: Cursor = None,
    limit: LongLimit = 1000,
) -> Page[s.Ranked]:
    """Who earned what in a month, the most first, as far as the caller sees."""
    with access.tx() as tx:
        rows = reading.ranking(tx, reading.period_of(tx, period), by, store_id)
    shown, following = page_in_memory(rows, cursor, limit, "id")
    return Page(items=shown, next=following)


@router.get("/performance/{user_id}/entries")
def list_performance_entries(
    access: Reader, user_id: UUID, period: Month = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[s.EntryOut]:
    """What an adviser earned in a month, entry by entry, each with the rule and what it went by."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        rows = reading.entries(tx, user_id, reading.period_of(tx, period), after, limit + 1)
    shown, following = page_of(rows, limit, "posted_at", "id")
    return Page(items=shown, next=following)


@router.get("/orders/{order_id}/credit")
def get_order_credit(access: Reader, order_id: UUID) -> s.OrderCreditOut:
    """Whose an order is, by which rule, and every entry."""
    with access.tx() as tx:
        return reading.of_order(tx, order_id, disputes.out(tx, access, disputes.of_order(tx, order_id)))


@router.get("/credit-periods")
def list_credit_periods(access: Reader, cursor: Cursor = None, limit: LongLimit = 120) -> Page[s.PeriodOut]:
    """Months, the newest first."""
    with access.tx() as tx:
        found = [
            s.PeriodOut(period=f"{one.period:%Y-%m}", closed_at=one.closed_at, closed_by=one.closed_by, cents=one.cents)
            for one in policy.periods(tx)
        ]
    rows, following = page_in_memory(found, cursor, limit, "period")
    return Page(items=rows, next=following)


@router.post("/credit-periods/{period}/close", status_code=204)
def close_credit_period(access: Writer, period: s.Period) -> None:
    """Close a month for good: what comes later for it counts in the next open one."""
    refuse_narrow(access)
    with access.tx() as tx:
        policy.close(tx, date.fromisoformat(f"{period}-01"))


@router.put("/credit-targets/{period}", status_code=204)
def set_credit_targets(access: Writer, period: s.Period, given: s.TargetsBody) -> None:
    """Set a month's targets; whoever is not named keeps hers."""
    refuse_narrow(access)
    with access.tx() as tx:
        targets.put(tx, date.fromisoformat(f"{period}-01"), given.targets)


@router.post("/credit-targets/{period}/table")
def take_credit_targets(access: Writer, period: s.Period, given: s.TargetsFile) -> s.TargetsTaken:
    """Set a month's targets by the lines of a table (staff number or store code, amount): all of them, or none and why."""
    refuse_narrow(access)
    with access.tx() as tx:
        return targets.take(tx, date.fromisoformat(f"{period}-01"), given.text)
