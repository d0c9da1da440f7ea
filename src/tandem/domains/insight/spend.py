"""What was spent on winning customers, entered by hand or pasted from a table: one line per day and source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.insight.conversion import Dimension
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

LINES_MAX: Final = 5_000
AMOUNT_MAX: Final = Decimal(10) ** 12
KEY_LENGTH_MAX: Final = 100
NOTE_LENGTH_MAX: Final = 200
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Spend:
    """Money spent for a source on a day."""

    key: str
    day: date
    amount: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class SpendRow:
    """A line as it is kept."""

    id: UUID
    dimension: Dimension
    key: str
    day: date
    amount: Decimal
    note: str
    created_at: datetime


def enter(tx: Tx, dimension: Dimension, lines: Sequence[Spend]) -> int:
    """Keep lines beside those there are; returns how many."""
    rows = [
        {"id": str(new_id()), "key": one.key, "day": one.day.isoformat(), "amount": str(one.amount), "note": one.note}
        for one in lines
    ]
    tx.execute(
        """
        insert into source_spend (tenant_id, id, dimension, key, day, amount, note, created_by, created_at)
        select %(tenant)s, r.id, %(dimension)s, r.key, r.day, r.amount, r.note, %(user)s, now()
        from jsonb_to_recordset(%(rows)s::jsonb) as r(id uuid, key text, day date, amount numeric, note text)
        """,
        {"tenant": tx.tenant_id, "dimension": dimension, "user": tx.user_id, "rows": to_json(rows)},
    )
    told = {"dimension": dimension, "lines": len(rows), "amount": str(sum((one.amount for one in lines), Decimal(0)))}
    audit.record(tx, "spend.entered", "source_spend", rows[0]["id"], None, told)
    return len(rows)


def listed(tx: Tx, dimension: Dimension, *, cursor: str | None, limit: int) -> tuple[list[SpendRow], str | None]:
    """A page of lines, the latest days first."""
    day, line = (None, None) if cursor is None else from_cursor(cursor, 2)
    rows = tx.all(
        SpendRow,
        """
        select id, dimension, key, day, amount, note, created_at from source_spend
        where tenant_id = %(tenant)s and dimension = %(dimension)s and (%(day)s::date is null or (day, id) < (%(day)s::date, %(line)s::uuid))
        order by day desc, id desc limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "dimension": dimension, "day": day, "line": line, "limit": limit + 1},
    )
    return page_of(rows, limit, "day", "id")


def remove(tx: Tx, line_id: UUID) -> None:
    """Take a line away. Raises NotFound."""
    gone = tx.maybe(
        SpendRow,
        """
        delete from source_spend where tenant_id = %(tenant)s and id = %(id)s
        returning id, dimension, key, day, amount, note, created_at
        """,
        {"tenant": tx.tenant_id, "id": line_id},
    )
    if gone is None:
        raise NotFound("no_such_spend", "没有这笔花费。", "There is no such line.")
    told = {"key": gone.key, "day": gone.day.isoformat(), "amount": str(gone.amount)}
    audit.record(tx, "spend.removed", "source_spend", line_id, told, None)


def parse_table(text: str) -> list[Spend]:
    """Lines `day, source, amount[, note]`, with or without a heading, between commas or tabs. Raises InvalidInput naming bad lines."""
    separator = "\t" if "\t" in text else ","
    rows = [
        row for row in csv.reader(io.StringIO(text.replace("，", ",")), delimiter=separator) if any(map(str.strip, row))
    ]
    if len(rows) > LINES_MAX + 1:
        raise _refused([Detail("lines", f"一次最多 {LINES_MAX} 行", f"at most {LINES_MAX} lines")])
    read, bad = list[Spend](), list[Detail]()
    for number, row in enumerate(rows, 1):
        found = _line(row, f"lines[{number}]")
        if isinstance(found, Spend):
            read.append(found)
        elif number > 1 or not _is_heading(row):
            bad.append(found)
    if bad or not read:
        raise _refused(bad or [Detail("lines", "没有内容", "nothing in it")])
    return read


def check(lines: Iterable[Spend]) -> list[Spend]:
    """The lines with amounts to the cent. Raises InvalidInput."""
    checked = [_check(one, f"lines[{number}]") for number, one in enumerate(lines)]
    bad = [one for one in checked if isinstance(one, Detail)]
    if bad:
        raise _refused(bad)
    return [one for one in checked if isinstance(one, Spend)]


def _is_heading(row: Sequence[str]) -> bool:
    return not any(char.isdigit() for char in row[0])


def _line(row: Sequence[str], where: str) -> Spend | Detail:
    cells = [cell.strip() for cell in row] + [""] * 4
    try:
        day = date.fromisoformat(cells[0].replace("/", "-"))
    except ValueError:
        return Detail(where, f"“{cells[0]}”不是日期（2026-01-31）", f"“{cells[0]}” is no date (2026-01-31)")
    try:
        amount = Decimal(cells[2].replace("¥", "").replace("￥", "").replace(" ", ""))
    except InvalidOperation:
        return Detail(where, f"“{cells[2]}”不是金额", f"“{cells[2]}” is no amount")
    return _check(Spend(cells[1], day, amount, cells[3]), where)


def _check(one: Spend, where: str) -> Spend | Detail:
    if not one.key.strip() or len(one.key) > KEY_LENGTH_MAX:
        return Detail(where, "来源名称为空或太长", "the source is empty or too long")
    if not one.amount.is_finite() or not 0 < one.amount <= AMOUNT_MAX:
        return Detail(where, "金额应大于 0", "an amount is above 0")
    return Spend(one.key.strip(), one.day, one.amount.quantize(_CENT), one.note.strip()[:NOTE_LENGTH_MAX])


def _refused(bad: Sequence[Detail]) -> InvalidInput:
    return InvalidInput(
        "bad_spend",
        f"有 {len(bad)} 行无法识别，未保存。",
        f"{len(bad)} lines could not be read; nothing was kept.",
        details=tuple(bad[:100]),
    )
