"""How far a sender reaches: who sees only some shops can neither bring people into others nor speak of people of others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Forbidden
from tandem.stream.door.understand import Understood
from tandem.stream.door.wire import Problem
from tandem.stream.identity import store
from tandem.stream.rows import to_json

_THINGS: Final = """
select t.source, t.kind, t.entity_id, t.customer_id
from jsonb_to_recordset(%(rows)s::jsonb) as r(s text, k text, e text)
join entity_key as t on t.tenant_id = %(tenant)s and t.source = r.s and t.kind = r.k and t.entity_id = r.e
where t.customer_id is not null
"""

_THEIRS: Final = """
select c.id from unnest(%(ids)s::uuid[]) as w(id)
join customer as c on c.bucket = tandem_bucket(w.id) and c.tenant_id = %(tenant)s and c.id = w.id
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
    owners = _owners(tx, records)
    foreign = _foreign(tx, scope, {one for found in owners for one in found})
    return [
        problem
        for record, found in zip(records, owners, strict=True)
        if (problem := _problem(record, known, found, foreign)) is not None
    ]


def _problem(record: Understood, known: frozenset[str], owners: set[UUID], foreign: set[UUID]) -> Problem | None:
    index, place = record.item.index, f"{record.item.place}.payload"
    named = _shops(record)
    if record.meaning.reference is not None:
        return Problem(index, f"{record.item.place}.kind", *_EVERYBODYS)
    if strange := sorted(named - known):
        return Problem(index, f"{place}.store", *(text.format(strange[0]) for text in _ANOTHER_SHOP))
    if owners & foreign:
        return Problem(index, f"{place}.identifiers", *_ANOTHERS)
    if not named and not owners:
        return Problem(index, f"{place}.store", *_NO_SHOP)
    return None


def _shops(record: Understood) -> set[str]:
    said = record.meaning.customer
    told = [None if said is None else said.store, *(event.payload.get("store") for event in record.meaning.events)]
    return {code for code in told if isinstance(code, str) and code}


def _owners(tx: Tx, records: Sequence[Understood]) -> list[set[UUID]]:
    """Of each record the living customers whom its identifiers and its things name so far."""
    pointers = store.read(tx, {key for record in records for key in record.strong})
    things = _owned(tx, (ref for record in records for ref in _refs(record)))
    roots = store.roots(tx, things.values())
    return [
        {pointers[key].customer_id for key in record.strong if key in pointers}
        | {roots.get(things[ref], things[ref]) for ref in _refs(record) if ref in things}
        for record in records
    ]


def _refs(record: Understood) -> list[tuple[str, str, str]]:
    return [
        (record.item.source, ref.kind, ref.id)
        for ref in (record.meaning.entity, record.meaning.about)
        if ref is not None
    ]


def _owned(tx: Tx, refs: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], UUID]:
    rows = [{"s": source, "k": kind, "e": outside} for source, kind, outside in set(refs)]
    if not rows:
        return {}
    found = tx.cursor(_THINGS, {"tenant": tx.tenant_id, "rows": to_json(rows)})
    return {(source, kind, outside): customer for source, kind, outside, customer in found}


def _foreign(tx: Tx, scope: Scope, owners: set[UUID]) -> set[UUID]:
    if not owners:
        return set()
    params = {"tenant": tx.tenant_id, "ids": list(owners), "stores": list(scope.store_ids), "user": tx.user_id}
    return {row[0] for row in tx.cursor(_THEIRS, params)}
