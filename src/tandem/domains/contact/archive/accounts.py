"""Accounts with an archive, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact.archive import strays
from tandem.domains.contact.archive.ports import archived_connectors
from tandem.domains.contact.archive.shapes import ArchiveChange
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS
from tandem.stream.rows import to_json

_ALL_BUCKETS: Final = list(range(BUCKETS))
HOURS: Final = [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "09:00", "until": "21:00"}]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account."""

    account_id: UUID
    account: str
    active: bool | None
    pulled_at: datetime | None
    messages: int
    unread: int
    withheld: int
    hours: list[Any]
    alarm_minutes: int
    sample_n: int
    problem: dict[str, Any] | None
    broken: int


def list_accounts(tx: Tx) -> list[AccountRow]:
    """Accounts whose connector has an archive, switched on or not."""
    return tx.all(
        AccountRow,
        """
        select s.id as account_id, s.name as account, a.active, a.pulled_at, coalesce(t.messages, 0) as messages, coalesce(a.unread, 0) as unread,
          coalesce(a.withheld, 0) as withheld, coalesce(a.hours, %(hours)s::jsonb) as hours, coalesce(a.alarm_minutes, 30) as alarm_minutes,
          coalesce(a.sample_n, 3) as sample_n, a.problem,
          (select count(*) from archive_broken as b where b.tenant_id = %(tenant)s and b.account_id = s.id and b.state <> 'trying')::int as broken
        from source_account as s
        left join archive_account as a on a.tenant_id = %(tenant)s and a.account_id = s.id
        left join (select account_id, sum(messages)::int as messages from archive_talk
          where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s group by 1) as t on t.account_id = s.id
        where s.tenant_id = %(tenant)s and s.connector = any(%(connectors)s::text[])
        order by s.name, s.id limit 500
        """,
        {
            "tenant": tx.tenant_id, "connectors": archived_connectors(), "hours": to_json(HOURS), "buckets": _ALL_BUCKETS,
        },
    )  # fmt: skip


def change(tx: Tx, account_id: UUID, given: ArchiveChange) -> AccountRow:
    """Switch an archive on or off, and say how its talks are looked at. Raises NotFound."""
    before = next((one for one in list_accounts(tx) if one.account_id == account_id), None)
    if before is None:
        raise NotFound("no_such_account", "没有这个账号。", "There is no such account with an archive.")
    told = given.model_dump(exclude_none=True, by_alias=True)
    after = {name: told.get(name, getattr(before, name)) for name in ("active", "hours", "alarm_minutes", "sample_n")}
    after["active"] = bool(after["active"])
    tx.execute(
        """
        insert into archive_account (tenant_id, account_id, active, hours, alarm_minutes, sample_n)
        values (%(tenant)s, %(id)s, %(active)s, %(stored)s::jsonb, %(alarm_minutes)s, %(sample_n)s)
        on conflict (tenant_id, account_id) do update set active = excluded.active, hours = excluded.hours, alarm_minutes = excluded.alarm_minutes,
          sample_n = excluded.sample_n, next_at = now()
        """,
        {**after, "stored": to_json(after["hours"]), "tenant": tx.tenant_id, "id": account_id},
    )
    if not after["active"]:
        strays.forget(tx, account_id, timedelta(0))
    old = {name: getattr(before, name) for name in after}
    audit.record(tx, "archive_account.changed", "source_account", account_id, *audit.changes(old, after))
    return next(one for one in list_accounts(tx) if one.account_id == account_id)
