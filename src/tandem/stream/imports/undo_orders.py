"""Orders that an import brought: those it made go, those it changed become what they were, those changed since stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn
from tandem.stream.events import LANE_BULK, NewEvent
from tandem.stream.identity.rehome import subject_tables
from tandem.stream.imports.files import FileRow
from tandem.stream.inbox import emit
from tandem.stream.profile.facts import recompute_customers
from tandem.stream.projection import BACKFILL, StreamSystem


@dataclass(frozen=True, slots=True)
class _Order:
    """`ours`: only the import ever spoke of it. `before`: the record before the import's. `last_ours`: the newest is the import's."""

    entity_id: str
    subject_id: UUID
    bucket: int
    customer_id: UUID | None
    ours: bool
    last_ours: bool
    before: dict[str, Any] | None


def buckets_of(tx: Tx, row: FileRow, numbers: Sequence[str]) -> set[int]:
    """Where the orders of these numbers live now."""
    if not numbers:
        return set()
    found = tx.values(
        """
        select distinct bucket from entity_key
        where tenant_id = %(tenant)s and source = %(source)s and kind = 'order' and entity_id = any(%(numbers)s::text[])
        """,
        {"tenant": tx.tenant_id, "source": row.source, "numbers": list(numbers)},
    )
    return set(found)


_LOOK: Final = """
select k.entity_id, k.subject_id, k.bucket, k.customer_id, coalesce(h.ours, true) as ours, coalesce(h.last_ours, true) as last_ours, h.before
from entity_key as k
left join lateral (
  select bool_and(e.root_id = %(import)s) as ours,
         (array_agg(e.root_id = %(import)s order by e.received_at desc, e.event_id desc))[1] as last_ours,
         (array_agg(e.payload order by e.received_at desc, e.event_id desc) filter (where e.root_id is distinct from %(import)s))[1] as before
  from event as e
  where e.bucket = k.bucket and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
    and e.owner_id = coalesce(k.customer_id, k.subject_id) and e.subject_id = k.subject_id
    and e.type in ('order.placed', 'order.paid', 'order.completed', 'order.cancelled', 'order.changed')
) as h on true
where k.tenant_id = %(tenant)s and k.source = %(source)s and k.kind = 'order' and k.entity_id = any(%(numbers)s::text[])
  and k.bucket = any(%(buckets)s::smallint[])
  and not exists (
    select from inbox as i where i.bucket = k.bucket and i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s
      and i.subject_id = k.subject_id)
"""


def take_back(turn: Turn, system: StreamSystem, row: FileRow, numbers: Sequence[str]) -> dict[str, int]:
    """Take back what the import said of the orders of these numbers; returns how many went, were restored, and stay as they are."""
    params = turn.params(**{"import": row.id, "source": row.source, "numbers": list(numbers)})
    orders = turn.tx.all(_Order, _LOOK, params)
    gone = [one for one in orders if one.ours]
    restored = [one for one in orders if not one.ours and one.last_ours and one.before is not None]
    _remove(turn, row, gone)
    _restore(turn, row, restored)
    touched = [(one.bucket, one.customer_id) for one in gone if one.customer_id is not None]
    if touched:
        recompute_customers(turn, system, touched)
    emit(turn, [_moved(turn, one) for one in gone if one.customer_id is not None])
    kept = len(numbers) - len(gone) - len(restored)
    return {"orders_removed": len(gone), "orders_restored": len(restored), "orders_kept": kept}


def _remove(turn: Turn, row: FileRow, gone: Sequence[_Order]) -> None:
    if not gone:
        return
    params = turn.params(
        type="order",
        source=row.source,
        subjects=[one.subject_id for one in gone],
        numbers=[one.entity_id for one in gone],
    )
    for table, condition in subject_tables("order"):
        many = condition.replace("= %(subject)s", "= any(%(subjects)s::uuid[])")
        turn.tx.execute(
            f"delete from {table.name} as t where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and {many}",
            params,
        )
    turn.tx.execute(
        """
        delete from entity_key
        where tenant_id = %(tenant)s and source = %(source)s and kind = 'order' and entity_id = any(%(numbers)s::text[])
        """,
        params,
    )


def _restore(turn: Turn, row: FileRow, restored: Sequence[_Order]) -> None:
    """Say the earlier record again, as of now: the projection writes it over the import's."""
    now = turn.now.isoformat()
    events = [
        NewEvent(
            type="order.changed",
            bucket=one.bucket,
            customer_id=one.customer_id,
            occurred_at=turn.now,
            payload={**(one.before or {}), "modified_at": now},
            lane=LANE_BULK,
            mode=BACKFILL,
            subject_type="order",
            subject_id=one.subject_id,
            cause_id=row.id,
        )
        for one in restored
    ]
    emit(turn, events)
    if restored:
        # Without a time the next record of the order is news, whenever the platform says it was changed.
        turn.tx.execute(
            """
            update entity_key set modified_at = null
            where tenant_id = %(tenant)s and source = %(source)s and kind = 'order' and entity_id = any(%(numbers)s::text[])
            """,
            turn.params(source=row.source, numbers=[one.entity_id for one in restored]),
        )


def _moved(turn: Turn, one: _Order) -> NewEvent:
    """Let what depends on the customer's orders be judged again; as history, so that nothing starts."""
    return NewEvent(
        type="order.moved",
        bucket=one.bucket,
        customer_id=one.customer_id,
        occurred_at=turn.now,
        payload={"order_id": str(one.subject_id)},
        lane=LANE_BULK,
        mode=BACKFILL,
        subject_type="order",
        subject_id=one.subject_id,
    )
