"""Members who are no longer anybody of their own (merged into another, erased): nobody left, and yet there is one less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of

_NOTE: Final = """
insert into segment_day as d (bucket, tenant_id, segment_id, day, merged)
select m.bucket, m.tenant_id, m.segment_id, %(day)s, -count(*) from segment_member as m
where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.customer_id = any(%(ids)s::uuid[])
group by m.bucket, m.tenant_id, m.segment_id
on conflict (bucket, tenant_id, segment_id, day) do update set merged = d.merged + excluded.merged
"""


def note(tx: Tx, customers: Sequence[UUID]) -> None:
    """Count the memberships of customers that are about to go, so that a trend's past stays what it was. Wants their buckets held."""
    params = {
        "tenant": tx.tenant_id,
        "ids": list(customers),
        "buckets": sorted({bucket_of(one) for one in customers}),
        "day": tx.now.astimezone(ZoneInfo(tx.zone)).date(),
    }
    tx.execute(_NOTE, params)
