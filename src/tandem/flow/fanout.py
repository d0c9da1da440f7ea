"""Work over many customers or runs of a bucket, in bounded slices: audiences enter, runs move to a new version, leave, resume, retry.

One row per bucket says how far it has come; a turn takes one slice of each of its rows and writes the cursor in the same commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import psycopg
import structlog
from psycopg.types.json import Jsonb

from tandem.catalog import Catalog
from tandem.flow import entry, leaving, revive
from tandem.flow.ids import literal
from tandem.flow.isolation import is_poison, reason_of
from tandem.flow.node import Audience
from tandem.flow.plans import TenantPlans
from tandem.flow.runs import Lane, Leaving, RunStatus
from tandem.flow.subjects import CUSTOMER, entity_of, rows_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import BUCKETS, new_id
from tandem.kernel.turn import Turn

log = structlog.get_logger(__name__)

ROWS_MAX = 64
"""Buckets of one fan-out that a turn serves together."""


@dataclass(frozen=True, slots=True)
class Row:
    """One `flow_fanout` row: how far the work has come in a bucket."""

    bucket: int
    id: UUID
    kind: str
    flow_id: UUID
    args: dict[str, Any]
    as_of: datetime
    cursor: UUID | None


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one fan-out in several buckets, and how many subjects of each bucket are taken now."""

    rows: list[Row]
    each: int
    passing: bool = False
    """Pass over them: nobody is let in."""
    careful: bool = False
    """Judge one row after the other, since somebody's data fails: nobody else's is looked at for her."""

    @property
    def head(self) -> Row:
        """The first row; kind, flow, args and moment are the same in all."""
        return self.rows[0]

    def params(self) -> dict[str, object]:
        """The rows as the relation `p` of `_PART`."""
        return {
            "p_buckets": [row.bucket for row in self.rows],
            "p_cursors": [row.cursor for row in self.rows],
            "each": self.each,
            "flow": self.head.flow_id,
            "as_of": self.head.as_of,
        }


Done = dict[int, tuple[UUID, int]]
"""Bucket -> (last id taken, how many); a bucket that gave fewer than asked is finished."""

_PART = "unnest(%(p_buckets)s::smallint[], %(p_cursors)s::uuid[]) p(bucket, after)"


def spread(tx: Tx, kind: str, flow_id: UUID, args: dict[str, Any], *, as_of: datetime | None = None) -> UUID:
    """File the work for every bucket, as of now or of a moment that was missed. Returns its id."""
    fanout_id = new_id()
    tx.execute(
        "insert into flow_fanout (bucket, tenant_id, id, kind, flow_id, args, as_of)"
        " select b, %(tenant)s, %(id)s, %(kind)s, %(flow)s, %(args)s, %(now)s from generate_series(0, %(last)s) b",
        {
            "tenant": tx.tenant_id,
            "id": fanout_id,
            "kind": kind,
            "flow": flow_id,
            "args": Jsonb(args),
            "now": as_of or tx.now,
            "last": BUCKETS - 1,
        },
    )
    return fanout_id


ENTERING = ("enter_segment", "enter_everyone")
"""Audiences that enter wait while their flow is paused, and block nobody (`flow_ready` passes over them, too)."""


def slices(turn: Turn, plans: TenantPlans, limit: int) -> int:
    """Take a slice of the oldest fan-out in the turn's buckets, about `limit` subjects. Returns subjects and buckets handled."""
    # As the plans in hand say, and as the flow is now: where they differ, it was switched just now, and the next turn sees to it.
    paused = {version.plan.flow_id for version in plans.versions.values() if version.paused}
    # A version that this process cannot run is another's: who enters it or moves to it waits for that one.
    foreign = [str(one) for one in plans.unreadable]
    rows = turn.tx.all(
        Row,
        "select f.bucket, f.id, f.kind, f.flow_id, f.args, f.as_of, f.cursor from unnest(%(buckets)s::smallint[]) b(bucket)"
        " cross join lateral (select * from flow_fanout f where f.bucket = b.bucket and f.tenant_id = %(tenant)s"
        " and coalesce(f.args ->> 'version_id' <> all(%(foreign)s::text[]), true)"
        " and not (f.kind = any(%(entering)s::text[]) and (f.flow_id = any(%(paused)s::uuid[]) or exists"
        " (select from flow w where w.id = f.flow_id and w.tenant_id = %(tenant)s and w.status = 'paused'))) order by f.id limit 1) f"
        " order by f.id, f.bucket limit %(rows)s",
        turn.params(rows=ROWS_MAX, entering=list(ENTERING), paused=sorted(paused), foreign=foreign),
    )
    if not rows:
        return 0
    part = [row for row in rows if row.id == rows[0].id]
    return _take(turn, plans, Part(part, max(1, limit // len(part))))


def _take(turn: Turn, plans: TenantPlans, part: Part) -> int:
    going, handled = _isolated(turn, plans, part) if part.head.kind in ENTERING else _worked(turn, plans, part)
    finished = [row.bucket for row in part.rows if row.bucket not in going]
    key = turn.params(id=part.head.id)
    if finished:
        turn.tx.execute(
            "delete from flow_fanout where bucket = any(%(finished)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s",
            key | {"finished": finished},
        )
    if going:
        turn.tx.execute(
            "update flow_fanout f set cursor = g.last, handled = f.handled + %(each)s"
            " from unnest(%(g_buckets)s::smallint[], %(g_last)s::uuid[]) g(bucket, last)"
            " where f.bucket = g.bucket and f.tenant_id = %(tenant)s and f.id = %(id)s",
            key | {"g_buckets": list(going), "g_last": list(going.values()), "each": part.each},
        )
    return len(part.rows) + handled


Going = dict[int, UUID]
"""Bucket -> the last one taken there, where there may be more."""


def _worked(turn: Turn, plans: TenantPlans, part: Part) -> tuple[Going, int]:
    done = WORK[part.head.kind](turn, plans, part)
    going = {bucket: last for bucket, (last, count) in done.items() if count >= part.each}
    return going, sum(count for _, count in done.values())


def _isolated(turn: Turn, plans: TenantPlans, part: Part) -> tuple[Going, int]:
    """Let an audience in. Whose own data keeps it out is passed over: a part that fails is divided until that one stands alone.

    A condition that cannot be read at all lets nobody in: that audience is dropped. Both are noted for the flow's alerts.
    """
    try:
        with turn.tx.savepoint():
            return _worked(turn, plans, part)
    except (psycopg.Error, TandemError) as error:
        if not is_poison(error):
            raise
        problem = error
    part = replace(part, careful=True)
    if isinstance(problem, psycopg.Error) and len(part.rows) > 1:
        middle = len(part.rows) // 2
        halves = [_isolated(turn, plans, replace(part, rows=rows)) for rows in (part.rows[:middle], part.rows[middle:])]
        return halves[0][0] | halves[1][0], halves[0][1] + halves[1][1]
    if isinstance(problem, psycopg.Error) and part.each > 1:
        return _isolated(turn, plans, replace(part, each=part.each // 2))
    alone = isinstance(problem, psycopg.Error) and not part.passing
    log.warning(
        "audience_passed_over" if alone else "audience_dropped",
        tenant=str(turn.tenant_id),
        flow=str(part.head.flow_id),
        buckets=[row.bucket for row in part.rows],
        after=str(part.head.cursor),
        reason=reason_of(problem),
    )
    passed: tuple[Going, int] = ({}, 0)
    if alone:
        passed = _isolated(turn, plans, replace(part, passing=True))
    _leave_out(turn, plans, part, passed[0] if alone else None, reason_of(problem))
    return passed


def _leave_out(turn: Turn, plans: TenantPlans, part: Part, going: Going | None, reason: str) -> None:
    """Note who was passed over, or that nobody could be let in (`going` None): an alert says so."""
    version = plans.versions.get(UUID(part.head.args["version_id"]))
    subject = CUSTOMER if version is None else version.plan.settings.subject
    last = None if going is None else going.get(part.head.bucket)
    thing = subject != CUSTOMER
    turn.tx.execute(
        "insert into flow_left_out (bucket, id, tenant_id, flow_id, block, customer_id, origin_id, subject_type, subject_id, reason, at)"
        " values (%(bucket)s, %(id)s, %(tenant)s, %(flow)s, %(block)s, %(customer)s, %(customer)s, %(type)s, %(subject)s, %(reason)s, %(now)s)"
        " on conflict (bucket, id) do update set reason = excluded.reason, at = excluded.at",
        turn.params(
            bucket=part.head.bucket,
            # One row for each of them, however often a start that recurs passes them over.
            id=uuid5(part.head.flow_id, f"{part.head.args['block']}:{last or turn.tenant_id}"),
            flow=part.head.flow_id,
            block=part.head.args["block"],
            customer=None if thing else last,
            type=subject if thing and last is not None else None,
            subject=last if thing else None,
            reason=reason,
        ),
    )


def _enter_segment(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """Members of a segment since at the latest `as_of` enter a version at its start block, in the bulk lane."""
    version = plans.versions.get(UUID(part.head.args["version_id"]))
    if version is None or not version.current:
        # It was replaced or stopped: whom it did not let in yet it never will. `slices` has left out paused ones.
        return {}
    block = version.plan.blocks[part.head.args["block"]]
    params = part.params() | {"segment": UUID(part.head.args["segment_id"])}
    members = (
        f"from {_PART} cross join lateral (select m.bucket, m.customer_id, m.since from segment_member m"
        " where m.bucket = p.bucket and m.tenant_id = %(tenant)s and m.segment_id = %(segment)s"
        " and (p.after is null or m.customer_id > p.after) order by m.customer_id limit %(each)s) m"
    )
    taken = turn.tx.cursor(
        f"select bucket, max(customer_id::text)::uuid, count(*)::int from (select m.bucket, m.customer_id {members}) x group by bucket",
        turn.params(**params),
        prepare=True,
    ).fetchall()
    if part.passing:
        return {bucket: (last, count) for bucket, last, count in taken}
    source = (
        "asked as (select m.bucket, m.customer_id, m.customer_id as origin_id, null::uuid as event_id, null::uuid as root_id, 0 as hops"
        f" {members} where m.since <= %(as_of)s)"
    )
    started = entry.begin(
        turn, version.plan, block, source, vars_sql="null::jsonb", lane=Lane.BULK, due_lane=Lane.BULK, params=params
    )
    log.debug("audience_slice", flow=str(part.head.flow_id), buckets=len(part.rows), started=started)
    return {bucket: (last, count) for bucket, last, count in taken}


def _enter_everyone(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """Customers (or things) for which the start's condition holds enter a version, in the bulk lane: those whose day it is."""
    version = plans.versions.get(UUID(part.head.args["version_id"]))
    if version is None or not version.current:
        # It was replaced or stopped: whom it did not let in yet it never will. `slices` has left out paused ones.
        return {}
    block = version.plan.blocks[part.head.args["block"]]
    audience = block.kind.audience(block.config)
    if audience is None or plans.catalog is None:
        return {}
    subject = version.plan.settings.subject
    condition = entry.condition_of(plans.catalog, audience.condition, None, turn.zone, "cond_", subject)
    # Whose day it was when the start was due, however late it is served.
    asked = f"{condition.joins} where {condition.sql}".replace("%(now)s", "%(as_of)s")
    if part.careful:
        # A planner may judge the condition while it reads a small table, of rows that nobody asked for. So it is asked of each row by key.
        asked = f"cross join lateral (select from (select 1) as one {asked} offset 0) as judged where true"
    shown, table, such = everyone(plans.catalog, subject)
    people = (
        f"from {_PART} cross join lateral (select m.bucket, m.id, {shown} from {table} m"
        f" where m.bucket = p.bucket and m.tenant_id = %(tenant)s and {such} and (p.after is null or m.id > p.after) order by m.id limit %(each)s) m"
    )
    taken = turn.tx.cursor(
        f"select m.bucket, max(m.id::text)::uuid, count(*)::int {people} group by m.bucket",
        turn.params(**part.params()),
        prepare=True,
    ).fetchall()
    if part.passing:
        return {bucket: (last, count) for bucket, last, count in taken}
    known = " and r.customer_id is not null" if version.plan.needs_customer and subject != CUSTOMER else ""
    source = (
        "asked as (select r.bucket, r.customer_id, r.origin_id, r.subject_id, null::uuid as event_id, null::uuid as root_id, 0 as hops"
        f" from (select m.* {people}) r {asked}{known})"
    )
    params = part.params() | condition.params
    entry.begin(
        turn, version.plan, block, source, vars_sql="null::jsonb", lane=Lane.BULK, due_lane=Lane.BULK, params=params
    )
    return {bucket: (last, count) for bucket, last, count in taken}


def everyone(catalog: Catalog, subject: str) -> tuple[str, str, str]:
    """All that a flow can be about: the columns customer_id, origin_id and subject_id, the table `m`, which of its rows."""
    entity = entity_of(catalog, subject)
    if entity is None:
        return "m.id as customer_id, m.id as origin_id, null::uuid as subject_id", "customer", "true"
    owned = entity.subject is not None and entity.subject.customer
    whose = "m.customer_id, m.origin_id" if owned else "null::uuid as customer_id, null::uuid as origin_id"
    return f"{whose}, m.id as subject_id", entity.table, rows_of(entity, "m")


def admit(
    tx: Tx, flow_id: UUID, version_id: UUID, block: str, audience: Audience, as_of: datetime | None = None
) -> None:
    """Let the audience of a start in: the work is filed for every bucket. `as_of`: the moment that was due, where it is over."""
    args = {"version_id": str(version_id), "block": block}
    if audience.segment_id is None:
        spread(tx, "enter_everyone", flow_id, args, as_of=as_of)
    else:
        spread(tx, "enter_segment", flow_id, args | {"segment_id": str(audience.segment_id)})


def _over_runs(turn: Turn, part: Part, statuses: tuple[RunStatus, ...], act: Callable[[int, str, str], int]) -> Done:
    """Apply `act(stretch, buckets, runs)` to the next slice of a flow's runs in each bucket."""
    found: list[tuple[int, UUID, int]] = turn.tx.cursor(
        f"select r.bucket, r.id, r.stretch from {_PART} cross join lateral (select r.bucket, r.id, r.stretch from flow_run r"
        " where r.bucket = p.bucket and r.tenant_id = %(tenant)s and r.flow_id = %(flow)s and (p.after is null or r.id > p.after)"
        " and r.status = any(%(statuses)s::smallint[]) order by r.id limit %(each)s) r order by r.bucket, r.id",
        turn.params(**part.params(), statuses=[int(one) for one in statuses]),
    ).fetchall()
    groups: dict[int, list[tuple[int, UUID]]] = {}
    done: Done = {}
    for bucket, run, stretch in found:
        groups.setdefault(stretch, []).append((bucket, run))
        done[bucket] = (run, done.get(bucket, (run, 0))[1] + 1)
    for stretch, runs in groups.items():
        act(stretch, literal([str(bucket) for bucket, _ in runs]), literal([str(run) for _, run in runs]))
    return done


_INSIDE = (RunStatus.ACTIVE, RunStatus.HELD, RunStatus.FAILED)


def _leave(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """The flow was stopped, or a new version lets its runs go: they leave."""
    keep = part.head.args.get("except_version")
    reason = Leaving[part.head.args.get("reason", "STOPPED")]

    def act(stretch: int, buckets: str, runs: str) -> int:
        version = plans.by_stretch.get(stretch)
        if version is None or str(version.plan.version_id) == keep:
            return 0
        return leaving.leave_where(turn, version.plan, stretch, buckets, runs, reason)

    return _over_runs(turn, part, _INSIDE, act)


def _move(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """Runs inside older versions go on in a new one, at the block of the same id or its stated successor; who has none leaves."""
    target = plans.versions.get(UUID(part.head.args["version_id"]))
    if target is None:
        return {}
    successors: dict[str, str] = part.head.args.get("successors", {})

    def act(stretch: int, buckets: str, runs: str) -> int:
        old = plans.by_stretch.get(stretch)
        if old is None or old is target:
            return 0
        block, mode = old.plan.place(stretch)
        new_block = block if block in target.plan.blocks else successors.get(block, "")
        to = target.plan.stretches.get((new_block, mode if new_block == block else "enter"))
        if to is None:
            return leaving.leave_where(turn, old.plan, stretch, buckets, runs, Leaving.MOVED)
        return revive.transfer(turn, stretch, to, buckets, runs, wake=new_block != block)

    return _over_runs(turn, part, (*_INSIDE, RunStatus.HOLDOUT), act)


def _resume(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """The flow goes on: held runs are due."""
    del plans
    return _over_runs(
        turn,
        part,
        (RunStatus.HELD,),
        lambda stretch, buckets, runs: revive.go_on(turn, stretch, buckets, runs, Lane.BULK),
    )


def _retry(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """Failed runs try their block again."""
    del plans
    return _over_runs(
        turn,
        part,
        (RunStatus.FAILED,),
        lambda stretch, buckets, runs: revive.go_on(turn, stretch, buckets, runs, Lane.BULK),
    )


def _skip(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """Failed runs go past their block by a stated port (default: the first)."""

    def act(stretch: int, buckets: str, runs: str) -> int:
        version = plans.by_stretch.get(stretch)
        return (
            0
            if version is None
            else revive.skip(turn, version.plan, stretch, buckets, runs, int(part.head.args.get("port", 0)))
        )

    return _over_runs(turn, part, (RunStatus.FAILED,), act)


def _send_on(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """Runs that wait at one block go past it by a stated port; in an older version only where it is the same step, and nobody decides."""
    name, kind, port = (str(part.head.args[one]) for one in ("block", "kind", "port"))

    def act(stretch: int, buckets: str, runs: str) -> int:
        version = plans.by_stretch.get(stretch)
        if version is None or version.plan.place(stretch)[0] != name:
            return 0
        block = version.plan.blocks[name]
        ports = [one.name for one in block.ports]
        if block.kind.kind != kind or block.human or port not in ports:
            return 0
        return revive.send_on(turn, version.plan, stretch, buckets, runs, ports.index(port))

    return _over_runs(turn, part, (RunStatus.ACTIVE,), act)


WORK: dict[str, Callable[[Turn, TenantPlans, Part], Done]] = {
    "enter_segment": _enter_segment,
    "enter_everyone": _enter_everyone,
    "leave": _leave,
    "move": _move,
    "resume": _resume,
    "retry": _retry,
    "skip": _skip,
    "send_on": _send_on,
}
