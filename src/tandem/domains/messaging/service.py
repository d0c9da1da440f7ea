"""Use cases of messaging: templates, caps, what became of messages, the simulated phone."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.catalog.model import Catalog
from tandem.domains.messaging.allowance import allowance as allowance  # noqa: PLC0414 - what other domains may use of messaging
from tandem.domains.messaging.events import MESSAGE_FAILED as MESSAGE_FAILED  # noqa: PLC0414
from tandem.domains.messaging.events import MESSAGE_SENT as MESSAGE_SENT  # noqa: PLC0414
from tandem.domains.messaging.events import Told as Told  # noqa: PLC0414
from tandem.domains.messaging.placeholders import names, problems, render, required
from tandem.domains.messaging.policy import Limits
from tandem.domains.messaging.values import (
    Recipient,
    Values,
    fill,
    kept_names,
    offer_placeholders,
    offered_names,
    placeholder_names,
)
from tandem.domains.messaging.words import service as words
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS, new_id
from tandem.stream.keys import data_key, tenant_keys

BODY_MAX: Final = 2_000
#: What rooms above use of the placeholders.
__all__ = ["Recipient", "Values", "fill", "names", "offer_placeholders", "placeholder_names", "render", "required"]

_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A message template."""

    id: UUID
    name: str
    channel: str
    message_class: str
    body: str
    placeholders: list[str]
    repeat_unknown: bool
    archived: bool
    updated_at: datetime


_TEMPLATE: Final = """
select id, name, channel, message_class, body, placeholders, repeat_unknown, archived_at is not null as archived, updated_at
from message_template where tenant_id = %(tenant)s
"""


def check_body(catalog: Catalog, body: str) -> None:
    """Raises InvalidInput naming every placeholder that is malformed or unknown."""
    details = problems(body, [*placeholder_names(catalog), *kept_names(names(body)), *offered_names(names(body))])
    if details:
        raise InvalidInput(
            "bad_placeholder",
            "模板中的占位符有误。",
            "The template has placeholders that do not fit.",
            details=tuple(details),
        )


def list_templates(tx: Tx, *, archived: bool = False) -> list[TemplateRow]:
    """Templates by name; archived ones only when asked for."""
    return tx.all(
        TemplateRow,
        f"{_TEMPLATE} and (%(archived)s or archived_at is null) order by name limit 1000",
        {"tenant": tx.tenant_id, "archived": archived},
    )


def get_template(tx: Tx, template_id: UUID) -> TemplateRow:
    """One template. Raises NotFound."""
    found = tx.maybe(TemplateRow, f"{_TEMPLATE} and id = %(id)s", {"tenant": tx.tenant_id, "id": template_id})
    if found is None:
        raise NotFound("no_such_template", "没有这个消息模板。", "There is no such message template.")
    return found


def create_template(
    tx: Tx,
    catalog: Catalog,
    *,
    name: str,
    body: str,
    message_class: str,
    channel: str = "simulated",
    repeat_unknown: bool = False,
) -> UUID:
    """Add a template; returns its id. Raises InvalidInput (placeholders), Conflict (name taken)."""
    check_body(catalog, body)
    words.refuse(tx, body)
    template_id = new_id()
    made = tx.execute(
        """
        insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, required, repeat_unknown, created_at,
          updated_at)
        values (%(id)s, %(tenant)s, %(name)s, %(channel)s, %(class)s, %(body)s, %(placeholders)s, %(required)s, %(repeat)s, %(now)s, %(now)s)
        on conflict (tenant_id, name) do nothing
        """,
        {
            "id": template_id,
            "tenant": tx.tenant_id,
            "name": name,
            "channel": channel,
            "class": message_class,
            "body": body,
            "placeholders": names(body),
            "required": required(body),
            "repeat": repeat_unknown,
            "now": tx.machine_now,
        },
    )
    if not made:
        raise _name_taken(name)
    audit.record(tx, "message_template.created", "message_template", template_id, None, {"name": name, "body": body})
    return template_id


def change_template(
    tx: Tx,
    catalog: Catalog,
    template_id: UUID,
    *,
    name: str | None = None,
    body: str | None = None,
    archived: bool | None = None,
) -> None:
    """Change what is not None; messages not yet sent use the new text. Raises NotFound, InvalidInput, Conflict."""
    before = get_template(tx, template_id)
    if body is not None:
        check_body(catalog, body)
        words.refuse(tx, body)
    if name is not None and name != before.name and _name_exists(tx, name):
        raise _name_taken(name)
    text = before.body if body is None else body
    shelved = before.archived if archived is None else archived
    tx.execute(
        """
        update message_template set name = %(name)s, body = %(body)s, placeholders = %(placeholders)s, required = %(required)s, updated_at = %(now)s,
          archived_at = case when %(archived)s then coalesce(archived_at, %(now)s) end
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id,
            "id": template_id,
            "name": name or before.name,
            "body": text,
            "placeholders": names(text),
            "required": required(text),
            "archived": shelved,
            "now": tx.machine_now,
        },
    )
    old, new = audit.changes(
        {"name": before.name, "body": before.body, "archived": before.archived},
        {"name": name or before.name, "body": text, "archived": shelved},
    )
    if new:
        audit.record(tx, "message_template.changed", "message_template", template_id, old, new)


def _name_exists(tx: Tx, name: str) -> bool:
    return bool(
        tx.value(
            "select 1 from message_template where tenant_id = %(tenant)s and name = %(name)s",
            {"tenant": tx.tenant_id, "name": name},
        )
    )


def _name_taken(name: str) -> Conflict:
    return Conflict("name_taken", f"已有名为“{name}”的模板。", f"There already is a template named {name!r}.")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message and what became of it. `reason` is a stable word: capped, quiet_hours, do_not_contact, timed_out, ..."""

    id: UUID
    customer_id: UUID
    template_id: UUID
    template: str
    channel: str
    message_class: str
    status: str
    reason: str | None
    planned_at: datetime
    release_at: datetime
    finished_at: datetime | None
    reported: str | None
    reported_reason: str | None
    reported_at: datetime | None
    flow_id: UUID | None
    run_id: UUID | None
    block: str | None


def list_messages(
    tx: Tx, *, state: str | None, customer_id: UUID | None, template_id: UUID | None, cursor: str | None, limit: int
) -> tuple[list[MessageRow], str | None]:
    """A page of the outbox, newest first. Raises InvalidInput for a cursor we did not make."""
    planned, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        MessageRow,
        """
        select o.id, o.customer_id, o.template_id, t.name as template, o.channel, o.message_class, o.status, o.reason, o.planned_at,
          o.release_at, o.finished_at, o.reported, o.reported_reason, o.reported_at, o.flow_id, o.run_id, o.block
        from outbox_message as o join message_template as t on t.tenant_id = o.tenant_id and t.id = o.template_id
        where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s
          and (%(state)s::text is null or o.status = %(state)s) and (%(customer)s::uuid is null or o.customer_id = %(customer)s)
          and (%(template)s::uuid is null or o.template_id = %(template)s)
          and (%(planned)s::timestamptz is null or (o.planned_at, o.id) < (%(planned)s::timestamptz, %(last)s::uuid))
        order by o.planned_at desc, o.id desc limit %(more)s
        """,
        {
            "tenant": tx.tenant_id,
            "buckets": _ALL_BUCKETS,
            "state": state,
            "customer": customer_id,
            "template": template_id,
            "planned": planned,
            "last": last,
            "more": limit + 1,
        },
    )
    return page_of(rows, limit, "planned_at", "id")


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many messages are in a state for a reason."""

    status: str
    reason: str | None
    n: int


def count_states(tx: Tx) -> list[StateCount]:
    """Messages by state and reason, so that nobody held back goes uncounted."""
    return tx.all(
        StateCount,
        """
        select status, reason, count(*) as n from outbox_message
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s group by status, reason order by status, n desc
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS},
    )


@dataclass(frozen=True, slots=True)
class _SealedText:
    id: UUID
    customer_id: UUID
    template_id: UUID | None
    delivered_at: datetime
    text_enc: bytes
    key_enc: bytes


@dataclass(frozen=True, slots=True)
class PhoneText:
    """A message as the simulated phone shows it."""

    id: UUID
    customer_id: UUID
    template_id: UUID | None
    delivered_at: datetime
    text: str


def simulated_inbox(
    tx: Tx, *, customer_id: UUID | None, cursor: str | None, limit: int
) -> tuple[list[PhoneText], str | None]:
    """A page of what the simulated channel delivered, newest first. Raises InvalidInput for a cursor we did not make."""
    delivered, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        _SealedText,
        """
        select s.id, s.customer_id, s.template_id, s.delivered_at, s.text_enc, c.key_enc
        from simulated_inbox as s
        cross join lateral (select tandem_bucket(s.origin_id) as bucket offset 0) as b
        join customer as c on c.bucket = b.bucket and c.tenant_id = s.tenant_id and c.id = s.origin_id
        where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s
          and (%(customer)s::uuid is null or s.customer_id = %(customer)s)
          and (%(delivered)s::timestamptz is null or (s.delivered_at, s.id) < (%(delivered)s::timestamptz, %(last)s::uuid))
        order by s.delivered_at desc, s.id desc limit %(more)s
        """,
        {
            "tenant": tx.tenant_id,
            "buckets": _ALL_BUCKETS,
            "customer": customer_id,
            "delivered": delivered,
            "last": last,
            "more": limit + 1,
        },
    )
    shown, following = page_of(rows, limit, "delivered_at", "id")
    keys = tenant_keys(tx)
    texts = [
        PhoneText(
            row.id,
            row.customer_id,
            row.template_id,
            row.delivered_at,
            keys.open(data_key(keys, bytes(row.key_enc)), bytes(row.text_enc)),
        )
        for row in shown
    ]
    return texts, following


@dataclass(frozen=True, slots=True)
class _CapRow:
    per_day: int | None
    per_week: int | None
    per_month: int | None
    quiet_from: time | None
    quiet_until: time | None


def get_limits(tx: Tx) -> Limits:
    """The tenant's caps and quiet hours; no limits until somebody sets them."""
    found = tx.maybe(
        _CapRow,
        "select per_day, per_week, per_month, quiet_from, quiet_until from frequency_cap where tenant_id = %(tenant)s",
        {"tenant": tx.tenant_id},
    )
    if found is None:
        return Limits()
    return Limits(found.per_day, found.per_week, found.per_month, found.quiet_from, found.quiet_until)


def set_limits(tx: Tx, limits: Limits) -> None:
    """Set the tenant's caps and quiet hours; messages still held are ruled by the new ones when they come due."""
    before = get_limits(tx)
    params = {
        "per_day": limits.per_day,
        "per_week": limits.per_week,
        "per_month": limits.per_month,
        "quiet_from": limits.quiet_from,
        "quiet_until": limits.quiet_until,
    }
    tx.execute(
        """
        insert into frequency_cap (tenant_id, per_day, per_week, per_month, quiet_from, quiet_until)
        values (%(tenant)s, %(per_day)s, %(per_week)s, %(per_month)s, %(quiet_from)s, %(quiet_until)s)
        on conflict (tenant_id) do update set per_day = excluded.per_day, per_week = excluded.per_week, per_month = excluded.per_month,
          quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until
        """,
        params | {"tenant": tx.tenant_id},
    )
    audit.record(tx, "frequency_cap.changed", "frequency_cap", tx.tenant_id, _plain(before), _plain(limits))


def _plain(limits: Limits) -> dict[str, object]:
    return {
        "per_day": limits.per_day,
        "per_week": limits.per_week,
        "per_month": limits.per_month,
        "quiet_from": str(limits.quiet_from) if limits.quiet_from else None,
        "quiet_until": str(limits.quiet_until) if limits.quiet_until else None,
    }
