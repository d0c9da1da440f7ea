"""A subject (an order) whose buyer became known: its rows move into the owner's bucket."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from tandem.kernel.db import Tx, identifier
from tandem.kernel.ids import bucket_of
from tandem.kernel.schema import Base, info_of
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.events import NewEvent
from tandem.stream.identity import hooks, store
from tandem.stream.identity.filed import Command, Outcome
from tandem.stream.inbox import emit
from tandem.stream.profile.facts import recompute_customers
from tandem.stream.projection import BACKFILL, StreamSystem

_SUBJECT_COLUMNS: Final = {"subject_type", "subject_id"}


def rehome(tx: Tx, system: StreamSystem, command: Command) -> Outcome:
    """Give a subject's rows to the customer who turned out to be its owner."""
    owner_then, subject, kind = command.survivor_id, command.subject_id, command.subject_type
    if owner_then is None or subject is None or kind is None or command.from_bucket is None:
        return Outcome("void", "incomplete")
    people = [one for one in (owner_then, command.loser_id) if one is not None]
    roots = store.roots(tx, people)
    owner = roots.get(owner_then, owner_then)
    previous = None if command.loser_id is None else roots.get(command.loser_id, command.loser_id)
    source = command.from_bucket if previous is None else bucket_of(previous)
    in_buckets(tx.conn, {source, bucket_of(owner)})
    if store.roots(tx, people) != roots:
        return Outcome("waiting", "the owner was being merged just now")
    origin = command.origin_id or owner
    touched = [one for one in (owner, previous) if one is not None]
    turn = Turn(tx, sorted({bucket_of(one) for one in touched} | {source}))
    with hooks.around_rehome(turn, system, hooks.Rehomed(kind, subject, source, owner)):
        moved = move_subject(tx, subject_type=kind, subject_id=subject, source=source, owner=owner, origin=origin)
    recompute_customers(turn, system, [(bucket_of(one), one) for one in touched])
    if moved:
        _say_moved(tx, kind, subject, touched)
    return Outcome("done", f"{moved} rows")


def _say_moved(tx: Tx, kind: str, subject: UUID, touched: Sequence[UUID]) -> None:
    """Tell both owners, as history: what depends on their orders is judged again, and nothing starts."""
    payload = {"order_id" if kind == "order" else "subject_id": str(subject)}
    emit(
        tx,
        [
            NewEvent(
                type=f"{kind}.moved",
                bucket=bucket_of(one),
                customer_id=one,
                occurred_at=tx.now,
                payload=payload,
                mode=BACKFILL,
                subject_type=kind,
                subject_id=subject,
            )
            for one in touched
        ],
    )


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
