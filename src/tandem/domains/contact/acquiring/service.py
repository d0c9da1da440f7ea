"""Balances of acquisition links as people look at them, and what the platform tells of links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.access import audit
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.stream.rows import to_json

LOOKED_BACK: Final = 30


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """An account's balance as it was last read."""

    account_id: UUID
    name: str
    total: int | None
    left: int | None
    expiring: list[dict[str, Any]]
    warn_below: int
    low: bool
    read_at: datetime | None
    problem: dict[str, Any] | None


def list_balances(tx: Tx) -> list[BalanceRow]:
    """Accounts with acquisition links, by name."""
    return tx.all(
        BalanceRow,
        """
        select l.account_id, a.name, l.total, l."left", l.expiring, l.warn_below, l.low_since is not null as low, l.read_at, l.problem
        from link_account as l join source_account as a on a.tenant_id = %(tenant)s and a.id = l.account_id
        where l.tenant_id = %(tenant)s and a.status = 'active' order by a.name, l.account_id limit 1000
        """,
        {"tenant": tx.tenant_id},
    )


def watch(tx: Tx, account: UUID) -> None:
    """Read an account's balance and clicks from now on: it has a link."""
    tx.execute(
        """
        insert into link_account (tenant_id, account_id, due_at) values (%(tenant)s, %(id)s, now() + interval '10 seconds')
        on conflict (tenant_id, account_id) do update set due_at = least(link_account.due_at, excluded.due_at)
        """,
        {"tenant": tx.tenant_id, "id": account},
    )


def warn_below(tx: Tx, account: UUID, n: int) -> None:
    """With fewer left colleagues are told. Raises NotFound."""
    before = next((one for one in list_balances(tx) if one.account_id == account), None)
    if before is None:
        raise NotFound("no_such_account", "这个账号还没有获客链接。", "This account has no acquisition links.")
    tx.execute(
        """
        update link_account set warn_below = %(n)s, low_since = case when "left" < %(n)s then coalesce(low_since, now()) end
        where tenant_id = %(tenant)s and account_id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": account, "n": n},
    )
    audit.record(
        tx, "link_account.changed", "source_account", account, {"warn_below": before.warn_below}, {"warn_below": n}
    )


def clicks_of(tx: Tx, codes: Sequence[UUID]) -> dict[UUID, int]:
    """How often some links were opened within the last 30 days."""
    rows = tx.cursor(
        """
        select live_code_id, sum(clicked)::int from link_day
        where tenant_id = %(tenant)s and live_code_id = any(%(ids)s::uuid[]) and day > %(since)s group by 1
        """,
        {
            "tenant": tx.tenant_id,
            "ids": list(codes),
            "since": tx.now.astimezone(ZoneInfo(tx.zone)).date() - timedelta(days=LOOKED_BACK),
        },
    ).fetchall()
    return dict(rows)


def hear(tx: Tx, told: Sequence[object]) -> None:
    """The platform told something of links: balances are read at once, one that was taken away there is shown as such."""
    heard = sorted({cast("tuple[str, str, str]", one) for one in told})
    rows = [{"source": source, "change": change, "link": link} for source, change, link in heard]
    params = {"tenant": tx.tenant_id, "rows": to_json(rows), "now": tx.now}
    tx.execute(
        """
        with due as materialized (
          select l.account_id from link_account as l join source_account as s on s.tenant_id = %(tenant)s and s.id = l.account_id
          where l.tenant_id = %(tenant)s and s.source in (select n.source from jsonb_to_recordset(%(rows)s::jsonb) as n(source text))
          order by l.account_id for update of l)
        update link_account as l set due_at = now() from due as d where l.tenant_id = %(tenant)s and l.account_id = d.account_id
        """,
        params,
    )
    # What we take away ourselves nobody tells us: this was done there, and another link has another address. So it is retired here too.
    tx.execute(
        """
        update live_code as c set placed_version = null, updated_at = now(),
          status = case when n.change = 'delete_link' then 'archived' else c.status end,
          config_id = case when n.change = 'delete_link' then null else c.config_id end,
          due_at = case when n.change = 'delete_link' then null else %(now)s end,
          problem = jsonb_build_object('why', 'gone', 'code', '', 'told', case when n.change = 'delete_link'
            then '链接在企业微信里被删除 / the link was taken away in WeCom' else '链接不可用 / the link is not available' end)
        from jsonb_to_recordset(%(rows)s::jsonb) as n(source text, change text, link text), source_account as s
        where c.tenant_id = %(tenant)s and c.kind = 'link' and c.status = 'active' and s.tenant_id = %(tenant)s and s.id = c.account_id
          and s.source = n.source and c.config_id = n.link and n.change in ('delete_link', 'link_unavailable')
        """,
        params,
    )
