"""Receive: tell what is new, keep the raw envelope, and answer (the first of the three commits, ENGINE_RULES 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from tandem.kernel.columns import blobs, integers, smallints, texts, times, uuids
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.fresh import Fresh
from tandem.kernel.ids import new_id
from tandem.stream.door.wire import Item
from tandem.stream.keys import day_key
from tandem.stream.rows import to_json


class Framed(Protocol):
    """A record as far as receiving needs it: its frame, a digest of what it says, the version it turns out to be."""

    item: Item
    payload_hash: bytes
    version: int


R = TypeVar("R", bound=Framed)


@dataclass(slots=True)
class Received(Generic[R]):
    """What of a call is new to us: records to resolve, each with its version; how many were seen before."""

    fresh: list[R]
    duplicates: int
    updates: int


_FRESH: Final = Fresh()

# Rows go in by key, as every door does it, so that two doors never wait for each other in a circle (ENGINE_RULES 9).
# What was there with the same payload is locked, unchanged and not returned: a duplicate.
_CLAIM_FRESH: Final = """
insert into intake_key as k (tenant_id, source, external_id, payload_hash, version, received_at)
select %(tenant)s, r.s, r.x, r.h, r.v, %(received)s
from unnest(%(s)s::text[], %(x)s::text[], %(h)s::bytea[], %(v)s::int[]) as r(s, x, h, v)
order by r.s collate "C", r.x collate "C"
"""
_CLAIM: Final = f"""{_CLAIM_FRESH}
on conflict (tenant_id, source, external_id) do update
set payload_hash = excluded.payload_hash, version = k.version + excluded.version, received_at = excluded.received_at
where k.payload_hash <> excluded.payload_hash
returning source, external_id, version
"""


def receive(tx: Tx, records: Sequence[R]) -> Received[R]:
    """Claim the records' keys. Repeats of one id within the call count in order, as if they had come one after another."""
    versions = _versions(records)
    if not versions:
        return Received([], 0, 0)
    columns = {
        "s": texts([source for source, _ in versions]),
        "x": texts([external_id for _, external_id in versions]),
        "h": blobs([chain[-1].payload_hash for chain in versions.values()]),
        "v": integers(map(len, versions.values())),
    }
    params = {"tenant": tx.tenant_id, "received": tx.machine_now} | columns

    def run(statement: str) -> dict[tuple[str, str], int]:
        cursor = tx.cursor(statement, params, prepare=True)
        if statement is _CLAIM_FRESH:
            return {key: len(chain) for key, chain in versions.items()}
        return {(source, external_id): version for source, external_id, version in cursor.fetchall()}

    claimed = _FRESH.attempt(tx, run, _CLAIM_FRESH, _CLAIM, len(versions))
    fresh: list[R] = []
    updates = 0
    for key, chain in versions.items():
        last = claimed.get(key)
        if last is None:
            continue
        if last == len(chain) == 1:
            chain[0].version = 1
            fresh.append(chain[0])
            continue
        for back, record in enumerate(chain):
            record.version = last - len(chain) + 1 + back
            updates += record.version > 1
            fresh.append(record)
    fresh.sort(key=lambda record: record.item.index)
    return Received(fresh, len(records) - len(fresh), updates)


def _versions(records: Sequence[R]) -> dict[tuple[str, str], list[R]]:
    """Records by their outside id; of equal neighbours only the first counts."""
    chains: dict[tuple[str, str], list[R]] = {}
    for record in records:
        key = record.item.source, record.item.external_id
        chain = chains.get(key)
        if chain is None:
            chains[key] = [record]
        elif chain[-1].payload_hash != record.payload_hash:
            chain.append(record)
    return chains


def forget(tx: Tx, records: Sequence[Framed]) -> None:
    """Give up the keys of records that could not be resolved after all, so that a replay or a better copy counts as news."""
    rows = [{"s": record.item.source, "x": record.item.external_id} for record in records if record.version == 1]
    if rows:
        tx.execute(
            """
            delete from intake_key as k using jsonb_to_recordset(%(rows)s::jsonb) as r(s text, x text)
            where k.tenant_id = %(tenant)s and k.source = r.s and k.external_id = r.x
            """,
            {"tenant": tx.tenant_id, "rows": to_json(rows)},
        )
    rows = [{"s": record.item.source, "x": record.item.external_id} for record in records if record.version > 1]
    if rows:
        # No payload has an empty digest: the next copy, also the very same, is another version.
        tx.execute(
            """
            update intake_key as k set payload_hash = '' from jsonb_to_recordset(%(rows)s::jsonb) as r(s text, x text)
            where k.tenant_id = %(tenant)s and k.source = r.s and k.external_id = r.x
            """,
            {"tenant": tx.tenant_id, "rows": to_json(rows)},
        )


_KEEP: Final = """
insert into intake (tenant_id, received_at, id, source, external_id, kind, version, mode, occurred_at, payload_enc)
select %(tenant)s, %(received)s, r.i, r.s, r.x, r.k, r.v, r.m, r.o, r.p
from unnest(%(i)s::uuid[], %(s)s::text[], %(x)s::text[], %(k)s::text[], %(v)s::int[], %(m)s::smallint[], %(o)s::timestamptz[], %(p)s::bytea[])
  as r(i, s, x, k, v, m, o, p)
"""

# In one statement: a round trip less for whoever waits for an answer.
_KEEP_PENDING: Final = f"""
with kept as ({_KEEP})
insert into intake_pending (tenant_id, received_at, id) select %(tenant)s, %(received)s, unnest(%(i)s::uuid[])
"""


def keep(
    tx: Tx, keys: TenantKeys, records: Sequence[Framed], *, pending: bool = False, day: bytes | None = None
) -> None:
    """Store the raw envelopes, sealed under today's key (`day`, where it is known); `pending` leaves their meaning to `resolve_pending`."""
    if not records:
        return
    day = day or day_key(tx, keys, tx.machine_now.date())
    columns = _stored(keys, day, records) | {"v": integers([record.version for record in records])}
    params = {"tenant": tx.tenant_id, "received": tx.machine_now}
    tx.execute(_KEEP_PENDING if pending else _KEEP, params | columns, prepare=True)


def _stored(keys: TenantKeys, day: bytes, records: Sequence[Framed]) -> dict[str, Any]:
    """What is kept of records, a column each."""
    items = [record.item for record in records]
    return {
        "i": uuids([new_id() for _ in items]),
        "s": texts([item.source for item in items]),
        "x": texts([item.external_id for item in items]),
        "k": texts([item.kind for item in items]),
        "m": smallints([item.mode for item in items]),
        "o": times([item.time for item in items]),
        "p": blobs(keys.seal_all(day, [item.payload for item in items])),
    }


# Claimed, kept and left to wait in one statement: what is new and which version it is, the database knows by itself.
_CLAIM_AND_KEEP: Final = f"""
with claimed as ({_CLAIM}),
kept as (
  insert into intake (tenant_id, received_at, id, source, external_id, kind, version, mode, occurred_at, payload_enc)
  select %(tenant)s, %(received)s, r.i, r.s, r.x, r.k, c.version, r.m, r.o, r.p
  from unnest(%(i)s::uuid[], %(s)s::text[], %(x)s::text[], %(k)s::text[], %(m)s::smallint[], %(o)s::timestamptz[], %(p)s::bytea[])
    as r(i, s, x, k, m, o, p)
  join claimed as c on c.source = r.s and c.external_id = r.x
  returning id)
insert into intake_pending (tenant_id, received_at, id) select %(tenant)s, %(received)s, id from kept
"""


def receive_to_wait(tx: Tx, keys: TenantKeys, records: Sequence[Framed], day: bytes) -> int:
    """What `receive` and `keep` with `pending` do, in one round trip where no id comes with two payloads; returns how many were new."""
    versions = _versions(records)
    if not versions:
        return 0
    if any(len(chain) > 1 for chain in versions.values()):
        received = receive(tx, records)
        keep(tx, keys, received.fresh, pending=True, day=day)
        return len(received.fresh)
    first = [chain[0] for chain in versions.values()]
    columns = _stored(keys, day, first) | {
        "h": blobs([record.payload_hash for record in first]),
        "v": integers([1] * len(first)),
    }
    return tx.execute(_CLAIM_AND_KEEP, {"tenant": tx.tenant_id, "received": tx.machine_now} | columns, prepare=True)
