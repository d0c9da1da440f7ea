"""Early warnings: a look at every running flow every half minute; what exceeds a limit pauses the flow, what is over closes by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.flow import delays, lookout, service
from tandem.flow.alerts import limits
from tandem.flow.alerts.limits import NEAR, Limits
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.node import Group
from tandem.flow.parking import CIRCLING
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.runs import HOPS_MAX, INSIDE, RunStatus
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce
from tandem.kernel.rounds import Rounds
from tandem.stream.identity import stuck

log = structlog.get_logger(__name__)

SECONDS_BETWEEN: Final = 30.0
BURST: Final = 20
BURST_WINDOW: Final = timedelta(minutes=10)
OVERDUE: Final = timedelta(minutes=10)
SURGE_TIMES: Final = 10
SURGE_MIN: Final = 500
#: Kinds of alert that pause the flow.
PAUSING: Final = frozenset({"runaway", "crowded", "effects", "cost"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a flow now."""

    flow_id: UUID
    kind: str
    n: int
    block: str = ""
    detail: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Drawn:
    """A flow with the graph that is at work, and the small numbers of its blocks."""

    id: UUID
    name: str
    status: str
    numbers: dict[str, int]
    graph: dict[str, Any]


_DRAWN: Final = """
select f.id, f.name, f.status, f.numbers, v.graph from flow f join flow_version v on v.id = f.current_version_id and v.tenant_id = %(tenant)s
where f.tenant_id = %(tenant)s and
"""
_RUNNING: Final = _DRAWN + " f.status in ('running', 'paused')"
# What entered lately, by flow: in this hour, in the seven days before it per hour, and inside now.
_ENTRIES: Final = """
select flow_id, count(*) filter (where entered_at > %(hour)s)::int, (count(*) filter (where entered_at <= %(hour)s) / 168.0)::float8
from flow_run where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and flow_id = any(%(flows)s) and entered_at > %(week)s
group by flow_id
"""
_INSIDE: Final = f"""
select r.flow_id, t.block, max(r.visit), count(*)::int, count(*) filter (where r.wake_at <= %(overdue)s)::int,
  count(*) filter (where r.wake_at is null)::int, min(coalesce(l.at, r.entered_at)) filter (where r.wake_at is null)
from flow_run as r join flow_stretch as t on t.id = r.stretch and t.tenant_id = %(tenant)s
left join lateral (select max(s.at) as at from flow_step_log as s where s.tenant_id = %(tenant)s and s.bucket = r.bucket and s.run_id = r.id
  and s.at >= r.entered_at) as l on r.wake_at is null
where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.flow_id = any(%(flows)s) and r.status = {RunStatus.ACTIVE:d}
group by 1, 2
"""
_FAILURES: Final = """
select flow_id, block, reason, count(*)::int, count(*) filter (where at > %(burst)s)::int from flow_parked where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
  and flow_id = any(%(flows)s) and kind = 'failed' and (at > %(burst)s or at > %(day)s and reason like %(circling)s) group by 1, 2, 3
"""
_REFUSALS: Final = """
select flow_id, block, min(reason), count(*)::int from flow_mishap where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
  and flow_id = any(%(flows)s) and at > %(burst)s group by 1, 2
"""
_LEFT_OUT: Final = """
select flow_id, block, min(reason), count(*)::int, bool_or(coalesce(subject_id, customer_id) is null)
from flow_left_out where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
  and flow_id = any(%(flows)s) and at > %(day)s group by 1, 2
"""
_HELD: Final = f"""
select flow_id, count(distinct customer_id)::int from flow_run where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
  and customer_id = any(%(held)s::uuid[]) and flow_id = any(%(flows)s) and status = {RunStatus.ACTIVE:d} group by 1
"""
# Events at the end of a chain of causes longer than we follow are parked (`stream.inbox`): the flows are those that ran in the chain.
_LOOPS: Final = """
select r.flow_id, count(distinct e.event_id)::int from inbox_failed as e
join flow_run as r on r.bucket = e.bucket and r.tenant_id = %(tenant)s and r.customer_id = e.customer_id and r.root_id = e.root_id
where e.tenant_id = %(tenant)s and e.bucket = any(%(buckets)s::smallint[]) and e.hops > %(hops)s and e.failed_at > %(day)s
  and r.flow_id = any(%(flows)s) group by 1
"""
_PASSED: Final = """
select t.flow_id, s.path[2 * i - 1], sum(s.n)::bigint from flow_path_stat as s
join flow_stretch as t on t.id = s.stretch and t.tenant_id = %(tenant)s and t.flow_id = any(%(flows)s)
cross join lateral generate_series(1, cardinality(s.path) / 2) as i
where s.tenant_id = %(tenant)s and s.bucket = any(%(buckets)s::smallint[]) and s.hour >= date_trunc('hour', %(now)s::timestamptz)
group by 1, 2
"""


Passages = dict[tuple[UUID, UUID], tuple[datetime, int]]
"""(tenant, flow) -> when effects were last counted, and how many there had been in that hour."""


def look(tx: Tx, rooms: Rooms, before: Passages | None = None) -> list[Finding]:
    """Everything wrong with the tenant's flows now. `before` remembers the last look's counts, so that a burst shows at once."""
    flows = tx.all(Drawn, _RUNNING, {"tenant": tx.tenant_id})
    if not flows:
        return []
    ids = [one.id for one in flows]
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "buckets": EVERY_BUCKET,
        "flows": ids,
        "now": tx.now,
        "hour": tx.now - timedelta(hours=1),
        "week": tx.now - timedelta(days=7),
        "overdue": tx.now - OVERDUE,
        "burst": tx.now - BURST_WINDOW,
        "day": tx.now - timedelta(days=1),
        "inside": [int(one) for one in INSIDE],
        "circling": f"{CIRCLING}%",
        "hops": HOPS_MAX,
    }
    rules = limits.of_flows(tx, ids)
    found = [
        *_entries(tx, params, rules),
        *_standing(tx, params, rules),
        *_failed(tx, params, rules),
        *_slow(tx, params),
    ]
    return [
        *found,
        *_effects(tx, rooms, flows, params, rules, {} if before is None else before),
        *_cost(tx, rooms, params, rules),
    ]


def _entries(tx: Tx, params: dict[str, Any], rules: dict[UUID, Limits]) -> Iterator[Finding]:
    for flow, hour, usual in tx.cursor(_ENTRIES, params).fetchall():
        limit = rules[flow].runs_per_hour or 0
        surge = hour >= SURGE_MIN and usual > 0 and hour > SURGE_TIMES * usual
        if hour > limit:
            yield Finding(flow, "runaway", hour, detail={"limit": limit, "usual": round(usual, 1)})
        elif _is_near(hour, limit):
            yield Finding(flow, "near_runaway", hour, detail={"limit": limit})
        elif surge:
            yield Finding(flow, "surge", hour, detail={"usual": round(usual, 1)})


def _standing(tx: Tx, params: dict[str, Any], rules: dict[UUID, Limits]) -> Iterator[Finding]:
    inside: dict[UUID, int] = {}
    for flow, block, steps, n, overdue, endless, oldest in tx.cursor(_INSIDE, params).fetchall():
        inside[flow] = inside.get(flow, 0) + n
        most = rules[flow].steps_per_run or 0
        if _is_near(steps, most):
            yield Finding(flow, "near_circling", steps, block, {"limit": most})
        if overdue:
            yield Finding(flow, "overdue", overdue, block)
        stuck = timedelta(hours=rules[flow].stuck_hours or 0)
        # Only who waits without an end of her own can be stuck: the others stand where they should.
        if endless and oldest is not None and oldest < tx.now - stuck:
            hours = round((tx.now - oldest).total_seconds() / 3600)
            yield Finding(flow, "stall", endless, block, {"hours": hours})
    for flow, n in inside.items():
        limit = rules[flow].runs_inside or 0
        if n > limit:
            yield Finding(flow, "crowded", n, detail={"limit": limit})
        elif _is_near(n, limit):
            yield Finding(flow, "near_crowded", n, detail={"limit": limit})


def _failed(tx: Tx, params: dict[str, Any], rules: dict[UUID, Limits]) -> Iterator[Finding]:
    for flow, block, reason, n, lately in tx.cursor(_FAILURES, params).fetchall():
        if reason.startswith(CIRCLING):
            yield Finding(flow, "circling", n, block or "", {"limit": rules[flow].steps_per_run})
        elif lately >= BURST:
            yield Finding(flow, "failures", lately, block or "", {"reason": reason})
    for flow, block, reason, n in tx.cursor(_REFUSALS, params).fetchall():
        if n >= BURST:
            yield Finding(flow, "refusals", n, block or "", {"reason": reason})
    held = stuck.people(tx)
    for flow, n in tx.cursor(_HELD, params | {"held": held}).fetchall() if held else ():
        yield Finding(flow, "held", n)
    for flow, n in tx.cursor(_LOOPS, params).fetchall():
        yield Finding(flow, "loop", n, detail={"limit": HOPS_MAX})
    for flow, block, reason, n, whole in tx.cursor(_LEFT_OUT, params).fetchall():
        yield Finding(flow, "unjudged" if whole else "left_out", n, block, {"reason": reason})


def _slow(tx: Tx, params: dict[str, Any]) -> Iterator[Finding]:
    """Flows whose effects came too late after their events within the last minutes."""
    for flow, ages in delays.slow(tx):
        if flow in params["flows"]:
            seconds = round((ages.quantile(delays.SHARE) or 0) / 1000, 1)
            yield Finding(flow, "slow", ages.over(), detail={"seconds": seconds, "limit": delays.LIMIT_MS // 1000})


def _effects(
    tx: Tx, rooms: Rooms, flows: Sequence[Drawn], params: dict[str, Any], rules: dict[UUID, Limits], before: Passages
) -> Iterator[Finding]:
    """Messages, coupons and the like a minute: since the last look, and over the hour so far where that is more."""
    acting: dict[UUID, set[int]] = {}
    for one in flows:
        for block in one.graph.get("blocks", ()):
            kind = rooms.kinds.get(block["kind"], block.get("version", 1))
            if kind is not None and kind.group in {Group.REACH, Group.BENEFIT}:
                acting.setdefault(one.id, set()).add(int(one.numbers.get(block["id"], 0)))
    passed: dict[UUID, int] = {}
    for flow, number, n in tx.cursor(_PASSED, params).fetchall():
        if number in acting.get(flow, ()):
            passed[flow] = passed.get(flow, 0) + n
    minutes = max(1.0, tx.now.minute + tx.now.second / 60)
    for flow, n in passed.items():
        limit = rules[flow].effects_per_minute or 0
        rate = max(n / minutes, since_last(before.get((tx.tenant_id, flow)), tx.now, n))
        before[tx.tenant_id, flow] = tx.now, n
        if rate > limit:
            yield Finding(flow, "effects", round(rate), detail={"limit": limit})
        elif _is_near(rate, limit):
            yield Finding(flow, "near_effects", round(rate), detail={"limit": limit})


def since_last(last: tuple[datetime, int] | None, now: datetime, n: int) -> float:
    """Effects a minute since the last look, of at least half a minute ago and of the same hour; 0 where there was none."""
    if last is None or last[0].replace(minute=0, second=0, microsecond=0) != now.replace(
        minute=0, second=0, microsecond=0
    ):
        return 0.0
    seconds = (now - last[0]).total_seconds()
    return max(0, n - last[1]) * 60 / seconds if seconds >= SECONDS_BETWEEN / 2 else 0.0


def _cost(tx: Tx, rooms: Rooms, params: dict[str, Any], rules: dict[UUID, Limits]) -> Iterator[Finding]:
    sources = [f"({one.rows})" for one in rooms.tryouts if one.rows is not None]
    if not sources:
        return
    midnight = tx.now.astimezone(ZoneInfo(tx.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows: list[tuple[UUID, float]] = tx.cursor(
        f"select r.flow_id, sum(e.amount)::float8 from ({' union all '.join(sources)}) as e join flow_run as r on r.bucket = e.bucket"
        " and r.id = e.run_id and r.tenant_id = %(tenant)s where e.what = 'coupon' and e.at >= %(midnight)s"
        " and r.flow_id = any(%(flows)s) group by 1",
        params | {"midnight": midnight},
    ).fetchall()
    for flow, cost in rows:
        limit = float(rules[flow].cost_per_day or 0)
        if cost > limit:
            yield Finding(flow, "cost", round(cost), detail={"limit": limit, "currency": tx.currency})
        elif _is_near(cost, limit):
            yield Finding(flow, "near_cost", round(cost), detail={"limit": limit, "currency": tx.currency})


def _is_near(value: float, limit: float) -> bool:
    return limit > 0 and value >= NEAR * limit


_RAISE: Final = """
insert into flow_alert as a (id, tenant_id, flow_id, kind, block, at, seen_at, n, detail)
values (%(id)s, %(tenant)s, %(flow)s, %(kind)s, %(block)s, %(now)s, %(now)s, %(n)s, %(detail)s)
on conflict (tenant_id, flow_id, kind, block) where closed_at is null do update set seen_at = excluded.seen_at, n = excluded.n,
  detail = excluded.detail
returning id, at = seen_at
"""


def watch(db: Database, rooms: Rooms, tenant: UUID, before: Passages | None = None) -> int:
    """Look at a tenant's flows once; returns how many alerts are new."""
    with db.tx("worker", tenant=tenant) as tx:
        found = look(tx, rooms, before)
    new = 0
    for one in found:
        with db.tx("worker", tenant=tenant) as tx:
            new += _raise(tx, one)
    with db.tx("worker", tenant=tenant) as tx:
        _close_over(tx, found)
    return new


def _raise(tx: Tx, one: Finding) -> bool:
    row = tx.cursor(
        _RAISE,
        {
            "id": new_id(),
            "tenant": tx.tenant_id,
            "flow": one.flow_id,
            "kind": one.kind,
            "block": one.block,
            "now": tx.now,
            "n": one.n,
            "detail": Jsonb(one.detail),
        },
    ).fetchone()
    is_new = bool(row and row[1])
    if row is not None and is_new:
        log.warning("flow_alert", tenant=str(tx.tenant_id), flow=str(one.flow_id), kind=one.kind, n=one.n)
        if one.kind in PAUSING and service.get_flow(tx, one.flow_id).status == "running":
            service.pause(tx, one.flow_id)
            tx.execute(
                "update flow_alert set paused = true where tenant_id = %(tenant)s and id = %(id)s",
                {"tenant": tx.tenant_id, "id": row[0]},
            )
            audit.record(tx, "flow.limit_exceeded", "flow", one.flow_id, None, {"kind": one.kind, "n": one.n})
        announce(tx, "flow-alerts")
    return is_new


def _close_over(tx: Tx, found: Sequence[Finding]) -> None:
    """What is no longer so closes by itself; what paused a flow stays until somebody has looked."""
    tx.execute(
        "update flow_alert set closed_at = %(now)s where tenant_id = %(tenant)s and closed_at is null and not paused"
        " and not exists (select from unnest(%(flows)s::uuid[], %(kinds)s::text[], %(blocks)s::text[]) as f(flow_id, kind, block)"
        " where f.flow_id = flow_alert.flow_id and f.kind = flow_alert.kind and f.block = flow_alert.block)",
        {
            "tenant": tx.tenant_id,
            "now": tx.now,
            "flows": [one.flow_id for one in found],
            "kinds": [one.kind for one in found],
            "blocks": [one.block for one in found],
        },
    )


@dataclass(frozen=True, slots=True)
class Alert:
    """An early warning as screens show it."""

    id: UUID
    flow_id: UUID
    flow_name: str
    flow_status: str
    kind: str
    block: str
    at: datetime
    seen_at: datetime
    n: int
    detail: dict[str, Any]
    paused: bool
    closed_at: datetime | None


def alerts(tx: Tx, *, flow_id: UUID | None, is_open: bool, before: UUID | None, limit: int) -> list[Alert]:
    """Alerts, newest first."""
    return tx.all(
        Alert,
        "select a.id, a.flow_id, f.name as flow_name, f.status as flow_status, a.kind, a.block, a.at, a.seen_at, a.n, a.detail, a.paused,"
        " a.closed_at from flow_alert a join flow f on f.id = a.flow_id and f.tenant_id = %(tenant)s where a.tenant_id = %(tenant)s"
        " and (%(flow)s::uuid is null or a.flow_id = %(flow)s) and (a.closed_at is null) = %(open)s"
        " and (%(before)s::uuid is null or a.id < %(before)s) order by a.id desc limit %(limit)s",
        {"tenant": tx.tenant_id, "flow": flow_id, "open": is_open, "before": before, "limit": limit},
    )


def drawings(tx: Tx, flows: set[UUID]) -> list[Drawn]:
    """The graphs at work of these flows."""
    return tx.all(Drawn, _DRAWN + " f.id = any(%(flows)s)", {"tenant": tx.tenant_id, "flows": list(flows)})


def close(tx: Tx, alert_id: UUID) -> bool:
    """Somebody has looked: the alert is done with. Returns whether it was open."""
    closed = tx.execute(
        "update flow_alert set closed_at = %(now)s, closed_by = %(user)s where tenant_id = %(tenant)s and id = %(id)s and closed_at is null",
        {"now": tx.now, "user": tx.user_id, "tenant": tx.tenant_id, "id": alert_id},
    )
    if closed:
        audit.record(tx, "flow.alert_closed", "flow_alert", alert_id)
        announce(tx, "flow-alerts")
    return bool(closed)


class Watching:
    """The worker's job: a look at every tenant's flows each half minute."""

    def __init__(self, system: Callable[[], Rooms]) -> None:
        self._system = system
        self._rounds = Rounds("flow.watch")
        self._before: Passages = {}

    def __call__(self, db: Database) -> float:
        """Go round once; returns the seconds until the next time."""
        with db.connection("worker") as connection:
            tenants = lookout.tenants(connection)
        self._rounds.each(tenants, lambda tenant: watch(db, self._system(), tenant, self._before))
        return SECONDS_BETWEEN
