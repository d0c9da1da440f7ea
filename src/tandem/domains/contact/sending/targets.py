"""Whom a task is for, by the platform's ids. These are sealed with each customer and opened only here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS, bucket_of, derived_id
from tandem.stream.keys import data_key, tenant_keys

_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Targets:
    """The platform's id -> our row (a person's, or a group's); and the rows without one."""

    keys: dict[str, UUID]
    missing: list[UUID]


_IDS: Final = """
select p.id, p.friendship_id, i.value_enc, i.origin_id
from mass_send_person as p
left join customer_identifier as i on i.bucket = p.bucket and i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s
  and i.customer_id = p.customer_id and i.kind = 'open_id'
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.task_id = %(task)s and p.state in ('booked', 'asked')
"""


def of_task(tx: Tx, task: UUID, kind: str, source: str, member: str) -> Targets:
    """A task's targets that are not settled yet."""
    if kind == "groups":
        rows = tx.cursor(
            """
            select g.chat_id, s.group_chat_id from mass_send_group as s
            join group_chat as g on g.tenant_id = %(tenant)s and g.id = s.group_chat_id
            where s.tenant_id = %(tenant)s and s.task_id = %(task)s and s.state in ('booked', 'asked')
            """,
            {"tenant": tx.tenant_id, "task": task},
        ).fetchall()
        return Targets(dict(rows), [])
    rows = tx.cursor(_IDS, {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "task": task}).fetchall()
    keys, wrapped = tenant_keys(tx), _keys(tx, {row[3] for row in rows if row[3] is not None})
    found: dict[str, UUID] = {}
    for person, friendship, sealed, origin in rows:
        if sealed is None or wrapped.get(origin) is None:
            continue
        value = TenantKeys.open(data_key(keys, wrapped[origin]), bytes(sealed))
        # One customer may be known under several ids: hers is the one by which this adviser knows her.
        if derived_id(tx.tenant_id, source, "friendship", f"{member}\x1f{value}") == friendship:
            found[value] = person
    named = set(found.values())
    return Targets(found, sorted({row[0] for row in rows} - named))


def _keys(tx: Tx, owners: set[UUID]) -> dict[UUID, bytes]:
    rows = tx.cursor(
        """
        select id, key_enc from customer
        where bucket = any(%(homes)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and key_enc is not null
        """,
        {"tenant": tx.tenant_id, "homes": sorted({bucket_of(one) for one in owners}), "ids": list(owners)},
    ).fetchall()
    return {row[0]: bytes(row[1]) for row in rows}
