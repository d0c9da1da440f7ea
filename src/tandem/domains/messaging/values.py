"""Values for placeholders at the moment of sending, for a batch: fields of the customer, and of what the message's run got for her.

`customer.*` is read from the customer; any other object (`coupon.*`) is the latest row of that entity with the run's id. Encrypted fields
are opened here and nowhere earlier (ENGINE_RULES 20).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.catalog.label import Label
from tandem.catalog.model import Catalog, Entity, Field
from tandem.flow.node import CheckContext, Finding
from tandem.kernel.db import Tx
from tandem.kernel.schema import Base
from tandem.stream.keys import data_key, tenant_keys

#: Encrypted fields that a message may open, by the column that holds them sealed.
_SEALED: Final = {"name": "name_enc"}


@dataclass(frozen=True, slots=True)
class Recipient:
    """A message to be filled: whose it is and which run wrote it."""

    message_id: UUID
    bucket: int
    customer_id: UUID
    run_id: UUID | None


Values = dict[UUID, dict[str, str]]
KEPT: Final = "run."
Offer = Callable[[Tx, Sequence[str], Sequence[Recipient], Values], None]
"""Puts values for some names into a batch's messages; a name without a value is left out."""
OfferCheck = Callable[[Sequence[str], CheckContext], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class _Offered:
    fill: Offer
    shown: Mapping[str, Label]
    check: OfferCheck | None
    writes: bool


_offers: Final[dict[str, _Offered]] = {}


def offer_placeholders(prefix: str, fill: Offer, shown: Mapping[str, Label], *, check: OfferCheck | None = None, writes: bool = False) -> None:  # fmt: skip
    """Let templates name things of a room above (`radar.material`): `fill` gives their values at the moment of sending.

    `shown` are those that the template screen lists; `check` says what is wrong with using some in a flow; `writes`: filling leaves rows
    behind, so that a rehearsal does not do it.
    """
    _offers[prefix] = _Offered(fill, shown, check, writes)


def offered_labels() -> dict[str, Label]:
    """What rooms above offer, by name, for the template screen."""
    return {name: label for one in _offers.values() for name, label in one.shown.items()}


def offered_findings(names: Iterable[str], ctx: CheckContext) -> Iterable[Finding]:
    """What the rooms above find wrong with a block whose template uses these names."""
    used = list(names)
    for prefix, one in _offers.items():
        theirs = [name for name in used if name.startswith(f"{prefix}.")]
        if one.check is not None and theirs:
            yield from one.check(theirs, ctx)


def written_names(names: Iterable[str]) -> list[str]:
    """Those of the names whose value is made, not only read."""
    return [name for name in names if (one := _offers.get(name.partition(".")[0])) is not None and one.writes]


def offered_names(names: Iterable[str]) -> list[str]:
    """Those of the names that a room above gives the value of."""
    return [name for name in names if name.partition(".")[0] in _offers]


def placeholder_names(catalog: Catalog) -> dict[str, Field]:
    """Every placeholder a template may use, by name (`customer.city`), for checking and for the template screen."""
    found: dict[str, Field] = {}
    for entity in catalog.entities.values():
        if entity.name == "customer" or _has_run(entity):
            for field in entity.fields:
                if not field.encrypted or (entity.name == "customer" and field.name in _SEALED):
                    found[f"{entity.name}.{field.name}"] = field
    return found


def kept_names(names: Iterable[str]) -> list[str]:
    """Those of the names that mean a value which the run keeps (`run.wording`); which ones it does depends on the flow."""
    return [name for name in names if name.startswith(KEPT)]


def _has_run(entity: Entity) -> bool:
    table = Base.metadata.tables.get(entity.table)
    return table is not None and "run_id" in table.c and "customer_id" in table.c


def missing_sql(catalog: Catalog, *, customer: str, template: str, row: str) -> str:
    """SQL text: the first placeholder of a template without which nothing can be sent and for which a run has nothing; null when none.

    `customer` and `template` are aliases of rows that may be null, `row` one with bucket, id (the run) and customer_id. It asks what can be
    seen at a glance: columns of the customer, and whether the run got its coupon; the sender asks everything again.
    """
    columns = Base.metadata.tables["customer"].c
    cases: list[str] = []
    for name, field in placeholder_names(catalog).items():
        entity = catalog.entities[name.partition(".")[0]]
        column = _SEALED.get(field.name, field.name) if field.encrypted else field.name
        if entity.name != "customer":
            cases.append(
                f"when '{name}' then not exists (select from {entity.table} as e where e.bucket = {row}.bucket"
                f" and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.customer_id = {row}.customer_id"
                f" and e.run_id = {row}.id)"
            )
        elif field.sql is None and column in columns and columns[column].nullable:
            cases.append(f"when '{name}' then {customer}.{column} is null")
    return (
        f"case when cardinality({template}.required) > 0 then"
        f" (select q.name from unnest({template}.required) with ordinality as q(name, place)"
        f" where case q.name {' '.join(cases)} else false end order by q.place limit 1) end"
    )


def fill(tx: Tx, catalog: Catalog, recipients: Sequence[Recipient], names: Iterable[str]) -> Values:
    """Message id -> placeholder -> text; a missing value is left out. Unknown names are left out too."""
    known = placeholder_names(catalog)
    values: Values = {one.message_id: {} for one in recipients}
    by_entity: dict[str, list[Field]] = {}
    wanted = list(names)
    if kept := kept_names(wanted):
        _recall(tx, kept, recipients, values)
    for prefix, offered in _offers.items():
        if theirs := [name for name in wanted if name.startswith(f"{prefix}.")]:
            offered.fill(tx, theirs, recipients, values)
    for name in wanted:
        if name in known:
            by_entity.setdefault(name.partition(".")[0], []).append(known[name])
    for entity_name, fields in by_entity.items():
        entity = catalog.entities[entity_name]
        plain = [field for field in fields if not field.encrypted]
        if plain:
            _read(tx, entity, plain, recipients, values)
        if len(plain) < len(fields):
            _open(tx, [field.name for field in fields if field.encrypted], recipients, values)
    return values


def _read(tx: Tx, entity: Entity, fields: Sequence[Field], recipients: Sequence[Recipient], values: Values) -> None:
    columns = ", ".join(f"{_sql(field)} as {field.name}" for field in fields)
    match = (
        "e.id = n.customer_id" if entity.name == "customer" else "e.customer_id = n.customer_id and e.run_id = n.run_id"
    )
    order = "" if entity.name == "customer" else "order by e.id desc"
    rows = tx.dicts(
        f"""
        select n.message_id, f.* from unnest(%(messages)s::uuid[], %(m_buckets)s::smallint[], %(customers)s::uuid[], %(runs)s::uuid[])
          as n(message_id, bucket, customer_id, run_id)
        cross join lateral (
          select {columns} from {entity.table} as e
          where e.bucket = n.bucket and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and {match} {order} limit 1) as f
        """,
        _params(tx, recipients),
    )
    for row in rows:
        found = values[row.pop("message_id")]
        for name, value in row.items():
            if value is not None:
                found[f"{entity.name}.{name}"] = say(value, tx.zone)


def _recall(tx: Tx, names: Sequence[str], recipients: Sequence[Recipient], values: Values) -> None:
    """What the runs keep, as texts."""
    rows: list[tuple[UUID, dict[str, object] | None]] = tx.cursor(
        """
        select n.message_id, r.vars -> 'memory' from unnest(%(messages)s::uuid[], %(m_buckets)s::smallint[], %(runs)s::uuid[])
          as n(message_id, bucket, run_id)
        join flow_run as r on r.bucket = n.bucket and r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.id = n.run_id
        """,
        _params(tx, recipients),
    ).fetchall()
    for message, memory in rows:
        for name in names:
            kept = (memory or {}).get(name.removeprefix(KEPT))
            if kept not in {None, ""}:
                values[message][name] = str(kept)


def _sql(field: Field) -> str:
    return field.sql.replace("%", "%%").replace("{alias}", "e") if field.sql else f"e.{field.name}"


def _open(tx: Tx, names: Sequence[str], recipients: Sequence[Recipient], values: Values) -> None:
    columns = ", ".join(f"c.{_SEALED[name]} as {name}" for name in names)
    rows = tx.dicts(
        f"""
        select n.message_id, c.key_enc, {columns}
        from unnest(%(messages)s::uuid[], %(m_buckets)s::smallint[], %(customers)s::uuid[], %(runs)s::uuid[])
          as n(message_id, bucket, customer_id, run_id)
        join customer as c on c.bucket = n.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
          and c.id = n.customer_id
        """,
        _params(tx, recipients),
    )
    keys = tenant_keys(tx)
    for row in rows:
        found = values[row["message_id"]]
        for name in names:
            if row[name] is not None:
                found[f"customer.{name}"] = keys.open(data_key(keys, bytes(row["key_enc"])), bytes(row[name]))


def _params(tx: Tx, recipients: Sequence[Recipient]) -> dict[str, Any]:
    return {
        "tenant": tx.tenant_id,
        "buckets": sorted({one.bucket for one in recipients}),
        "messages": [one.message_id for one in recipients],
        "m_buckets": [one.bucket for one in recipients],
        "customers": [one.customer_id for one in recipients],
        "runs": [one.run_id for one in recipients],
    }


def say(value: object, zone: str) -> str:
    """A value as people write it in a message: local date and minute, numbers without trailing zeros."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
