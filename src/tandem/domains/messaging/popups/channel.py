"""The channel of pop-ups: takes a message at once, and keeps it until she opens a page of the company's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.messaging.channel import Delivery, Outgoing
from tandem.kernel.db import Database
from tandem.kernel.ids import bucket_of
from tandem.stream.keys import data_key, tenant_keys
from tandem.stream.rows import to_json

PAGE: Final = "page"
LABEL: Final = Label("网页弹窗", "Page pop-up")
WAITS: Final = timedelta(days=7)
"""Whoever does not come by so long is not shown it: an offer of last month is no welcome."""

_KEYS: Final = """
select id, key_enc, coalesce(merged_into, id) from customer
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and key_enc is not null
"""
_KEEP: Final = """
insert into page_popup (bucket, id, tenant_id, customer_id, origin_id, text_enc, made_at, until)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, decode(n.text, 'hex'), %(now)s, %(until)s
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, text text)
on conflict (bucket, id) do nothing
"""


class PageChannel:
    """Keeps pop-ups in the database. The message's own key is the row's, so a repeat is one pop-up."""

    name = PAGE
    label = LABEL
    idempotent = True

    def deliver(self, db: Database, tenant_id: UUID, messages: Sequence[Outgoing], until: float) -> list[Delivery]:
        """Keep the messages, sealed with their customers' keys; whoever was erased meanwhile is refused."""
        del until  # it takes them all at once
        with db.tx("worker", tenant=tenant_id) as tx:
            keys = tenant_keys(tx)
            params = {
                "tenant": tenant_id,
                "buckets": sorted({one.bucket for one in messages}),
                "ids": [one.customer_id for one in messages],
            }
            # A merge may have moved the message while it was on its way here: the row is laid where the message stands.
            wrapped = {one: (key, home) for one, key, home in tx.cursor(_KEYS, params).fetchall()}
            rows = [
                {
                    "bucket": bucket_of(wrapped[one.customer_id][1]),
                    "id": one.key,
                    "customer_id": wrapped[one.customer_id][1],
                    "origin_id": one.customer_id,
                    "text": keys.seal(data_key(keys, bytes(wrapped[one.customer_id][0])), one.text).hex(),
                }
                for one in messages
                if one.customer_id in wrapped
            ]
            tx.execute(_KEEP, {"tenant": tenant_id, "now": tx.now, "until": tx.now + WAITS, "rows": to_json(rows)})
        return [
            Delivery(one.key, "sent") if one.customer_id in wrapped else Delivery(one.key, "failed", "no_such_customer")
            for one in messages
        ]
