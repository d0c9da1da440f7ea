"""How far a sender reaches: who sees only some shops can neither bring people into others nor speak of people of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Forbidden
from tandem.stream.door.understand import Understood
from tandem.stream.door.wire import Problem
from tandem.stream.identity import store
from tandem.stream.rows import to_json

_Ref = tuple[str, str, str]
"""Source, kind and outside id of a thing."""
_Thing = tuple[UUID | None, str | None]
"""Whose it is, and the shop it belongs to until somebody is known."""

_THINGS: Final = """
select t.source, t.kind, t.entity_id, t.customer_id, t.shop
from jsonb_to_recordset(%(rows)s::jsonb) as r(s text, k text, e text)
join entity_key as t on t.tenant_id = %(tenant)s and t.source = r.s and t.kind = r.k and t.entity_id = r.e
where t.customer_id is not null or t.shop is not null
"""

# The buckets first, as in `identity.stuck`: joined by the function, everybody would be read.
_THEIRS: Final = """
select c.id from (select i as id, tandem_bucket(i) as bucket from unnest(%(ids)s::uuid[]) as u(i) offset 0) as w
join customer as c on c.bucket = w.bucket and c.tenant_id = %(tenant)s and c.id = w.id
where not (c.store_id is null or c.store_id = any(%(stores)s::uuid[]) or coalesce(c.owner_user_id = %(user)s::uuid, false))
"""

_EVERYBODYS: Final = (
    "门店、商品等资料属于整个公司，你的权限只到部分门店",
    "shops, products and the like belong to the whole company, and you reach only some shops",
)
_ANOTHER_SHOP: Final = ("“{0}”不在你的权限范围内", "{0!r} is not among the shops you reach")
_NO_SHOP: Final = (
    "请写明门店：你的权限只到部分门店，而这条记录没有门店",
    "name the shop: you reach only some, and this record names none",
)
_ANOTHERS: Final = (
    "这位客户属于你权限以外的门店",
    "this customer belongs to a shop that you do not reach",
)
_ANOTHER_SHOPS: Final = (
    "这个单号属于你权限以外的门店",
    "this number belongs to a shop that you do not reach",
)


def whole(scope: Scope) -> None:
    """Raise Forbidden for whoever reaches only some shops: what could not be understood belongs to nobody's shop yet."""
    if scope.kind != "all":
        raise Forbidden(
            "quarantine_needs_all",
            "隔离的记录还没有归属，查看和重放需要“全部”数据范围。",
            "Records in quarantine belong to no shop yet; seeing and replaying them takes the data scope “all”.",
        )


def codes(tx: Tx, scope: Scope) -> frozenset[str]:
    """The codes of the shops in a scope that is narrower than everything."""
    rows = tx.cursor(
        "select code from org_unit where tenant_id = %(tenant)s and kind = 'store' and id = any(%(stores)s::uuid[])",
        {"tenant": tx.tenant_id, "stores": list(scope.store_ids)},
    )
    return frozenset(row[0] for row in rows)


def beyond(tx: Tx, scope: Scope, records: Sequence[Understood]) -> list[Problem]:
    """What is wrong with records of a sender of this scope; nothing for one who reaches everything.

    Whom a record speaks of is told by its identifiers and by the thing it is about; people of no shop are everybody's to bring in.
    """
    if scope.kind == "all" or not records:
        return []
    known = codes(tx, scope)
    things = _things(tx, (ref for record in records for ref in _refs(record)))
    owners = _owners(tx, records, things)
    foreign = _foreign(tx, scope, {one for found in owners for one in found})
    return [
        problem
        for record, found in zip(records, owners, strict=True)
        if (problem := _problem(record, known, found, foreign, _lent(record, things))) is not None
    ]


def _problem(
    record: Understood, known: frozenset[str], owners: set[UUID], foreign: set[UUID], lent: set[str]
) -> Problem | None:
    index, place = record.item.index, f"{record.item.place}.payload"
    named = record.meaning.shops()
    if record.meaning.reference is not None:
        return Problem(index, f"{record.item.place}.kind", *_EVERYBODYS)
    if strange := sorted(named - known):
        return Problem(index, f"{place}.store", *(text.format(strange[0]) for text in _ANOTHER_SHOP))
    if owners & foreign:
        return Problem(index, f"{place}.identifiers", *_ANOTHERS)
    if lent - known:
        return Problem(index, place, *_ANOTHER_SHOPS)
    if not named and not owners and not lent:
        return Problem(index, f"{place}.store", *_NO_SHOP)
    return None


def _owners(tx: Tx, records: Sequence[Understood], things: Mapping[_Ref, _Thing]) -> list[set[UUID]]:
    """Of each record the living customers whom its identifiers and its things name so far."""
    pointers = store.read(tx, {key for record in records for key in record.strong})
    owned = {ref: customer for ref, (customer, _) in things.items() if customer is not None}
    roots = store.roots(tx, owned.values())
    return [
        {pointers[key].customer_id for key in record.strong if key in pointers}
        | {roots.get(owned[ref], owned[ref]) for ref in _refs(record) if ref in owned}
        for record in records
    ]


def _lent(record: Understood, things: Mapping[_Ref, _Thing]) -> set[str]:
    """The shops that the record's things belong to as long as nobody is known to own them."""
    found = (things[ref] for ref in _refs(record) if ref in things)
    return {shop for customer, shop in found if customer is None and shop is not None}


def _refs(record: Understood) -> list[_Ref]:
    return [
        (record.item.source, ref.kind, ref.id)
        for ref in (record.meaning.entity, record.meaning.about)
        if ref is not None
    ]


def _things(tx: Tx, refs: Iterable[_Ref]) -> dict[_Ref, _Thing]:
    rows = [{"s": source, "k": kind, "e": outside} for source, kind, outside in set(refs)]
    if not rows:
        return {}
    found = tx.cursor(_THINGS, {"tenant": tx.tenant_id, "rows": to_json(rows)})
    return {(source, kind, outside): (customer, shop) for source, kind, outside, customer, shop in found}


def _foreign(tx: Tx, scope: Scope, owners: set[UUID]) -> set[UUID]:
    if not owners:
        return set()
    params = {"tenant": tx.tenant_id, "ids": list(owners), "stores": list(scope.store_ids), "user": tx.user_id}
    return {row[0] for row in tx.cursor(_THEIRS, params)}
