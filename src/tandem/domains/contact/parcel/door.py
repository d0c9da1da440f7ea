"""What opens behind a card: its token says which one it is, and nothing else the caller says is believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from tandem.domains.contact.parcel.batches import ALL_BUCKETS, KIND
from tandem.domains.contact.parcel.events import PARCEL_CARD_SCANNED
from tandem.domains.contact.parcel.state import least_busy, route
from tandem.domains.contact.radar.door import PAGES
from tandem.domains.contact.radar.token import opened, tenant_of
from tandem.kernel.db import Database, Scope, Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import bucket_of, derived_id
from tandem.stream.beacon.door import is_bot
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.keys import tenant_keys
from tandem.stream.sources.limits import Limit

OF_CARD: Final = Limit(30, 20)
"""How often one card may be opened in a minute, whoever opens it: a picture of it that goes round makes no load."""
VISITORS_MAX: Final = 10
LOAD_DAYS: Final = timedelta(days=1)

Status = Literal["ready", "making", "spent", "over"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card's page shows: nothing of its buyer or of whoever scanned it."""

    status: Status
    words: str
    coupon: str | None
    qr_url: str | None


@dataclass(frozen=True, slots=True)
class _Card:
    id: UUID
    batch_id: UUID
    batch: str
    source: str | None
    words: str
    coupon: str | None
    routes: list[Any]
    batch_code: UUID
    expires_at: datetime | None
    status: str
    scans: int
    code_status: str
    qr_url: str | None
    order_source: str | None
    order_number: str | None
    spent: bool
    common_qr: str | None


_CARD: Final = """
select c.id, c.batch_id, b.name as batch, b.source, b.words, t.name as coupon, b.routes, b.live_code_id as batch_code, b.expires_at, b.status,
  c.scans, c.code_status, c.qr_url, c.order_source, c.order_number,
  exists (select from parcel_claim_key as k where k.tenant_id = %(tenant)s and k.card_id = c.id) as spent, l.qr_url as common_qr
from parcel_card as c
join parcel_batch as b on b.tenant_id = %(tenant)s and b.id = c.batch_id
left join coupon_template as t on t.tenant_id = %(tenant)s and t.id = b.coupon_template_id
left join live_code as l on l.tenant_id = %(tenant)s and l.id = coalesce(c.live_code_id, b.live_code_id)
where c.tenant_id = %(tenant)s and c.id = %(id)s
"""


def look(db: Database, token: str, address: str, agent: str) -> Shown:
    """What a card shows now; a person's look is counted and has her code made. Raises NotFound for what is no card of ours, Throttled."""
    PAGES.spend(address)
    tenant = tenant_of(token)
    if tenant is None:
        raise _unknown()
    try:
        with db.tx("web", tenant=tenant, scope=Scope.all()) as tx:
            link = opened(tenant_keys(tx), token, KIND)
            params = {"tenant": tenant, "id": None if link is None else link.thing}
            card = None if link is None else tx.maybe(_Card, _CARD, params)
            if card is None:
                raise _unknown()
            if card.status != "active" or (card.expires_at is not None and card.expires_at <= tx.now):
                return Shown("over", card.words, None, None)
            if not is_bot(agent):
                OF_CARD.spend(card.id)
                _scanned(tx, card, address)
            return _shown(card)
    except LookupError as error:
        raise _unknown() from error


def _shown(card: _Card) -> Shown:
    if card.spent:
        # Whoever comes second is welcome, by the common code: what the card gave is gone.
        return Shown("spent", card.words, None, card.common_qr)
    if card.code_status == "made":
        return Shown("ready", card.words, card.coupon, card.qr_url)
    if card.code_status == "stuck":
        return Shown("ready", card.words, card.coupon, card.common_qr)
    return Shown("making", card.words, card.coupon, None)


_COUNT: Final = """
update parcel_card set scans = scans + 1, first_scanned_at = coalesce(first_scanned_at, %(now)s), last_scanned_at = %(now)s,
  visitors = case when %(visitor)s = any(visitors) or cardinality(visitors) >= %(most)s then visitors else visitors || %(visitor)s::text end
where tenant_id = %(tenant)s and id = %(id)s
"""
_WANT: Final = """
update parcel_card set code_status = 'wanted', due_at = now(), live_code_id = %(code)s, member = %(member)s
where tenant_id = %(tenant)s and id = %(id)s and code_status in ('none', 'closed')
"""


def _scanned(tx: Tx, card: _Card, address: str) -> None:
    visitor = tenant_keys(tx).blind("parcel_visitor", "", address).hex()[:16]
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "id": card.id,
        "now": tx.now,
        "visitor": visitor,
        "most": VISITORS_MAX,
    }
    tx.execute(_COUNT, params)
    buyer, city, store = _buyer(tx, card)
    if card.code_status in {"none", "closed"} and not card.spent:
        code = route(card.routes, city, store, card.batch_code)
        tx.execute(_WANT, params | {"code": code, "member": _member(tx, code)})
    if card.scans == 0 and buyer is not None:
        payload = {"batch": card.batch, "source": card.order_source or "", "order_id": card.order_number or ""}
        event = NewEvent(
            type=PARCEL_CARD_SCANNED, bucket=bucket_of(buyer), customer_id=buyer, occurred_at=tx.now, payload=payload,
            event_id=derived_id(card.id, PARCEL_CARD_SCANNED),
        )  # fmt: skip
        emit(tx, [event])


_BUYER: Final = """
select o.customer_id, c.city, o.store_id from sales_order as o
left join customer as c on c.bucket = o.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = o.customer_id
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.id = %(order)s
"""


def _buyer(tx: Tx, card: _Card) -> tuple[UUID | None, str | None, UUID | None]:
    """Whose the card's order is, where it went and which store sold it."""
    if card.order_number is None:
        return None, None, None
    order = order_id(tx.tenant_id, card.order_source or "", card.order_number)
    row = tx.cursor(_BUYER, {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "order": order}).fetchone()
    return row if row is not None else (None, None, None)


def order_id(tenant: UUID, source: str, number: str) -> UUID:
    """The id that an order of a source has with us (`stream.door.kinds.Envelope.entity_uuid`)."""
    return derived_id(tenant, source, "order", number)


_SEATS: Final = """
select s.member, s.daily_cap, coalesce(n.cards, 0) as cards from live_code as l
join live_code_seat as s on s.tenant_id = %(tenant)s and s.live_code_id = l.id
left join (select member, count(*)::int as cards from parcel_card
  where tenant_id = %(tenant)s and first_scanned_at > %(since)s and member is not null group by member) as n on n.member = s.member
where l.tenant_id = %(tenant)s and l.id = %(code)s and (cardinality(l.placed) = 0 or s.member = any(l.placed))
order by s.place, s.member
"""


def _member(tx: Tx, code: UUID) -> str | None:
    """Who gets a card of this live code: of those to whom it leads now (hours, backups), whoever got the fewest cards since yesterday."""
    params = {"tenant": tx.tenant_id, "code": code, "since": tx.now - LOAD_DAYS}
    seats: list[tuple[str, int | None, int]] = tx.cursor(_SEATS, params).fetchall()
    free = [member for member, cap, given in seats if cap is None or given < cap]
    return least_busy(free or [member for member, _, _ in seats], {member: given for member, _, given in seats})


def _unknown() -> NotFound:
    return NotFound("no_such_link", "链接无效。", "There is no such link.")
