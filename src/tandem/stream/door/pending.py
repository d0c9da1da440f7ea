"""The webhook's way: received and answered first, resolved later by a worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.rounds import Rounds
from tandem.stream.door import quarantine
from tandem.stream.door.envelopes import is_envelope, resolve_envelopes
from tandem.stream.door.isolation import resolve_apart
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.receive import forget, receive_to_wait
from tandem.stream.door.understand import Interpreter, Understood, hash_of
from tandem.stream.door.wire import Item, Parsed, Problem, out_of_range, refusal, utc_within
from tandem.stream.keys import day_key, keys_of_day, tenant_keys
from tandem.stream.rights.suppression import without_erased

BATCH: Final = 500
_ROUNDS: Final = Rounds("door.pending")


def take_in(tx: Tx, parsed: Parsed, opened: tuple[TenantKeys, bytes] | None = None) -> int:
    """Make records durable and leave their meaning for later; returns how many were new. The caller commits, then answers.

    `opened`: what `keys_of_day` gives for this moment's day, where the caller has asked already.

    Raises InvalidInput for broken frames: a webhook's adapter makes the frames itself, so that is a defect of the adapter.
    """
    if parsed.problems:
        raise refusal(parsed.problems)
    keys, day = opened or keys_of_day(tx, tx.machine_now.date())
    kept = [item for item in parsed.items if utc_within(item.time, tx.now)]
    late = [out_of_range(item, "time") for item in parsed.items if not utc_within(item.time, tx.now)]
    quarantine.put_aside(tx, keys, Parsed(list(parsed.items), [], {}), late)
    return receive_to_wait(tx, keys, [Arrived(item, hash_of(item)) for item in kept], day)


class Arrived(msgspec.Struct, gc=False):
    """A record of which only the frame was looked at."""

    item: Item
    payload_hash: bytes
    version: int = 1


class _Waiting(msgspec.Struct, frozen=True, gc=False):
    received_at: datetime
    id: UUID
    source: str
    external_id: str
    kind: str
    version: int
    mode: int
    occurred_at: datetime
    payload_enc: bytes


# The oldest first; what another worker is resolving is left to it. Order within an entity is kept by its key row, not by this.
_TAKE: Final = """
with taken as (
  delete from intake_pending where tenant_id = %(tenant)s and (received_at, id) in (
    select received_at, id from intake_pending where tenant_id = %(tenant)s
    order by received_at, id limit %(limit)s for update skip locked)
  returning received_at, id)
select i.received_at, i.id, i.source, i.external_id, i.kind, i.version, i.mode, i.occurred_at, i.payload_enc
from taken as t join intake as i on i.tenant_id = %(tenant)s and i.received_at = t.received_at and i.id = t.id
order by i.received_at, i.id
"""


def resolve_pending(tx: Tx, kinds: DoorKinds, limit: int = BATCH) -> int:
    """Resolve up to `limit` received records in this transaction; what cannot be understood goes into quarantine. Returns how many."""
    keys = tenant_keys(tx)
    waiting = tx.all(_Waiting, _TAKE, {"tenant": tx.tenant_id, "limit": limit})
    items = [_item(tx, keys, index, one) for index, one in enumerate(waiting)]
    unpacked = resolve_envelopes(tx, keys, kinds, [item for item in items if is_envelope(item)])
    interpreter = Interpreter(kinds, keys, tx.tenant_id, tx.now)
    sound: list[Understood] = []
    problems: list[Problem] = list(unpacked.problems)
    for item, one in zip(items, waiting, strict=True):
        if is_envelope(item):
            continue
        read = interpreter.read(item)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            read.version = one.version
            sound.append(read)
    known = without_erased(tx, keys, sound)
    erased = unpacked.erased | {one.item.index for one in sound if not any(other is one for other in known)}
    _drop_raw(tx, [waiting[index] for index in sorted(erased)])
    resolved, rest = resolve_apart(tx, keys, known)
    problems += resolved.problems
    if problems:
        quarantine.put_aside(tx, keys, Parsed(items, [], {}), problems)
        bad = sorted({problem.index for problem in problems})
        forget(tx, [Arrived(items[index], b"", waiting[index].version) for index in bad])
    _put_back(tx, [waiting[record.item.index] for record in rest])
    return len(waiting) - len(rest)


def _drop_raw(tx: Tx, erased: Sequence[_Waiting]) -> None:
    """Delete the raw copies of records that name somebody who was erased."""
    if erased:
        tx.execute(
            """
            delete from intake as i using unnest(%(received)s::timestamptz[], %(ids)s::uuid[]) as g(received_at, id)
            where i.tenant_id = %(tenant)s and i.received_at = g.received_at and i.id = g.id
            """,
            {
                "tenant": tx.tenant_id,
                "received": [one.received_at for one in erased],
                "ids": [one.id for one in erased],
            },
        )


def _put_back(tx: Tx, left: Sequence[_Waiting]) -> None:
    """Leave records for the next call: too many others failed in this one."""
    if left:
        tx.execute(
            """
            insert into intake_pending (tenant_id, received_at, id)
            select %(tenant)s, * from unnest(%(received)s::timestamptz[], %(ids)s::uuid[])
            """,
            {"tenant": tx.tenant_id, "received": [one.received_at for one in left], "ids": [one.id for one in left]},
        )


def _item(tx: Tx, keys: TenantKeys, index: int, one: _Waiting) -> Item:
    payload = keys.open(day_key(tx, keys, one.received_at.date()), one.payload_enc).encode()
    # Only doors that verify who calls leave something to wait.
    return Item(index, one.source, one.external_id, one.kind, one.occurred_at, one.mode, payload, verified=True)


def waiting_tenants(db: Database) -> Sequence[UUID]:
    """Tenants with received records that wait: ids only, through a function that may look across tenants."""
    with db.connection("door") as connection:
        return [row[0] for row in connection.execute("select tenant_id from door_waiting_tenants()")]


def resolve_waiting(db: Database, kinds: DoorKinds, limit: int = BATCH) -> int:
    """Resolve one batch for every tenant that has something waiting, a transaction each; returns how many records."""

    def resolve_some(tenant: UUID) -> int:
        with db.tx("door", tenant=tenant) as tx:
            return resolve_pending(tx, kinds, limit)

    return _ROUNDS.each(waiting_tenants(db), resolve_some)
