"""How full a segment was, day by day: counted as people enter and leave, in the turn that moves them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel.columns import integers, smallints, uuids
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn
from tandem.stream.segment.definitions import Watched
from tandem.stream.segment.judge import Change, Moved

DAYS_MAX: Final = 366

_COUNT: Final = """
insert into segment_day as d (bucket, tenant_id, segment_id, day, entered, left_n, refilled)
select t.bucket, %(tenant)s, t.segment_id, %(day)s, t.entered, t.left_n, t.refilled
from unnest(%(t_buckets)s::smallint[], %(t_segments)s::uuid[], %(t_entered)s::int[], %(t_left)s::int[], %(t_refilled)s::int[])
  as t(bucket, segment_id, entered, left_n, refilled)
where t.bucket = any(%(buckets)s::smallint[])
on conflict (bucket, tenant_id, segment_id, day) do update
set entered = d.entered + excluded.entered, left_n = d.left_n + excluded.left_n, refilled = d.refilled + excluded.refilled
"""


def count(turn: Turn, watched: Mapping[UUID, Watched], changes: Sequence[Change], moved: Sequence[Moved] = ()) -> None:
    """Add changes of membership to the day's counts, one row a segment. What a fill moved is counted apart.

    The row is that of the first customer's bucket, which the turn holds: figures are only ever added up over the buckets.
    """
    if not changes and not moved:
        return
    rows: dict[UUID, list[int]] = {}
    for one in moved:
        rows.setdefault(one.segment_id, [one.bucket, 0, 0, 0])[1 if one.entered else 2] += one.count
    for change in changes:
        row = rows.get(change.segment_id)
        if row is None:
            row = rows[change.segment_id] = [change.bucket, 0, 0, 0]
        if change.bucket in watched[change.segment_id].filling:
            row[3] += 1 if change.entered else -1
        else:
            row[1 if change.entered else 2] += 1
    keys = sorted(rows, key=lambda segment: (rows[segment][0], segment))
    turn.tx.execute(
        _COUNT,
        turn.params(
            day=turn.now.astimezone(ZoneInfo(turn.zone)).date(),
            t_buckets=smallints([rows[key][0] for key in keys]),
            t_segments=uuids(keys),
            t_entered=integers([rows[key][1] for key in keys]),
            t_left=integers([rows[key][2] for key in keys]),
            t_refilled=integers([rows[key][3] for key in keys]),
        ),
        prepare=True,
    )


@dataclass(frozen=True, slots=True)
class Day:
    """A local day: how many were inside at its end (now, for today), who came and went by events and time, and the net change by a fill."""

    day: date
    count: int
    entered: int
    left: int
    refilled: int


@dataclass(frozen=True, slots=True)
class _Counted:
    day: date
    entered: int
    left: int
    refilled: int
    merged: int


def trend(tx: Tx, segment_id: UUID, days: int) -> list[Day]:
    """The last ``days`` days up to today, oldest first, counted back from who is inside now.

    Whoever was merged into another or erased since counts in the past as the one they were then.
    """
    today = tx.now.astimezone(ZoneInfo(tx.zone)).date()
    params = {"tenant": tx.tenant_id, "segment": segment_id, "since": today - timedelta(days=days - 1)}
    counted = {
        row.day: row
        for row in tx.all(
            _Counted,
            """
            select day, sum(entered)::int as entered, sum(left_n)::int as left, sum(refilled)::int as refilled,
                   sum(merged)::int as merged from segment_day
            where tenant_id = %(tenant)s and segment_id = %(segment)s and day >= %(since)s group by day
            """,
            params,
        )
    }
    inside: int = tx.value(
        "select count(*) from segment_member where tenant_id = %(tenant)s and segment_id = %(segment)s", params
    )
    found: list[Day] = []
    for back in range(days):
        day = today - timedelta(days=back)
        one = counted.get(day, _Counted(day, 0, 0, 0, 0))
        found.append(Day(day, max(0, inside), one.entered, one.left, one.refilled))
        inside -= one.entered - one.left + one.refilled + one.merged
    return found[::-1]
