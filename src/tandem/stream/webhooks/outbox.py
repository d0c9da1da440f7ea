"""Filing: in the transaction that applies events, each subscription that wants one gets a row to send (an outbox).

What commits with the facts cannot be lost afterwards, and what is rolled back was never told.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Any, Final, cast
from uuid import UUID

import msgspec
import structlog

from tandem.catalog import Catalog, Checked, Compiled, Entity, EventType, ExpressionError, check, compile_sql
from tandem.catalog.definitions import EVERY_PRIVACY, Privacy
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.projection import LIVE, AppliedEvent
from tandem.stream.rows import to_json

log = structlog.get_logger("tandem.webhooks")

EVERY_TYPE: Final = "*"
PLAIN: Final[frozenset[Privacy]] = frozenset({"plain"})


@dataclass(frozen=True, slots=True)
class Subscription:
    """What filing needs of an active webhook."""

    id: UUID
    event_types: list[str]
    filter: str
    include_personal: bool

    def wants(self, event_type: str) -> bool:
        """Whether it asked for events of this type."""
        return event_type in self.event_types or self.event_types == [EVERY_TYPE]


class _Row(msgspec.Struct, gc=False):
    b: int
    i: UUID
    w: UUID
    e: UUID
    c: UUID | None
    g: UUID | None
    s: UUID | None
    t: str
    o: Any
    y: str


_FILE: Final = """
insert into webhook_delivery (bucket, id, tenant_id, webhook_id, event_id, customer_id, origin_id, subject_id, type, occurred_at, body,
                              filed_at, next_at)
select r.b, r.i, %(tenant)s, r.w, r.e, r.c, r.g, r.s, r.t, r.o, r.y, %(machine_now)s, %(machine_now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(b smallint, i uuid, w uuid, e uuid, c uuid, g uuid, s uuid, t text, o timestamptz, y text)
where r.b = any(%(buckets)s::smallint[])
on conflict (bucket, id) do nothing
"""
_ACTIVE: Final = """
select id, event_types, filter, include_personal from webhook
where tenant_id = %(tenant)s and status = 'active' and event_types && %(types)s::text[] order by id
"""


def file_deliveries(turn: Turn, catalog: Catalog, events: Sequence[AppliedEvent]) -> int:
    """File what the active subscriptions want of these events; returns how many rows. History is not told (ENGINE_RULES 11)."""
    told = [event for event in events if event.mode == LIVE and event.type in catalog.event_types]
    if not told:
        return 0
    types = sorted({event.type for event in told})
    wanted = turn.tx.all(Subscription, _ACTIVE, {"tenant": turn.tenant_id, "types": [*types, EVERY_TYPE]})
    rows = [row for one in wanted for row in _rows(turn, catalog, one, told)]
    if not rows:
        return 0
    return turn.tx.execute(_FILE, turn.params(rows=to_json(rows), machine_now=turn.tx.machine_now))


def _rows(turn: Turn, catalog: Catalog, one: Subscription, events: Sequence[AppliedEvent]) -> list[_Row]:
    mine = passing(turn, catalog, one, [event for event in events if one.wants(event.type)])
    privacy = EVERY_PRIVACY if one.include_personal else PLAIN
    return [
        _Row(
            b=event.bucket,
            i=delivery_id(one.id, event.event_id),
            w=one.id,
            e=event.event_id,
            c=event.customer_id,
            g=event.origin_id,
            s=event.subject_id,
            t=event.type,
            o=event.occurred_at,
            y=body_of(catalog.event_types[event.type], event, privacy),
        )
        for event in mine
    ]


def delivery_id(webhook_id: UUID, event_id: UUID) -> UUID:
    """The one delivery of an event to a subscription."""
    return derived_id("webhook", webhook_id, event_id)


def body_of(kind: EventType, event: AppliedEvent, privacy: frozenset[Privacy]) -> str:
    """The request's body: what the catalog says an event of this type and version holds, and nothing the catalog does not know."""
    shown = {field.name for field in kind.fields if field.privacy in privacy and not field.encrypted}
    body: dict[str, Any] = {
        "id": str(event.event_id),
        "type": event.type,
        "version": kind.version,
        "timestamp": event.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "customer_id": None if event.customer_id is None else str(event.customer_id),
        "subject": None if event.subject_id is None else {"type": event.subject_type, "id": str(event.subject_id)},
        "data": {name: value for name, value in event.payload.items() if name in shown},
    }
    return msgspec.json.encode(body).decode()


def passing(turn: Turn, catalog: Catalog, one: Subscription, events: Sequence[AppliedEvent]) -> Sequence[AppliedEvent]:
    """Those events that the subscription's filter lets through, one statement for each event type."""
    if not one.filter or not events:
        return events
    by_type: dict[str, list[AppliedEvent]] = defaultdict(list)
    for event in events:
        by_type[event.type].append(event)
    kept: set[UUID] = set()
    for event_type, batch in by_type.items():
        try:
            kept |= _passing(turn, catalog, one.filter, event_type, batch)
        except ExpressionError:
            # It was sound when saved; the catalog has changed since. The screen shows it, and nothing unasked-for goes out.
            log.warning("webhook.filter_broken", webhook=str(one.id), type=event_type)
    return [event for event in events if event.event_id in kept]


def _passing(turn: Turn, catalog: Catalog, text: str, event_type: str, batch: Sequence[AppliedEvent]) -> set[UUID]:
    compiled = _compiled(catalog, text, event_type, turn.zone)
    rows = [{"b": one.bucket, "i": one.event_id, "c": one.customer_id, "p": one.payload} for one in batch]
    found = turn.tx.values(
        f"""
        select r.i from jsonb_to_recordset(%(rows)s::jsonb) as r(b smallint, i uuid, c uuid, p jsonb)
        left join {_customer_table(catalog)} as c
          on c.bucket = r.b and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = r.c
        where {compiled.sql}
        """,
        turn.params(rows=to_json(rows), **cast("Mapping[str, Any]", compiled.params)),
    )
    return set(found)


@lru_cache(maxsize=512)
def _compiled(catalog: Catalog, text: str, event_type: str, zone: str) -> Compiled:
    return compile_sql(filter_of(catalog, text, event_type), alias={"customer": "c", "event": "r.p"}, zone=zone)


def filter_of(catalog: Catalog, text: str, event_type: str, privacy: frozenset[Privacy] = EVERY_PRIVACY) -> Checked:
    """Check a filter for one event type. Raises ExpressionError."""
    return check(text, catalog.scope(privacy=privacy, customer="customer", event=event_type), "bool")


def _customer_table(catalog: Catalog) -> str:
    return cast("Entity", catalog.root("customer")).table
