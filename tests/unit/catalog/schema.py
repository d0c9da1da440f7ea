"""Generated schemas: catalogs of random fields, related sets, areas and lookups, with their tables and rows, from a seed."""

# ruff: noqa: PLR0911 (one return for each type reads best)

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from tandem.catalog import (
    Area,
    Catalog,
    Contribution,
    Entity,
    EventType,
    Field,
    Label,
    Lookup,
    Membership,
    Parameter,
    Relation,
    Scope,
)
from tandem.catalog.value_types import BOOL, DATE, NUMBER, POINT, TEXT, TIMESTAMP, Type, list_of
from unit.catalog import rows
from unit.catalog.generate import Vocabulary
from unit.catalog.rows import BUCKETS, STRANGER, TENANT, Sample

SOME: Final = Label("某", "some")
# Names that a careless printer would take for its own.
NAMES: Final = (
    *("order", "select", "user", "limit", "group", "desc", "table", "c", "e", "bucket_no", "at", "now_", "value"),
    *("a", "b1", "total", "city", "birth", "tier", "x", "y", "p", "t", "q"),
)
TYPES: Final[dict[str, tuple[Type, str]]] = {
    "number": (NUMBER, "numeric"),
    "text": (TEXT, "text"),
    "bool": (BOOL, "boolean"),
    "date": (DATE, "date"),
    "timestamp": (TIMESTAMP, "timestamptz"),
    "list": (list_of(TEXT), "text[]"),
    "point": (POINT, "point"),
}
LISTS: Final = ([], ["a"], ["上海", "b"], ["O'Neil", "😀", "a"])


@dataclass(frozen=True)
class Made:
    """One generated field and where its value stands; a point stands in two columns."""

    field: Field
    kind: str
    column: str


@dataclass
class Schema:
    """A catalog with its tables; `words` are what expressions over it may name."""

    seed: int
    customer: list[Made]
    item: list[Made]
    event: list[Field]
    relations: dict[str, list[Made]]
    times: dict[str, str | None]
    lookups: bool
    samples: list[Sample] = field(default_factory=list[Sample])

    @property
    def prefix(self) -> str:
        return f"s{self.seed}_"

    def scope(self) -> Scope:
        return self.catalog().scope(customer="customer", item="item", event="thing.happened")

    def catalog(self) -> Catalog:
        p = self.prefix
        return Catalog.assemble(
            [
                Contribution(
                    "generated",
                    entities=(
                        Entity("customer", SOME, f"{p}customer", tuple(one.field for one in self.customer)),
                        Entity(
                            "item", SOME, f"{p}item", tuple(one.field for one in self.item), False, ("tenant_id", "n")
                        ),
                    ),
                    relations=tuple(self._relation(name) for name in self.relations),
                    memberships=(
                        Membership("tags", "has_tag", SOME, "customer", f"{p}tag", "tag"),
                        Membership("segments", "in_segment", SOME, "customer", f"{p}segment", "segment_id", "uuid"),
                    ),
                    event_types=(EventType("thing.happened", SOME, tuple(self.event)),),
                    areas=(Area("geofence", SOME, f"{p}geofence"),),
                    lookups=_lookups(p) if self.lookups else (),
                )
            ]
        )

    def _relation(self, name: str) -> Relation:
        fields = tuple(one.field for one in self.relations[name])
        return Relation(
            name, SOME, "customer", f"{self.prefix}{name}", fields, self.times[name], where="not {alias}.void"
        )

    def words(self) -> Vocabulary:
        fields: dict[str, list[str]] = {}
        for root, made in (("customer", self.customer), ("item", self.item)):
            for one in made:
                fields.setdefault(one.kind, []).append(f"{root}.{one.field.name}")
        for one in self.event:
            fields.setdefault(_kind(one.type), []).append(f"event.{one.name}")
        return Vocabulary(
            fields={kind: tuple(paths) for kind, paths in fields.items()},
            relations={name: _by_kind(made) for name, made in self.relations.items()},
            timeless=frozenset(name for name, time in self.times.items() if time is None),
            areas=("geofence:east", "geofence:two rings", "geofence:nowhere"),
            number_lookup="price_of" if self.lookups else None,
            list_lookup="regions_of" if self.lookups else None,
        )


def _kind(type_: Type) -> str:
    return "list" if type_.item else type_.name


def _by_kind(made: list[Made]) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(one.field.name for one in made if one.kind == kind) for kind in {one.kind for one in made}}


def _lookups(p: str) -> tuple[Lookup, ...]:
    item = Parameter("item", SOME, entity="item")
    price = f"(select l.price from {p}price as l where l.tenant_id = {{tenant}} and l.n = {{0}}.n and l.region = {{1}} limit 1)"
    regions = f"(select l.regions from {p}item as l where l.tenant_id = {{tenant}} and l.n = {{0}}.n limit 1)"
    return (
        Lookup("price_of", SOME, (item, Parameter("region", SOME, type=TEXT)), NUMBER, price),
        Lookup("regions_of", SOME, (item,), list_of(TEXT), regions),
    )


# ------------------------------------------------------------------------------------------------------- making


def make_schema(seed: int, customers: int = 24) -> Schema:
    rng = random.Random(seed)
    names = rng.sample(["orders", "visits", "user", "limit", "lines"], rng.randint(1, 3))
    schema = Schema(
        seed,
        customer=_fields(rng, ("number", "text", "bool", "date", "timestamp", "list", "point")),
        item=_fields(rng, rng.sample(("number", "text", "bool", "date", "timestamp"), 2)),
        event=[one.field for one in _fields(rng, ("number", "text", "bool", "date", "timestamp", "list"), plain=True)],
        relations={
            name: _fields(rng, ("number", "text", *rng.sample(("bool", "date", "timestamp"), 2))) for name in names
        },
        times={},
        lookups=seed % 3 != 2,
    )
    for name, made in schema.relations.items():
        ordering = [one.field.name for one in made if one.kind in {"date", "timestamp"}]
        schema.times[name] = rng.choice([*ordering, None]) if ordering else None
    schema.samples = [_sample(rng, schema, n) for n in range(customers)]
    return schema


def _fields(rng: random.Random, kinds: Any, *, plain: bool = False) -> list[Made]:
    chosen = [kind for kind in kinds for _ in range(rng.randint(1, 2))]
    names = rng.sample(NAMES, len(chosen))
    return [_field(rng, kind, name, plain=plain) for kind, name in zip(chosen, names, strict=True)]


def _field(rng: random.Random, kind: str, name: str, *, plain: bool) -> Made:
    type_ = TYPES[kind][0]
    if kind == "point":
        x, y = f'{{alias}}."{name}_x"', f'{{alias}}."{name}_y"'
        return Made(
            Field(name, type_, SOME, sql=f"case when num_nulls({x}, {y}) = 0 then array[{x}, {y}] end"), kind, name
        )
    if plain or rng.random() < 0.7:
        return Made(Field(name, type_, SOME, whole=not plain and kind == "number" and rng.random() < 0.3), kind, name)
    return Made(Field(name, type_, SOME, sql=f'({{alias}}."{name}_column")'), kind, f"{name}_column")


def _value(rng: random.Random, made: Made) -> Any:
    match made.kind:
        case "number":
            return rows._pick(rng, (0, 1, -1, 5, 2**31 - 1) if made.field.whole else rows.NUMBERS)
        case "text":
            return rows._pick(rng, rows.TEXTS)
        case "bool":
            return rows._pick(rng, (True, False))
        case "date":
            return rows._pick(rng, rows.DATES)
        case "timestamp":
            return rows._time(rng)
        case "list":
            return rows._pick(rng, LISTS)
        case _:
            place = (rows._pick(rng, rows.COORDINATES, 0.1), rows._pick(rng, rows.COORDINATES, 0.1))
            return None if None in place else place


def _row(rng: random.Random, made: list[Made]) -> dict[str, Any]:
    return {one.field.name: _value(rng, one) for one in made}


def _sample(rng: random.Random, schema: Schema, n: int) -> Sample:
    prices = {text: rows._pick(rng, rows.NUMBERS) for text in rng.sample(rows.TEXTS, 5)}
    regions = rows._pick(rng, LISTS, 0.3)
    record = {
        "customer": _row(rng, schema.customer),
        "item": _row(rng, schema.item),
        "event": {one.name: rng.choice(rows.EVENT_VALUES) for one in schema.event if rng.random() < 0.9},
        "relations": {
            name: [_row(rng, made) for _ in range(rng.choice((0, 0, 1, 2, 5)))]
            for name, made in schema.relations.items()
        },
        "tags": set(rng.sample(rows.TEXTS, rng.choice((0, 1, 4)))),
        "segments": set(rng.sample(rows.SEGMENTS, rng.choice((0, 1, 2)))),
        "areas": {"geofence": rows.AREAS},
        "prices": prices,
        "regions": regions,
        "lookups": {"price_of": lambda _, region: prices.get(region), "regions_of": lambda _: regions},
    }
    return Sample(n % len(BUCKETS), UUID(int=(7 << 76) | (2 << 62) | (schema.seed << 20) | n), record)


# ------------------------------------------------------------------------------------------------------ storing


def _columns(made: list[Made]) -> str:
    found: list[str] = []
    for one in made:
        if one.kind == "point":
            found += [f'"{one.column}_x" numeric', f'"{one.column}_y" numeric']
        else:
            found.append(f'"{one.column}" {"integer" if one.field.whole else TYPES[one.kind][1]}')
    return ", ".join(found)


def _stored(made: list[Made], row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in made:
        value = row[one.field.name]
        if one.kind == "point":
            found |= {f"{one.column}_x": value and value[0], f"{one.column}_y": value and value[1]}
        else:
            found[one.column] = value
    return found


def store_schema(connection: psycopg.Connection, schema: Schema) -> None:
    """Create the tables and write the samples, with decoys: other tenants, other buckets, rows that the relation leaves out."""
    p, owner = schema.prefix, "bucket smallint, customer_id uuid, tenant_id uuid"
    statements = [
        f"create table {p}customer(n int, bucket smallint, id uuid, tenant_id uuid, {_columns(schema.customer)})",
        f"create table {p}item(n int, tenant_id uuid, regions text[], {_columns(schema.item)})",
        f"create table {p}event({owner}, payload jsonb)",
        f"create table {p}tag({owner}, tag text)",
        f"create table {p}segment({owner}, segment_id uuid)",
        f"create table {p}price(tenant_id uuid, n int, region text, price numeric)",
        f"create table {p}geofence(tenant_id uuid, key text, xs numeric[], ys numeric[])",
        *(
            f"create table {p}{name}({owner}, void boolean, {_columns(made)})"
            for name, made in schema.relations.items()
        ),
    ]
    for statement in statements:
        connection.execute(statement)  # type: ignore[arg-type]
    rows.store_areas(connection, f"{p}geofence")
    for n, sample in enumerate(schema.samples):
        _store_sample(connection, schema, n, sample)
    connection.execute("analyze")


def _store_sample(connection: psycopg.Connection, schema: Schema, n: int, sample: Sample) -> None:
    p, record = schema.prefix, sample.record
    identity = {"n": n, "bucket": sample.bucket, "id": sample.id, "tenant_id": TENANT}
    _insert(connection, f"{p}customer", identity | _stored(schema.customer, record["customer"]))
    item = {"n": n, "tenant_id": TENANT, "regions": record["regions"]}
    _insert(connection, f"{p}item", item | _stored(schema.item, record["item"]))
    for region, price in record["prices"].items():
        _insert(connection, f"{p}price", {"tenant_id": TENANT, "n": n, "region": region, "price": price})
    for tenant, bucket in ((TENANT, sample.bucket), (STRANGER, sample.bucket), (TENANT, 200)):
        owner = {"bucket": bucket, "customer_id": sample.id, "tenant_id": tenant}
        mine = (tenant, bucket) == (TENANT, sample.bucket)
        if mine:
            _insert(connection, f"{p}event", owner | {"payload": Jsonb(record["event"])})
        for name, made in schema.relations.items():
            spare = _row(random.Random(n), made)
            for row in record["relations"][name] if mine else [spare]:
                _insert(connection, f"{p}{name}", owner | {"void": False} | _stored(made, row))
            _insert(connection, f"{p}{name}", owner | {"void": True} | _stored(made, spare))
        for tag in record["tags"] if mine else rows.TEXTS[:3]:
            _insert(connection, f"{p}tag", owner | {"tag": tag})
        for segment in record["segments"] if mine else rows.SEGMENTS:
            _insert(connection, f"{p}segment", owner | {"segment_id": segment})


def _insert(connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(f'"{key}"' for key in row)
    marks = ", ".join("%s" for _ in row)
    values = [list(value) if isinstance(value, tuple) else value for value in row.values()]
    connection.execute(f"insert into {table} ({columns}) values ({marks})", values)  # type: ignore[arg-type]


def from_clause(schema: Schema) -> str:
    """Return the FROM items of all roots, aliased as `ALIAS` says."""
    p = schema.prefix
    return (
        f"{p}customer as c join {p}event as e on e.bucket = c.bucket and e.customer_id = c.id and e.tenant_id = %(tenant)s::uuid"
        f" join {p}item as i on i.n = c.n and i.tenant_id = %(tenant)s::uuid"
    )


ALIAS: Final = {"customer": "c", "event": "e.payload", "item": "i"}
