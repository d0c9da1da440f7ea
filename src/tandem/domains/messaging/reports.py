"""What providers report of messages they took: delivered to the phone, or not, and why.

A report may come before we have written down that its message was taken, and again. So the door only files it, and the senders' job lays
it beside its message, tried again ever more seldom until it is known: reports of texts that others sent by the same account never are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, cast

import msgspec

from tandem.catalog.label import Label
from tandem.domains.messaging.events import MESSAGE_DELIVERED, MESSAGE_UNDELIVERED, Told
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.stream.door.kinds import DoorKind, Envelope, Key, Normalised, Text
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json

State = Literal["delivered", "undelivered"]
LIMIT: Final = 1000
KEPT_DAYS: Final = 3
_ALL_BUCKETS: Final = list(range(BUCKETS))


class ReportIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a message at last. `ref` is what names it at its provider, or our own key where the provider gives that back."""

    channel: Key
    ref: Key
    state: State
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    reason: Text = ""


def _report(envelope: Envelope, said: ReportIn) -> Normalised:
    del envelope
    return Normalised(reference=said)


# The latest word on a message stands; ordered, so that two doors with the same reports never wait for each other crosswise.
_FILE: Final = """
insert into message_report as r (tenant_id, channel, ref, state, reason, at, received_at, next_at)
select distinct on (n.channel, n.ref) %(tenant)s, n.channel, n.ref, n.state, n.reason, n.at, now(), now()
from jsonb_to_recordset(%(reports)s::jsonb) as n(channel text, ref text, state text, reason text, at timestamptz)
order by n.channel, n.ref, n.at desc
on conflict (tenant_id, channel, ref) do update set state = excluded.state, reason = excluded.reason, at = excluded.at, next_at = now()
where r.at < excluded.at
"""


def _file(tx: Tx, records: Sequence[object]) -> None:
    tx.execute(_FILE, {"tenant": tx.tenant_id, "reports": to_json(cast("Any", list(records)))})


DOOR_KINDS: Final = (
    # In the provider's own name: whoever may send records must not be able to say that a message arrived.
    DoorKind("message_report", Label("消息回执", "Delivery report"), ReportIn, _report, _file, verified_only=True),
)

# A report older than what its message says already (providers send again, in any order) is let go without a word.
_SETTLE: Final = """
with due as materialized (
  select r.channel, r.ref, r.state, r.reason, r.at from message_report as r
  where r.tenant_id = %(tenant)s and r.next_at <= now() order by r.next_at limit %(limit)s for update skip locked
), known as materialized (
  select d.channel, d.ref from due as d join outbox_message as o
    on o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.provider_ref = d.ref and o.channel = d.channel
), told as (
  update outbox_message as o set reported = d.state, reported_reason = nullif(d.reason, ''), reported_at = d.at
  from due as d
  where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.provider_ref = d.ref and o.channel = d.channel
    and (o.reported_at is null or o.reported_at < d.at)
  returning o.*
), done as (
  delete from message_report as r using known as k where r.tenant_id = %(tenant)s and r.channel = k.channel and r.ref = k.ref
), later as (
  update message_report as r set looks = r.looks + 1, next_at = now() + make_interval(secs => 2 ^ least(r.looks + 1, 14))
  from due as d
  where r.tenant_id = %(tenant)s and r.channel = d.channel and r.ref = d.ref
    and not exists (select from known as k where k.channel = d.channel and k.ref = d.ref)
)
select o.id, o.bucket, o.customer_id, o.run_id, o.flow_id, o.block, o.channel, o.message_class, o.template_id, t.name as template,
  o.cause_id, o.root_id, o.hops, o.reported as state, o.reported_reason as reason, o.reported_at as at
from told as o join message_template as t on t.tenant_id = %(tenant)s and t.id = o.template_id
order by o.reported_at, o.id
"""


@dataclass(frozen=True, slots=True)
class _Reported(Told):
    state: State
    reason: str | None
    at: datetime


def settle(tx: Tx) -> int:
    """Lay reports beside their messages and tell of them; returns how many said something newer than was known."""
    if not tx.value(
        "select exists (select from message_report where tenant_id = %(tenant)s)", {"tenant": tx.tenant_id}
    ):
        return 0  # asked before every batch of messages, and seldom true
    found = tx.all(_Reported, _SETTLE, {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "limit": LIMIT})
    tx.execute(
        "delete from message_report where tenant_id = %(tenant)s and received_at < now() - make_interval(days => %(days)s)",
        {"tenant": tx.tenant_id, "days": KEPT_DAYS},
    )
    emit(tx, [_event(one) for one in found])
    return len(found)


def _event(one: _Reported) -> NewEvent:
    kind = MESSAGE_DELIVERED if one.state == "delivered" else MESSAGE_UNDELIVERED
    return NewEvent(
        type=kind,
        bucket=one.bucket,
        customer_id=one.customer_id,
        occurred_at=one.at,
        payload=one.payload() | ({"reason": one.reason} if kind == MESSAGE_UNDELIVERED else {}),
        event_id=derived_id(one.id, kind),
        lane=1,
        cause_id=one.cause_id,
        root_id=one.root_id,
        hops=one.hops + 1,
    )
