"""Reading the audit trail."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access.paging import from_cursor, page_of
from tandem.kernel.db import Tx


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry with the names that belong to it."""

    id: UUID
    at: datetime
    user_id: UUID | None
    user_name: str | None
    api_key_id: UUID | None
    api_key_name: str | None
    action: str
    entity: str
    entity_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show; None does not narrow. `since` and `until` are machine time, half-open."""

    entity: str | None = None
    entity_id: str | None = None
    actor: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


#: Kinds of things that entries about other things name by their id.
_NAMED: Final = frozenset({"flow", "segment", "coupon_template", "message_template", "import"})
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def names_in(tx: Tx, rows: Sequence[AuditRow]) -> dict[str, str]:
    """What the things are called that these entries speak of by id: as access knows them, else as the trail last called them."""
    told = json.dumps([[row.entity_id, row.before, row.after] for row in rows])
    wanted = sorted(set(_UUID.findall(told)))
    if not wanted:
        return {}
    found = tx.cursor(
        """
        with wanted as (select unnest(%(ids)s::text[]) as id)
        select distinct on (w.id) w.id, coalesce(e.after ->> 'name', e.before ->> 'name') as name
        from wanted w join audit_entry e on e.tenant_id = %(tenant)s and e.entity = any(%(entities)s::text[]) and e.entity_id = w.id
        where coalesce(e.after ->> 'name', e.before ->> 'name') is not null order by w.id, e.id desc
        """,
        {"ids": wanted, "tenant": tx.tenant_id, "entities": sorted({row.entity for row in rows} | _NAMED)},
    ).fetchall()
    own = tx.cursor(
        """
        select id::text, name from org_unit where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
        union all select id::text, name from staff_user where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
        union all select id::text, name from staff_role where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
        union all select id::text, name from api_key where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
        """,
        {"ids": wanted, "tenant": tx.tenant_id},
    ).fetchall()
    return dict(found) | dict(own)


def list_audit(tx: Tx, wanted: AuditFilter, *, cursor: str | None, limit: int) -> tuple[list[AuditRow], str | None]:
    """Entries, newest first (ids are time-ordered). Whoever does not see the whole tenant sees only what they did themselves."""
    actor = wanted.actor if tx.scope.kind == "all" else tx.user_id
    before = from_cursor(cursor, 1)[0] if cursor else None
    rows = tx.all(
        AuditRow,
        """
        select e.id, e.at, e.user_id, u.name as user_name, e.api_key_id, k.name as api_key_name, e.action, e.entity, e.entity_id,
               e.before, e.after, e.request_id, e.address
        from audit_entry e
        left join staff_user u on u.tenant_id = e.tenant_id and u.id = e.user_id
        left join api_key k on k.tenant_id = e.tenant_id and k.id = e.api_key_id
        where e.tenant_id = %(tenant)s
          and (%(entity)s::text is null or e.entity = %(entity)s)
          and (%(entity_id)s::text is null or e.entity_id = %(entity_id)s)
          and (%(actor)s::uuid is null or e.user_id = %(actor)s)
          and (%(action)s::text is null or e.action = %(action)s)
          and (%(since)s::timestamptz is null or e.at >= %(since)s)
          and (%(until)s::timestamptz is null or e.at < %(until)s)
          and (%(before)s::uuid is null or e.id < %(before)s::uuid)
        order by e.id desc limit %(limit)s
        """,
        {
            "tenant": tx.tenant_id,
            "entity": wanted.entity,
            "entity_id": wanted.entity_id,
            "actor": actor,
            "action": wanted.action,
            "since": wanted.since,
            "until": wanted.until,
            "before": before,
            "limit": limit + 1,
        },
    )
    return page_of(rows, limit, "id")
