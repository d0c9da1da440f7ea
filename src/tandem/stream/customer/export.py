"""Customers as a CSV file that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.stream.customer import search, view
from tandem.stream.customer.search import Filters, Place

ROWS_MAX: Final = 50_000
_PAGE: Final = 1000
_BOM: Final = "\ufeff"
"""Spreadsheets take a file without it for their own legacy encoding, and Chinese turns to rubbish."""

_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "zh": ("编号", "姓名", "手机", "会员号", "城市", "门店", "阶段", "等级", "标签", "订单数", "累计消费", "最近下单"),
    "en": (
        "id",
        "name",
        "phone",
        "member number",
        "city",
        "store",
        "stage",
        "level",
        "tags",
        "orders",
        "spend",
        "last order",
    ),
}
_FORMULA_STARTS: Final = frozenset("=+-@\t\r\n＝＋－＠")


def neutral(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in _FORMULA_STARTS or text.lstrip(" ")[:1] in _FORMULA_STARTS else text


def rows(tx: Tx, filters: Filters, language: str) -> Iterator[str]:
    """The file in pieces of a page: a header, then at most ``ROWS_MAX`` customers, phone numbers masked."""
    yield _BOM + _csv([_HEADERS.get(language, _HEADERS["zh"])])
    after: Place | None = None
    for _ in range(ROWS_MAX // _PAGE):
        places = search.places(tx, filters, after=after, limit=_PAGE)
        if places:
            yield _csv(_cells(tx, [place.id for place in places]))
            after = places[-1]
        if len(places) < _PAGE:
            return


def _cells(tx: Tx, ids: Sequence[UUID]) -> list[Sequence[Any]]:
    return [
        (
            line.id,
            line.name,
            line.phone,
            line.member_no,
            line.city,
            line.store.name if line.store else None,
            line.stage,
            line.level,
            " ".join(line.tags),
            line.order_count,
            line.spend_total.amount,
            line.last_order_at.isoformat() if line.last_order_at else None,
        )
        for line in view.lines(tx, ids)
    ]


def _csv(cells: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    for row in cells:
        writer.writerow([neutral(cell) for cell in row])
    return out.getvalue()
