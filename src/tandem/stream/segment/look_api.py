"""Routes that look at segments together and over time, and those that keep lists."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.kernel.errors import Forbidden, InvalidInput
from tandem.stream.segment import lists, overlap, preview, service, trend
from tandem.stream.segment import shapes as s

router = APIRouter(tags=["segments"])

Reader = Annotated[Access, Depends(allowed("segment.read"))]
Writer = Annotated[Access, Depends(allowed("segment.write"))]


@router.get("/segments/overlap")
def overlap_segments(
    access: Reader,
    segment_id: Annotated[list[UUID], Query(min_length=overlap.COMPARED_MIN, max_length=overlap.COMPARED_MAX)],
) -> s.OverlapOut:
    """How two to five segments share their members: each combination with its number, among the customers the caller may see."""
    with access.tx(preview.look_role(access.scope)) as tx:
        lines = [service.get(tx, one) for one in segment_id]
        regions = overlap.overlap(tx, segment_id)
    return s.OverlapOut(
        segments=[s.Compared.model_validate(one) for one in lines],
        regions=[s.RegionOut(segment_ids=list(one.segments), count=one.count) for one in regions],
        count=sum(one.count for one in regions),
    )


@router.get("/segments/{segment_id}/trend")
def read_trend(
    access: Reader, segment_id: UUID, days: Annotated[int, Query(ge=2, le=trend.DAYS_MAX)] = 30
) -> s.TrendOut:
    """How full the segment was at the end of each day, and how many came and went, among all customers of the tenant.

    Days are counted for the tenant as a whole, so a caller who sees only a part of the customers is refused.
    """
    if access.scope.kind != "all":
        raise Forbidden(
            "trend_needs_all",
            "趋势按全部客户统计，需要“全部”数据范围。",
            "A trend counts every customer of the company; it takes the data scope “all”.",
        )
    with access.tx() as tx:
        service.get(tx, segment_id)
        found = trend.trend(tx, segment_id, days)
    return s.TrendOut(days=[s.DayOut.model_validate(one, from_attributes=True) for one in found])


@router.post("/segments/{segment_id}/entries")
def change_entries(access: Writer, segment_id: UUID, body: s.EntriesChange) -> s.EntriesOut:
    """Put customers on a list or take them off it; each change is applied in the customer's next turn, a moment later."""
    with access.tx() as tx:
        line = service.get(tx, segment_id)
        if line.kind != "list":
            raise InvalidInput(
                "segment_no_list",
                f"“{line.name}”按条件圈人，不能手工增减。",
                f"“{line.name}” follows its expression; only lists take entries.",
            )
        found = lists.named(tx, body.lines)
        add = {*found.customers, *lists.visible(tx, body.add)}
        remove = set(lists.visible(tx, body.remove))
        added = lists.file(tx, segment_id, line.name, add, listed=True)
        removed = lists.file(tx, segment_id, line.name, remove, listed=False)
        if added or removed:
            audit.record(
                tx,
                "segment.entries_changed",
                "segment",
                segment_id,
                None,
                {"name": line.name, "added": added, "removed": removed},
            )
    return s.EntriesOut(
        added=added, removed=removed, already=len(add) - added, unknown=found.unknown, ambiguous=found.ambiguous
    )


__all__ = ["router"]
