"""Routes of conversations: what a customer wrote, and was answered, wherever she did."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.privacy import may_see
from tandem.access.shapes import Label
from tandem.domains.contact.chat.events import CHAT_ANSWERED, CHAT_RECEIVED, WAYS
from tandem.kernel.ids import bucket_of
from tandem.stream.customer import store

router: Final = APIRouter(tags=["customers"])
Reader = Annotated[Access, Depends(allowed("customer.read"))]
_WAYS: Final = {one.value: Label(zh=one.label.zh, en=one.label.en) for one in WAYS}


class SaidOut(BaseModel):
    """A message. `text` is null for whoever may not see sensitive data; `way` where the message came by, in words; `about` an order."""

    event_id: UUID
    at: datetime
    by: Literal["customer", "staff"]
    text: str | None
    way: Label
    source: str
    topic: str | None
    about: str | None
    conversation: str | None


@router.get("/customers/{customer_id}/conversation")
def read_conversation(access: Reader, customer_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Page[SaidOut]:
    """What she wrote on every platform and was answered, in one line of time, the latest first."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        store.visible(tx, customer_id)
        rows = tx.dicts(
            """
            select event_id, type, occurred_at, payload from event
            where bucket = %(bucket)s and tenant_id = %(tenant)s and owner_id = %(id)s and type = any(%(types)s::text[])
              and (%(at)s::timestamptz is null or (occurred_at, event_id) < (%(at)s::timestamptz, %(event)s::uuid))
            order by occurred_at desc, event_id desc limit %(limit)s
            """,
            {
                "bucket": bucket_of(customer_id),
                "tenant": tx.tenant_id,
                "id": customer_id,
                "types": [CHAT_RECEIVED, CHAT_ANSWERED],
                "at": after and after[0],
                "event": after and after[1],
                "limit": limit + 1,
            },
        )
        shows = may_see("sensitive")
        items = [_said(row, shows) for row in rows]
        shown, following = page_of(items, limit, "at", "event_id")
    return Page(items=shown, next=following)


def _said(row: dict[str, Any], shows: bool) -> SaidOut:  # noqa: FBT001 - whether the words may be read
    said: dict[str, Any] = row["payload"]
    through = str(said.get("through") or said.get("source") or "")
    return SaidOut(
        event_id=row["event_id"],
        at=row["occurred_at"],
        by="staff" if row["type"] == CHAT_ANSWERED else "customer",
        text=str(said.get("text") or "") if shows else None,
        way=_WAYS.get(through, Label(zh=through, en=through)),
        source=str(said.get("source") or ""),
        topic=said.get("topic"),
        about=said.get("about"),
        conversation=said.get("conversation"),
    )
