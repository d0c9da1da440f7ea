"""Which sources a tenant believes about its customers' fields: read and decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tandem.access import audit
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.profile import said_store
from tandem.stream.profile.priority import ANY_FIELD
from tandem.stream.profile.sayings import ATTRIBUTE, COLUMNS, NAME

FIELDS: Final = (ANY_FIELD, NAME, *COLUMNS)
_USUAL: Final = ("manual", "crm", "member*", "pos", "mall", "*", "import*")


def sources(tx: Tx) -> list[str]:
    """Names to choose from: the usual ones, those of files taken in, and those in the tenant's own orders."""
    known = tx.values(
        """
        select distinct source from import_file where tenant_id = %(tenant)s
        union select distinct s from field_priority as p cross join unnest(p.sources) as s where p.tenant_id = %(tenant)s
        """,
        {"tenant": tx.tenant_id},
    )
    return [*_USUAL, *sorted(set(known) - set(_USUAL))]


def decide(tx: Tx, field: str, order: Sequence[str] | None) -> None:
    """Decide whom to believe about a field, the strongest first; None goes back to the default. It holds for what is said from now on.

    Raises InvalidInput for a field that is none, or for a source named twice.
    """
    if field not in FIELDS and not field.startswith(ATTRIBUTE):
        raise InvalidInput(
            "no_such_field",
            f"客户没有字段 {field}。",
            f"Customers have no field {field}.",
            details=(Detail("field", field, field),),
        )
    if order is not None and len(set(order)) < len(order):
        raise InvalidInput("source_twice", "同一来源只能出现一次。", "A source may stand in the order only once.")
    before = said_store.priority(tx).chosen.get(field)
    params = {
        "tenant": tx.tenant_id,
        "field": field,
        "sources": None if order is None else list(order),
        "now": tx.now,
        "by": tx.user_id,
    }
    tx.execute(_FORGET if order is None else _DECIDE, params)
    if before != (None if order is None else tuple(order)):
        told = {"field": field, "sources": None if order is None else list(order)}
        was = {"field": field, "sources": None if before is None else list(before)}
        audit.record(tx, "field_priority.changed", "field_priority", field, was, told)


_FORGET: Final = "delete from field_priority where tenant_id = %(tenant)s and field = %(field)s"
_DECIDE: Final = """
insert into field_priority (tenant_id, field, sources, updated_at, updated_by)
values (%(tenant)s, %(field)s, %(sources)s, %(now)s, %(by)s)
on conflict (tenant_id, field) do update
set sources = excluded.sources, updated_at = excluded.updated_at, updated_by = excluded.updated_by
"""
