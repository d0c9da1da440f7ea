"""Turns, locks and leases (ENGINE_RULES 1): a lease only spreads work, a row lock makes it safe.

Whoever changes a customer, worker or request, first locks the customer's bucket row here and holds it until commit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from tandem.kernel.columns import Smallints, smallints
from tandem.kernel.db import Connection, Scope, Tx
from tandem.kernel.ids import BUCKETS, bucket_of

LEASE_SECONDS = 10.0
#: A worker that stops in mid-turn is cut off by the server after this long, and its locks with it.
IDLE_IN_TRANSACTION_SECONDS = 5
TRANSACTION_SECONDS = 30
TRANSACTION_TIMEOUT_SINCE = 170000


@dataclass(frozen=True, slots=True)
class Turn:
    """One transaction over the locked `buckets` of one tenant. Every statement names both."""

    tx: Tx
    buckets: list[int]
    hears: Callable[[], frozenset[str] | None] | None = None
    """Types of events that anything reacts to when they are applied; None, or a None it answers: any type may be."""
    aged: list[tuple[UUID, str, list[int], float]] = field(default_factory=list[tuple[UUID, str, list[int], float]])
    """Which flow did what, how long after the events behind it had been received (ms), and when that was noted (`perf_counter`)."""
    heard: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    """When the first cause was received of what the turn works on, by the id of event or run: what it files for them goes on from there."""

    @property
    def tenant_id(self) -> UUID:
        """Whose turn it is."""
        return self.tx.tenant_id

    @property
    def now(self) -> datetime:
        """The tenant's business time."""
        return self.tx.now

    @property
    def zone(self) -> str:
        """The tenant's IANA zone."""
        return self.tx.zone

    def params(self, **more: object) -> dict[str, Any]:
        """`tenant`, `buckets` and `now`, which every engine statement binds, and what is added."""
        return {"tenant": self.tx.tenant_id, "buckets": _column(tuple(self.buckets)), "now": self.tx.now, **more}


@lru_cache(maxsize=64)
def _column(buckets: tuple[int, ...]) -> Smallints:
    """A turn's buckets on the wire: every statement of a turn binds the same hundreds."""
    return smallints(buckets)


def lock_leased(connection: Connection, worker: UUID, buckets: Sequence[int]) -> list[int]:
    """Lock those of `buckets` that `worker` still leases and nobody else holds; returns them in ascending order.

    The first statement of a turn. The locks last until commit; a lease lost meanwhile changes nothing, since the next holder
    must take the same locks.
    """
    found = connection.execute(
        """
        select bucket from bucket_lease where bucket = any(%s::smallint[]) and owner = %s
        order by bucket for no key update skip locked
        """,
        (list(buckets), worker),
        prepare=True,
    )
    return [row[0] for row in found]


def begin_leased(
    connection: Connection, tenant: UUID, worker: UUID, buckets: Sequence[int]
) -> tuple[list[int], Tx | None]:
    """`lock_leased` and `begin` in one round trip: the buckets locked, and the transaction unless there are none.

    Raises LookupError for an unknown tenant.
    """
    found = connection.execute(_BEGIN_LEASED, (list(buckets), worker, tenant), prepare=True).fetchone()
    if found is None:
        message = f"unknown tenant {tenant}"
        raise LookupError(message)
    held, now, machine_now, zone, currency = found
    return held, Tx(connection, tenant, None, Scope.all(), now, machine_now, zone, currency) if held else None


_BEGIN_LEASED = """
select l.held, b.business_now, b.machine_now, b.zone, b.currency
from (
  select coalesce(array_agg(x.bucket), '{}') as held from (
    select bucket from bucket_lease where bucket = any(%s::smallint[]) and owner = %s
    order by bucket for no key update skip locked) as x) as l
cross join tandem_begin(%s, null, 'all', '{}') as b
"""


def in_buckets(connection: Connection, buckets: Iterable[int]) -> list[int]:
    """Lock these buckets in ascending order, waiting for whoever holds them; returns them sorted without repeats."""
    wanted = sorted(set(buckets))
    connection.execute(
        "select bucket from bucket_lease where bucket = any(%s::smallint[]) order by bucket for no key update",
        (wanted,),
    )
    return wanted


def in_bucket(tx: Tx, *customer_ids: UUID) -> Turn:
    """The turn of a request that changes these customers: their bucket rows are locked until commit.

    Takes the same locks as a worker, so a request and a worker never change one customer at once.
    """
    return Turn(tx, in_buckets(tx.conn, (bucket_of(one) for one in customer_ids)))


def bound_worker(connection: Connection) -> None:
    """Let the server end a transaction whose worker was paused, so that a stopped process cannot hold its buckets."""
    connection.execute(
        "select set_config('idle_in_transaction_session_timeout', %s, false)", (f"{IDLE_IN_TRANSACTION_SECONDS}s",)
    )
    if connection.info.server_version >= TRANSACTION_TIMEOUT_SINCE:
        connection.execute("select set_config('transaction_timeout', %s, false)", (f"{TRANSACTION_SECONDS}s",))
    connection.commit()


def lease(connection: Connection, worker: UUID, *, seconds: float = LEASE_SECONDS) -> list[int]:
    """Renew this worker's leases and take or give up buckets until each live worker has a fair share.

    One short transaction of its own, on machine time; call it about every third of the lease's length. Returns the buckets held.
    """
    with connection.transaction():
        # Presence is told apart from the leases: a newcomer holds no bucket yet, and must count for the share to shrink.
        alive = connection.execute(
            """
            with seen as (
              insert into worker_presence (id, seen_until) values (%(worker)s, now() + %(length)s)
              on conflict (id) do update set seen_until = excluded.seen_until)
            select count(*) + 1 from worker_presence where id <> %(worker)s and seen_until > now()
            """,
            {"worker": worker, "length": timedelta(seconds=seconds)},
        ).fetchone()
        share = math.ceil(BUCKETS / (alive[0] if alive else 1))
        # Whose row somebody has locked just now (a request, a turn) stays held: the lease still runs, and the next renewal extends it.
        mine = connection.execute(
            "select bucket from bucket_lease where owner = %s and leased_until > now() order by bucket", (worker,)
        ).fetchall()
        held = [bucket for (bucket,) in mine]
        connection.execute(
            _RENEW, {"worker": worker, "length": timedelta(seconds=seconds), "held": held[:share]}, prepare=True
        )
        given = connection.execute(_GIVE_UP, {"worker": worker, "surplus": held[share:]}, prepare=True).fetchall()
        # No more rows are locked than are taken: what two newcomers lock at once, neither would get.
        taken = connection.execute(
            _TAKE,
            {"worker": worker, "length": timedelta(seconds=seconds), "room": max(0, share - len(held))},
            prepare=True,
        ).fetchall()
    return sorted({*held, *(bucket for (bucket,) in taken)} - {bucket for (bucket,) in given})


def all_leased(connection: Connection) -> bool:
    """Does every bucket have a worker? Where not, whoever has room should not wait long before its next renewal."""
    with connection.transaction():
        found = connection.execute(
            "select not exists (select from bucket_lease where owner is null or leased_until <= now())", prepare=True
        ).fetchone()
    return found is not None and bool(found[0])


_RENEW = """
with own as (
  select bucket from bucket_lease where bucket = any(%(held)s::smallint[]) and owner = %(worker)s
  order by bucket for no key update skip locked)
update bucket_lease as b set leased_until = now() + %(length)s from own where b.bucket = own.bucket
"""
_GIVE_UP = """
with own as (
  select bucket from bucket_lease where bucket = any(%(surplus)s::smallint[]) and owner = %(worker)s
  order by bucket for no key update skip locked)
update bucket_lease as b set owner = null, leased_until = null from own where b.bucket = own.bucket returning b.bucket
"""
_TAKE = """
with free as (
  select bucket from bucket_lease where owner is null or leased_until <= now()
  order by bucket limit %(room)s for no key update skip locked)
update bucket_lease as b set owner = %(worker)s, leased_until = now() + %(length)s, epoch = b.epoch + (b.owner is distinct from %(worker)s)::int
from free where b.bucket = free.bucket returning b.bucket
"""


def release_leases(connection: Connection, worker: UUID) -> None:
    """Give every bucket back at once: a worker that ends in good order lets the others go on without waiting."""
    with connection.transaction():
        connection.execute("update bucket_lease set owner = null, leased_until = null where owner = %s", (worker,))
        connection.execute("delete from worker_presence where id = %s", (worker,))
