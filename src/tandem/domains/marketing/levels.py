"""Member levels (会员等级): earned by spend and orders of a window, kept for a time whatever comes, lost one step at a time.

The ladder stands in the block that assesses, so it is drawn, versioned and tried out like the rest of the flow. What a level brings hangs
on the way of its name. A standing tells when it is about to run out and when it has, as events on which flows start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import orjson
from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.domains.marketing.events import LEVEL_CHANGED, LEVEL_EXPIRING, LEVEL_LAPSED
from tandem.flow.kinds.decide import PortName
from tandem.flow.kinds.fields import SAID, say
from tandem.flow.module import TurnStep
from tandem.flow.node import Batch, Config, Group, NodeKind, Outcome, Port
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

#: So long before a standing runs out its event comes, or half its time before where that is less: time for one more order.
WARNED: Final = timedelta(days=30)


class Level(Config):
    """A level and what earns it; both must be reached."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=60)
    spend: Decimal = Field(default=Decimal(0), ge=0, le=100_000_000, title="累计消费满 | Spend from")
    orders: int = Field(default=0, ge=0, le=10_000, title="订单数满 | Orders from")


class LevelConfig(Config):
    """The ladder from the lowest up, over which window, and for how long a level is kept."""

    levels: tuple[Level, ...] = Field(
        default=(
            Level(name="w1", label="银卡", spend=Decimal(1000)),
            Level(name="w2", label="金卡", spend=Decimal(5000)),
        ),
        title="等级（从低到高）| Levels, lowest first",
        min_length=1,
        max_length=10,
    )
    window_days: int = Field(default=365, ge=1, le=1095, title="统计最近（天）| Counted over (days)")
    keep_days: int = Field(default=365, ge=1, le=1095, title="保级（天）| Kept for (days)")

    @model_validator(mode="after")
    def _rises(self) -> LevelConfig:
        names = [one.name for one in self.levels]
        if len(set(names)) != len(names) or {"kept", "fallen"} & set(names):
            raise ValueError("two levels have the same key, or one is called kept or fallen")
        for low, high in zip(self.levels, self.levels[1:], strict=False):
            if (
                high.spend < low.spend
                or high.orders < low.orders
                or (high.spend, high.orders) == (low.spend, low.orders)
            ):
                raise ValueError("each level must ask for more than the one below it")
        return self


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: the place of her level (-1: none) and until when it is kept."""

    rank: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an assessment comes to. `until` is new unless the level is merely kept by its protection."""

    rank: int
    until: datetime | None
    outcome: str
    """risen | kept | fallen"""


def earned(levels: Sequence[Level], spend: Decimal, orders: int) -> int:
    """Pure: the highest level whose asks are met, -1 for none."""
    return max((place for place, one in enumerate(levels) if spend >= one.spend and orders >= one.orders), default=-1)


def assess(now: datetime, standing: Standing, rank: int, keep: timedelta) -> Verdict:
    """Pure: a rise is at once, what is earned again is kept anew, a fall waits for the protection and goes one step."""
    if rank > standing.rank:
        return Verdict(rank, now + keep, "risen")
    if rank == standing.rank:
        return Verdict(rank, None if rank < 0 else now + keep, "kept")
    if standing.until is not None and standing.until > now:
        return Verdict(standing.rank, standing.until, "kept")
    fallen = standing.rank - 1
    return Verdict(fallen, None if fallen < 0 else now + keep, "fallen")


@dataclass(frozen=True, slots=True)
class _Known:
    customer_id: UUID
    level: str | None
    until: datetime | None
    shown: str | None
    """The level her profile shows: after a merge another standing may count."""
    spend: Decimal
    orders: int


_READ: Final = """
select n.customer_id, s.level, s.until, s.shown, coalesce(f.spend, 0) as spend, coalesce(f.orders, 0)::int as orders
from unnest(%(b)s::smallint[], %(customers)s::uuid[]) as n(bucket, customer_id)
left join lateral (
  select o.level, o.until, o.shown from (
    select l.level, l.until, l.changed_at, max(l.changed_at) over () as latest, first_value(l.level) over (order by l.changed_at desc) as shown
    from level_standing as l
    where l.bucket = n.bucket and l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.customer_id = n.customer_id) as o
  where o.until > %(now)s or o.changed_at = o.latest
  order by array_position(%(ladder)s::text[], o.level) desc nulls last, o.until desc nulls last, o.changed_at desc limit 1) as s on true
left join lateral (
  select sum(case when d.fact = 'orders' then d.amount else -d.amount end) as spend, sum(d.n) filter (where d.fact = 'orders') as orders
  from customer_fact_day as d
  where d.bucket = n.bucket and d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.customer_id = n.customer_id
    and d.fact in ('orders', 'refunds') and d.day > (%(now)s::timestamptz at time zone %(zone)s)::date - %(days)s::int) as f on true
"""
_WRITE: Final = """
insert into level_standing as l (bucket, customer_id, origin_id, tenant_id, level, rank, until, next_at, changed_at)
select n.bucket, n.customer_id, n.origin_id, %(tenant)s, n.level, n.rank, n.until,
  case when n.until is not null then greatest(%(now)s::timestamptz, n.until - %(warned)s::interval) end, %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, customer_id uuid, origin_id uuid, level text, rank smallint, until timestamptz)
on conflict (bucket, customer_id, origin_id) do update set level = excluded.level, rank = excluded.rank, until = excluded.until,
  next_at = case when excluded.until is not distinct from l.until then l.next_at else excluded.next_at end, changed_at = excluded.changed_at
"""


class LevelKind(NodeKind[LevelConfig]):
    kind = "marketing.member_level"
    group = Group.BENEFIT
    rewrites = SAID
    label = Label("评定会员等级", "Assess the member level")
    help = Label(
        "按最近一段时间的消费（扣除退款）和订单数评定等级：够了立即升，走该等级的出口；没变或在保级期内走“保持”；保级期过后仍不够降一级，走“下降”。"
        "等级写入客户资料；到期前 30 天（保级不足 60 天的在过半时）和到期时各有一个事件，可以用来提醒和重新评定。",
        "Assesses by the spend (less refunds) and orders of a window: a rise is at once and leaves by the level's own way; no change, or a level still "
        "protected, by 'kept'; once the protection is over and too little was earned she falls one step, by 'fallen'. The level is written to her "
        "profile; thirty days before it runs out (halfway, where it is kept for less than sixty) and when it does there is an event to remind and "
        "assess by.",
    )
    icon = "level"
    needs = ("customer.write",)
    config = LevelConfig

    def ports(self, config: LevelConfig) -> tuple[Port, ...]:
        risen = (Port(one.name, Label(one.label, one.label)) for one in config.levels)
        return (*risen, Port("kept", Label("保持", "Kept")), Port("fallen", Label("下降", "Fallen")))

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        """One reading and one writing for the batch; of several runs of a customer the first assesses."""
        config = LevelConfig.model_validate(batch.config)
        mine = {
            customer: place for place, customer in reversed(list(enumerate(batch.customers))) if customer is not None
        }
        known = {one.customer_id: one for one in _known(turn, batch, list(mine.values()), config)}
        ranks = {one.name: place for place, one in enumerate(config.levels)}
        kept = len(config.levels)
        ports, facts = [kept] * len(batch), [dict[str, object]() for _ in range(len(batch))]
        changed: list[tuple[int, str | None, Verdict]] = []
        rows: list[dict[str, object]] = []
        for customer, place in mine.items():
            one = known[customer]
            standing = Standing(ranks.get(one.level or "", -1), one.until)
            verdict = assess(
                turn.now, standing, earned(config.levels, one.spend, one.orders), timedelta(days=config.keep_days)
            )
            name = None if verdict.rank < 0 else config.levels[verdict.rank].name
            ports[place] = {"risen": verdict.rank, "kept": kept, "fallen": kept + 1}[verdict.outcome]
            facts[place] = {"level": name, "spend": float(one.spend), "orders": one.orders, "outcome": verdict.outcome}
            rows.append(_row(batch, place, name, verdict))
            if verdict.outcome != "kept" or name != one.shown:
                changed.append((place, one.shown, verdict))
        warned = min(WARNED, timedelta(days=config.keep_days) / 2)
        turn.tx.execute(_WRITE, turn.params(rows=orjson.dumps(rows).decode(), warned=warned))
        labels = [None if verdict.rank < 0 else config.levels[verdict.rank].label for _, _, verdict in changed]
        say(turn, batch, "level", labels, [place for place, _, _ in changed])
        emit(turn, [_told(turn, batch, config, place, before, verdict) for place, before, verdict in changed])
        return Outcome(ports=ports, facts=facts)


def _known(turn: Turn, batch: Batch, places: Sequence[int], config: LevelConfig) -> list[_Known]:
    return turn.tx.all(
        _Known,
        _READ,
        turn.params(
            b=[batch.buckets[place] for place in places],
            customers=[batch.customers[place] for place in places],
            zone=turn.zone,
            days=config.window_days,
            ladder=[one.name for one in config.levels],
        ),
    )


def _row(batch: Batch, place: int, level: str | None, verdict: Verdict) -> dict[str, object]:
    return {
        "bucket": batch.buckets[place],
        "customer_id": batch.customers[place],
        "origin_id": batch.origins[place] or batch.customers[place],
        "level": level,
        "rank": verdict.rank,
        "until": verdict.until,
    }


def _told(turn: Turn, batch: Batch, config: LevelConfig, place: int, before: str | None, verdict: Verdict) -> NewEvent:
    names = {one.name: one.label for one in config.levels}
    after = None if verdict.rank < 0 else config.levels[verdict.rank].label
    return NewEvent(
        type=LEVEL_CHANGED,
        bucket=batch.buckets[place],
        customer_id=batch.customers[place],
        origin_id=batch.origins[place],
        occurred_at=turn.now,
        payload={
            "old": names.get(before or ""),
            "new": after,
            "rose": verdict.rank > next((place for place, one in enumerate(config.levels) if one.name == before), -1),
            "until": verdict.until,
        },
        event_id=new_id(),
        lane=batch.lanes[place],
        cause_id=batch.causes[place],
        root_id=batch.roots[place],
        hops=batch.hops[place] + 1,
    )


# A standing that has been told to run out soon is told once more when it has. After a merge only the standing that counts is told of:
# the best of the one changed last and those kept at least until now, or as long as the one that has run out.
_DUE: Final = """
update level_standing as l set next_at = case when l.until > %(now)s then l.until end
from (select s.bucket, s.customer_id, s.origin_id from level_standing as s
      where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.next_at <= %(now)s order by s.next_at limit %(limit)s) as d
where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = d.bucket and l.customer_id = d.customer_id
  and l.origin_id = d.origin_id
returning l.bucket, l.customer_id, l.origin_id, l.level, l.until, l.origin_id = (
  select c.origin_id from (
    select o.origin_id, o.rank, o.until, o.changed_at, max(o.changed_at) over () as latest from level_standing as o
    where o.bucket = l.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = l.customer_id) as c
  where c.until >= least(%(now)s, l.until) or c.changed_at = c.latest
  order by c.rank desc, c.until desc nulls last, c.changed_at desc, c.origin_id limit 1) as counts
"""


@dataclass(frozen=True, slots=True)
class _Due:
    bucket: int
    customer_id: UUID
    origin_id: UUID
    level: str
    until: datetime
    counts: bool


def tell_due(turn: Turn, limit: int) -> int:
    """Look at up to `limit` standings that are about to run out, or have, and tell of those that count; returns how many were due."""
    rows = turn.tx.all(_Due, _DUE, turn.params(limit=limit))
    emit(
        turn,
        [
            NewEvent(
                type=LEVEL_LAPSED if one.until <= turn.now else LEVEL_EXPIRING,
                bucket=one.bucket,
                customer_id=one.customer_id,
                origin_id=one.origin_id,
                occurred_at=turn.now,
                payload={"level": one.level, "until": one.until},
                event_id=new_id(),
                lane=1,
            )
            for one in rows
            if one.counts
        ],
    )
    return len(rows)


LEVELS: Final = TurnStep(
    name="marketing.levels",
    run=tell_due,
    due_sql="select min(next_at) from level_standing where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s",
    live=False,
)
