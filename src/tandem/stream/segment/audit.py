"""Compare a segment's live membership with a full recompute; a difference is an alarm (DATA.md)."""

from dataclasses import dataclass
from uuid import UUID

from tandem.catalog.model import Catalog
from tandem.kernel.errors import TandemError
from tandem.kernel.turn import Turn
from tandem.stream.profile_tables import CUSTOMER_SOURCE
from tandem.stream.segment.definitions import definitions
from tandem.stream.segment.meaning import ALIAS, Meaning, joined


@dataclass(frozen=True, slots=True)
class Difference:
    """A customer whom membership and a fresh judgement disagree about; ``is_member`` is what membership says."""

    bucket: int
    customer_id: UUID
    is_member: bool


def audit(turn: Turn, catalog: Catalog, segment_id: UUID, version: int, *, limit: int = 100) -> list[Difference]:
    """Judge everybody in the turn's buckets afresh, in joined mode, and return at most ``limit`` differences.

    Membership is expected to agree when the inbox is empty and nothing is due. Raises the expression's error when the segment no longer
    compiles.
    """
    meaning = definitions.meanings(turn.tx, catalog, [(segment_id, version)])[segment_id]
    if isinstance(meaning, TandemError):
        raise meaning
    text, bound = recompute_sql(meaning, turn.zone)
    return turn.tx.all(
        Difference,
        f"""
        with inside as materialized ({text})
        select coalesce(i.bucket, m.bucket) as bucket, coalesce(i.id, m.customer_id) as customer_id, m.customer_id is not null as is_member
        from inside as i
        full join (
          select bucket, customer_id from segment_member
          where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and segment_id = %(segment)s
        ) as m on m.bucket = i.bucket and m.customer_id = i.id
        where i.id is null or m.customer_id is null
        limit %(limit)s
        """,
        turn.params(segment=segment_id, limit=limit) | bound,
    )


def recompute_sql(meaning: Meaning, zone: str) -> tuple[str, dict[str, object]]:
    """SQL for ``bucket, id`` of everybody inside, grouped and joined rather than asked one by one, with what it binds."""
    fragment = joined(meaning.checked, zone)
    text = f"""
      select {ALIAS}.bucket, {ALIAS}.id from {CUSTOMER_SOURCE} as {ALIAS} {" ".join(fragment.joins)}
      where {ALIAS}.bucket = any(%(buckets)s::smallint[]) and {ALIAS}.tenant_id = %(tenant)s and ({fragment.text})
    """
    return text, dict(fragment.bound)
