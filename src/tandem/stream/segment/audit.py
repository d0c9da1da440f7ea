"""Compare a segment's live membership with a full recompute; a difference is an alarm (DATA.md)."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from tandem.catalog.model import Catalog
from tandem.kernel.db import Tx
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import BUCKETS
from tandem.kernel.turn import Turn
from tandem.stream.profile_tables import CUSTOMER_SOURCE
from tandem.stream.segment.definitions import definitions
from tandem.stream.segment.meaning import ALIAS, Meaning, joined

log = structlog.get_logger("tandem.stream.segment")

DIFFERENCES_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """A customer whom membership and a fresh judgement disagree about; ``is_member`` is what membership says."""

    bucket: int
    customer_id: UUID
    is_member: bool


def audit(turn: Turn, catalog: Catalog, segment_id: UUID, version: int, *, limit: int = 100) -> list[Difference]:
    """Judge everybody in the turn's buckets afresh, in joined mode, and return at most ``limit`` differences.

    Customers with an event or a due judgement still waiting are left out: they are about to be judged. One statement sees one moment, so
    whatever is returned is a fault. Raises the expression's error when the segment no longer compiles.
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
        where (i.id is null or m.customer_id is null)
          and not exists (
            select from inbox as w
            where w.bucket = any(%(buckets)s::smallint[]) and w.tenant_id = %(tenant)s and w.bucket = coalesce(i.bucket, m.bucket)
              and w.customer_id = coalesce(i.id, m.customer_id))
          and not exists (
            select from segment_due as d
            where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.bucket = coalesce(i.bucket, m.bucket)
              and d.customer_id = coalesce(i.id, m.customer_id) and d.due_at <= %(now)s)
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


@dataclass(frozen=True, slots=True)
class _Due:
    id: UUID
    version: int


def audit_next(tx: Tx, catalog: Catalog) -> UUID | None:
    """Audit the live segment whose turn it is, at most once a day each; returns it, or None when none is due.

    A difference stays on the segment as its problem, and is logged; the next audit without one clears it. Segments that are being filled
    wait. A job's own transaction, outside any turn: nothing is locked, since one statement sees one moment.
    """
    due = tx.maybe(
        _Due,
        """
        select id, version from segment as s
        where s.tenant_id = %(tenant)s and s.kind <> 'static' and s.archived_at is null
          and coalesce(s.audited_at, s.created_at) < %(now)s - interval '1 day'
          and not exists (select from stream_fanout as f where f.tenant_id = %(tenant)s and f.subject_id = s.id and f.done_at is null)
        order by s.audited_at nulls first, s.id limit 1
        """,
        {"tenant": tx.tenant_id, "now": tx.now},
    )
    if due is None:
        return None
    problem = _problem(tx, catalog, due)
    tx.execute(
        "update segment set audited_at = %(now)s, problem = %(problem)s where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": due.id, "now": tx.now, "problem": problem},
    )
    return due.id


def _problem(tx: Tx, catalog: Catalog, due: _Due) -> str | None:
    try:
        found = audit(Turn(tx, list(range(BUCKETS))), catalog, due.id, due.version, limit=DIFFERENCES_MAX)
    except TandemError as error:
        return f"{error.code}: {error.zh} / {error.en}"
    if not found:
        return None
    log.error(
        "segment.differs", segment=str(due.id), customers=[str(one.customer_id) for one in found[:10]], count=len(found)
    )
    more = "+" if len(found) == DIFFERENCES_MAX else ""
    return f"审计发现 {len(found)}{more} 位客户与重新计算不符 / the audit found {len(found)}{more} customers who differ from a full recompute"
