"""Moving one subject's rows (an order whose buyer became known) into its owner's bucket."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from tandem.kernel.db import Tx, identifier
from tandem.kernel.ids import bucket_of
from tandem.kernel.schema import Base, info_of

_SUBJECT_COLUMNS: Final = {"subject_type", "subject_id"}


def subject_tables(subject_type: str) -> list[tuple[Table, str]]:
    """Tables with rows of such a subject, and the condition that finds one subject's."""
    found: list[tuple[Table, str]] = []
    for table in Base.metadata.sorted_tables:
        if info_of(table)["kind"] != "subject" or "bucket" not in table.columns:
            continue
        stated: dict[str, str] | None = table.info.get("subject")
        if stated is not None and stated["type"] == subject_type:
            found.append((table, f"t.{identifier(stated['column'])} = %(subject)s"))
        elif set(table.columns.keys()) >= _SUBJECT_COLUMNS:
            found.append((table, "t.subject_type = %(type)s and t.subject_id = %(subject)s"))
    return found


def move_subject(tx: Tx, *, subject_type: str, subject_id: UUID, source: int, owner: UUID, origin: UUID) -> int:
    """Move every row of the subject from bucket `source` to its owner; returns how many. The caller holds both buckets.

    A row that stands already in the owner's bucket under the same key is newer: the old one goes.
    """
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "type": subject_type,
        "subject": subject_id,
        "from_bucket": source,
        "to_bucket": bucket_of(owner),
        "owner": owner,
        "origin": origin,
    }
    return sum(tx.value(_move_sql(table, condition), params) for table, condition in subject_tables(subject_type))


@lru_cache(maxsize=256)
def _move_sql(table: Table, condition: str) -> str:
    name = identifier(table.name)
    columns = [column.name for column in table.columns if column.computed is None]
    replaced = {"bucket": "%(to_bucket)s::smallint", "customer_id": "%(owner)s::uuid", "origin_id": "%(origin)s::uuid"}
    values = ", ".join(replaced.get(column, f"g.{identifier(column)}") for column in columns)
    listed = ", ".join(identifier(column) for column in columns)
    return f"""
    with gone as (
      delete from {name} as t
      where t.bucket = %(from_bucket)s and t.tenant_id = %(tenant)s and t.customer_id is distinct from %(owner)s and {condition}
      returning t.*
    ), put as (
      insert into {name} ({listed}) select {values} from gone as g on conflict do nothing
    )
    select count(*) from gone
    """
