"""Fields of customers as they were: today's values, and what the event log says each of them was before (ENGINE_RULES 13).

A field that was not changed since the window began is today as it was then; of the others each `customer.updated` tells the old value
and the new, so that between two changes the earlier one's holds, and before the first what that took away.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx, identifier
from tandem.kernel.schema import Base
from tandem.stream.events import BACKFILL, UPDATED
from tandem.stream.profile.sayings import ATTRIBUTE
from tandem.stream.profile_tables import CUSTOMER_SOURCE

#: The customer's plain fields that expressions read, with their type.
FIELDS: Final = dict.fromkeys(("gender", "city", "district", "division", "location", "stage", "level"), "text") | {
    "birthday": "date",
    "do_not_contact": "boolean",
}
#: The word by which expressions ask for custom fields, and the table where these stand.
CUSTOM: Final = "attributes"
CUSTOM_TABLE: Final = "customer_field"
EVERY_FIELD: Final = frozenset({*FIELDS, CUSTOM})

_AS_OF: Final = "(select current_setting('tandem.as_of', true)::timestamptz)"
# What came with somebody who was merged into her later was no field of hers.
_CHANGES: Final = """
create temp table past_field as
select c.bucket, c.customer_id, c.field, c.value, c.from_at,
       lead(c.from_at, 1, 'infinity'::timestamptz) over (partition by c.bucket, c.customer_id, c.field order by c.from_at, c.event_id) as until_at,
       c.old, c.history
from (
  select e.bucket, e.customer_id, d.key as field, coalesce(d.value -> 'new', 'null') as value, coalesce(d.value -> 'old', 'null') as old,
         e.occurred_at as from_at, e.event_id, e.mode = %(backfill)s as history
  from public.event as e cross join lateral jsonb_each(e.payload -> 'changes') as d
  where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.occurred_at > %(since)s and e.occurred_at <= %(until)s
    and e.type = %(type)s and e.customer_id is not null and e.origin_id is not distinct from e.customer_id
    and (%(owner)s::uuid is null or e.owner_id = %(owner)s)
    and (d.key = any(%(fields)s) or (%(custom)s and starts_with(d.key, %(attribute)s)))) as c
"""
# What she came with, or what history told of her for the first time, holds from ever: an event of before, told with her or after her, was
# judged by it. A change is told when its turn comes, not as of its record, hence the hour.
_BEFORE: Final = """
with came as materialized (
  select e.bucket, e.customer_id, max(e.occurred_at) as at from public.event as e
  where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.occurred_at > %(since)s and e.occurred_at <= %(until)s
    and e.type = %(created)s and (%(owner)s::uuid is null or e.owner_id = %(owner)s)
  group by 1, 2)
insert into past_field (bucket, customer_id, field, value, from_at, until_at)
select distinct on (h.bucket, h.customer_id, h.field) h.bucket, h.customer_id, h.field,
  case when h.old = 'null' and (h.history or h.from_at <= c.at + interval '1 hour') then h.value else h.old end, '-infinity'::timestamptz, h.from_at
from past_field as h left join came as c on c.bucket = h.bucket and c.customer_id = h.customer_id
order by h.bucket, h.customer_id, h.field, h.from_at, h.until_at
"""
_THEN: Final = (
    "(select h.value from past_field as h where h.bucket = v.bucket and h.customer_id = v.id and h.field = '{field}'"
    f" and h.from_at <= {_AS_OF} and h.until_at > {_AS_OF})"
)
_CUSTOM: Final = f"""
drop view if exists pg_temp.{CUSTOM_TABLE};
create temp view {CUSTOM_TABLE} as
select {{columns}} from public.{CUSTOM_TABLE} as t
where not exists (select from past_field as h where h.bucket = t.bucket and h.customer_id = t.customer_id and h.field = t.field)
union all
select {{values}} from past_field as h
where starts_with(h.field, '{ATTRIBUTE}') and h.value <> 'null' and h.from_at <= {_AS_OF} and h.until_at > {_AS_OF}
"""
_TENANT: Final = "(select current_setting('tandem.tenant_id')::uuid)"


def asked(words: AbstractSet[str], besides: AbstractSet[str] = frozenset()) -> frozenset[str]:
    """The fields that these words of a flow ask for; `besides` names tables that a rehearsal writes itself: those begin as of today."""
    plain = frozenset[str]() if "customer" in besides else FIELDS.keys() & words
    return frozenset(plain | ({CUSTOM} & words if CUSTOM_TABLE not in besides else set[str]()))


def past_fields(
    tx: Tx, wanted: AbstractSet[str], since: datetime, *, buckets: Sequence[int], owner: UUID | None = None
) -> None:
    """Let the session read these fields as of `tandem.as_of`, which lies after `since`; `owner`: only she will be asked about.

    Comes after all that stands before the customer's own tables, since it reads on from there.
    """
    if not wanted:
        return
    params = {
        "tenant": tx.tenant_id,
        "buckets": list(buckets),
        "since": since,
        "until": tx.now,
        "type": UPDATED,
        "created": "customer.created",
        "backfill": BACKFILL,
        "owner": owner,
        "fields": sorted(wanted & FIELDS.keys()),
        "custom": CUSTOM in wanted,
        "attribute": ATTRIBUTE,
    }
    tx.execute(_CHANGES, params)
    tx.execute(_BEFORE, params)
    tx.execute("create index on past_field (bucket, customer_id, field)")
    tx.execute("analyze past_field")
    changed: set[str] = set(tx.values("select distinct field from past_field"))
    if changed & FIELDS.keys():
        _stand_before(tx, changed & FIELDS.keys())
    if CUSTOM in wanted:
        _custom_before(tx)


def _stand_before(tx: Tx, fields: AbstractSet[str]) -> None:
    """The customer view once more, before the one that stands there: with these of its fields as of then."""
    view: str = tx.value("select pg_get_viewdef(%(view)s::regclass)", {"view": CUSTOMER_SOURCE})
    names = tx.values(
        "select attname::text from pg_attribute where attrelid = %(view)s::regclass and attnum > 0 order by attnum",
        {"view": CUSTOMER_SOURCE},
    )
    shown = ", ".join(
        f"(coalesce({_THEN.format(field=name)}, to_jsonb(v.{name})) #>> '{{}}')::{FIELDS[name]} as {name}"
        if name in fields
        else f"v.{identifier(name)}"
        for name in names
    )
    tx.execute(
        f"create or replace temp view {CUSTOMER_SOURCE} as select {shown} from ({view.rstrip().rstrip(';')}) as v"
    )


def _custom_before(tx: Tx) -> None:
    known = {
        "tenant_id": _TENANT,
        "bucket": "h.bucket",
        "customer_id": "h.customer_id",
        "origin_id": "h.customer_id",
        "field": "h.field",
        "source": "''",
        "at": "nullif(h.from_at, '-infinity')",
        "holds": "true",
        "value": "h.value",
    }
    columns = [column.name for column in Base.metadata.tables[CUSTOM_TABLE].columns]
    tx.execute(
        _CUSTOM.format(
            columns=", ".join(f"t.{identifier(name)}" for name in columns),
            values=", ".join(known.get(name, "null") for name in columns),
        )
    )
