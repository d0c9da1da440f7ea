"""Talks with advisers on a customer's timeline: one line for a talk and a day, never the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.customer.chapters import Before, Told, register_chapter

_LABEL: Final = Label("与导购聊天", "Talked with an adviser")


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    at: datetime
    adviser: str
    theirs: int
    ours: int


_DAYS: Final = """
select id, at, adviser, theirs, ours from (
  select md5(m.talk_id::text || (m.at at time zone %(zone)s)::date)::uuid as id, max(m.at) as at, coalesce(min(a.name), min(t.member)) as adviser,
    count(*) filter (where m.said_by = 'customer') as theirs, count(*) filter (where m.said_by = 'staff') as ours
  from archive_message as m
  join archive_talk as t on t.bucket = %(bucket)s and t.tenant_id = %(tenant)s and t.bucket = m.bucket and t.id = m.talk_id and t.consent = 'agreed'
  left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = t.account_id and a.member = t.member
  where m.bucket = %(bucket)s and m.tenant_id = %(tenant)s and m.customer_id = %(customer)s
  group by m.talk_id, (m.at at time zone %(zone)s)::date) as d
where %(at)s::timestamptz is null or (at, id) < (%(at)s, %(event)s::uuid)
order by at desc, id desc limit %(limit)s
"""


def days(tx: Tx, customer: UUID, before: Before, limit: int) -> list[Told]:
    """The newest days on which she talked with somebody, newest first."""
    at, event = before or (None, None)
    rows = tx.all(
        _Row,
        _DAYS,
        {
            "tenant": tx.tenant_id, "bucket": bucket_of(customer), "customer": customer, "zone": str(tx.zone), "at": at, "event": event,
            "limit": limit,
        },
    )  # fmt: skip
    return [
        Told(
            one.id, "chat.archived", one.at, _LABEL,
            Label(f"{one.adviser}：客户 {one.theirs} 条，导购 {one.ours} 条", f"{one.adviser}: {one.theirs} from her, {one.ours} from us"),
        )
        for one in rows
    ]  # fmt: skip


register_chapter("contact.talks", "message", "customer.read", days)
