"""What is left of a product where it is for sale, as the places that sell it tell: the latest count of each, and no book of movements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, cast

import msgspec

from tandem.access.paging import from_cursor, page_of
from tandem.kernel.db import Tx
from tandem.stream.door.kinds import Envelope, Key, Normalised, Refused
from tandem.stream.rows import to_json

Place = Annotated[str, msgspec.Meta(max_length=200)]
PIECES_MAX: Final = Decimal(10) ** 12


class StockIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many pieces are for sale. `place` is a warehouse or location by the source's own code; empty: the source as a whole."""

    product_id: Key
    quantity: Decimal
    place: Place = ""


class _Counted(msgspec.Struct, frozen=True):
    source: str
    product_id: str
    place: str
    quantity: Decimal
    counted_at: datetime


def normalise_stock(envelope: Envelope, stock: StockIn) -> Normalised:
    """A count at the time of its record. A shop that oversold may tell less than nothing. Raises Refused."""
    if not stock.quantity.is_finite() or abs(stock.quantity) > PIECES_MAX:
        raise Refused("quantity", f"库存 {stock.quantity} 超出范围。", f"A stock of {stock.quantity} is out of range.")
    return Normalised(reference=_Counted(envelope.source, stock.product_id, stock.place, stock.quantity, envelope.time))


# Ordered, so that two doors that tell the same counts never wait for each other crosswise. An older count never overwrites a newer one.
_WRITE: Final = """
insert into stock_level as s (tenant_id, source, product_id, place, quantity, counted_at)
select %(tenant)s, n.source, n.product_id, n.place, n.quantity, n.counted_at
from (
  select distinct on (source, product_id, place) *
  from jsonb_to_recordset(%(counts)s::jsonb) as r(source text, product_id text, place text, quantity numeric, counted_at timestamptz)
  order by source, product_id, place, counted_at desc) as n
on conflict (tenant_id, source, product_id, place) do update set quantity = excluded.quantity, counted_at = excluded.counted_at
where s.counted_at <= excluded.counted_at
"""


def upsert_stock(tx: Tx, records: Sequence[object]) -> None:
    """Write counts."""
    rows = [msgspec.to_builtins(one) for one in cast("Sequence[_Counted]", records)]
    tx.execute(_WRITE, {"tenant": tx.tenant_id, "counts": to_json(rows)})


@dataclass(frozen=True, slots=True)
class StockRow:
    """What a source says is left of a product at a place."""

    source: str
    product_id: str
    product: str | None
    place: str
    quantity: Decimal
    counted_at: datetime


def list_stock(
    tx: Tx, *, product_id: str | None = None, source: str | None = None, cursor: str | None = None, limit: int = 50
) -> tuple[list[StockRow], str | None]:
    """A page of counts by product, source and place. Raises InvalidInput for a cursor we did not make."""
    product, of, place = from_cursor(cursor, 3) if cursor else (None, None, None)
    rows = tx.all(
        StockRow,
        """
        select s.source, s.product_id, p.name as product, s.place, s.quantity, s.counted_at
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
