"""What was said of people, kept by the door beside the key table; and the tenant's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from tandem.kernel.columns import blobs, texts, times, uuids
from tandem.kernel.db import Tx
from tandem.stream.identity.portrait import Portrait
from tandem.stream.identity.rules import DEFAULT, Rules

PORTRAITS_MAX: Final = 32
"""So many different sayings of one customer are weighed; a counter's record with a thousand names needs no more to be doubted."""


class _Row(msgspec.Struct, gc=False):
    c: UUID
    g: UUID
    d: bytes
    n: bytes | None
    s: bytes | None
    x: str | None
    b: str | None
    p: str | None
    q: str | None
    t: datetime | None


_READ: Final = """
select p.customer_id, p.name_hash, p.surname_hash, p.gender, p.birthday, p.city, p.district, p.said_at
from unnest(%(customers)s::uuid[]) as w(id) cross join lateral (
  select * from identity_portrait as o where o.tenant_id = %(tenant)s and o.customer_id = w.id order by o.said_at desc limit %(most)s) as p
"""

# By key, as every door does it. What is said again is only noted when it is a month old: it tells how long a number was silent.
_HEAR: Final = """
insert into identity_portrait as p (tenant_id, origin_id, digest, customer_id, name_hash, surname_hash, gender, birthday, city, district, said_at)
select %(tenant)s, r.g, r.d, r.c, r.n, r.s, r.x, r.b, r.p, r.q, r.t
from unnest(%(c)s::uuid[], %(g)s::uuid[], %(d)s::bytea[], %(n)s::bytea[], %(s)s::bytea[], %(x)s::text[], %(b)s::text[], %(p)s::text[],
            %(q)s::text[], %(t)s::timestamptz[]) as r(c, g, d, n, s, x, b, p, q, t)
order by r.g, r.d
on conflict (tenant_id, origin_id, digest) do update set said_at = excluded.said_at
where p.said_at < excluded.said_at - interval '30 days'
"""


def read_portraits(tx: Tx, customers: Sequence[UUID]) -> Iterator[tuple[UUID, Portrait]]:
    """What was said of these living customers, people merged into them included."""
    params = {"tenant": tx.tenant_id, "customers": list(customers), "most": PORTRAITS_MAX}
    for customer_id, *said in tx.cursor(_READ, params, prepare=True):
        yield customer_id, Portrait(*said)


def hear(tx: Tx, heard: Iterable[tuple[UUID, UUID, Portrait]]) -> None:
    """Keep what was said: (customer, origin, portrait)."""
    rows: dict[tuple[UUID, bytes], _Row] = {}
    for customer, origin, said in heard:
        row = _Row(
            customer, origin, digest(said), said.name, said.surname, said.gender, said.birthday, said.city, said.district, said.at
        )  # fmt: skip
        rows.setdefault((origin, row.d), row)
    if rows:
        news = rows.values()
        columns = {
            "c": uuids([one.c for one in news]),
            "g": uuids([one.g for one in news]),
            "d": blobs([one.d for one in news]),
            "n": blobs([one.n for one in news]),
            "s": blobs([one.s for one in news]),
            "x": texts([one.x for one in news]),
            "b": texts([one.b for one in news]),
            "p": texts([one.p for one in news]),
            "q": texts([one.q for one in news]),
            "t": times([one.t for one in news]),
        }
        tx.execute(_HEAR, {"tenant": tx.tenant_id} | columns, prepare=True)


def digest(said: Portrait) -> bytes:
    """Tells one saying from another, whenever it was said."""
    text = repr((said.name, said.surname, said.gender, said.birthday, said.city, said.district))
    return blake2b(text.encode(), digest_size=8).digest()


def read_rules(tx: Tx) -> Rules:
    """The tenant's rules; the defaults where it has decided nothing."""
    found = tx.cursor(
        "select rules::text from identity_rules where tenant_id = %(tenant)s", {"tenant": tx.tenant_id}, prepare=True
    ).fetchone()
    return DEFAULT if found is None else msgspec.json.decode(found[0], type=Rules)
