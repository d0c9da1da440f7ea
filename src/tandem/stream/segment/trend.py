"""How full a segment was, day by day: counted as people enter and leave, in the turn that moves them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn
from tandem.stream.segment.definitions import Watched
from tandem.stream.segment.judge import Change

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


def count(turn: Turn, watched: Mapping[UUID, Watched], changes: Sequence[Change]) -> None:
    """Add changes of membership to the day's counts, one statement whatever their number. What a fill moved is counted apart."""
    if not changes:
        return
    came: Counter[tuple[int, UUID]] = Counter()
    went: Counter[tuple[int, UUID]] = Counter()
    refilled: Counter[tuple[int, UUID]] = Counter()
    for change in changes:
        key = (change.bucket, change.segment_id)
        if change.bucket in watched[change.segment_id].filling:
            refilled[key] += 1 if change.entered else -1
        else:
            (came if change.entered else went)[key] += 1
    keys = sorted(came.keys() | went.keys() | refilled.keys())
    turn.tx.execute(
        _COUNT,
        turn.params(
            day=turn.now.astimezone(ZoneInfo(turn.zone)).date(),
            t_buckets=[bucket for bucket, _ in keys],
            t_segments=[segment for _, segment in keys],
            t_entered=[came[key] for key in keys],
            t_left=[went[key] for key in keys],
            t_refilled=[refilled[key] for key in keys],
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


def trend(tx: Tx, segment_id: UUID, days: int) -> list[Day]:
    """The last ``days`` days up to today, oldest first, counted back from who is inside now.

    Merges move people without entering or leaving, so a past figure may be off by the customers merged since.
    """
    today = tx.now.astimezone(ZoneInfo(tx.zone)).date()
    params = {"tenant": tx.tenant_id, "segment": segment_id, "since": today - timedelta(days=days - 1)}
    counted = {
        row.day: row
        for row in tx.all(
            _Counted,
            """
            select day, sum(entered)::int as entered, sum(left_n)::int as left, sum(refilled)::int as refilled from segment_day
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
        one = counted.get(day, _Counted(day, 0, 0, 0))
        found.append(Day(day, max(0, inside), one.entered, one.left, one.refilled))
        inside -= one.entered - one.left + one.refilled
    return found[::-1]
