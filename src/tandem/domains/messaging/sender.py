"""Senders: outside the bucket turn, touching outbox rows only. The result returns as an event (ENGINE_RULES 15).

Claim, then hand over and record channel by channel: a commit after each step, so that a sender that dies leaves rows in `sending` and
nothing else. In order per (channel, recipient): the next message of a person waits until the one before it has its answer.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from tandem.catalog.model import Catalog
from tandem.domains.messaging.channel import AnswerLost, Channel, ChannelDown, Delivery, Outgoing, Result
from tandem.domains.messaging.events import MESSAGE_FAILED, MESSAGE_SENT, Told
from tandem.domains.messaging.placeholders import MissingValue, names, render
from tandem.domains.messaging.policy import MISSING
from tandem.domains.messaging.popups.channel import PAGE, PageChannel
from tandem.domains.messaging.reach import SIMULATED
from tandem.domains.messaging.release import STALE
from tandem.domains.messaging.reports import settle
from tandem.domains.messaging.resting import get_up, lay_down, resting
from tandem.domains.messaging.routed import RoutedChannel
from tandem.domains.messaging.values import Recipient, Values, fill, written_names
from tandem.domains.messaging.words import service as words
from tandem.flow.delays import DELAYS, by_flow
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Unavailable
from tandem.kernel.ids import BUCKETS, bucket_of, derived_id
from tandem.kernel.roles import register_sql
from tandem.kernel.wake import wake
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

log = structlog.get_logger("tandem.messaging")

BATCH: Final = 200
CANDIDATES: Final = 5 * BATCH
ROUND_SECONDS_MAX: Final = 60.0
"""From the claim on, for all channels together: no message is begun later, and what is left goes back."""
LOST_SECONDS: Final = 300
"""Machine time after which a row in `sending` belongs to a sender that died: a whole round, then one message at its very slowest (a token
and a message, each tried twice, 25 s each), and twice that to spare."""
ALL_BUCKETS: Final = list(range(BUCKETS))
BROKEN: Final = "channel_broken"
"""The reason when a channel failed in a way that it has no word for."""

CHANNELS: Final[Mapping[str, Channel]] = {
    channel.name: channel if channel.name == "simulated" else RoutedChannel(channel) for channel in SIMULATED
} | {PAGE: PageChannel()}

# Which tenants have something to send: ids and nothing else, for the worker only; row-level security shows a worker one tenant at a time.
register_sql(
    """
create or replace function messaging_waiting_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct o.tenant_id from outbox_message o where o.status in ('released', 'sending')
  union select distinct r.tenant_id from message_report r where r.next_at <= now()
$$
""",
)
register_sql("revoke all on function messaging_waiting_tenants() from public")
register_sql("grant execute on function messaging_waiting_tenants() to tandem_worker")


@dataclass(frozen=True, slots=True)
class Claimed(Told):
    """A message this sender took."""

    body: str
    was_held: bool
    """The run left the block by "held": the message waited before it went out."""
    heard_at: datetime | None = None


# The first waiting message of each recipient; transactional ones before bulk. A row another sender holds is left to it.
_CLAIM: Final = """
with waiting as materialized (
  select o.bucket, o.id, o.customer_id, o.channel, o.message_class, o.released_at from outbox_message as o
  where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.status = 'released' and o.released_at > %(stale)s
    and o.channel <> all(%(resting)s::text[])
  order by o.message_class = 'marketing', o.released_at, o.id limit %(candidates)s
), first_of as (
  select distinct on (w.channel, w.customer_id) w.* from waiting as w
  order by w.channel, w.customer_id, w.message_class = 'marketing', w.released_at, w.id
), taken as materialized (
  select o.bucket, o.id from outbox_message as o join first_of as f on f.bucket = o.bucket and f.id = o.id
  where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.status = 'released'
    and not exists (
      select from outbox_message as s
      where s.bucket = o.bucket and s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s
        and s.status = 'sending' and s.customer_id = o.customer_id and s.channel = o.channel)
  order by o.message_class = 'marketing', o.released_at, o.id limit %(limit)s
  for update of o skip locked
), claimed as (
  update outbox_message as o set status = 'sending', sending_since = %(machine_now)s, attempts = o.attempts + 1
  from taken as t
  where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = t.bucket and o.id = t.id
  returning o.*
)
select c.id, c.bucket, c.customer_id, c.run_id, c.flow_id, c.block, c.channel, c.message_class, c.template_id, t.name as template, t.body,
  c.cause_id, c.root_id, c.hops, c.release_at > c.planned_at as was_held, c.heard_at
from claimed as c join message_template as t on t.tenant_id = %(tenant)s and t.id = c.template_id
order by c.message_class = 'marketing', c.released_at, c.id
"""

# A message may have moved with a merge while it was out: it is found again by its customer's present home. One that its channel refused
# goes by the next of `then_by`, where it has one: it is asked about again like any other before it is released.
_RECORD: Final = """
update outbox_message as o set
  status = case when n.result = 'later' then 'released' when %(onward)s then 'planned' else n.result end,
  reason = case when %(onward)s then 'fell_back' else n.reason end, sending_since = null,
  channel = case when %(onward)s then o.then_by[1] else o.channel end,
  provider_ref = case when %(onward)s then null else coalesce(n.ref, o.provider_ref) end,
  then_by = case when %(onward)s then o.then_by[2:] else o.then_by end,
  released_at = case when %(onward)s then null else o.released_at end, booked_at = case when %(onward)s then null else o.booked_at end,
  finished_at = case when n.result = 'later' or %(onward)s then null else %(now)s::timestamptz end
from unnest(%(ids)s::uuid[], %(results)s::text[], %(reasons)s::text[], %(refs)s::text[]) as n(id, result, reason, ref)
where o.bucket = any(%(homes)s::smallint[]) and o.tenant_id = %(tenant)s and o.id = n.id and o.status = 'sending'
returning o.id, o.bucket, o.customer_id, o.status
""".replace(
    "%(onward)s",
    "(n.result = 'failed' and cardinality(o.then_by) > 0 and n.reason not like all(array['missing_value:%%', 'forbidden_word:%%']))",
)

_RECOVER: Final = """
update outbox_message as o set
  status = case when %(idempotent)s or (o.message_class = 'transactional' and t.repeat_unknown) then 'released' else 'unknown' end,
  reason = 'sender_lost', sending_since = null, released_at = %(now)s::timestamptz,
  finished_at = case when %(idempotent)s or (o.message_class = 'transactional' and t.repeat_unknown) then null else %(now)s::timestamptz end
from message_template as t
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.status = 'sending' and o.channel = %(channel)s
  and o.sending_since < %(machine_now)s::timestamptz - make_interval(secs => %(lost_seconds)s)
  and t.tenant_id = %(tenant)s and t.id = o.template_id
"""


def waiting_tenants(db: Database) -> list[UUID]:
    """The tenants with messages to send, or with reports of messages."""
    with db.connection("worker") as connection:
        return [row[0] for row in connection.execute("select tenant_id from messaging_waiting_tenants()").fetchall()]


def send_waiting(
    db: Database, catalog: Catalog, tenant_id: UUID, *, limit: int = BATCH, clock: Callable[[], float] = time.monotonic
) -> int:
    """Send one batch of a tenant's released messages; returns how many got an answer."""
    recover(db, tenant_id)
    with db.tx("worker", tenant=tenant_id) as tx:
        settle(tx)
    begun = clock()
    claimed = _claim(db, tenant_id, limit)
    if not claimed:
        return 0
    outgoing, refused = _render(db, catalog, tenant_id, claimed)
    if refused:
        with db.tx("worker", tenant=tenant_id) as tx:
            _record(tx, claimed, refused)
    done = len(refused)
    channels = _by_channel(claimed, outgoing)
    for place, (name, batch) in enumerate(channels.items(), 1):
        # A slow channel has its share of the time and no more: the ones after it have theirs.
        until = begun + ROUND_SECONDS_MAX * place / len(channels)
        answers, trouble = _hand_over(db, tenant_id, CHANNELS[name], batch, until)
        with db.tx("worker", tenant=tenant_id) as tx:
            sent = _record(tx, claimed, answers)
            _look_after(tx, name, trouble)
        _count(tenant_id, claimed, sent)
        done += len(answers)
    return done


def _hand_over(
    db: Database, tenant_id: UUID, channel: Channel, batch: Sequence[Outgoing], until: float
) -> tuple[list[Delivery], str | None]:
    """What became of a channel's messages, and the reason where the call failed as a whole: nothing stays in `sending` for it."""
    try:
        return channel.deliver(db, tenant_id, batch, until), None
    except Unavailable:
        raise  # our own database is away: nothing could be recorded; the next sender finds the rows
    except ChannelDown as error:
        taken = isinstance(error, AnswerLost)
        reason = error.reason
    except Exception:  # the edge of contributed code: a defect in one channel must not hold its messages for ever
        log.exception("channel_broken", tenant=str(tenant_id), channel=channel.name, messages=len(batch))
        taken, reason = True, BROKEN
    # A repeat of what may have arrived is harmless only where the platform knows it by its key.
    result: Result = "unknown" if taken and not channel.idempotent else "later"
    return [Delivery(one.key, result, reason) for one in batch], reason


def _look_after(tx: Tx, name: str, reason: str | None) -> None:
    """Let a channel that failed rest, and take back what was held against one that answered."""
    if reason is not None:
        rest = lay_down(tx, name, reason)
        log.error("channel_down", tenant=str(tx.tenant_id), channel=name, reason=reason, failures=rest.failures)
    elif any(one.channel == name for one in resting(tx)):
        get_up(tx, name)
        log.info("channel_up", tenant=str(tx.tenant_id), channel=name)


def recover(db: Database, tenant_id: UUID) -> None:
    """Free the messages of senders that died: sent again where a repeat is harmless, else marked unknown."""
    with db.tx("worker", tenant=tenant_id) as tx:
        for channel in CHANNELS.values():
            tx.execute(
                _RECOVER, _params(tx, channel=channel.name, idempotent=channel.idempotent, lost_seconds=LOST_SECONDS)
            )


def _claim(db: Database, tenant_id: UUID, limit: int) -> list[Claimed]:
    with db.tx("worker", tenant=tenant_id) as tx:
        asleep = [one.channel for one in resting(tx) if one.until > tx.machine_now]
        params = _params(tx, stale=tx.now - STALE, candidates=CANDIDATES, limit=limit, resting=asleep)
        return tx.all(Claimed, _CLAIM, params)


def _params(tx: Tx, **more: object) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "now": tx.now, "machine_now": tx.machine_now, **more}


def _render(
    db: Database, catalog: Catalog, tenant_id: UUID, claimed: Sequence[Claimed]
) -> tuple[dict[UUID, Outgoing], list[Delivery]]:
    recipients = [Recipient(one.id, one.bucket, one.customer_id, one.run_id) for one in claimed]
    wanted = dict.fromkeys(name for one in claimed for name in names(one.body))
    with db.tx("worker", tenant=tenant_id) as tx:
        made = set(written_names(wanted))
        values: Values = fill(tx, catalog, recipients, [name for name in wanted if name not in made])
        if made:
            # What is made on sending is made for those only whose words name it: others of the batch have orders too.
            naming = {one.id for one in claimed if made & set(names(one.body))}
            for number, more in fill(
                tx, catalog, [one for one in recipients if one.message_id in naming], made
            ).items():
                values[number].update(more)
        guard = words.guard_of(tx)
    outgoing: dict[UUID, Outgoing] = {}
    refused: list[Delivery] = []
    noted: list[words.Noted] = []
    for one in claimed:
        try:
            text = render(one.body, values[one.id].get)
        except MissingValue as missing:
            refused.append(Delivery(one.id, "failed", f"{MISSING}{missing.name}"))
            continue
        hit = words.deciding(guard, text)
        if hit is not None:
            noted.append(words.Noted(hit, "message", one.template))
        if hit is not None and hit.level == "block":
            # Another channel would say the same words: it goes no further.
            refused.append(Delivery(one.id, "failed", f"{words.FORBIDDEN}{hit.word}"))
        else:
            outgoing[one.id] = Outgoing(one.id, one.bucket, one.customer_id, one.template_id, text, values[one.id])
    if noted:
        with db.tx("worker", tenant=tenant_id) as tx:
            words.note(tx, noted)
    return outgoing, refused


def _by_channel(claimed: Sequence[Claimed], outgoing: Mapping[UUID, Outgoing]) -> dict[str, list[Outgoing]]:
    channels: dict[str, list[Outgoing]] = {}
    for one in claimed:
        if one.id in outgoing:
            channels.setdefault(one.channel, []).append(outgoing[one.id])
    return channels


@dataclass(frozen=True, slots=True)
class _Recorded:
    id: UUID
    bucket: int
    customer_id: UUID
    status: str


def _count(tenant_id: UUID, claimed: Sequence[Claimed], sent: AbstractSet[UUID]) -> None:
    """Count how old the events behind these messages are; those held on purpose do not count."""
    heard = [(one.flow_id, one.heard_at) for one in claimed if one.id in sent and not one.was_held]
    for flow, ages in by_flow(heard).items():
        DELAYS.add(tenant_id, flow, "message", ages)


def _record(tx: Tx, claimed: Sequence[Claimed], deliveries: Sequence[Delivery]) -> set[UUID]:
    """Write down what the channels answered. Returns which messages they took."""
    by_id = {one.id: one for one in claimed}
    results = {one.key: one for one in deliveries}
    recorded = tx.all(
        _Recorded,
        _RECORD,
        _params(
            tx,
            homes=_homes(tx, claimed),
            ids=list(results),
            results=[one.result for one in results.values()],
            reasons=[one.reason for one in results.values()],
            refs=[one.ref for one in results.values()],
        ),
    )
    onward = {row.bucket for row in recorded if row.status == "planned"}
    if onward:
        wake(tx, onward)
    emit(
        tx,
        [_event(by_id[row.id], row, results[row.id], tx.now) for row in recorded if row.status in ("sent", "failed")],
    )
    return {row.id for row in recorded if row.status == "sent"}


def _homes(tx: Tx, claimed: Sequence[Claimed]) -> list[int]:
    """The buckets in which the claimed messages may stand by now."""
    survivors = tx.values(
        """
        select merged_into from customer
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and merged_into is not null
        """,
        _params(tx, ids=[one.customer_id for one in claimed]),
    )
    return sorted({one.bucket for one in claimed} | {bucket_of(one) for one in survivors})


def _event(one: Claimed, row: _Recorded, delivery: Delivery, now: datetime) -> NewEvent:
    payload = one.payload() | {"port": "held" if one.was_held else "sent"}
    if delivery.result == "failed":
        payload["reason"] = delivery.reason
    kind = MESSAGE_SENT if delivery.result == "sent" else MESSAGE_FAILED
    return NewEvent(
        type=kind,
        bucket=row.bucket,
        customer_id=row.customer_id,
        occurred_at=now,
        payload=payload,
        event_id=derived_id(one.id, kind),
        cause_id=one.cause_id,
        root_id=one.root_id,
        hops=one.hops + 1,
    )
