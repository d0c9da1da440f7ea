"""Stores and products: reference data that the door writes set-based, the last word winning."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, cast

import msgspec
import orjson

from tandem.kernel.db import Tx
from tandem.stream.door.kinds import Key, Name, Text


class StoreIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop. `region` is the name of the region it belongs to; unknown regions are made under the brand."""

    code: Key
    name: Name
    region: Name
    city: Name | None = None


class ProductIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product. `category_en` is the second label of a translated category."""

    product_id: Key
    name: Text
    category: Name | None = None
    category_en: Name | None = None
    department: Name | None = None
    brand: Name | None = None
    price: Decimal | None = None


# Organisation units first, so that the store can take their ids: a store is its unit, seen by its trade.
_REGIONS: Final = """
insert into org_unit (id, tenant_id, parent_id, kind, code, name)
select tandem_new_id(), %(tenant)s, b.id, 'region', n.region, n.region
from (select distinct region from jsonb_to_recordset(%(stores)s::jsonb) as r(region text)) as n
cross join lateral (
  select id from org_unit where tenant_id = %(tenant)s and kind = 'brand' order by created_at, id limit 1) as b
on conflict (tenant_id, kind, code) do nothing
"""
_UNITS: Final = """
insert into org_unit as u (id, tenant_id, parent_id, kind, code, name)
select tandem_new_id(), %(tenant)s, r.id, 'store', n.code, n.name
from jsonb_to_recordset(%(stores)s::jsonb) as n(code text, name text, region text)
join org_unit as r on r.tenant_id = %(tenant)s and r.kind = 'region' and r.code = n.region
on conflict (tenant_id, kind, code) do update set name = excluded.name, parent_id = excluded.parent_id
where (u.name, u.parent_id) is distinct from (excluded.name, excluded.parent_id)
"""
_STORES: Final = """
insert into store as s (id, tenant_id, code, name, region, city)
select u.id, %(tenant)s, n.code, n.name, n.region, n.city
from jsonb_to_recordset(%(stores)s::jsonb) as n(code text, name text, region text, city text)
join org_unit as u on u.tenant_id = %(tenant)s and u.kind = 'store' and u.code = n.code
on conflict (id) do update set name = excluded.name, region = excluded.region, city = excluded.city
where (s.name, s.region, s.city) is distinct from (excluded.name, excluded.region, excluded.city)
"""
_PRODUCTS: Final = """
insert into product as p (tenant_id, product_id, name, category, category_en, department, brand, price)
select %(tenant)s, n.product_id, n.name, n.category, n.category_en, n.department, n.brand, n.price
from jsonb_to_recordset(%(products)s::jsonb) as n(product_id text, name text, category text, category_en text, department text, brand text,
  price numeric)
on conflict (tenant_id, product_id) do update set name = excluded.name, category = coalesce(excluded.category, p.category),
  category_en = coalesce(excluded.category_en, p.category_en), department = coalesce(excluded.department, p.department),
  brand = coalesce(excluded.brand, p.brand), price = coalesce(excluded.price, p.price)
where (p.name, p.category, p.category_en, p.department, p.brand, p.price) is distinct from (excluded.name, coalesce(excluded.category, p.category),
  coalesce(excluded.category_en, p.category_en), coalesce(excluded.department, p.department), coalesce(excluded.brand, p.brand),
  coalesce(excluded.price, p.price))
"""


def upsert_stores(tx: Tx, records: Sequence[object]) -> None:
    """Write shops, their organisation units and the regions they name."""
    stores = list({record.code: record for record in cast("Sequence[StoreIn]", records)}.values())
    params = {"tenant": tx.tenant_id, "stores": _json(stores)}
    for statement in (_REGIONS, _UNITS, _STORES):
        tx.execute(statement, params)


def upsert_products(tx: Tx, records: Sequence[object]) -> None:
    """Write products. What a record does not tell stays as it was: an order's line knows a name and nothing else.

    Lines already recorded keep the category they were sold under.
    """
    products = list({record.product_id: record for record in cast("Sequence[ProductIn]", records)}.values())
    tx.execute(_PRODUCTS, {"tenant": tx.tenant_id, "products": _json(products)})


def _json(records: Sequence[msgspec.Struct]) -> str:
    rows: list[dict[str, Any]] = [msgspec.to_builtins(record) for record in records]
    return orjson.dumps(rows).decode()
