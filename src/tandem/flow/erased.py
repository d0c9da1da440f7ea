"""A person is erased: her runs leave by hand, so that the figures of each block still add up when the runs themselves are gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tandem.flow.runs import INSIDE, Leaving
from tandem.kernel.turn import Turn
from tandem.stream.rights import hooks

_INSIDE: Final = ", ".join(str(int(status)) for status in INSIDE)
_COUNT: Final = f"""
insert into flow_path_stat as s (bucket, tenant_id, stretch, hour, arm, path, n)
select r.bucket, %(tenant)s, r.stretch, date_trunc('hour', %(now)s::timestamptz), coalesce(r.arm, 0::smallint),
       array[0, {Leaving.BY_HAND:d}]::smallint[], count(*)
from flow_run as r
where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.customer_id = any(%(ids)s::uuid[])
  and r.status in ({_INSIDE}) and r.stretch is not null
group by r.bucket, r.stretch, coalesce(r.arm, 0::smallint)
on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = s.n + excluded.n
"""


def leave(turn: Turn, ids: Sequence[UUID]) -> None:
    """Count her runs as left. The rows of runs, waits and tasks go with the erasure."""
    turn.tx.execute(_COUNT, turn.params(ids=list(ids)))


hooks.register_erasure("flow", leave)
