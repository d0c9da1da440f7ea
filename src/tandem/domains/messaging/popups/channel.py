"""The channel of pop-ups: takes a message at once, and keeps it until she opens a page of the company's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.messaging.channel import Delivery, Outgoing
from tandem.domains.messaging.sealing import sealed
from tandem.kernel.db import Database
from tandem.kernel.ids import bucket_of
from tandem.stream.rows import to_json

PAGE: Final = "page"
LABEL: Final = Label("网页弹窗", "Page pop-up")
WAITS: Final = timedelta(days=7)
"""Whoever does not come by so long is not shown it: an offer of last month is no welcome."""

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
            texts = sealed(tx, messages)
            # The row is laid where its message stands by now.
            rows = [
                {
                    "bucket": bucket_of(texts[one.key].home),
                    "id": one.key,
                    "customer_id": texts[one.key].home,
                    "origin_id": one.customer_id,
                    "text": texts[one.key].text,
                }
                for one in messages
                if one.key in texts
            ]
            tx.execute(_KEEP, {"tenant": tenant_id, "now": tx.now, "until": tx.now + WAITS, "rows": to_json(rows)})
        return [
            Delivery(one.key, "sent") if one.key in texts else Delivery(one.key, "failed", "no_such_customer")
            for one in messages
        ]
