"""How long logs are kept: by tenant and in days, from what the tables say of themselves (`schema.Retention`). Times are machine time.

What lies beyond the longest that any tenant keeps goes as whole partitions; what a tenant wants to lose sooner, and tables without
partitions, go in small transactions that skip what somebody else holds. Nobody waits for either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Table
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.db import Database, Tx, trusted
from tandem.kernel.errors import Detail, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.rounds import Rounds
from tandem.kernel.schema import Base, Retention, TenantRow, info_of

log = structlog.get_logger(__name__)

SECONDS_BETWEEN: Final = timedelta(days=1).total_seconds()
BUSY_SECONDS: Final = 60.0
BATCH: Final = 2000
#: So many batches of one table and tenant in a row; the rest comes with the next call, after everybody else's.
BATCHES_MAX: Final = 200
DAYS_MAX: Final = 36_500


class RetentionSetting(TenantRow, Base):
    """How long a tenant keeps something, where it is not the default."""

    __tablename__ = "retention_setting"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]


register_sql("""
create or replace function retention_tenants() returns table (id uuid)
language sql stable security definer set search_path = public, pg_temp as $$ select id from tenant $$
""")
register_sql("revoke all on function retention_tenants() from public")
register_sql(f"grant execute on function retention_tenants() to {WORKER}")


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept for a time. `days` is the tenant's choice, never below `least`."""

    what: str
    zh: str
    en: str
    days: int
    default: int
    least: int


def kept_tables() -> Iterator[tuple[Table, Retention]]:
    """Every table whose rows grow old."""
    for table in Base.metadata.sorted_tables:
        kept = info_of(table).get("retention")
        if kept is not None:
            yield table, kept


def settings_of(tx: Tx) -> list[Kept]:
    """What the transaction's tenant keeps, and how long."""
    chosen: dict[str, int] = dict(
        tx.cursor("select what, days from retention_setting where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
    )
    found: dict[str, Kept] = {}
    for _, kept in kept_tables():
        days = max(chosen.get(kept["what"], kept["days"]), kept["least"])
        found[kept["what"]] = Kept(kept["what"], kept["zh"], kept["en"], days, kept["days"], kept["least"])
    return list(found.values())


def set_days(tx: Tx, what: str, days: int) -> None:
    """Choose how long the tenant keeps something. Raises NotFound, InvalidInput for fewer days than it must be kept."""
    known = {one.what: one for one in settings_of(tx)}
    if what not in known:
        raise NotFound("retention_unknown", "没有这一类记录。", "There is no such kind of records.")
    least = known[what].least
    if not least <= days <= DAYS_MAX:
        detail = Detail("days", f"{least} 至 {DAYS_MAX} 天", f"{least} to {DAYS_MAX} days")
        raise InvalidInput(
            "retention_days", "保留天数超出范围。", "The number of days is out of range.", details=(detail,)
        )
    tx.execute(
        "insert into retention_setting (tenant_id, what, days) values (%(tenant)s, %(what)s, %(days)s)"
        " on conflict (tenant_id, what) do update set days = excluded.days",
        {"tenant": tx.tenant_id, "what": what, "days": days},
    )


class Keeping:
    """The worker's job: once a day what is older than it must be goes; sooner again where there was too much for one call."""

    def __init__(self) -> None:
        self._rounds = Rounds("kernel.keeping")

    def __call__(self, db: Database) -> float:
        """Go round once; returns the seconds until the next time."""
        try:
            longest = dict(_empty_partitions(db))
        except psycopg.errors.LockNotAvailable:
            log.info("partition_in_use", again_in_seconds=BUSY_SECONDS)
            return BUSY_SECONDS
        with db.connection("worker") as connection:
            tenants = [row[0] for row in connection.execute("select id from retention_tenants()").fetchall()]
        unfinished = self._rounds.each(tenants, lambda tenant: forget(db, tenant, longest))
        return BUSY_SECONDS if unfinished else SECONDS_BETWEEN


def _empty_partitions(db: Database) -> Iterator[tuple[str, int | None]]:
    """Empty what no tenant keeps any more. Gives each partitioned table with the longest that anybody keeps it."""
    for table, _ in kept_tables():
        if info_of(table).get("partition") is None:
            continue
        while (emptied := _ask(db, "select tandem_empty_old_partition(%s)", table.name)) is not None:
            log.info("partition_emptied", partition=emptied)
        longest = _ask(db, "select tandem_longest_kept(%s)", table.name)
        yield table.name, None if longest is None else int(str(longest))


def _ask(db: Database, statement: str, table: str) -> object:
    with db.connection("worker") as connection:
        row = connection.execute(trusted(statement), (table,)).fetchone()
    return None if row is None else row[0]


def forget(db: Database, tenant: UUID, longest: dict[str, int | None]) -> int:
    """Delete what a tenant keeps no longer. Returns how many tables have more than one call may delete.

    In a partitioned table a tenant that keeps as long as anybody waits for the whole partition.
    """
    with db.tx("worker", tenant=tenant) as tx:
        days = {one.what: one.days for one in settings_of(tx)}
    unfinished = 0
    for table, kept in kept_tables():
        if days[kept["what"]] == longest.get(table.name):
            continue
        statement = _delete(table, kept)
        for _ in range(BATCHES_MAX):
            with db.tx("worker", tenant=tenant) as tx:
                params = {
                    "tenant": tenant,
                    "buckets": list(range(BUCKETS)),
                    "cut": tx.machine_now - timedelta(days=days[kept["what"]]),
                    "batch": BATCH,
                }
                deleted = tx.execute(statement, params)
            if deleted < BATCH:
                break
        else:
            unfinished += 1
    return unfinished


def _delete(table: Table, kept: Retention) -> str:
    keys = [column.name for column in table.primary_key.columns]
    bucket = " and bucket = any(%(buckets)s::smallint[])" if "bucket" in table.c else ""
    more = f" and {kept['where']}" if "where" in kept else ""
    same = " and ".join(f"x.{key} = o.{key}" for key in keys)
    return (
        f"delete from {table.name} x using (select {', '.join(keys)} from {table.name}"
        f" where tenant_id = %(tenant)s{bucket} and {kept['by']} < %(cut)s{more} limit %(batch)s for update skip locked) o"
        f" where x.tenant_id = %(tenant)s{bucket.replace('bucket', 'x.bucket', 1)} and {same}"
    )
