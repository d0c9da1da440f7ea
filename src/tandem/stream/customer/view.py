"""Rows of customers as the routes answer them: names opened, identifiers masked."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from tandem.access.http import Access
from tandem.access.privacy import may_see
from tandem.catalog.divisions import full_name
from tandem.kernel.db import Tx
from tandem.stream.customer import shapes, store
from tandem.stream.customer.attributes import Classes
from tandem.stream.customer.personal import Opener, mask
from tandem.stream.fields import CLASSES

NAMES: Final = "customer.read"


def lines(tx: Tx, ids: Sequence[UUID]) -> list[shapes.CustomerLine]:
    """These customers as list lines, in this order."""
    if not ids:
        return []
    rows = store.lines(tx, ids)
    known = [row for row in store.identifiers(tx, ids) if row.kind in {"phone", "member_no"}]
    opener = Opener.of(tx, {*ids, *(row.origin_id for row in known)})
    shown = {(row.customer_id, row.kind): _masked(opener, row) for row in known}
    return [
        shapes.CustomerLine(
            id=row.id,
            name=opener.open(row.id, row.name_enc),
            phone=shown.get((row.id, "phone")),
            member_no=shown.get((row.id, "member_no")),
            city=row.city,
            store=_named(row.store_id, row.store),
            stage=row.stage,
            level=row.level,
            tags=row.tags,
            order_count=row.order_count,
            spend_total=shapes.amount(row.spend_total, tx.currency),
            last_order_at=row.last_order_at,
            orders_waiting=row.orders_waiting,
        )
        for row in rows
    ]


def names(access: Access, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """What these customers are called: name, else member number; the nameless and those beyond the caller's "customer.read" are left out.

    The one rule of every screen (docs/security.md): who may read a customer reads her name, whatever else the route asks for.
    """
    reader = access.narrowed(NAMES)
    wanted = list(dict.fromkeys(one for one in ids if one is not None))
    if reader is None or not wanted:
        return {}
    with reader.tx() as tx:
        called = {line.id: line.name or line.member_no for line in lines(tx, wanted)}
    return {one: name for one, name in called.items() if name}


def as_seen_by(access: Access, shown: Sequence[shapes.CustomerLine]) -> list[shapes.CustomerLine]:
    """Lines that another permission found, without the name and identifiers of customers beyond the caller's "customer.read"."""
    reader = access.narrowed(NAMES)
    if reader is not None and reader.scope.kind == "all":
        return list(shown)
    known: set[UUID] = set()
    if reader is not None and shown:
        with reader.tx() as tx:
            known = store.known(tx, [line.id for line in shown])
    closed = {"name": None, "phone": None, "member_no": None}
    return [line if line.id in known else line.model_copy(update=closed) for line in shown]


def customer(tx: Tx, customer_id: UUID) -> shapes.CustomerOut:
    """One customer whole. Raises NotFound."""
    card = store.card(tx, customer_id)
    known = store.identifiers(tx, [customer_id])
    opener = Opener.of(tx, {customer_id, *(row.origin_id for row in known)})
    phones = [_masked(opener, row) for row in known if row.kind == "phone"]
    return _as_far_as_seen(
        shapes.CustomerOut(
            id=card.id,
            name=opener.open(card.id, card.name_enc),
            phone=phones[-1] if phones else None,
            gender=card.gender,
            birthday=card.birthday,
            city=card.city,
            district=card.district,
            division=_division(card.division),
            location=None if card.location is None else shapes.Place.read(card.location),
            store=_named(card.store_id, card.store),
            owner=_named(card.owner_user_id, card.owner),
            stage=card.stage,
            level=card.level,
            do_not_contact=card.do_not_contact,
            first_seen_at=card.first_seen_at,
            created_at=card.created_at,
            merged_into=card.merged_into,
            tags=[
                shapes.TagOut(tag=one.tag, label=one.label, source=one.source, set_at=one.set_at, until=one.until)
                for one in store.tags(tx, customer_id)
            ],
            identifiers=[_identifier(opener, row) for row in known],
            profile=_profile(card, tx.currency),
            segments=[
                shapes.MembershipOut(id=one.id, name=one.name, since=one.since)
                for one in store.segments(tx, customer_id)
            ],
            attrs=Classes.of(tx).seen(card.attrs),
        )
    )


def _as_far_as_seen(out: shapes.CustomerOut) -> shapes.CustomerOut:
    """Without the fields of the classes that the caller may not see."""
    hidden = [name for name, of in CLASSES.items() if not may_see(of) and name in shapes.CustomerOut.model_fields]
    return out.model_copy(update=dict.fromkeys(hidden)) if hidden else out


def _masked(opener: Opener, row: store.IdentifierRow) -> str:
    value = opener.open(row.origin_id, row.value_enc)
    return mask(row.kind, value) if value else "****"


def _identifier(opener: Opener, row: store.IdentifierRow) -> shapes.IdentifierOut:
    return shapes.IdentifierOut(
        kind=row.kind,
        scope=row.scope,
        masked=_masked(opener, row),
        source=row.source,
        origin_id=row.origin_id,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
    )


def _named(one: UUID | None, name: str | None) -> shapes.Named | None:
    return None if one is None or name is None else shapes.Named(id=one, name=name)


def _division(code: str | None) -> shapes.Division | None:
    return None if code is None else shapes.Division(code=code, name=full_name(code))


def _profile(card: store.Card, currency: str) -> shapes.Profile | None:
    if card.order_count is None:
        return None
    average = card.average_order_value
    return shapes.Profile(
        order_count=card.order_count,
        spend_total=shapes.amount(card.spend_total, currency),
        refund_total=shapes.amount(card.refund_total, currency),
        first_order_at=card.first_order_at,
        last_order_at=card.last_order_at,
        last_visit_at=card.last_visit_at,
        average_order_value=None if average is None else shapes.amount(average, currency),
        rfm_r=card.rfm_r,
        rfm_f=card.rfm_f,
        rfm_m=card.rfm_m,
        rfm_score=card.rfm_score,
        favourite_category=card.favourite_category,
        lifetime_value=shapes.amount((card.spend_total or Decimal(0)) - (card.refund_total or Decimal(0)), currency),
        usual_interval_days=card.usual_interval_days,
        expected_order_at=card.expected_order_at,
        churn_risk=card.churn_risk,
        orders_waiting=card.orders_waiting,
    )
