"""How far segments share their people: every combination with its number, from live membership."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.errors import QueryCanceled

from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput, Unavailable
from tandem.stream.segment.preview import EVERY_BUCKET

COMPARED_MIN: Final = 2
COMPARED_MAX: Final = 5
TIMEOUT_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Region:
    """Customers who are in exactly these of the compared segments."""

    segments: tuple[UUID, ...]
    count: int


@dataclass(frozen=True, slots=True)
class _Mask:
    mask: int
    count: int


def overlap(tx: Tx, segments: Sequence[UUID]) -> list[Region]:
    """The regions of two to five segments that hold anybody, those in most segments first. The transaction's data scope holds.

    Raises InvalidInput for another number of segments or a repeated one, Unavailable past ``TIMEOUT_SECONDS``.
    """
    if not COMPARED_MIN <= len(segments) <= COMPARED_MAX or len(set(segments)) < len(segments):
        raise InvalidInput(
            "overlap_segments",
            f"请选 {COMPARED_MIN} 到 {COMPARED_MAX} 个不同的分群来比较。",
            f"Choose {COMPARED_MIN} to {COMPARED_MAX} different segments to compare.",
            details=(Detail("segment_ids", f"{len(segments)} 个", f"{len(segments)} given"),),
        )
    tx.execute(f"set local statement_timeout = '{TIMEOUT_SECONDS}s'")
    try:
        masks = tx.all(
            _Mask,
            """
            select mask, count(*) as count from (
              select bit_or(1 << (array_position(%(segments)s::uuid[], segment_id) - 1)) as mask from segment_member
              where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and segment_id = any(%(segments)s::uuid[])
              group by bucket, customer_id) as one
            group by mask
            """,
            {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "segments": list(segments)},
        )
    except QueryCanceled as error:
        raise Unavailable(
            "overlap_slow", f"比较超过 {TIMEOUT_SECONDS} 秒。", f"The comparison took longer than {TIMEOUT_SECONDS} s."
        ) from error
    regions = [
        Region(tuple(one for place, one in enumerate(segments) if row.mask >> place & 1), row.count) for row in masks
    ]
    return sorted(regions, key=lambda one: (-len(one.segments), -one.count, one.segments))
