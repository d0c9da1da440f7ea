"""Lists: segments whose members people choose. An entry is a row; membership follows from it like from any other fact.

A list is a live segment that means "has an entry on this list", so that merges, flows, other segments and explanations treat it as any
segment. Putting somebody on it is an event in her inbox, applied in order with whatever else happens to her.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.ids import bucket_of
from tandem.kernel.turn import Turn
from tandem.stream import inbox
from tandem.stream.customer.search import hashes_of
from tandem.stream.events import LANE_NORMAL, NewEvent
from tandem.stream.keys import tenant_keys
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.segment.preview import EVERY_BUCKET

LISTED: Final = "segment.listed"
UNLISTED: Final = "segment.unlisted"
AT_ONCE_MAX: Final = 5000


def meaning(segment_id: UUID) -> str:
    """The expression of a list."""
    return f"exists(list_entries where list = '{segment_id}')"


@dataclass(frozen=True, slots=True)
class Named:
    """What lines of text name: customers, and the lines (from 1) that name nobody or several."""

    customers: list[UUID]
    unknown: list[int]
    ambiguous: list[int]


def named(tx: Tx, lines: Sequence[str]) -> Named:
    """Find whom lines mean: a phone number, e-mail address, member number, account or customer id each; empty lines are skipped.

    Only customers the transaction may see are found. Raises InvalidInput past ``AT_ONCE_MAX`` lines.
    """
    _refuse_many(len(lines))
    keys = tenant_keys(tx)
    asked: list[tuple[int, str, bytes]] = []
    meant: dict[int, set[UUID]] = {number: set() for number, line in enumerate(lines, start=1) if line.strip()}
    for number, customers in meant.items():
        typed = lines[number - 1].strip()
        if (customer := _id(typed)) is not None:
            customers.add(customer)
        asked += [(number, kind, value) for kind, value in hashes_of(keys, typed).items()]
    found = tx.cursor(
        """
        select t.line, i.customer_id from unnest(%(lines)s::int[], %(kinds)s::text[], %(hashes)s::bytea[]) as t(line, kind, hash)
        join identifier as i on i.tenant_id = %(tenant)s and i.kind = t.kind and i.scope = '' and i.value_hash = t.hash
        """,
        {
            "tenant": tx.tenant_id,
            "lines": [one[0] for one in asked],
            "kinds": [one[1] for one in asked],
            "hashes": [one[2] for one in asked],
        },
    )
    for number, customer in found:
        meant[number].add(customer)
    seen = set(visible(tx, set[UUID]().union(*meant.values())))
    kept = {number: customers & seen for number, customers in meant.items()}
    return Named(
        customers=sorted({one for customers in kept.values() if len(customers) == 1 for one in customers}),
        unknown=[number for number, customers in kept.items() if not customers],
        ambiguous=[number for number, customers in kept.items() if len(customers) > 1],
    )


def visible(tx: Tx, customers: Collection[UUID]) -> list[UUID]:
    """Those of the customers who are there, are themselves, and whom the transaction may see."""
    _refuse_many(len(customers))
    return tx.values(
        """
        select c.id from unnest(%(t_buckets)s::smallint[], %(t_ids)s::uuid[]) as t(bucket, id)
        join customer as c on c.bucket = t.bucket and c.id = t.id and c.tenant_id = %(tenant)s and c.merged_into is null
        """,
        {
            "tenant": tx.tenant_id,
            "t_buckets": [bucket_of(one) for one in customers],
            "t_ids": list(customers),
        },
    )


def standing_on(tx: Tx, segment_id: UUID, customers: Collection[UUID]) -> set[UUID]:
    """Those of the customers who have an entry already."""
    return set(
        tx.values(
            """
            select customer_id from list_entry
            where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and segment_id = %(segment)s
              and customer_id = any(%(ids)s::uuid[])
            """,
            {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "segment": segment_id, "ids": list(customers)},
        )
    )


def file(
    tx: Tx, segment_id: UUID, name: str, customers: Collection[UUID], *, listed: bool, lane: int = LANE_NORMAL
) -> int:
    """File that customers are put on the list or taken off it; returns how many changes were filed. Each is applied in her own turn."""
    on = standing_on(tx, segment_id, customers)
    wanted = [one for one in customers if (one in on) is not listed]
    payload = {"segment_id": str(segment_id), "segment": name, "by": str(tx.user_id) if tx.user_id else None}
    return inbox.emit(
        tx,
        [
            NewEvent(
                type=LISTED if listed else UNLISTED,
                bucket=bucket_of(one),
                customer_id=one,
                occurred_at=tx.now,
                payload=payload,
                lane=lane,
            )
            for one in wanted
        ],
    )


def _project(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Write and delete entries; of several events about one customer and list the last one counts."""
    last = {(event.bucket, event.customer_id, UUID(event.payload["segment_id"])): event for event in events}
    come = [(key, event) for key, event in last.items() if event.type == LISTED and key[1] is not None]
    gone = [key for key, event in last.items() if event.type == UNLISTED and key[1] is not None]
    if come:
        turn.tx.execute(
            """
            insert into list_entry (bucket, tenant_id, customer_id, origin_id, segment_id, added_at, added_by)
            select t.bucket, %(tenant)s, t.customer_id, t.origin_id, t.segment_id, t.added_at, t.added_by
            from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[], %(t_origins)s::uuid[], %(t_segments)s::uuid[],
                        %(t_at)s::timestamptz[], %(t_by)s::uuid[])
              as t(bucket, customer_id, origin_id, segment_id, added_at, added_by)
            where t.bucket = any(%(buckets)s::smallint[])
              and exists (select from segment as s where s.tenant_id = %(tenant)s and s.id = t.segment_id and s.archived_at is null)
            on conflict (bucket, customer_id, segment_id) do nothing
            """,
            turn.params(
                t_buckets=[key[0] for key, _ in come],
                t_customers=[key[1] for key, _ in come],
                t_origins=[event.origin_id or key[1] for key, event in come],
                t_segments=[key[2] for key, _ in come],
                t_at=[event.occurred_at for _, event in come],
                t_by=[event.payload.get("by") for _, event in come],
            ),
        )
    if gone:
        turn.tx.execute(
            """
            delete from list_entry as e
            using unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[], %(t_segments)s::uuid[]) as t(bucket, customer_id, segment_id)
            where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
              and e.bucket = t.bucket and e.customer_id = t.customer_id and e.segment_id = t.segment_id
            """,
            turn.params(
                t_buckets=[key[0] for key in gone],
                t_customers=[key[1] for key in gone],
                t_segments=[key[2] for key in gone],
            ),
        )


PROJECTION: Final = Projection((LISTED, UNLISTED), _project, name="stream.lists")
"""For the assembly."""


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _refuse_many(count: int) -> None:
    if count > AT_ONCE_MAX:
        raise InvalidInput(
            "list_too_many",
            f"一次最多 {AT_ONCE_MAX} 位客户；更多请用文件导入打标签。",
            f"At most {AT_ONCE_MAX} customers at once; import a file with tags for more.",
            details=(Detail("lines", f"{count} 行", f"{count} lines"),),
        )
