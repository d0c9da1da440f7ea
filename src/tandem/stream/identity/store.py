"""What identity reads and writes in the door's transaction: key tables, customers it makes, commands it files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from tandem.kernel.columns import Column, blobs, smallints, texts, times, uuids
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.identity.person import Key, Person
from tandem.stream.identity.portraits import read_portraits
from tandem.stream.identity.rules import CONTESTABLE, Rules
from tandem.stream.identity.verdict import Pointer
from tandem.stream.rows import to_json


class KeyRow(msgspec.Struct, gc=False, omit_defaults=True):
    """An identifier with whom it is given to, under the short names of the statements below."""

    k: str
    s: str
    h: bytes
    c: UUID | None = None
    b: int | None = None
    g: UUID | None = None
    n: int | None = None


_KEYS: Final = "jsonb_to_recordset(%(rows)s::jsonb) as r(k text, s text, h text, c uuid, b smallint, g uuid, n int)"

# These two run over every record: their keys come as columns, and what is known comes back in the order in which it was asked for.
_ASKED: Final = "unnest(%(k)s::text[], %(s)s::text[], %(h)s::bytea[])"

# Each by the index: a plan that finds a thousand of ten thousand by reading all of them is made anew for ten million too late.
_READ: Final = f"""
select r.n, i.customer_id, i.origin_id, i.degree, i.demoted
from {_ASKED} with ordinality as r(k, s, h, n)
cross join lateral (
  select * from identifier as o where o.tenant_id = %(tenant)s and o.kind = r.k and o.scope = r.s and o.value_hash = r.h limit 1) as i
"""

# By key, as every door does it: two doors that meet on the same values wait for each other in one direction only.
_GIVE: Final = """
insert into identifier (tenant_id, kind, scope, value_hash, customer_id, bucket, origin_id)
select %(tenant)s, r.k, r.s, r.h, r.c, r.b, r.g
from unnest(%(k)s::text[], %(s)s::text[], %(h)s::bytea[], %(c)s::uuid[], %(b)s::smallint[], %(g)s::uuid[]) as r(k, s, h, c, b, g)
order by r.k collate "C", r.s collate "C", r.h
on conflict do nothing
returning kind, scope, value_hash
"""

_CORRECT: Final = f"""
update identifier as i set customer_id = r.c, bucket = r.b, origin_id = r.g from {_KEYS}
where i.tenant_id = %(tenant)s and i.kind = r.k and i.scope = r.s and i.value_hash = decode(r.h, 'base64')
"""

# Rows that other doors also count are locked in key order before they are changed.
_CONTEST: Final = f"""
with locked as materialized (
  select i.kind, i.scope, i.value_hash, r.n
  from {_KEYS} join identifier as i on i.tenant_id = %(tenant)s and i.kind = r.k and i.scope = r.s and i.value_hash = decode(r.h, 'base64')
  order by i.kind collate "C", i.scope collate "C", i.value_hash
  for no key update of i)
update identifier as i set degree = i.degree + l.n, demoted = i.demoted or i.degree + l.n > %(most)s from locked as l
where i.tenant_id = %(tenant)s and i.kind = l.kind and i.scope = l.scope and i.value_hash = l.value_hash
"""

_HELD: Final = """
select customer_id, kind, scope, value_hash from identifier
where tenant_id = %(tenant)s and customer_id = any(%(customers)s::uuid[]) and not kind = any(%(contestable)s::text[])
"""


def read(tx: Tx, keys: Iterable[Key]) -> dict[Key, Pointer]:
    """Whom these keys name now; keys that name nobody are missing."""
    asked = list(keys)
    if not asked:
        return {}
    cursor = tx.cursor(_READ, {"tenant": tx.tenant_id} | _columns(asked), prepare=True, binary=True)
    return {asked[place - 1]: Pointer(*found) for place, *found in cursor.fetchall()}


def give(tx: Tx, given: Mapping[Key, tuple[UUID, UUID]]) -> set[Key]:
    """Give keys to customers unless somebody else was quicker; returns those that are now ours."""
    if not given:
        return set()
    params = _columns(list(given)) | {
        "tenant": tx.tenant_id,
        "c": uuids([customer for customer, _ in given.values()]),
        "b": smallints([bucket_of(customer) for customer, _ in given.values()]),
        "g": uuids([origin for _, origin in given.values()]),
    }
    return {Key(*row) for row in tx.cursor(_GIVE, params, prepare=True, binary=True).fetchall()}


def _columns(keys: Sequence[Key]) -> dict[str, Column]:
    """What `_ASKED` binds."""
    return {
        "k": texts([key.kind for key in keys]),
        "s": texts([key.scope for key in keys]),
        "h": blobs([key.value_hash for key in keys]),
    }


def correct(tx: Tx, given: Mapping[Key, tuple[UUID, UUID]]) -> None:
    """Give keys that this transaction has just inserted to other customers than it first thought."""
    if given:
        tx.execute(_CORRECT, {"tenant": tx.tenant_id, "rows": to_json(_rows(given))})


def contest(tx: Tx, contested: Mapping[Key, int], rules: Rules) -> None:
    """Count contradictions; a value with too many names nobody any more."""
    if contested:
        rows = [KeyRow(*key, n=times) for key, times in contested.items()]
        tx.execute(_CONTEST, {"tenant": tx.tenant_id, "rows": to_json(rows), "most": rules.contradictions_max})


def people(tx: Tx, customers: Iterable[UUID], *, except_keys: AbstractSet[Key] = frozenset()) -> dict[UUID, Person]:
    """What decides about these living customers; identifiers in `except_keys` are left out of account."""
    wanted = list(customers)
    found = {one: Person() for one in wanted}
    if wanted:
        params = {"tenant": tx.tenant_id, "customers": wanted, "contestable": list(CONTESTABLE)}
        for customer_id, *key in tx.cursor(_HELD, params, prepare=True):
            if (held := Key(*key)) not in except_keys:
                found[customer_id].learn(held)
        for customer_id, said in read_portraits(tx, wanted):
            found[customer_id].portraits.append(said)
    return found


def serialise(tx: Tx, customers: Iterable[UUID]) -> None:
    """Wait for other doors that are giving these customers an identifier of a unique kind, so that the second sees the first's."""
    tx.execute(
        "select pg_advisory_xact_lock(k) from unnest(%(locks)s::bigint[]) as k order by k",
        {"locks": [int.from_bytes(one.bytes[8:], "big", signed=True) for one in customers]},
    )


def _rows(given: Mapping[Key, tuple[UUID, UUID]]) -> list[KeyRow]:
    return [KeyRow(*key, c=customer, b=bucket_of(customer), g=origin) for key, (customer, origin) in given.items()]


class NewCustomer(msgspec.Struct, gc=False):
    """A customer to make: the bare person. What sources say of her arrives as events."""

    i: UUID
    b: int
    f: datetime
    k: bytes


class Evidence(msgspec.Struct, gc=False):
    """Why an identifier is held for a customer (`customer_identifier`)."""

    c: UUID
    b: int
    g: UUID
    k: str
    s: str
    h: bytes
    e: bytes
    l: str  # noqa: E741
    u: str
    r: str
    o: datetime


_MAKE: Final = """
insert into customer (bucket, id, tenant_id, origin_id, first_seen_at, created_at, updated_at, key_enc)
select r.b, r.i, %(tenant)s, r.i, r.f, %(now)s, %(now)s, r.k
from unnest(%(i)s::uuid[], %(b)s::smallint[], %(f)s::timestamptz[], %(k)s::bytea[]) as r(i, b, f, k)
"""

_WITNESS_FIRST: Final = """
insert into customer_identifier as c (bucket, tenant_id, customer_id, origin_id, kind, scope, value_hash, value_enc, last4, source, rule,
                                      first_seen_at, last_seen_at)
select r.b, %(tenant)s, r.c, r.g, r.k, r.s, r.h, r.e, r.l, r.u, r.r, r.o, r.o
from unnest(%(c)s::uuid[], %(b)s::smallint[], %(g)s::uuid[], %(k)s::text[], %(s)s::text[], %(h)s::bytea[], %(e)s::bytea[], %(l)s::text[],
            %(u)s::text[], %(r)s::text[], %(o)s::timestamptz[]) as r(c, b, g, k, s, h, e, l, u, r, o)
"""
_WITNESS: Final = f"""{_WITNESS_FIRST}
on conflict (bucket, customer_id, kind, scope, value_hash) do update
set last_seen_at = greatest(c.last_seen_at, excluded.last_seen_at), first_seen_at = least(c.first_seen_at, excluded.first_seen_at)
"""


def make(tx: Tx, customers: Sequence[NewCustomer]) -> None:
    """Make customers. Nobody else can know them before this transaction commits, so no bucket lock is needed."""
    if customers:
        columns = {
            "i": uuids([one.i for one in customers]),
            "b": smallints([one.b for one in customers]),
            "f": times([one.f for one in customers]),
            "k": blobs([one.k for one in customers]),
        }
        tx.execute(_MAKE, {"tenant": tx.tenant_id, "now": tx.now} | columns, prepare=True)


def witness(tx: Tx, evidence: Sequence[Evidence], *, first: bool = False) -> None:
    """Keep why identifiers are held: for customers this transaction made, or in the turn that holds their buckets.

    `first`: of customers just made, each identifier once, so that nothing is there yet.
    """
    if evidence:
        columns = {
            "c": uuids([one.c for one in evidence]),
            "b": smallints([one.b for one in evidence]),
            "g": uuids([one.g for one in evidence]),
            "k": texts([one.k for one in evidence]),
            "s": texts([one.s for one in evidence]),
            "h": blobs([one.h for one in evidence]),
            "e": blobs([one.e for one in evidence]),
            "l": texts([one.l for one in evidence]),
            "u": texts([one.u for one in evidence]),
            "r": texts([one.r for one in evidence]),
            "o": times([one.o for one in evidence]),
        }
        tx.execute(_WITNESS_FIRST if first else _WITNESS, {"tenant": tx.tenant_id} | columns, prepare=True)


def wrapped_keys(tx: Tx, customers: Iterable[UUID]) -> dict[UUID, bytes]:
    """The wrapped data keys of customers who exist, merged ones included: what is sealed for an origin stays under its key."""
    wanted = list(customers)
    if not wanted:
        return {}
    cursor = tx.cursor(
        """
        select c.id, c.key_enc from unnest(%(buckets)s::smallint[], %(ids)s::uuid[]) as w(bucket, id)
        join customer as c on c.bucket = w.bucket and c.id = w.id and c.tenant_id = %(tenant)s
        """,
        {"tenant": tx.tenant_id, "buckets": smallints(map(bucket_of, wanted)), "ids": uuids(wanted)},
        prepare=True,
        binary=True,
    )
    return dict(cursor.fetchall())


def roots(tx: Tx, people: Iterable[UUID]) -> dict[UUID, UUID]:
    """The living customer for each of these, merged or not; unknown ones are missing."""
    wanted = sorted(set(people))
    if not wanted:
        return {}
    cursor = tx.cursor(
        """
        select c.id, coalesce(c.merged_into, c.id) from unnest(%(buckets)s::smallint[], %(ids)s::uuid[]) as w(bucket, id)
        join customer as c on c.bucket = w.bucket and c.id = w.id and c.tenant_id = %(tenant)s
        """,
        {"tenant": tx.tenant_id, "buckets": [bucket_of(one) for one in wanted], "ids": wanted},
        prepare=True,
    )
    return dict(cursor.fetchall())


# In key order, as doors lock them when they count contradictions.
_POINT: Final = """
with locked as materialized (
  select i.kind, i.scope, i.value_hash from identifier as i
  where i.tenant_id = %(tenant)s and i.customer_id = any(%(known)s::uuid[]) and i.origin_id = any(%(members)s::uuid[])
  order by i.kind collate "C", i.scope collate "C", i.value_hash
  for no key update of i)
update identifier as i set customer_id = %(root)s, bucket = %(bucket)s from locked as l
where i.tenant_id = %(tenant)s and i.kind = l.kind and i.scope = l.scope and i.value_hash = l.value_hash
"""


def point_identifiers(tx: Tx, members: Sequence[UUID], root: UUID, *, known: Sequence[UUID]) -> None:
    """Let the identifiers that were first given to `members`, and name one of `known` now, name `root`."""
    params = {
        "tenant": tx.tenant_id,
        "members": list(members),
        "known": list(known),
        "root": root,
        "bucket": bucket_of(root),
    }
    tx.execute(_POINT, params)
    tx.execute(
        """
        update identity_portrait set customer_id = %(root)s
        where tenant_id = %(tenant)s and origin_id = any(%(members)s::uuid[]) and customer_id = any(%(known)s::uuid[])
        """,
        params,
    )
