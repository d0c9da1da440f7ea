"""Tags on customers: set and taken set-based, each row one customer and one tag."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.kernel.turn import Turn

MANUAL: Final = "manual"
COMPUTED: Final = "computed"
FLOW: Final = "flow"
IMPORT: Final = "import"

TagRow = tuple[int, UUID, str]
"""Bucket, customer, tag."""


def put(turn: Turn, rows: Collection[TagRow], *, source: str, until: datetime | None = None) -> list[TagRow]:
    """Set tags; returns those that were not there yet. A tag that was keeps its source, and the later end."""
    found = turn.tx.cursor(
        """
        with fresh as (
          select distinct t.bucket, t.customer_id, t.tag
          from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[], %(t_tags)s::text[]) as t(bucket, customer_id, tag)
          join customer as c on c.bucket = t.bucket and c.id = t.customer_id
            and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s)
        insert into customer_tag as g (bucket, tenant_id, customer_id, origin_id, tag, source, set_at, set_by, until)
        select bucket, %(tenant)s, customer_id, customer_id, tag, %(source)s, %(now)s, %(user)s, %(until)s from fresh
        on conflict (bucket, customer_id, tag) do update
        set until = case when g.until is null or excluded.until is null then null else greatest(g.until, excluded.until) end
        where g.until is not null
        returning bucket, customer_id, tag, xmax = 0
        """,
        _params(turn, rows) | {"source": source, "user": turn.tx.user_id, "until": until},
    )
    return [(bucket, customer_id, tag) for bucket, customer_id, tag, is_new in found if is_new]


def take(turn: Turn, rows: Collection[TagRow], *, source: str | None = None) -> list[TagRow]:
    """Take tags away (with ``source``, only those set by it); returns those that were there."""
    found = turn.tx.cursor(
        """
        delete from customer_tag as g
        using unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[], %(t_tags)s::text[]) as t(bucket, customer_id, tag)
        where g.bucket = any(%(buckets)s::smallint[]) and g.tenant_id = %(tenant)s
          and g.bucket = t.bucket and g.customer_id = t.customer_id and g.tag = t.tag
          and (%(source)s::text is null or g.source = %(source)s)
        returning g.bucket, g.customer_id, g.tag
        """,
        _params(turn, rows) | {"source": source},
    )
    return list(found)


def take_expired(turn: Turn, limit: int) -> list[TagRow]:
    """Take away tags whose time is over, at most ``limit`` of them."""
    found = turn.tx.cursor(
        """
        with over as materialized (
          select o.* from unnest(%(buckets)s::smallint[]) as b(bucket)
          cross join lateral (
            select bucket, customer_id, tag from customer_tag
            where bucket = b.bucket and bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and until <= %(now)s
            order by until limit %(limit)s) as o
          limit %(limit)s)
        delete from customer_tag as g using over as o
        where g.bucket = any(%(buckets)s::smallint[]) and g.tenant_id = %(tenant)s
          and g.bucket = o.bucket and g.customer_id = o.customer_id and g.tag = o.tag
        returning g.bucket, g.customer_id, g.tag
        """,
        turn.params(limit=limit),
    )
    return list(found)


def _params(turn: Turn, rows: Collection[TagRow]) -> dict[str, object]:
    ordered: Sequence[TagRow] = sorted(rows)
    return turn.params(
        t_buckets=[row[0] for row in ordered],
        t_customers=[row[1] for row in ordered],
        t_tags=[row[2] for row in ordered],
    )
