"""The log one can read: deliveries, their attempts, and sending them again."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.stream.webhooks.service import ALL_BUCKETS, REPLAY_MAX, get_webhook, told_personal


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery with its latest answer."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    type: str
    occurred_at: datetime
    filed_at: datetime
    status: str
    attempts: int
    next_at: datetime | None
    code: int | None
    problem: str | None
    milliseconds: int | None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt."""

    number: int
    at: datetime
    code: int | None
    milliseconds: int
    problem: str | None
    answer: str | None


_DELIVERY: Final = """
select d.id, d.webhook_id, d.event_id, d.type, d.occurred_at, d.filed_at, d.status, d.attempts,
       case when d.status = 'pending' then d.next_at end as next_at, d.last_code as code, d.last_problem as problem, a.milliseconds
from webhook_delivery as d
left join webhook_attempt as a
  on a.bucket = d.bucket and a.bucket = any(%(buckets)s::smallint[]) and a.tenant_id = %(tenant)s and a.delivery_id = d.id and a.number = d.attempts
where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s
"""


def list_deliveries(
    tx: Tx, webhook_id: UUID, *, status: str | None, event_type: str | None, cursor: str | None, limit: int
) -> tuple[list[DeliveryRow], str | None]:
    """A page of one subscription's deliveries, newest first. Raises NotFound."""
    get_webhook(tx, webhook_id)
    params: dict[str, Any] = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "webhook": webhook_id, "limit": limit + 1}
    conditions = ["d.webhook_id = %(webhook)s"]
    for name, value in (("status", status), ("type", event_type)):
        if value is not None:
            conditions.append(f"d.{name} = %({name})s")
            params[name] = value
    if cursor is not None:
        params["at"], params["id"] = from_cursor(cursor, 2)
        conditions.append("(d.filed_at, d.id) < (%(at)s::timestamptz, %(id)s::uuid)")
    where = " and ".join(conditions)
    rows = tx.all(DeliveryRow, f"{_DELIVERY} and {where} order by d.filed_at desc, d.id desc limit %(limit)s", params)
    return page_of(rows, limit, "filed_at", "id")


def get_delivery(tx: Tx, delivery_id: UUID) -> tuple[DeliveryRow, dict[str, Any], bool, list[AttemptRow]]:
    """One delivery, its body, whether that may hold personal data, and its attempts, newest first. Raises NotFound."""
    params = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": delivery_id}
    row = tx.maybe(DeliveryRow, f"{_DELIVERY} and d.id = %(id)s", params)
    if row is None:
        raise NotFound("no_such_delivery", "没有这条推送记录。", "There is no such delivery.")
    body: str = tx.value(
        "select body from webhook_delivery where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s",
        params,
    )
    attempts = tx.all(
        AttemptRow,
        """
        select number, at, code, milliseconds, problem, answer from webhook_attempt
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and delivery_id = %(id)s order by number desc limit 100
        """,
        params,
    )
    return row, json.loads(body), told_personal(tx, row.webhook_id), attempts


_REPLAY: Final = """
update webhook_delivery as d set status = 'pending', next_at = now(), finished_at = null
where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.status in ('dead', 'delivered', 'pending')
  and d.id = any(%(ids)s::uuid[])
"""


def replay_one(tx: Tx, delivery_id: UUID) -> None:
    """Send one delivery again, under the same id and with the same body. Raises NotFound, Conflict while it is on its way."""
    row = get_delivery(tx, delivery_id)[0]
    _refuse_when_off(tx, row.webhook_id)
    if not tx.execute(_REPLAY, {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "ids": [delivery_id]}):
        raise Conflict("delivery_busy", "这条推送正在发送。", "This delivery is being sent right now.")
    audit.record(tx, "webhook.replayed", "webhook", row.webhook_id, None, {"delivery": delivery_id})


def replay_many(
    tx: Tx, webhook_id: UUID, *, status: str, filed_from: datetime | None, filed_to: datetime | None
) -> tuple[int, bool]:
    """Send up to `REPLAY_MAX` deliveries of a state again, oldest first; returns how many, and whether others still match."""
    _refuse_when_off(tx, webhook_id)
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "buckets": ALL_BUCKETS,
        "webhook": webhook_id,
        "status": status,
        "from": filed_from,
        "to": filed_to,
        "limit": REPLAY_MAX + 1,
        # What a first call put back is pending by now and delivered later: only what was done before this call is sent again.
        "before": tx.machine_now,
    }
    ids: list[UUID] = tx.values(
        """
        select id from webhook_delivery as d
        where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.webhook_id = %(webhook)s and d.status = %(status)s
          and d.finished_at < %(before)s
          and (%(from)s::timestamptz is null or d.filed_at >= %(from)s) and (%(to)s::timestamptz is null or d.filed_at <= %(to)s)
        order by d.filed_at, d.id limit %(limit)s
        """,
        params,
    )
    replayed = tx.execute(_REPLAY, {**params, "ids": ids[:REPLAY_MAX]})
    audit.record(tx, "webhook.replayed", "webhook", webhook_id, None, {"status": status, "deliveries": replayed})
    return replayed, len(ids) > REPLAY_MAX


def _refuse_when_off(tx: Tx, webhook_id: UUID) -> None:
    if get_webhook(tx, webhook_id).status != "active":
        raise Conflict("webhook_off", "推送未启用，请先启用。", "The webhook is not active; switch it on first.")
