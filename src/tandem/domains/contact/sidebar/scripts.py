"""Scripts as an adviser takes them: filled in for one customer, counted when they are used, suggested by flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.access.privacy import may_see
from tandem.catalog.model import Catalog
from tandem.domains.contact.material.service import ScriptRow, get_script, list_scripts
from tandem.domains.contact.sidebar import shapes as s
from tandem.domains.contact.sidebar.events import SCRIPT_USED
from tandem.domains.messaging import service as messaging
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import bucket_of, new_id
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

BLANK: Final = "＿＿"
"""Stands where nobody knows what to say: the adviser sees that something is missing before she sends it."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text for one customer, and which of its placeholders have no value."""

    text: str
    missing: list[str]


def filled(tx: Tx, catalog: Catalog, customer: UUID, bodies: Sequence[str]) -> list[Filled]:
    """Texts with their placeholders filled for a customer, all in one go; what the reader may not see is missing, as what nobody knows."""
    recipient = messaging.Recipient(new_id(), bucket_of(customer), customer, None)
    classed = messaging.placeholder_names(catalog)
    wanted = [
        name
        for name in dict.fromkeys(name for body in bodies for name in messaging.names(body))
        if name not in classed or may_see(classed[name].privacy)
    ]
    found = messaging.fill(tx, catalog, [recipient], wanted)[recipient.message_id]
    told: list[Filled] = []
    for body in bodies:
        missing = [one for one in messaging.required(body) if one not in found]
        values = dict.fromkeys(missing, BLANK) | found
        told.append(Filled(messaging.render(body, values.get), missing))
    return told


def for_customer(tx: Tx, catalog: Catalog, customer: UUID, q: str) -> list[s.Script]:
    """Scripts that may be said today, those with the words first; filled in."""
    rows = [one for one in list_scripts(tx, live=True) if _has(one, q)]
    texts = filled(tx, catalog, customer, [one.body for one in rows])
    return [
        s.Script(
            id=one.id, title=one.title, folder=one.folder, text=text.text, missing=text.missing, material_id=one.material_id, uses=one.uses
        )
        for one, text in zip(rows, texts, strict=True)
    ]  # fmt: skip


def _has(one: ScriptRow, q: str) -> bool:
    said = f"{one.title}\n{one.folder}\n{one.body}".casefold()
    return all(word in said for word in q.casefold().split())


def hints(tx: Tx, catalog: Catalog, customer: UUID) -> list[s.Hint]:
    """What flows suggest to say to her now, the latest first."""
    rows: list[tuple[UUID, UUID, str, str]] = tx.cursor(
        """
        select h.id, h.script_id, t.title, t.body from sidebar_hint as h
        join talk_script as t on t.tenant_id = %(tenant)s and t.id = h.script_id and t.status = 'approved'
        where h.bucket = %(bucket)s and h.tenant_id = %(tenant)s and h.customer_id = %(id)s and h.done_at is null
        order by h.at desc limit 5
        """,
        {"tenant": tx.tenant_id, "bucket": bucket_of(customer), "id": customer},
    ).fetchall()
    texts = filled(tx, catalog, customer, [row[3] for row in rows])
    return [
        s.Hint(id=row[0], script_id=row[1], title=row[2], text=text.text, missing=text.missing)
        for row, text in zip(rows, texts, strict=True)
    ]


def use(tx: Tx, catalog: Catalog, customer: UUID, script_id: UUID) -> s.Script:
    """An adviser takes a script for a customer: counted, told as an event, and no flow suggests it any longer. Raises NotFound."""
    row = get_script(tx, script_id)
    if row.status != "approved":
        raise NotFound("no_such_script", "没有这条话术。", "There is no such talk script.")
    params = {
        "tenant": tx.tenant_id,
        "id": script_id,
        "bucket": bucket_of(customer),
        "customer": customer,
        "user": tx.user_id,
        "now": tx.now,
    }
    tx.execute("update talk_script set uses = uses + 1 where tenant_id = %(tenant)s and id = %(id)s", params)
    tx.execute(
        """
        update sidebar_hint set done_at = %(now)s, done_by = %(user)s
        where bucket = %(bucket)s and tenant_id = %(tenant)s and customer_id = %(customer)s and script_id = %(id)s and done_at is null
        """,
        params,
    )
    payload = {"script": row.title, "script_id": str(script_id)}
    emit(tx, [NewEvent(type=SCRIPT_USED, bucket=bucket_of(customer), customer_id=customer, occurred_at=tx.now, payload=payload)])  # fmt: skip
    audit.record(tx, "talk_script.used", "talk_script", script_id, None, {"customer_id": customer})
    text = filled(tx, catalog, customer, [row.body])[0]
    return s.Script(
        id=row.id, title=row.title, folder=row.folder, text=text.text, missing=text.missing, material_id=row.material_id, uses=row.uses + 1
    )  # fmt: skip


def put_away(tx: Tx, customer: UUID, hint_id: UUID) -> None:
    """A suggestion is not wanted. Raises NotFound."""
    done = tx.execute(
        """
        update sidebar_hint set done_at = %(now)s, done_by = %(user)s
        where bucket = %(bucket)s and tenant_id = %(tenant)s and customer_id = %(customer)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id, "bucket": bucket_of(customer), "customer": customer, "id": hint_id, "user": tx.user_id, "now": tx.now
        },
    )  # fmt: skip
    if not done:
        raise NotFound("no_such_hint", "没有这条建议。", "There is no such suggestion.")
    audit.record(tx, "sidebar_hint.put_away", "sidebar_hint", hint_id)
