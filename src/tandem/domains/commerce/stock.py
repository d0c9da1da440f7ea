"""What is left of a product where it is for sale, as the places that sell it tell: the latest count of each, and no book of movements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, cast
from uuid import UUID

import msgspec

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.commerce.events import STOCK_COUNTED, STOCK_LINE_CHANGED, STOCK_LOW, STOCK_RESTORED
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import bucket_of
from tandem.stream.door.kinds import Envelope, Key, Normalised, Refused
from tandem.stream.events import LANE_BULK, LANE_LIVE, LIVE, NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json

Place = Annotated[str, msgspec.Meta(max_length=200)]
STOCK_ITEM: Final = "stock_item"
PIECES_MAX: Final = Decimal(10) ** 12


class StockIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many pieces are for sale. `place` is a warehouse or location by the source's own code; empty: the source as a whole.

    `listing`: the source's number of what holds this variant, where a count can only be set there by both.
    """

    product_id: Key
    quantity: Decimal
    place: Place = ""
    listing: Place = ""


class _Counted(msgspec.Struct, frozen=True):
    bucket: int
    id: UUID
    mode: int
    source: str
    product_id: str
    place: str
    listing: str
    quantity: Decimal
    counted_at: datetime


def normalise_stock(envelope: Envelope, stock: StockIn) -> Normalised:
    """A count at the time of its record. A shop that oversold may tell less than nothing. Raises Refused."""
    if not stock.quantity.is_finite() or abs(stock.quantity) > PIECES_MAX:
        raise Refused("quantity", f"库存 {stock.quantity} 超出范围。", f"A stock of {stock.quantity} is out of range.")
    item = envelope.entity_uuid("stock_item", f"{stock.product_id}\x1e{stock.place}")
    return Normalised(
        reference=_Counted(
            bucket_of(item),
            item,
            envelope.mode,
            envelope.source,
            stock.product_id,
            stock.place,
            stock.listing,
            stock.quantity,
            envelope.time,
        )
    )


# Ordered, so that two doors that tell the same counts never wait for each other crosswise. An older count never overwrites a newer one;
# of those of one time, the one told last counts.
_WRITE: Final = """
with n as (
  select distinct on (source, product_id, place) *
  from rows from (jsonb_to_recordset(%(counts)s::jsonb) as (bucket smallint, id uuid, mode int, source text, product_id text, place text,
    listing text, quantity numeric, counted_at timestamptz)) with ordinality as r(bucket, id, mode, source, product_id, place, listing, quantity, counted_at, told)
  order by source, product_id, place, counted_at desc, told desc), written as (
insert into stock_level as s (tenant_id, source, product_id, place, listing, bucket, id, quantity, counted_at)
select %(tenant)s, n.source, n.product_id, n.place, n.listing, n.bucket, n.id, n.quantity, n.counted_at from n
on conflict (tenant_id, source, product_id, place) do update set quantity = excluded.quantity, was = s.quantity, counted_at = excluded.counted_at,
  listing = coalesce(nullif(excluded.listing, ''), s.listing)
where s.counted_at <= excluded.counted_at
returning s.*)
select w.bucket, w.id, n.mode, w.source, w.product_id, p.name as product, w.place, w.quantity, w.was, w.low_at, w.counted_at
from written as w join n on n.id = w.id left join product as p on p.tenant_id = %(tenant)s and p.product_id = w.product_id
where w.was is distinct from w.quantity order by w.id
"""


@dataclass(frozen=True, slots=True)
class _Changed:
    bucket: int
    id: UUID
    mode: int
    source: str
    product_id: str
    product: str | None
    place: str
    quantity: Decimal
    was: Decimal | None
    low_at: Decimal | None
    counted_at: datetime

    @property
    def is_low(self) -> bool:
        """Is it below its line?"""
        return self.low_at is not None and self.quantity < self.low_at

    def events(self) -> Iterable[str]:
        """What the count means: it differs; it crossed its line one way or the other."""
        yield STOCK_COUNTED
        if self.low_at is not None and self.was is not None and self.is_low != (self.was < self.low_at):
            yield STOCK_LOW if self.is_low else STOCK_RESTORED


def upsert_stock(tx: Tx, records: Sequence[object]) -> None:
    """Write counts, and tell of those that differ from the ones before: flows about a stock item hear of it."""
    rows = [msgspec.to_builtins(one) for one in cast("Sequence[_Counted]", records)]
    changed = tx.all(_Changed, _WRITE, {"tenant": tx.tenant_id, "counts": to_json(rows)})
    emit(tx, [_event(one, what, one.counted_at, one.mode) for one in changed for what in one.events()])


def _event(one: _Changed, what: str, at: datetime, mode: int) -> NewEvent:
    # An id of its own for each: 5, 7 and 5 again at one time are three changes, and what is told twice changes nothing.
    numbers = {"quantity": one.quantity, "was": one.was, "low_at": one.low_at}
    return NewEvent(
        type=what,
        bucket=one.bucket,
        subject_type=STOCK_ITEM,
        subject_id=one.id,
        occurred_at=at,
        mode=mode,
        lane=LANE_LIVE if mode == LIVE else LANE_BULK,
        payload={
            "product_id": one.product_id,
            "product": one.product,
            "source": one.source,
            "place": one.place,
            **{name: None if value is None else float(value) for name, value in numbers.items()},
        },
    )


@dataclass(frozen=True, slots=True)
class StockItem:
    """A stock item as shops are told of it."""

    bucket: int
    id: UUID
    source: str
    product_id: str
    place: str
    listing: str
    quantity: Decimal
    counted_at: datetime


def stock_item(tx: Tx, item: UUID) -> StockItem:
    """A stock item by its id. Raises NotFound."""
    found = tx.maybe(
        StockItem,
        "select bucket, id, source, product_id, place, listing, quantity, counted_at from stock_level"
        " where tenant_id = %(tenant)s and bucket = %(bucket)s and id = %(item)s",
        {"tenant": tx.tenant_id, "bucket": bucket_of(item), "item": item},
    )
    if found is None:
        raise _missing()
    return found


def write_count(tx: Tx, item: UUID, quantity: Decimal) -> None:
    """A shop took a number: it is its count from now on. Raises NotFound."""
    one = stock_item(tx, item)
    told = _Counted(
        one.bucket,
        one.id,
        LIVE,
        one.source,
        one.product_id,
        one.place,
        one.listing,
        quantity,
        max(tx.now, one.counted_at),
    )
    upsert_stock(tx, [told])


def _missing() -> NotFound:
    return NotFound("stock_item_missing", "没有这个库存项。", "There is no such stock item.")


_ITEM: Final = """
select s.bucket, s.id, 0 as mode, s.source, s.product_id, p.name as product, s.place, s.quantity, s.was, s.low_at, s.counted_at
from stock_level as s left join product as p on p.tenant_id = s.tenant_id and p.product_id = s.product_id
where s.tenant_id = %(tenant)s and s.bucket = %(bucket)s and s.id = %(item)s for no key update of s
"""


def set_line(tx: Tx, item: UUID, low_at: Decimal | None) -> None:
    """Set or take away the line below which a stock item is low, and tell at once what that makes of it. Raises NotFound."""
    key = {"tenant": tx.tenant_id, "bucket": bucket_of(item), "item": item}
    before = tx.maybe(_Changed, _ITEM, key)
    if before is None:
        raise _missing()
    tx.execute(
        "update stock_level set low_at = %(low)s where tenant_id = %(tenant)s and bucket = %(bucket)s and id = %(item)s",
        key | {"low": low_at},
    )
    audit.record(tx, "stock.line_set", STOCK_ITEM, item, {"low_at": _text(before.low_at)}, {"low_at": _text(low_at)})
    now = replace(before, low_at=low_at)
    told = [STOCK_LINE_CHANGED] if low_at != before.low_at else []
    if now.is_low != before.is_low:
        told.append(STOCK_LOW if now.is_low else STOCK_RESTORED)
    emit(tx, [_event(now, what, tx.now, LIVE) for what in told])


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


@dataclass(frozen=True, slots=True)
class StockRow:
    """What a source says is left of a product at a place."""

    id: UUID
    source: str
    product_id: str
    product: str | None
    place: str
    quantity: Decimal
    low_at: Decimal | None
    counted_at: datetime


def list_stock(
    tx: Tx, *, product_id: str | None = None, source: str | None = None, cursor: str | None = None, limit: int = 50
) -> tuple[list[StockRow], str | None]:
    """A page of counts by product, source and place. Raises InvalidInput for a cursor we did not make."""
    product, of, place = from_cursor(cursor, 3) if cursor else (None, None, None)
    rows = tx.all(
        StockRow,
        """
        select s.id, s.source, s.product_id, p.name as product, s.place, s.quantity, s.low_at, s.counted_at
        from stock_level as s left join product as p on p.tenant_id = s.tenant_id and p.product_id = s.product_id
        where s.tenant_id = %(tenant)s and (%(only)s::text is null or s.product_id = %(only)s)
          and (%(source)s::text is null or s.source = %(source)s)
          and (%(product)s::text is null or (s.product_id, s.source, s.place) > (%(product)s, %(of)s, %(place)s))
        order by s.product_id, s.source, s.place limit %(more)s
        """,
        {
            "tenant": tx.tenant_id,
            "only": product_id,
            "source": source,
            "product": product,
            "of": of,
            "place": place,
            "more": limit + 1,
        },
    )
    return page_of(rows, limit, "product_id", "source", "place")
