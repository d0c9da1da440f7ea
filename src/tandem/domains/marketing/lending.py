"""Filling quota leases: short transactions of their own, never part of a turn (ENGINE_RULES 6).

Lock order: the quota's row first, then lease rows that nobody holds (`skip locked`). A turn locks lease rows only, so no circle forms; a
lease row that a turn holds is looked at again next time.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.domains.marketing.quota import Lending, lend
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.kernel.roles import register_sql
from tandem.kernel.wake import wake

_ALL_BUCKETS: Final = list(range(BUCKETS))

# Which tenants have buckets waiting for lots: ids and nothing else, for the worker only.
register_sql(
    """
create or replace function marketing_wanting_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct l.tenant_id from quota_lease l where l.wanted > 0
$$
""",
)
register_sql("revoke all on function marketing_wanting_tenants() from public")
register_sql("grant execute on function marketing_wanting_tenants() to tandem_worker")


@dataclass(frozen=True, slots=True)
class _Want:
    bucket: int
    wanted: int
    free: int


def wanting_tenants(db: Database) -> list[UUID]:
    """The tenants with buckets that wait for lots."""
    with db.connection("worker") as connection:
        return [row[0] for row in connection.execute("select tenant_id from marketing_wanting_tenants()").fetchall()]


def refill(db: Database, tenant_id: UUID) -> int:
    """Answer every waiting bucket of a tenant; returns how many pieces were lent. Each quota is a transaction of its own."""
    with db.tx("worker", tenant=tenant_id) as tx:
        quotas = tx.values(
            "select distinct quota_id from quota_lease where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and wanted > 0",
            _params(tx),
        )
    lent = 0
    for quota_id in sorted(quotas):
        with db.tx("worker", tenant=tenant_id) as tx:
            lent += refill_quota(tx, quota_id)
    return lent


def refill_quota(tx: Tx, quota_id: UUID) -> int:
    """Lend from the pool to the buckets that want; when it is short, take back what others do not use; close what is spent.

    Returns the pieces lent. The caller's transaction holds nothing else.
    """
    pool: int | None = tx.value(
        "select pool from quota where tenant_id = %(tenant)s and id = %(quota)s for update", _params(tx, quota=quota_id)
    )
    wants = _wants(tx, quota_id)
    if pool is None or not wants:
        return 0
    needed = {one.bucket: one.wanted - one.free for one in wants if one.wanted > one.free}
    recalled = 0
    if sum(needed.values()) > pool:
        recalled = _recall(tx, quota_id, [one.bucket for one in wants])
    lending = lend(pool + recalled, needed)
    _write(tx, quota_id, lending, [one.bucket for one in wants])
    _settle(tx, quota_id, lending)
    wake(tx, (one.bucket for one in wants))
    return sum(lending.lots.values())


def _wants(tx: Tx, quota_id: UUID) -> list[_Want]:
    return tx.all(
        _Want,
        """
        select bucket, wanted, granted - used as free from quota_lease
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and quota_id = %(quota)s and wanted > 0
        order by bucket for update skip locked
        """,
        _params(tx, quota=quota_id),
    )


def _recall(tx: Tx, quota_id: UUID, wanting: list[int]) -> int:
    freed: int = tx.value(
        """
        with idle as (
          select bucket, granted - used as spare from quota_lease
          where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and quota_id = %(quota)s
            and granted > used and wanted = 0 and bucket <> all(%(wanting)s::smallint[])
          order by bucket for update skip locked
        ), taken as (
          update quota_lease as l set granted = l.used from idle as i
          where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = i.bucket and l.quota_id = %(quota)s)
        select coalesce(sum(spare), 0)::bigint from idle
        """,
        _params(tx, quota=quota_id, wanting=wanting),
    )
    return freed


def _write(tx: Tx, quota_id: UUID, lending: Lending, wanting: list[int]) -> None:
    tx.execute(
        """
        update quota_lease as l set granted = l.granted + coalesce(n.lot, 0), wanted = 0
        from unnest(%(wanting)s::smallint[], %(lots)s::bigint[]) as n(bucket, lot)
        where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = n.bucket and l.quota_id = %(quota)s
        """,
        _params(tx, quota=quota_id, wanting=wanting, lots=[lending.lots.get(bucket, 0) for bucket in wanting]),
    )


def _settle(tx: Tx, quota_id: UUID, lending: Lending) -> None:
    # Spent for good only when no lease holds a piece: one that a bucket got just now may still come back unused.
    tx.execute(
        """
        update quota as q set pool = %(pool)s,
          closed = %(short)s > 0 and not exists (
            select from quota_lease as l
            where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.quota_id = q.id and l.granted > l.used)
        where q.tenant_id = %(tenant)s and q.id = %(quota)s
        """,
        _params(tx, quota=quota_id, pool=lending.pool, short=lending.short),
    )


def _params(tx: Tx, **more: object) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, **more}
