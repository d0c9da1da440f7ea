"""Who comes by a card: the first one, in time, gets what it gives, and its order's buyer may be she."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.events import FRIEND_ADDED
from tandem.domains.contact.parcel.batches import ALL_BUCKETS
from tandem.domains.contact.parcel.door import order_id
from tandem.domains.contact.parcel.events import ORDER_CARD_CLAIMED, ORDER_CLAIMED
from tandem.domains.contact.parcel.state import Witness, guards, read_state
from tandem.domains.marketing.service import Gift, give
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.identity.filing import file_merges, file_reviews
from tandem.stream.identity.person import Doubt, Key
from tandem.stream.inbox import emit, follow_up
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json

EVIDENCE: Final = "parcel_card"


@dataclass(frozen=True, slots=True)
class _Card:
    id: UUID
    batch_id: UUID
    account_id: UUID
    batch: str
    expires_at: datetime | None
    status: str
    coupon_template_id: UUID | None
    binding: str
    visitors: int
    order_source: str | None
    order_number: str | None


@dataclass(frozen=True, slots=True)
class _Sold:
    id: UUID
    bucket: int
    customer_id: UUID | None
    paid_at: datetime | None
    buyer_friends: bool


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim as it is judged."""

    id: UUID
    event: AppliedEvent
    card: _Card
    verdict: str
    sold: _Sold | None
    binding: str
    guards: list[str]

    @property
    def friend(self) -> UUID:
        """Whose claim it is."""
        return self.event.customer_id or self.id


_CARDS: Final = """
select c.id, c.batch_id, b.account_id, b.name as batch, b.expires_at, b.status, b.coupon_template_id, b.binding, cardinality(c.visitors) as visitors,
  c.order_source, c.order_number
from parcel_card as c join parcel_batch as b on b.tenant_id = %(tenant)s and b.id = c.batch_id
where c.tenant_id = %(tenant)s and c.id = any(%(ids)s::uuid[])
"""
# In one order, so that two turns never wait for each other crosswise; whoever comes second waits for the first and finds the card spent.
_SPEND: Final = """
insert into parcel_claim_key (tenant_id, card_id, claim_id)
select %(tenant)s, n.card, n.claim from jsonb_to_recordset(%(rows)s::jsonb) as n(card uuid, claim uuid) order by n.card
on conflict do nothing
"""
_SPENT: Final = (
    "select card_id, claim_id from parcel_claim_key where tenant_id = %(tenant)s and card_id = any(%(ids)s::uuid[])"
)
_SOLD: Final = """
select o.id, o.bucket, o.customer_id, o.paid_at, exists (
  select from friendship as f where f.bucket = o.bucket and f.bucket = any(%(homes)s::smallint[]) and f.tenant_id = %(tenant)s
    and f.customer_id = o.customer_id and f.added_at is not null and f.lost_at is null) as buyer_friends
from sales_order as o where o.bucket = any(%(homes)s::smallint[]) and o.tenant_id = %(tenant)s and o.id = any(%(orders)s::uuid[])
"""
_BUYS: Final = """
select distinct o.customer_id, o.source from sales_order as o
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = any(%(friends)s::uuid[])
"""
_WRITE: Final = """
insert into parcel_claim (bucket, id, tenant_id, customer_id, origin_id, batch_id, card_id, member, verdict, binding, guards, order_ref, buyer_ref,
  claimed_at)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, n.batch_id, n.card_id, n.member, n.verdict, n.binding,
  array(select jsonb_array_elements_text(n.guards)), n.order_ref, n.buyer_ref, n.claimed_at
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, batch_id uuid, card_id uuid, member text,
  verdict text, binding text, guards jsonb, order_ref uuid, buyer_ref uuid, claimed_at timestamptz)
on conflict do nothing returning id
"""
_HAD: Final = """
select distinct p.customer_id, p.batch_id from parcel_claim as p
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.customer_id = any(%(friends)s::uuid[]) and p.verdict = 'counted'
  and not p.id = any(%(news)s::uuid[])
"""
_USERS: Final = """
select b.account_id, b.member, b.user_id, coalesce(d.name, b.member) from adviser_binding as b
left join adviser as d on d.tenant_id = %(tenant)s and d.account_id = b.account_id and d.member = b.member
where b.tenant_id = %(tenant)s and b.member = any(%(members)s::text[])
"""


def project_claims(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Let friends who came by cards have what these give, and tell of it."""
    named = [(one, card) for one in events if one.customer_id is not None and (card := read_state(str(one.payload.get("state") or "")))]  # fmt: skip
    if not named:
        return
    cards = {one.id: one for one in turn.tx.all(_Card, _CARDS, turn.params(ids=sorted({card for _, card in named})))}
    mine = [(one, cards[card]) for one, card in named if card in cards]
    if not mine:
        return
    claims = _judged(turn, mine)
    written = set(turn.tx.values(_WRITE, turn.params(rows=to_json([_row(one) for one in claims]))))
    news = [one for one in claims if one.id in written]
    _give(turn, news)
    _bind(turn, news)
    _tell(turn, news)


def _judged(turn: Turn, mine: Sequence[tuple[AppliedEvent, _Card]]) -> list[_Claim]:
    in_time = [(one, card) for one, card in mine if not _is_over(one, card)]
    if in_time:
        rows = [{"card": card.id, "claim": _id(one, card)} for one, card in in_time]
        turn.tx.execute(_SPEND, turn.params(rows=to_json(rows)))
    spent: dict[UUID, UUID] = dict(turn.tx.cursor(_SPENT, turn.params(ids=[card.id for _, card in mine])).fetchall())
    sold = _sold(turn, [card for _, card in mine])
    buys: set[tuple[UUID, str]] = set()
    for customer, source in turn.tx.cursor(_BUYS, turn.params(friends=[one.customer_id for one, _ in mine])):
        buys.add((customer, source))
    return [_claim(one, card, spent.get(card.id), sold.get(card.id), buys) for one, card in mine]


def _sold(turn: Turn, cards: Sequence[_Card]) -> dict[UUID, _Sold]:
    """The orders that cards were packed with, wherever they live."""
    orders = {
        order_id(turn.tenant_id, one.order_source or "", one.order_number): one.id for one in cards if one.order_number is not None
    }  # fmt: skip
    if not orders:
        return {}
    rows = turn.tx.all(_Sold, _SOLD, turn.params(homes=ALL_BUCKETS, orders=list(orders)))
    return {orders[one.id]: one for one in rows}


def _is_over(event: AppliedEvent, card: _Card) -> bool:
    return card.status != "active" or (card.expires_at is not None and card.expires_at <= event.occurred_at)


def _id(event: AppliedEvent, card: _Card) -> UUID:
    """A card's claim by a person: however often she is told of."""
    return derived_id(card.id, event.origin_id or event.customer_id)


def _claim(event: AppliedEvent, card: _Card, spent: UUID | None, sold: _Sold | None, buys: set[tuple[UUID, str]]) -> _Claim:  # fmt: skip
    key = _id(event, card)
    verdict = "expired" if _is_over(event, card) else "counted" if spent == key else "taken"
    buyer, friend = None if sold is None else sold.customer_id, event.customer_id
    if verdict != "counted" or sold is None or buyer is None or friend is None:
        return _Claim(key, event, card, verdict, sold, "none", [])
    if buyer == friend:
        return _Claim(key, event, card, verdict, sold, "same", [])
    seen = Witness(sold.paid_at, event.occurred_at, card.visitors, sold.buyer_friends, (friend, card.order_source or "") in buys)  # fmt: skip
    against = guards(seen)
    binding = {"none": "none", "ask": "asked"}.get(card.binding, "asked" if against else "joined")
    return _Claim(key, event, card, verdict, sold, binding, against)


def _row(one: _Claim) -> dict[str, Any]:
    event = one.event
    return {
        "bucket": event.bucket, "id": one.id, "customer_id": event.customer_id, "origin_id": event.origin_id or event.customer_id,
        "batch_id": one.card.batch_id, "card_id": one.card.id, "member": event.payload["member"], "verdict": one.verdict, "binding": one.binding,
        "guards": one.guards, "order_ref": one.sold.id if one.sold else None, "buyer_ref": one.sold.customer_id if one.sold else None,
        "claimed_at": event.occurred_at,
    }  # fmt: skip


def _give(turn: Turn, claims: Sequence[_Claim]) -> None:
    """A batch's coupon, once for each friend however many of its cards she has, also as whom she was before a merge.

    Her claims say whether she had it: a gift's id is known only until its coupon is issued.
    """
    mine = [one for one in claims if one.verdict == "counted" and one.card.coupon_template_id is not None]
    if not mine:
        return
    params = turn.params(friends=[one.friend for one in mine], news=[one.id for one in mine])
    had: set[tuple[UUID, UUID]] = set(turn.tx.cursor(_HAD, params).fetchall())
    first: dict[tuple[UUID, UUID], _Claim] = {}
    for one in mine:
        first.setdefault((one.friend, one.card.batch_id), one)
    give(
        turn,
        [
            Gift(
                derived_id(one.card.batch_id, one.event.origin_id or one.friend, "gift"), one.event.bucket, one.friend,
                one.event.origin_id or one.friend, one.card.batch, None, one.card.coupon_template_id, one.event.event_id,
            )
            for whose, one in first.items()
            if whose not in had
        ],
    )  # fmt: skip


def _bind(turn: Turn, claims: Sequence[_Claim]) -> None:
    """A card is a bearer's: whether its friend is its buyer is asked, or believed where the batch says so and nothing objects."""
    asked: dict[tuple[UUID, UUID], Doubt] = {}
    joined: dict[tuple[UUID, UUID], Key] = {}
    for one in claims:
        buyer = None if one.sold is None else one.sold.customer_id
        if buyer is None:
            continue
        pair = (min(buyer, one.friend), max(buyer, one.friend))
        if one.binding == "asked":
            asked[pair] = Doubt(f"{EVIDENCE}_passed_on" if one.guards else EVIDENCE, EVIDENCE)
        elif one.binding == "joined":
            joined[pair] = Key(EVIDENCE, one.card.order_source or "", one.card.id.bytes)
    file_reviews(turn.tx, asked)
    file_merges(turn.tx, joined)


def _tell(turn: Turn, claims: Sequence[_Claim]) -> None:
    members = sorted({one.event.payload["member"] for one in claims})
    users: dict[tuple[UUID, str], tuple[UUID, str]] = {
        (account, member): (user, name)
        for account, member, user, name in turn.tx.cursor(_USERS, turn.params(members=members))
    }
    own: list[NewEvent] = []
    orders: list[NewEvent] = []
    for one in claims:
        if one.verdict != "counted":
            continue
        said = one.event.payload
        user, name = users.get(
            (one.card.account_id, said["member"]), (None, str(said.get("adviser") or said["member"]))
        )
        payload: dict[str, Any] = {
            "batch": one.card.batch, "source": one.card.order_source or "", "order_id": one.card.order_number or "", "adviser": name,
            "binding": one.binding, "card_id": str(one.card.id),
        }  # fmt: skip
        own.append(following(one.event, ORDER_CLAIMED, payload, event_id=derived_id(one.id, ORDER_CLAIMED)))
        if one.sold is not None:
            orders.append(_of_order(one, payload | {"user_id": None if user is None else str(user)}))
    follow_up(turn, own)
    emit(turn, orders)


def _of_order(one: _Claim, payload: dict[str, Any]) -> NewEvent:
    """The order's own event: it lives with its buyer (ENGINE_RULES 7)."""
    event, sold = one.event, one.sold
    bucket, customer, order = (sold.bucket, sold.customer_id, sold.id) if sold else (event.bucket, None, one.id)
    return NewEvent(
        type=ORDER_CARD_CLAIMED, bucket=bucket, customer_id=customer, subject_type="order", subject_id=order, occurred_at=event.occurred_at,
        payload=payload, lane=event.lane, mode=event.mode, event_id=derived_id(one.id, ORDER_CARD_CLAIMED), cause_id=event.event_id,
        root_id=event.root_id or event.event_id, hops=event.hops + 1,
    )  # fmt: skip


PROJECTIONS: Final = (Projection((FRIEND_ADDED,), project_claims, "contact.parcel_claims"),)
