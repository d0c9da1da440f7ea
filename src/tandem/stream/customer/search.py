"""Find customers: what was typed becomes hashes and ids, filters become conditions, pages follow a key."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.access.privacy import may_see
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.identity.identifiers import Malformed, canonical
from tandem.stream.keys import tenant_keys
from tandem.stream.profile_tables import CUSTOMER_SOURCE

COUNTED_MAX: Final = 10_000
"""A list says how many fit up to so many, and beyond that it says more."""
_KINDS: Final = ("phone", "email", "member_no", "online_account", "union_id", "open_id")
_NAME_KIND: Final = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What to look for; None does not narrow. Ranges include their ends."""

    q: str | None = None
    segment_id: UUID | None = None
    tag: str | None = None
    store_id: UUID | None = None
    city: str | None = None
    stage: str | None = None
    last_order_from: datetime | None = None
    last_order_to: datetime | None = None
    spend_min: Decimal | None = None
    spend_max: Decimal | None = None
    region: str | None = None
    """A part of a comparison of segments, as `region_of` reads it."""


REGION_SEGMENTS_MAX: Final = 5


def region_of(text: str) -> tuple[list[UUID], list[UUID]]:
    """The segments that people of a region are all in, and those they are in none of: "id,id" or "id,id!id,id".

    Raises InvalidInput.
    """
    inside, _, outside = text.partition("!")
    found: list[list[UUID]] = [[], []]
    try:
        found = [[UUID(one) for one in part.split(",") if one] for part in (inside, outside)]
    except ValueError:
        found[0].clear()
    if not found[0] or len(found[0]) + len(found[1]) > REGION_SEGMENTS_MAX:
        raise InvalidInput(
            "bad_region",
            "对比的区域无法识别。",
            "The region of the comparison cannot be read.",
            details=(
                Detail("region", f"最多 {REGION_SEGMENTS_MAX} 个分群", f"{REGION_SEGMENTS_MAX} segments at most"),
            ),
        )
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a customer stands in the list: newest first."""

    created_at: datetime
    id: UUID


_CONDITIONS: Final[dict[str, str]] = {
    "store_id": "c.store_id = %(store_id)s",
    "city": "c.city = %(city)s",
    "stage": "c.stage = %(stage)s",
    "last_order_from": "c.last_order_at >= %(last_order_from)s",
    "last_order_to": "c.last_order_at <= %(last_order_to)s",
    "spend_min": "c.spend_total >= %(spend_min)s",
    "spend_max": "c.spend_total <= %(spend_max)s",
    "tag": "exists (select from customer_tag as g where g.bucket = c.bucket and g.customer_id = c.id and g.tag = %(tag)s)",
    "segment_id": (
        "exists (select from segment_member as m where m.bucket = c.bucket and m.segment_id = %(segment_id)s and m.customer_id = c.id)"
    ),
}


def places(tx: Tx, filters: Filters, *, after: Place | None, limit: int) -> list[Place]:
    """The places of at most ``limit`` customers this transaction may see, newest first, after ``after``."""
    conditions, params = _asked(tx, filters)
    params["limit"] = limit
    if after is not None:
        conditions.append("(c.created_at, c.id) < (%(after_at)s, %(after_id)s)")
        params |= {"after_at": after.created_at, "after_id": after.id}
    return tx.all(
        Place,
        f"""
        select c.created_at, c.id from {CUSTOMER_SOURCE} as c where {" and ".join(conditions)}
        order by c.created_at desc, c.id desc limit %(limit)s
        """,
        params,
    )


def total(tx: Tx, filters: Filters) -> int | None:
    """How many customers fit, merged ones counted once; None past ``COUNTED_MAX``, where counting would cost more than it tells."""
    conditions, params = _asked(tx, filters)
    found: int = tx.value(
        f"""
        select count(*) from (select from {CUSTOMER_SOURCE} as c where {" and ".join(conditions)} limit %(most)s) as counted
        """,
        params | {"most": COUNTED_MAX + 1},
    )
    return found if found <= COUNTED_MAX else None


def _asked(tx: Tx, filters: Filters) -> tuple[list[str], dict[str, Any]]:
    conditions = ["c.tenant_id = %(tenant)s"]
    params: dict[str, Any] = {"tenant": tx.tenant_id}
    for name, condition in _CONDITIONS.items():
        value = getattr(filters, name)
        if value is not None:
            conditions.append(condition)
            params[name] = value
    if filters.region is not None:
        _ask_region(filters.region, conditions, params)
    typed = (filters.q or "").strip()
    if typed:
        conditions.append("c.id = any(%(ids)s::uuid[])")
        params["ids"] = _ids_of(tx, typed)
    return conditions, params


_MEMBER: Final = "exists (select from segment_member as r where r.bucket = c.bucket and r.segment_id = %({name})s and r.customer_id = c.id)"


def _ask_region(region: str, conditions: list[str], params: dict[str, Any]) -> None:
    for word, segments in zip(("", "not "), region_of(region), strict=True):
        for segment in segments:
            name = f"region_{len(params)}"
            params[name] = segment
            conditions.append(word + _MEMBER.format(name=name))


def _ids_of(tx: Tx, typed: str) -> list[UUID]:
    """Customers whom the typed text may mean: an id, a whole identifier or name by its keyed hash, or four last digits."""
    try:
        return [UUID(typed)]
    except ValueError:
        pass
    keys = tenant_keys(tx)
    hashes = hashes_of(keys, typed)
    if not may_see("personal"):
        typed = ""
    params = {
        "tenant": tx.tenant_id,
        "kinds": list(hashes),
        "hashes": list(hashes.values()),
        "name": keys.blind(_NAME_KIND, "", typed.casefold()),
        "last4": typed if len(typed) == 4 and typed.isalnum() else None,
    }
    return tx.values(
        """
        select i.customer_id from unnest(%(kinds)s::text[], %(hashes)s::bytea[]) as t(kind, hash)
        join identifier as i on i.tenant_id = %(tenant)s and i.kind = t.kind and i.scope = '' and i.value_hash = t.hash
        union
        select customer_id from customer_identifier
        where tenant_id = %(tenant)s and last4 = %(last4)s::text
        union
        select id from customer where tenant_id = %(tenant)s and name_hash = %(name)s
        limit 1000
        """,
        params,
    )


def hashes_of(keys: TenantKeys, typed: str) -> dict[str, bytes]:
    """The keyed hash of the text as each kind of identifier that it could be."""
    found: dict[str, bytes] = {}
    # Who may not read a name or number may not ask whose it is either.
    for kind in _KINDS if may_see("personal") else ("member_no",):
        try:
            value = canonical(kind, typed)
        except Malformed:
            continue
        if value is not None:
            found[kind] = keys.blind(kind, "", value)
    return found
