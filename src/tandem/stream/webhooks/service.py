"""Subscriptions: make, change, rotate, look at, replay."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.access.privacy import Privacy
from tandem.catalog import Catalog, ExpressionError
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS, bucket_of, new_id
from tandem.kernel.settings import settings
from tandem.stream.keys import tenant_keys
from tandem.stream.webhooks import signing
from tandem.stream.webhooks.outbox import EVERY_TYPE, filter_of
from tandem.stream.webhooks.targets import check_target

REPLAY_MAX: Final = 5000
WEBHOOKS_MAX: Final = 200
TEST_TYPE: Final = "webhook.test"
ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A subscription without its secrets."""

    id: UUID
    name: str
    url: str
    event_types: list[str]
    filter: str
    include_personal: bool
    status: str
    disabled_reason: str | None
    failing_since: datetime | None
    last_success_at: datetime | None
    old_secret_until: datetime | None
    created_at: datetime
    delivered: int
    pending: int
    dead: int


_WEBHOOK: Final = """
select w.id, w.name, w.url, w.event_types, w.filter, w.include_personal, w.status, w.disabled_reason, w.failing_since, w.last_success_at,
       case when w.old_secret_until > now() then w.old_secret_until end as old_secret_until, w.created_at, n.delivered, n.pending, n.dead
from webhook as w
cross join lateral (
  select count(*) filter (where d.status = 'delivered')::int as delivered,
         count(*) filter (where d.status in ('pending', 'sending'))::int as pending, count(*) filter (where d.status = 'dead')::int as dead
  from webhook_delivery as d
  where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.webhook_id = w.id
    and d.filed_at > now() - interval '7 days') as n
where w.tenant_id = %(tenant)s
"""


def list_webhooks(tx: Tx, *, cursor: str | None, limit: int) -> tuple[list[WebhookRow], str | None]:
    """A page of subscriptions, newest first."""
    params: dict[str, Any] = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "limit": limit + 1}
    after = ""
    if cursor is not None:
        params["at"], params["id"] = from_cursor(cursor, 2)
        after = "and (w.created_at, w.id) < (%(at)s::timestamptz, %(id)s::uuid)"
    rows = tx.all(WebhookRow, f"{_WEBHOOK} {after} order by w.created_at desc, w.id desc limit %(limit)s", params)
    return page_of(rows, limit, "created_at", "id")


def get_webhook(tx: Tx, webhook_id: UUID) -> WebhookRow:
    """One subscription. Raises NotFound."""
    params = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": webhook_id}
    row = tx.maybe(WebhookRow, f"{_WEBHOOK} and w.id = %(id)s", params)
    if row is None:
        raise NotFound("no_such_webhook", "没有这个推送。", "There is no such webhook.")
    return row


def told_personal(tx: Tx, webhook_id: UUID) -> bool:
    """Whether deliveries of the subscription may hold personal data: it tells it now, or did before somebody changed that."""
    return tx.value(
        """
        select not exists (select from webhook where tenant_id = %(tenant)s and id = %(id)s and not include_personal)
            or exists (select from audit_entry as a where a.tenant_id = %(tenant)s and a.entity = 'webhook' and a.entity_id = %(id)s::text
                       and 'true' in (a.before ->> 'include_personal', a.after ->> 'include_personal'))
        """,
        {"tenant": tx.tenant_id, "id": webhook_id},
    )


def check_sense(
    catalog: Catalog, *, url: str, event_types: Sequence[str], text: str, privacy: frozenset[Privacy]
) -> None:
    """Raise InvalidInput unless the address may be used, the types exist and the filter fits each of them."""
    check_target(url, private_allowed=settings().webhook_private_targets)
    strange = [name for name in event_types if name not in catalog.event_types and name != EVERY_TYPE]
    if strange or (EVERY_TYPE in event_types and len(event_types) > 1):
        shown = strange[0] if strange else EVERY_TYPE
        raise InvalidInput(
            "unknown_event_type",
            "有不认识的事件类型。",
            "Some event types are not known.",
            details=(Detail("event_types", f"不认识 {shown}", f"{shown} is not known here"),),
        )
    problem = filter_problem(catalog, event_types, text, privacy)
    if problem is not None:
        raise InvalidInput(
            "bad_filter", "过滤条件有误。", "The filter is not right.", details=(Detail("filter", *problem),)
        )


def filter_problem(
    catalog: Catalog, event_types: Sequence[str], text: str, privacy: frozenset[Privacy]
) -> tuple[str, str] | None:
    """What is wrong with a filter, in both languages, or None. It has to make sense for every type that it will judge."""
    if not text:
        return None
    for name in sorted(catalog.event_types) if list(event_types) == [EVERY_TYPE] else event_types:
        try:
            filter_of(catalog, text, name, privacy)
        except ExpressionError as wrong:
            said = wrong.problems[0].message
            return f"{name}：{said.zh}", f"{name}: {said.en}"
        except LookupError:
            return f"不认识 {name}", f"{name} is not known here"
    return None


def create_webhook(tx: Tx, values: Mapping[str, Any]) -> tuple[UUID, str]:
    """Store a checked subscription; returns its id and its secret, which is never shown again."""
    known = tx.value("select count(*) from webhook where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
    if known >= WEBHOOKS_MAX:
        raise Conflict("too_many_webhooks", f"最多 {WEBHOOKS_MAX} 个推送。", f"{WEBHOOKS_MAX} webhooks at most.")
    webhook_id, secret, keys = new_id(), signing.new_secret(), tenant_keys(tx)
    key, wrapped = keys.new_data_key()
    tx.execute(
        """
        insert into webhook (tenant_id, id, name, url, event_types, filter, include_personal, key_enc, secret_enc, created_by, created_at,
                             updated_at)
        values (%(tenant)s, %(id)s, %(name)s, %(url)s, %(event_types)s, %(filter)s, %(include_personal)s, %(key)s, %(secret)s, %(user)s,
                now(), now())
        """,
        {
            **values,
            "tenant": tx.tenant_id,
            "id": webhook_id,
            "key": wrapped,
            "secret": keys.seal(key, secret),
            "user": tx.user_id,
        },
    )
    audit.record(tx, "webhook.created", "webhook", webhook_id, None, values)
    return webhook_id, secret


def change_webhook(tx: Tx, row: WebhookRow, values: Mapping[str, Any]) -> None:
    """Set columns of a checked change. Switching on again forgets the failures so far."""
    old, new = audit.changes({name: getattr(row, name) for name in values}, values)
    if not new:
        return
    columns = ", ".join(f"{name} = %({name})s" for name in new)
    revived = (
        ", disabled_reason = null, failing_since = null" if values.get("status") == "active" or "url" in new else ""
    )
    tx.execute(
        f"update webhook set {columns}{revived}, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {**new, "tenant": tx.tenant_id, "id": row.id},
    )
    audit.record(tx, "webhook.changed", "webhook", row.id, old, new)


def remove_webhook(tx: Tx, webhook_id: UUID) -> None:
    """Delete a subscription; what waits is given up, its log stays until its time is over. Raises NotFound."""
    row = get_webhook(tx, webhook_id)
    params = {"tenant": tx.tenant_id, "id": webhook_id, "buckets": ALL_BUCKETS}
    tx.execute(
        """
        update webhook_delivery set status = 'dead', finished_at = now(), last_problem = 'webhook removed'
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and webhook_id = %(id)s and status in ('pending', 'sending')
        """,
        params,
    )
    tx.execute("delete from webhook where tenant_id = %(tenant)s and id = %(id)s", params)
    audit.record(tx, "webhook.removed", "webhook", webhook_id, {"name": row.name, "url": row.url}, None)


def rotate_secret(tx: Tx, webhook_id: UUID, overlap: timedelta) -> tuple[str, datetime | None]:
    """Make a new secret; the old one signs beside it for `overlap`. Returns the new one and until when. Raises NotFound."""
    get_webhook(tx, webhook_id)
    secret, keys = signing.new_secret(), tenant_keys(tx)
    params: dict[str, Any] = {"tenant": tx.tenant_id, "id": webhook_id}
    wrapped = tx.value(
        "select key_enc from webhook where tenant_id = %(tenant)s and id = %(id)s for no key update", params
    )
    until = tx.machine_now + overlap if overlap else None
    tx.execute(
        """
        update webhook set old_secret_enc = secret_enc, old_secret_until = %(until)s, secret_enc = %(secret)s, updated_at = now()
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {**params, "until": until, "secret": keys.seal(keys.unwrap(bytes(wrapped)), secret)},
    )
    audit.record(tx, "webhook.secret_rotated", "webhook", webhook_id, None, {"old_secret_until": until})
    return secret, until


def file_test(tx: Tx, webhook_id: UUID) -> UUID:
    """File one test delivery, so that a receiver can be tried before anything happens; returns its id. Raises NotFound, Conflict."""
    row = get_webhook(tx, webhook_id)
    if row.status != "active":
        raise Conflict("webhook_off", "推送未启用，请先启用。", "The webhook is not active; switch it on first.")
    event_id = new_id()
    body = {
        "id": str(event_id),
        "type": TEST_TYPE,
        "version": 1,
        "timestamp": tx.machine_now.isoformat(),
        "customer_id": None,
        "subject": {"type": "webhook", "id": str(webhook_id)},
        "data": {"message": "It works."},
    }
    tx.execute(
        """
        insert into webhook_delivery (bucket, id, tenant_id, webhook_id, event_id, subject_id, type, occurred_at, body, filed_at, next_at)
        values (%(bucket)s, %(event)s, %(tenant)s, %(id)s, %(event)s, %(event)s, %(type)s, now(), %(body)s, now(), now())
        """,
        {
            # Each is a subject of its own: a test after mending must not wait in the order of those that failed before.
            "bucket": bucket_of(event_id),
            "event": event_id,
            "tenant": tx.tenant_id,
            "id": webhook_id,
            "type": TEST_TYPE,
            "body": _json(body),
        },
    )
    audit.record(tx, "webhook.tested", "webhook", webhook_id, None, {"delivery": event_id})
    return event_id


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
