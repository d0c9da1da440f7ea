"""The scratch schema of a rehearsal: session-temporary tables stand before the real ones, so the engine's statements write there.

Nothing needs to be cleaned up: the tables go with the session, however it ends. Once they are made, transactions are read-only, and
PostgreSQL itself refuses any write to a table that is not temporary (docs/decisions/0075-rehearsals-run-before-the-real-tables.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from tandem.catalog import Catalog
from tandem.flow.compiler import tables_of
from tandem.flow.node import Fragment
from tandem.flow.rehearsal.parts import Tryout
from tandem.flow.subjects import CUSTOMER
from tandem.kernel.db import Connection, Tx, identifier
from tandem.kernel.schema import Base
from tandem.stream.profile_tables import CUSTOMER_SOURCE

#: What the engine itself writes beside its `flow_` tables.
_ENGINE = ("human_task", "inbox", "inbox_failed")
#: Arms are kept for good: who has one keeps it in a rehearsal too.
_BEGIN_WITH = {"flow_arm": "true"}
# As a subquery it is read once for a statement and not for every row.
_AS_OF = "(select current_setting('tandem.as_of')::timestamptz)"
_PROFILE = "customer_profile"
_FACT_DAY = "customer_fact_day"
# A day's row knows its last visit only, which may lie ahead: of the day that it is now the log tells what had been by then.
_TODAY = f"({_AS_OF} at time zone '{{zone}}')::date"
_PAST_DAYS = f"""
create temp view {_FACT_DAY} as
select t.bucket, t.tenant_id, t.customer_id, t.origin_id, t.day, t.fact, t.n, t.amount from public.{_FACT_DAY} as t
where t.day < {_TODAY} or (t.day = {_TODAY} and t.fact <> 'visits')
union all
select e.bucket, e.tenant_id, e.owner_id, e.owner_id, {_TODAY}, 'visits', count(*), extract(epoch from max(e.occurred_at)) from public.event as e
where e.type = 'visit.recorded' and e.customer_id is not null
  and e.occurred_at >= {_TODAY}::timestamp at time zone '{{zone}}' and e.occurred_at <= {_AS_OF}
group by e.bucket, e.tenant_id, e.owner_id
"""


class Scratch:
    """Makes the scratch tables in the session of one connection."""

    def __init__(
        self,
        tx: Tx,
        catalog: Catalog,
        tryouts: Sequence[Tryout],
        fragments: Iterable[Fragment | None],
        *,
        since: datetime,
        customers: Sequence[UUID] | None = None,
        things: Sequence[UUID] = (),
        homes: Sequence[int] = (),
        own: Mapping[str, str] = MappingProxyType({}),
        rewritten: Iterable[str] = (),
        subject: str = CUSTOMER,
    ) -> None:
        """`customers`: only their rows begin there. `own`: the table of the flow's things and which of them (`things`, in the buckets
        `homes`) begin there. `rewritten`: tables that blocks without a fragment change in place.
        """
        self._subject = subject
        self._tx = tx
        self._catalog = catalog
        self._tryouts = tryouts
        self._begins = dict.fromkeys(rewritten, "true") | _beginnings(tryouts, fragments) | dict(own)
        self._own = frozenset(own)
        self._things = things
        self._homes = homes
        self._since = since
        self._customers = customers

    @property
    def tables(self) -> frozenset[str]:
        """The names of the tables that stand before the real ones."""
        return frozenset(self._begins)

    def build(self, *, past: bool, profile: bool = False) -> None:
        """Make the tables; with `past` also views that show the others as of `tandem.as_of`, with `profile` an empty feature table."""
        view = self._customer_view()
        if profile:
            self._begins[_PROFILE] = ""
        for name, where in self._begins.items():
            self._table(Base.metadata.tables[name], where)
        if past:
            past_views(self._tx, self._catalog, self._tryouts, besides=self.tables, subject=self._subject)
        if {"customer", _PROFILE} & self._begins.keys():
            self._execute(f"create temp view {CUSTOMER_SOURCE} as {view}")

    def _execute(self, statement: str, params: Mapping[str, Any] | None = None) -> None:
        self._tx.execute(statement, params)

    def _table(self, table: Table, where: str) -> None:
        name = identifier(table.name)
        self._execute(
            f"create temp table {name} (like public.{name} including defaults including generated"
            + ("" if table.name == _PROFILE else " including indexes")
            + ")"
        )
        if table.name == _PROFILE:
            # Rewritten all the time and looked for by customer: an index over what is rewritten would cost more than the rest.
            self._execute(f"alter table pg_temp.{name} add primary key (bucket, customer_id)")
        if not where:
            return
        columns = ", ".join(f"{identifier(one.name)}" for one in table.columns if one.computed is None)
        mine = self._whose(table)
        self._execute(
            f"insert into pg_temp.{name} ({columns}) select {columns} from public.{name} as t"
            f" where t.tenant_id = %(tenant)s and ({where}){mine}",
            {
                "tenant": self._tx.tenant_id,
                "since": self._since,
                "customers": list(self._customers or ()),
                "things": list(self._things),
                "homes": list(self._homes),
            },
        )
        self._execute(f"analyze pg_temp.{name}")

    def _whose(self, table: Table) -> str:
        if self._customers is None or "bucket" not in table.columns or table.name in self._own:
            return ""
        column = "id" if table.name == "customer" else "customer_id"
        if column not in table.columns:
            return ""
        return (
            f" and t.bucket = any(array(select tandem_bucket(c) from unnest(%(customers)s::uuid[]) c)::smallint[])"
            f" and t.{column} = any(%(customers)s::uuid[])"
        )

    def _customer_view(self) -> str:
        """The text of the customer view with its tables named without a schema; asked before anything stands before them."""
        text: str = self._tx.value("select pg_get_viewdef(%(view)s::regclass)", {"view": f"public.{CUSTOMER_SOURCE}"})
        return text.rstrip().rstrip(";")


def past_views(
    tx: Tx,
    catalog: Catalog,
    tryouts: Sequence[Tryout],
    *,
    besides: frozenset[str] = frozenset(),
    subject: str = CUSTOMER,
) -> None:
    """Views before the tables of related sets that show them as of `tandem.as_of`; `besides` those that the rehearsal writes.

    Of several sets in one table the subject's own says since when a row is there.
    """
    times: dict[str, str] = {}
    for relation in sorted(catalog.relations.values(), key=lambda one: one.from_entity != subject):
        time = next((one for one in relation.fields if one.name == relation.time_field), None)
        since = relation.since or (time and (time.sql or f"{{alias}}.{time.name}"))
        if since and relation.from_entity in {subject, CUSTOMER}:
            times.setdefault(relation.table, since.replace("{alias}", "t"))
    for one in tryouts:
        times |= one.times
    for name, since in times.items():
        if name not in besides:
            tx.execute(
                f"create temp view {identifier(name)} as select * from public.{identifier(name)} as t where {since} <= {_AS_OF}"
            )
    if _FACT_DAY not in besides:
        # The tenant's own setting, not what somebody typed.
        tx.execute(_PAST_DAYS.replace("{zone}", tx.zone.replace("'", "''")))


def own_features(tx: Tx) -> None:
    """An empty feature table before the real one, and the customer view over it; who is asked about is worked out as of a moment."""
    text: str = tx.value("select pg_get_viewdef(%(view)s::regclass)", {"view": f"public.{CUSTOMER_SOURCE}"})
    tx.execute(f"create temp table {_PROFILE} (like public.{_PROFILE} including defaults including indexes)")
    tx.execute(f"create temp view {CUSTOMER_SOURCE} as {text.rstrip().rstrip(';')}")


def _beginnings(tryouts: Sequence[Tryout], fragments: Iterable[Fragment | None]) -> dict[str, str]:
    """Table -> the condition of the rows it begins with."""
    found: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        if "bucket" in table.columns and (table.name.startswith("flow_") or table.name in _ENGINE):
            found[table.name] = _BEGIN_WITH.get(table.name, "")
    for one in tryouts:
        found |= one.tables
    for fragment in fragments:
        # What a block changes in place it must find there: a tag, a field.
        written = tables_of(fragment).writes if fragment is not None else frozenset[str]()
        for name in written & Base.metadata.tables.keys():
            found.setdefault(name, "true")
    return found


def guarded(connection: Connection) -> None:
    """From now on the open transaction may write scratch tables only: PostgreSQL refuses the rest."""
    connection.execute("set transaction read only")


def as_of(tx: Tx, moment: datetime) -> None:
    """Read the past as of a moment for the rest of the transaction."""
    tx.execute("select set_config('tandem.as_of', %(moment)s, true)", {"moment": moment.isoformat()})
