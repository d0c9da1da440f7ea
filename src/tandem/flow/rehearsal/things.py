"""Rehearsals of flows about things: who takes part, and how the things stood in the past, as their own events told (decision 184).

Every event about a thing carries it as it was then, so what it was at a moment is what its last event before said; no statement goes
thing by thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.catalog import Catalog, Entity, Relation
from tandem.catalog.label import Label
from tandem.flow.subjects import CUSTOMER, Home, rows_of
from tandem.kernel.db import Tx, identifier
from tandem.kernel.ids import bucket_of
from tandem.kernel.schema import Base
from tandem.kernel.turn import Turn

#: How far before the window the last word on a thing is looked for; who was silent for longer is as today until the first event.
BEFORE: Final = "400 days"


def person(customer: UUID) -> Home:
    """A customer as whom a rehearsal is about."""
    return Home(customer, bucket_of(customer), customer, customer)


def copied(catalog: Catalog, entity: Entity, *, every: bool = True) -> dict[str, str]:
    """The scratch table of the thing's own table: all of its sort, or those that take part (`%(things)s`, `%(customers)s`, which live in
    `%(homes)s`) with what related sets find there for them: the other orders of the customer, the counts at other places.
    """
    if every:
        return {entity.table: rows_of(entity, "t")}
    # One look-up for each way: the ways in a row with `or` would read the whole table.
    ways = [_taking_part(entity, "o", "id", "things"), *_related(catalog, entity)]
    return {entity.table: f"{rows_of(entity, 't')} and (t.bucket, t.id) in ({' union '.join(ways)})"}


def _taking_part(entity: Entity, shown: str, column: str, among: str, more: str = "") -> str:
    return (
        f"select {shown}.bucket, {shown}.id from public.{identifier(entity.table)} o{more}"
        f" where o.{entity.tenant_column} = %(tenant)s and o.bucket = any(%(homes)s::smallint[])"
        f" and o.{column} = any(%({among})s::uuid[])"
    )


def _related(catalog: Catalog, entity: Entity) -> list[str]:
    """Look-ups of the rows of the thing's own table that some related set finds for the things or the customers that take part."""
    sets = [one for one in catalog.relations.values() if one.table == entity.table]
    found = [
        _taking_part(
            entity,
            "t",
            "id",
            "things",
            f" join public.{identifier(entity.table)} t on t.{entity.tenant_column} = o.{entity.tenant_column} and {_tied(one)}",
        )
        for one in sets
        if one.from_entity == entity.name
    ]
    if any(one.from_entity == CUSTOMER for one in sets):
        found.append(_taking_part(entity, "o", "customer_id", "customers"))
    return found


def _tied(of: Relation) -> str:
    return " and ".join(f"t.{identifier(mine)} = o.{identifier(its)}" for mine, its in of.join)


_STATES: Final = """
create temp table past_state as
select e.bucket, e.subject_id, e.occurred_at as at, e.event_id, e.payload as p from public.event as e
where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.occurred_at > %(since)s and e.occurred_at <= %(until)s
  and e.subject_type = %(subject)s and e.type = any(%(types)s)
"""


class Standing:
    """The table of a flow's things, moved through the window with the clock."""

    def __init__(self, entity: Entity, since: datetime, until: datetime, buckets: Sequence[int]) -> None:
        self._entity = entity
        self._since, self._until, self._buckets = since, until, list(buckets)
        table = Base.metadata.tables[entity.table]
        self._table = f"pg_temp.{identifier(table.name)}"
        self._columns = ", ".join(identifier(one.name) for one in table.columns if one.computed is None)

    def begin(self, tx: Tx) -> None:
        """From today's rows back to the window's beginning: what came later is laid aside, what has changed since is set back."""
        subject = self._entity.subject
        if subject is None:
            return
        params = {
            "tenant": tx.tenant_id,
            "buckets": self._buckets,
            "since": self._since,
            "until": self._until,
            "subject": self._entity.name,
            "types": list(subject.events),
        }
        tx.execute(_STATES, params)
        tx.execute("create index on past_state (at)")
        tx.execute("create index on past_state (subject_id)")
        tx.execute("analyze past_state")
        born = f"t.{identifier(subject.born)}" if subject.born else "null::timestamptz"
        tx.execute(
            f"create temp table past_unborn as select {born} as born, t.* from {self._table} t where {born} > %(since)s",
            params,
        )
        tx.execute(f"delete from {self._table} t where {born} > %(since)s", params)
        if subject.past:
            tx.execute(self._then(_BEFORE.format(table=self._table, before=BEFORE)), params)
        tx.execute(f"analyze {self._table}")

    def step(self, turn: Turn, after: datetime) -> None:
        """Forward to now: who is new by then, and what became of those to whom something happened."""
        subject = self._entity.subject
        if subject is None:
            return
        params = turn.params(after=after, buckets=self._buckets)
        turn.tx.execute(
            f"insert into {self._table} ({self._columns}) select {self._columns} from past_unborn where born > %(after)s and born <= %(now)s"
            " on conflict do nothing",
            params,
            prepare=True,
        )
        if subject.past:
            turn.tx.execute(self._then(_LATEST), params, prepare=True)

    def _then(self, states: str) -> str:
        subject = self._entity.subject
        past = "" if subject is None else subject.past
        return (
            f"update {self._table} t set {past} from ({states}) s where t.bucket = s.bucket and t.id = s.subject_id"
            " and t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s"
        )


_LATEST: Final = """
select distinct on (x.subject_id) x.bucket, x.subject_id, x.at, x.p from past_state x where x.at > %(after)s and x.at <= %(now)s
order by x.subject_id, x.at desc, x.event_id desc
"""
# Only of those that have changed since: all others are today what they were then.
_BEFORE: Final = """
select o.bucket, o.id as subject_id, l.at, l.p from {table} o cross join lateral (
  select e.occurred_at as at, e.payload as p from public.event e
  where e.bucket = o.bucket and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
    and e.occurred_at <= %(since)s and e.occurred_at > %(since)s::timestamptz - interval '{before}'
    and e.subject_id = o.id and e.subject_type = %(subject)s and e.type = any(%(types)s)
    and e.owner_id = coalesce((to_jsonb(o) ->> 'customer_id')::uuid, o.id)
  order by e.occurred_at desc, e.event_id desc limit 1) l
where o.id in (select subject_id from past_state)
"""


def stand_in(tx: Tx, catalog: Catalog, entity: Entity, home: Home) -> None:
    """A scratch table of this one thing, before the real one, with what related sets find there for it."""
    name = identifier(entity.table)
    tx.execute(f"create temp table {name} (like public.{name} including defaults including generated)")
    _copy(tx, entity, copied(catalog, entity, every=False)[entity.table], home)


def as_it_was(tx: Tx, entity: Entity, home: Home, at: datetime) -> None:
    """Let the stand-in be what the thing's last event by then said."""
    subject = entity.subject
    if subject is None or not subject.past:
        return
    tx.execute(f"delete from pg_temp.{identifier(entity.table)} where id = %(id)s", _key(tx, home))
    _copy(tx, entity, "t.bucket = %(bucket)s and t.id = %(id)s", home)
    tx.execute(
        f"update pg_temp.{identifier(entity.table)} t set {subject.past} from ("
        "select e.occurred_at as at, e.payload as p from public.event e where e.bucket = %(bucket)s and e.tenant_id = %(tenant)s"
        " and e.owner_id = %(owner)s and e.subject_id = %(id)s and e.subject_type = %(subject)s and e.type = any(%(types)s)"
        " and e.occurred_at <= %(at)s and e.occurred_at > %(at)s::timestamptz - interval '400 days'"
        " order by e.occurred_at desc, e.event_id desc limit 1) s where t.id = %(id)s",
        _key(tx, home)
        | {"owner": home.customer_id or home.id, "subject": entity.name, "types": list(subject.events), "at": at},
    )


def _copy(tx: Tx, entity: Entity, which: str, home: Home) -> None:
    name = identifier(entity.table)
    table = Base.metadata.tables[entity.table]
    columns = ", ".join(identifier(one.name) for one in table.columns if one.computed is None)
    tx.execute(
        f"insert into pg_temp.{name} ({columns}) select {columns} from public.{name} t where t.tenant_id = %(tenant)s and ({which})",
        _key(tx, home)
        | {"homes": [home.bucket], "things": [home.id], "customers": [home.customer_id] if home.customer_id else []},
    )


def _key(tx: Tx, home: Home) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "bucket": home.bucket, "id": home.id}


def unknown(entity: Entity) -> Label:
    """What the past of such a thing does not tell."""
    zh, en = entity.label.zh, entity.label.en
    told = entity.subject is not None and entity.subject.past
    if not told:
        return Label(f"{zh}的内容按今天的值判断", f"What is asked of a {en} is as of today")
    return Label(
        f"{zh}的内容按它当时最近一次事件所说的判断；事件里没有的（门店、负责人、关联资料）按今天的值",
        f"What is asked of a {en} is as its last event by then told; what events do not tell (store, owner, related data) is as of today",
    )
