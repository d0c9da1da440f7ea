"""Balances and clicks, read once an hour and whenever the platform tells that the balance runs out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.acquiring.ports import Balance, Clicks
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.lines import line_of
from tandem.kernel.db import Database, Tx
from tandem.stream.rows import to_json

AGAIN: Final = timedelta(hours=1)
LEASE: Final = timedelta(seconds=300)
LINKS_MAX: Final = 500
"""Of one account in one round, those read longest ago first."""
AT_ONCE: Final = 50
"""Days of links that are kept together: what was read stays when a later call fails, and who still reads keeps the lease."""


def read_due(db: Database, tenant: UUID) -> int:
    """Read the balances and clicks of a tenant's accounts whose time has come; returns how many accounts."""
    with db.tx("worker", tenant=tenant) as tx:
        due: list[UUID] = tx.values(
            """
            with due as materialized (
              select account_id from link_account
              where tenant_id = %(tenant)s and due_at <= now() and (leased_until is null or leased_until <= now())
              order by account_id for update skip locked)
            update link_account as c set leased_until = now() + %(lease)s from due as d
            where c.tenant_id = %(tenant)s and c.account_id = d.account_id returning c.account_id
            """,
            {"tenant": tenant, "lease": LEASE},
        )
    for account in due:
        try:
            _read(db, tenant, account)
        except GatewayFailure as failure:
            _put_off(db, tenant, account, failure)
    return len(due)


def _read(db: Database, tenant: UUID, account: UUID) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        wanted = _days(tx, account)
    with line_of(db, tenant, account) as line:
        balance = line.balance()
        for first in range(0, len(wanted), AT_ONCE):
            told = [
                (code, begin, line.clicks(link, begin, begin + timedelta(days=1)))
                for code, link, begin in wanted[first : first + AT_ONCE]
            ]
            with db.tx("worker", tenant=tenant) as tx:
                _keep(tx, account, told)
    with db.tx("worker", tenant=tenant) as tx:
        _done(tx, account, balance)


def _days(tx: Tx, account: UUID) -> list[tuple[UUID, str, datetime]]:
    """Today of every link, and yesterday where it was last read before it was over. The platform counts by its own clock."""
    zone = ZoneInfo(tx.zone)
    today = tx.machine_now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = today - timedelta(days=1)
    rows = tx.cursor(
        """
        select c.id, c.config_id, d.read_at from live_code as c
        left join link_day as d on d.tenant_id = %(tenant)s and d.live_code_id = c.id and d.day = %(yesterday)s
        left join link_day as t on t.tenant_id = %(tenant)s and t.live_code_id = c.id and t.day = %(today)s
        where c.tenant_id = %(tenant)s and c.account_id = %(account)s and c.kind = 'link' and c.status = 'active' and c.config_id is not null
        order by t.read_at nulls first, c.id limit %(most)s
        """,
        {
            "tenant": tx.tenant_id,
            "account": account,
            "yesterday": _day(tx, yesterday),
            "today": _day(tx, today),
            "most": LINKS_MAX,
        },
    ).fetchall()
    found: list[tuple[UUID, str, datetime]] = []
    for code, link, read in rows:
        found.append((code, link, today))
        if read is None or read < today:
            found.append((code, link, yesterday))
    return found


def _day(tx: Tx, begin: datetime) -> date:
    """The company's day on which the platform's begins: another one only where a demo's clock goes ahead."""
    return (begin + (tx.now - tx.machine_now)).astimezone(ZoneInfo(tx.zone)).date()


def _keep(tx: Tx, account: UUID, told: list[tuple[UUID, datetime, Clicks]]) -> None:
    rows = [
        {"code": code, "day": _day(tx, begin).isoformat(), "clicked": one.clicked, "added": one.added}
        for code, begin, one in told
    ]
    params: dict[str, Any] = {"tenant": tx.tenant_id, "account": account, "rows": to_json(rows), "lease": LEASE}
    tx.execute(
        """
        insert into link_day (tenant_id, live_code_id, day, clicked, added, read_at)
        select %(tenant)s, n.code, n.day, n.clicked, n.added, now()
        from jsonb_to_recordset(%(rows)s::jsonb) as n(code uuid, day date, clicked int, added int)
        on conflict (tenant_id, live_code_id, day) do update set clicked = excluded.clicked, added = excluded.added, read_at = excluded.read_at
        """,
        params,
    )
    tx.execute(
        "update link_account set leased_until = now() + %(lease)s where tenant_id = %(tenant)s and account_id = %(account)s",
        params,
    )


def _done(tx: Tx, account: UUID, balance: Balance) -> None:
    tx.execute(
        """
        update link_account set total = %(total)s, "left" = %(left)s, expiring = %(expiring)s::jsonb, read_at = now(), due_at = now() + %(again)s,
          low_since = case when %(left)s < warn_below then coalesce(low_since, now()) end, leased_until = null, failures = 0, problem = null
        where tenant_id = %(tenant)s and account_id = %(account)s
        """,
        {
            "tenant": tx.tenant_id, "account": account, "again": AGAIN, "total": balance.total, "left": balance.left,
            "expiring": to_json([{"at": at.isoformat(), "n": n} for at, n in balance.expiring]),
        },
    )  # fmt: skip


def _put_off(db: Database, tenant: UUID, account: UUID, failure: GatewayFailure) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update link_account set leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb, due_at = now() + %(pause)s
            where tenant_id = %(tenant)s and account_id = %(account)s
            """,
            {
                "tenant": tenant,
                "account": account,
                "problem": to_json(failure.problem()),
                "pause": max(failure.pause(0), timedelta(minutes=10)),
            },
        )
