"""Finding anything by what people type: a number found exactly, a name by its part. Each kind asks its own permission and scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tandem.access.http import Access
from tandem.kernel.db import Tx
from tandem.stream.customer.search import Filters, places
from tandem.stream.customer.view import lines

OF_EACH_MAX: Final = 5
#: One character finds half the house; names need two.
LENGTH_MIN: Final = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    kind: str
    id: str
    title: str
    subtitle: str | None


def find(access: Access, text: str) -> list[Hit]:
    """What the caller may see and what fits `text`, at most five of each kind."""
    if len(text) < LENGTH_MIN:
        return []
    hits: list[Hit] = []
    for permission, look in (
        ("customer.read", _customers),
        ("order.read", _orders),
        ("flow.read", _flows),
        ("segment.read", _segments),
    ):
        allowed = access.narrowed(permission)
        if allowed is not None:
            with allowed.tx() as tx:
                hits.extend(look(tx, text))
    return hits


def _customers(tx: Tx, text: str) -> Iterator[Hit]:
    found = places(tx, Filters(q=text), after=None, limit=OF_EACH_MAX)
    for line in lines(tx, [one.id for one in found]):
        more = " · ".join(part for part in (line.phone or line.member_no, line.city, line.stage) if part)
        yield Hit("customer", str(line.id), line.name or "—", more or None)


def _orders(tx: Tx, text: str) -> Iterator[Hit]:
    rows = tx.cursor(
        """
        select id, external_id, (placed_at at time zone %(zone)s)::date, total, currency
        from sales_order where tenant_id = %(tenant)s and external_id = %(text)s order by placed_at desc limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "text": text, "zone": tx.zone, "limit": OF_EACH_MAX},
    )
    for order_id, number, day, total, currency in rows:
        yield Hit("order", str(order_id), number, f"{day} · {total:.2f} {currency}")


def _flows(tx: Tx, text: str) -> Iterator[Hit]:
    yield from _named(tx, "flow", "status", "status <> 'archived'", text)


def _segments(tx: Tx, text: str) -> Iterator[Hit]:
    yield from _named(tx, "segment", "null::text", "archived_at is null and tag is null", text)


def _named(tx: Tx, table: str, subtitle: str, shown: str, text: str) -> Iterator[Hit]:
    rows = tx.cursor(
        f"""
        select id, name, {subtitle} from {table}
        where tenant_id = %(tenant)s and {shown} and strpos(lower(name), lower(%(text)s)) > 0
        order by strpos(lower(name), lower(%(text)s)), length(name), id limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "text": text, "limit": OF_EACH_MAX},
    )
    for row_id, name, more in rows:
        yield Hit(table, str(row_id), name, more)
