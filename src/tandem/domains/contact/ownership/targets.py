"""What advisers and stores are to sell: by hand, or as lines of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact.ownership import shapes
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.money import minor_unit
from tandem.stream.rows import to_json

AMOUNT_MAX: Final = Decimal(10) ** 12

_KNOWN: Final = """
select r.kind, r.id from jsonb_to_recordset(%(rows)s::jsonb) as r(kind text, id uuid)
where not case r.kind
  when 'adviser' then exists (select from staff_user as u where u.tenant_id = %(tenant)s and u.id = r.id)
  else exists (select from org_unit as o where o.tenant_id = %(tenant)s and o.id = r.id and o.kind = 'store') end
"""
_DROP: Final = """
delete from credit_target as t using jsonb_to_recordset(%(rows)s::jsonb) as r(kind text, id uuid, cents bigint)
where t.tenant_id = %(tenant)s and t.period = %(period)s and t.kind = r.kind and t.target_id = r.id and r.cents is null
"""
_SET: Final = """
insert into credit_target (tenant_id, period, kind, target_id, amount_cents, set_at, set_by)
select %(tenant)s, %(period)s, r.kind, r.id, r.cents, %(now)s, %(user)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(kind text, id uuid, cents bigint) where r.cents is not null
on conflict (tenant_id, period, kind, target_id) do update set amount_cents = excluded.amount_cents, set_at = excluded.set_at, set_by = excluded.set_by
"""


def put(tx: Tx, period: date, rows: Sequence[shapes.TargetRow]) -> None:
    """Set a month's targets. Raises InvalidInput for a colleague or store that is not there, or one named twice."""
    given = [{"kind": one.kind, "id": str(one.id), "cents": one.cents} for one in rows]
    if len({(one.kind, one.id) for one in rows}) != len(rows):
        raise InvalidInput("target_twice", "同一目标出现了两次。", "A target stands there twice.")
    params = {"tenant": tx.tenant_id, "rows": to_json(given), "period": period, "now": tx.now, "user": tx.user_id}
    strange = tx.cursor(_KNOWN, params).fetchall()
    if strange:
        details = tuple(
            Detail(f"targets.{row[1]}", "没有这位同事或门店", "no such colleague or store") for row in strange[:20]
        )
        raise InvalidInput("no_such_target", "有目标不属于任何同事或门店。", "A target is nobody's.", details=details)
    tx.execute(_DROP, params)
    tx.execute(_SET, params)
    audit.record(tx, "credit_target.set", "credit_target", f"{period:%Y-%m}", None, {"targets": len(given)})


def take(tx: Tx, period: date, text: str) -> shapes.TargetsTaken:
    """Take a table: staff number or store code, amount. All lines or none: one that is not understood refuses the table."""
    codes = _codes(tx)
    rows: dict[tuple[str, UUID], shapes.TargetRow] = {}
    refused: list[shapes.TargetRefused] = []
    for number, line in enumerate(csv.reader(io.StringIO(text.replace("\t", ","))), 1):
        cells = [cell.strip() for cell in line]
        if not any(cells) or (number == 1 and _amount(tx, cells) is None and cells[0] not in codes):
            continue  # blank, or a heading
        found, cents = codes.get(cells[0]), _amount(tx, cells)
        if found is None:
            refused.append(
                shapes.TargetRefused(line=number, zh=f"不认识编码 {cells[0]}", en=f"no such code: {cells[0]}")
            )
        elif cents is None:
            refused.append(shapes.TargetRefused(line=number, zh="金额不正确", en="the amount is not right"))
        elif found in rows:
            refused.append(shapes.TargetRefused(line=number, zh="重复的编码", en="this code stands there twice"))
        else:
            rows[found] = shapes.TargetRow.model_validate({"kind": found[0], "id": found[1], "cents": cents})
    if refused or not rows:
        return shapes.TargetsTaken(taken=0, refused=refused[:100])
    put(tx, period, list(rows.values()))
    return shapes.TargetsTaken(taken=len(rows), refused=[])


def _codes(tx: Tx) -> dict[str, tuple[str, UUID]]:
    params = {"tenant": tx.tenant_id}
    stores = tx.cursor(
        "select code, id from org_unit where tenant_id = %(tenant)s and kind = 'store'", params
    ).fetchall()
    people = tx.cursor("select code, user_id from adviser_post where tenant_id = %(tenant)s and code is not null", params).fetchall()  # fmt: skip
    return {code: ("store", one) for code, one in stores} | {code: ("adviser", one) for code, one in people}


def _amount(tx: Tx, cells: Sequence[str]) -> int | None:
    """A positive amount as people write it, in minor units."""
    try:
        amount = Decimal(cells[1].replace(",", "").removeprefix("¥").removeprefix("￥"))
    except (IndexError, InvalidOperation):
        return None
    if not amount.is_finite():
        return None
    cents = amount / minor_unit(tx.currency)
    return int(cents) if cents == cents.to_integral_value() and 0 < amount <= AMOUNT_MAX else None
