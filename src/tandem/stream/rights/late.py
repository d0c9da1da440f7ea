"""What doors let in while a person was being erased: their transactions began before the erasure committed and ended after it.

They knew nothing of it, so they gave records to a customer who is gone, or made her anew. A door holds a shared lock from before it asks
whom to keep out until its commit (`suppression.without_erased`); who has had the same lock alone for a moment (`wait_for_doors`) knows that
every door since then has seen the erasure, and finds what the others left.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.kernel.jobs import JobRun
from tandem.stream.keys import tenant_keys
from tandem.stream.rights import raw
from tandem.stream.rights.erase import Counts, erase, sweep
from tandem.stream.rights.person import Named, Person
from tandem.stream.rights.suppression import lock_of

TRIES_MAX: Final = 40
_WAIT: Final = "2s"
"""Doors that come meanwhile queue up behind the one who waits, so it waits in short turns. No door's transaction outlives 30 s."""
_SLACK: Final = timedelta(minutes=5)
"""A transaction that was under way began at most so long before the erasure."""


@dataclass(frozen=True, slots=True)
class Erased:
    """Whom to look for once more. `names` and `values` are all that is left of her, sealed while they wait and gone with the last step."""

    ids: tuple[UUID, ...]
    names: tuple[Named, ...]
    values: frozenset[str]
    since: datetime
    """When her erasure began, in business time."""
    received_since: datetime
    """The same on the server's clock."""

    @staticmethod
    def of(tx: Tx, who: Person) -> Erased:
        """Somebody who was erased in this transaction."""
        return Erased(who.ids, who.names, who.values, tx.now - _SLACK, tx.machine_now - _SLACK)

    def kept(self, tx: Tx) -> dict[str, Any]:
        """As a job remembers it for whoever takes it over."""
        keys = tenant_keys(tx)
        key, wrapped = keys.new_data_key()
        names = [[one.kind, one.scope, one.value_hash.hex(), str(one.origin_id)] for one in self.names]
        told = json.dumps({"names": names, "values": sorted(self.values)})
        return {
            "erased": [str(one) for one in self.ids],
            "since": self.since.isoformat(),
            "received_since": self.received_since.isoformat(),
            "key": base64.b64encode(wrapped).decode(),
            "sealed": base64.b64encode(keys.seal(key, told)).decode(),
        }

    @staticmethod
    def read(tx: Tx, kept: Mapping[str, Any]) -> Erased:
        """What `kept` remembered."""
        keys = tenant_keys(tx)
        told = json.loads(keys.open(keys.unwrap(base64.b64decode(kept["key"])), base64.b64decode(kept["sealed"])))
        return Erased(
            tuple(UUID(one) for one in kept["erased"]),
            tuple(
                Named(kind, scope, bytes.fromhex(hashed), UUID(origin), b"")
                for kind, scope, hashed, origin in told["names"]
            ),
            frozenset(told["values"]),
            datetime.fromisoformat(kept["since"]),
            datetime.fromisoformat(kept["received_since"]),
        )


def wait_for_doors(run: JobRun) -> datetime:
    """Return once every door that had not seen the erasure has committed; the answer is a moment, in business time, after it.

    Raises psycopg.errors.LockNotAvailable when one does not end: the job is taken up again later.
    """
    for left in range(TRIES_MAX - 1, -1, -1):
        try:
            with run.tx() as tx:
                tx.execute(f"set local lock_timeout = '{_WAIT}'")
                tx.execute("select pg_advisory_xact_lock(%(lock)s)", {"lock": lock_of(run.tenant_id)})
                return tx.now
        except psycopg.errors.LockNotAvailable:
            if not left:
                raise
    raise AssertionError


def sweep_late(tx: Tx, gone: Erased, until: datetime) -> Counts:
    """Erase what came in for her between `gone.since` and `until`; returns what there was."""
    counts = Counts()
    who = Person(gone.ids[0], gone.ids, gone.names, gone.values, {})
    for customer in _made_anew(tx, gone, until):
        for table, of in erase(tx, customer)[1].items():
            for what, rows in of.items():
                counts.add(table, what, rows)
    counts.pop("suppression", None)
    found = list(raw.copies(tx, tenant_keys(tx), who, since=gone.received_since))
    for table, rows in raw.drop(tx, found).items():
        counts.add(table, "deleted", rows)
    sweep(tx, who, counts)
    return counts


@dataclass(frozen=True, slots=True)
class _Owner:
    customer_id: UUID


_OWNERS: Final = """
select distinct i.customer_id from identifier as i
join unnest(%(kinds)s::text[], %(scopes)s::text[], %(hashes)s::bytea[]) as n(kind, scope, hash)
  on i.kind = n.kind and i.scope = n.scope and i.value_hash = n.hash
where i.tenant_id = %(tenant)s and i.customer_id <> all(%(ids)s::uuid[])
"""
_MADE: Final = """
select id as customer_id from customer
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
  and created_at between %(since)s and %(until)s order by id
"""


def _made_anew(tx: Tx, gone: Erased, until: datetime) -> list[UUID]:
    """Customers whom such a door made out of her identifiers. One made later is she herself, come back; an older one is somebody else."""
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "ids": list(gone.ids),
        "kinds": [one.kind for one in gone.names],
        "scopes": [one.scope for one in gone.names],
        "hashes": [one.value_hash for one in gone.names],
    }
    owners = [one.customer_id for one in tx.all(_Owner, _OWNERS, params)]
    if not owners:
        return []
    found = {"buckets": sorted({bucket_of(one) for one in owners}), "ids": owners, "since": gone.since, "until": until}
    return [one.customer_id for one in tx.all(_Owner, _MADE, {**params, **found})]
