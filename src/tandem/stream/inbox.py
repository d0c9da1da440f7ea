"""Filing events: the only way into an inbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.stream.events import MAX_HOPS, NewEvent
from tandem.stream.rows import to_json

_EMIT = """
insert into inbox (bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, customer_id, origin_id,
                   subject_type, subject_id, identifier_hash, payload, cause_id, root_id, hops)
select e.b, %(tenant)s, e.l, e.o, %(received)s, e.e, e.m, e.t, e.c, e.g, e.st, e.s, decode(e.h, 'base64'), e.p, e.k, e.r, e.n
from jsonb_to_recordset(%(events)s::jsonb) as e(b smallint, l smallint, o timestamptz, e uuid, m smallint, t text, c uuid, g uuid,
                                         st text, s uuid, h text, p jsonb, k uuid, r uuid, n smallint)
"""


class _Row(msgspec.Struct, gc=False, omit_defaults=True):
    """One event under the short names of `_EMIT`."""

    b: int
    l: int  # noqa: E741
    o: datetime
    e: UUID
    m: int
    t: str
    p: dict[str, Any]
    n: int
    r: UUID
    c: UUID | None = None
    g: UUID | None = None
    st: str | None = None
    s: UUID | None = None
    h: bytes | None = None
    k: UUID | None = None


def emit(where: Turn | Tx, events: Sequence[NewEvent]) -> int:
    """File events in the inboxes of their buckets; they are applied in a later turn. Returns how many were filed.

    One statement whatever the number. Any transaction of the tenant may emit, without holding the bucket. Events more than `MAX_HOPS`
    causes away from the outside are not filed: that is a loop, and the caller's log shows it (ENGINE_RULES 17).
    """
    tx = where.tx if isinstance(where, Turn) else where
    rows = [_row(event) for event in events if event.hops <= MAX_HOPS]
    if rows:
        tx.execute(_EMIT, {"tenant": tx.tenant_id, "received": tx.machine_now, "events": to_json(rows)})
    return len(rows)


def _row(event: NewEvent) -> _Row:
    event_id = event.event_id or new_id()
    return _Row(
        b=event.bucket,
        l=event.lane,
        o=event.occurred_at,
        e=event_id,
        m=event.mode,
        t=event.type,
        p=event.payload,
        n=event.hops,
        r=event.root_id or event_id,
        c=event.customer_id,
        g=event.origin_id or event.customer_id,
        st=event.subject_type,
        s=event.subject_id,
        h=event.identifier_hash,
        k=event.cause_id,
    )
