"""Bringing playbooks on: steps begin when they are due, coupons follow a group's message, owners are told of their tasks (decision 172).

A step begins in one transaction that also makes its mass message, whose id follows from the step: whoever comes twice makes nothing twice.
What is too late is missed and said so, never sent in the middle of the night after an outage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.lines import line_of
from tandem.domains.marketing.service import Gift, give
from tandem.flow.module import DemoHook, Job, TurnStep
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.kernel.rounds import Rounds
from tandem.kernel.turn import Turn, in_buckets
from tandem.kernel.wake import wake

log = structlog.get_logger("tandem.contact")

LATE: Final = timedelta(hours=12)
AGAIN: Final = timedelta(seconds=10)
FOLLOWED: Final = timedelta(days=31)
"""A step is followed for as long as the platform tells what became of its message."""
ROUND_SECONDS: Final = 2.0
_ROUNDS: Final = Rounds("contact.playbooks")
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class _Step:
    id: UUID
    playbook_id: UUID
    account_id: UUID
    playbook: str
    groups: list[UUID]
    day: int
    kind: str
    title: str
    body: str
    attachments: list[Any]
    state: str
    due_at: datetime
    begun_at: datetime | None
    mass_send_id: UUID | None


# The playbook is locked as well: whoever ends or pauses it at this moment finds every step begun that did begin.
_DUE: Final = """
select s.id, s.playbook_id, p.account_id, p.name as playbook, p.groups, s.day, s.kind, s.title, s.body, s.attachments, s.state, s.due_at, s.begun_at,
  s.mass_send_id
from group_playbook_step as s join group_playbook as p on p.tenant_id = %(tenant)s and p.id = s.playbook_id and p.status = 'running'
where s.tenant_id = %(tenant)s and s.due_at <= %(now)s
order by s.due_at, s.place limit 20 for update of s, p skip locked
"""


def bring_on(db: Database, tenant: UUID) -> int:
    """Begin what is due and follow what has begun; returns how many steps began or ended."""
    with db.tx("worker", tenant=tenant) as tx:
        return _bring_on(tx)


def _bring_on(tx: Tx) -> int:
    moved = 0
    # Buckets before rows (ENGINE_RULES 1), and all of them at once: steps come in no order of theirs.
    found: list[int] = tx.values(_DROPPED_IN, {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "now": tx.now})
    held = frozenset(in_buckets(tx.conn, found))
    for one in tx.all(_Step, _DUE, {"tenant": tx.tenant_id, "now": tx.now}):
        moved += _begin(tx, one) if one.state == "waiting" else _follow(tx, one, held)
    _end_playbooks(tx)
    return moved


def _begin(tx: Tx, one: _Step) -> int:
    if tx.now > one.due_at + LATE:
        _stand(tx, one, "missed", due=None)
        return 1
    if one.kind == "task":
        _give_out(tx, one)
        _stand(tx, one, "begun", due=AGAIN)
        return 1
    send = derived_id(one.id, "mass_send")
    tx.execute(
        """
        insert into mass_send (id, tenant_id, account_id, name, kind, body, attachments, groups, status, started_at, due_at, created_at, updated_at)
        values (%(send)s, %(tenant)s, %(account)s, %(name)s, 'groups', %(body)s, (select attachments from group_playbook_step
          where tenant_id = %(tenant)s and id = %(id)s), %(groups)s::uuid[], 'booking', %(now)s, now(), now(), now()) on conflict do nothing
        """,
        {
            "tenant": tx.tenant_id, "send": send, "id": one.id, "account": one.account_id, "body": one.body, "groups": one.groups, "now": tx.now,
            "name": f"{one.playbook} · {one.day} · {one.title}"[:100],
        },
    )  # fmt: skip
    _stand(tx, one, "begun", due=AGAIN, send=send)
    return 1


def _give_out(tx: Tx, one: _Step) -> None:
    """A task for the owner of each group."""
    tx.execute(
        """
        insert into group_playbook_mark (tenant_id, step_id, group_chat_id, member, state)
        select %(tenant)s, %(id)s, g.id, g.owner, case when g.status = 'active' then 'open' else 'skipped' end
        from group_chat as g where g.tenant_id = %(tenant)s and g.id = any(%(groups)s::uuid[]) on conflict do nothing
        """,
        {"tenant": tx.tenant_id, "id": one.id, "groups": one.groups},
    )


def _follow(tx: Tx, one: _Step, held: frozenset[int]) -> int:
    begun = one.begun_at or one.due_at
    over = tx.now > begun + FOLLOWED
    if one.kind == "task":
        left = tx.value(
            "select count(*) from group_playbook_mark where tenant_id = %(tenant)s and step_id = %(id)s and (state = 'open' or not told)",
            {"tenant": tx.tenant_id, "id": one.id},
        )
    else:
        moved_on = one.kind == "coupon" and not _drop(tx, one, held)
        status = tx.value(
            "select status from mass_send where tenant_id = %(tenant)s and id = %(send)s", {"tenant": tx.tenant_id, "send": one.mass_send_id}
        )  # fmt: skip
        left = 0 if status in {None, "done", "cancelled"} and not moved_on else 1
    done = over or not left
    _stand(tx, one, "done" if done else "begun", due=None if done else AGAIN)
    return int(done)


_READY: Final = """
select g.group_chat_id, g.member from mass_send_group as g where g.tenant_id = %(tenant)s and g.mass_send_id = {send} and g.state = 'sent'
  and not exists (select from group_playbook_mark as k where k.tenant_id = %(tenant)s and k.step_id = {step} and k.group_chat_id = g.group_chat_id)
"""
_PEOPLE_IN: Final = f"""
select distinct m.bucket from group_membership as m join ({_READY.format(send="%(send)s", step="%(step)s")}) as r on r.group_chat_id = m.group_chat_id
where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.left_at is null
"""
_DROPPED_IN: Final = f"""
select distinct m.bucket from group_playbook_step as s
join group_playbook as p on p.tenant_id = %(tenant)s and p.id = s.playbook_id and p.status = 'running'
cross join lateral ({_READY.format(send="s.mass_send_id", step="s.id")}) as r
join group_membership as m on m.group_chat_id = r.group_chat_id
where s.tenant_id = %(tenant)s and s.kind = 'coupon' and s.state = 'begun' and s.due_at <= %(now)s
  and m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.left_at is null
"""
# Whoever is in several of the groups gets one: her row's id follows from her and the step, and a merge in between is seen by her rows.
_DROP: Final = f"""
with ready as ({_READY.format(send="%(send)s", step="%(step)s")}), people as (
  select m.bucket, m.customer_id, m.group_chat_id, row_number() over (partition by m.customer_id order by m.joined_at, m.id) as n, exists (
    select from group_drop as d where d.bucket = m.bucket and d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s
      and d.customer_id = m.customer_id and d.step_id = %(step)s) as had
  from group_membership as m join ready as r on r.group_chat_id = m.group_chat_id
  where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.left_at is null
), dropped as (
  insert into group_drop (bucket, id, tenant_id, customer_id, origin_id, step_id, group_chat_id, dropped_at, due_at)
  select p.bucket, md5(p.customer_id::text || %(step)s::text)::uuid, %(tenant)s, p.customer_id, p.customer_id, %(step)s, p.group_chat_id, %(now)s, %(now)s
  from people as p where p.n = 1 and not p.had on conflict (bucket, id) do nothing returning bucket, group_chat_id
), counted as (
  insert into group_playbook_mark (tenant_id, step_id, group_chat_id, member, state, given, doubles, told, at)
  select %(tenant)s, %(step)s, r.group_chat_id, r.member, 'done', (select count(*) from dropped as d where d.group_chat_id = r.group_chat_id),
    (select count(*) from people as p where p.group_chat_id = r.group_chat_id)
      - (select count(*) from dropped as d where d.group_chat_id = r.group_chat_id), true, %(now)s
  from ready as r
)
select distinct bucket from dropped
"""


def _drop(tx: Tx, one: _Step, held: frozenset[int]) -> bool:
    """Groups that had the message by now: everybody in them gets the coupon, once.

    `held`: the buckets that are locked. False, and nothing done, where somebody in them is in none of these: a merge has just moved her,
    or a group has just had the message. It is done the next time round.
    """
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "send": one.mass_send_id, "step": one.id, "now": tx.now}
    if not held.issuperset(tx.values(_PEOPLE_IN, params)):
        return False
    buckets = [row[0] for row in tx.cursor(_DROP, params | {"buckets": sorted(held)}).fetchall()]
    if buckets:
        wake(tx, buckets)
    return True


def _stand(tx: Tx, one: _Step, state: str, *, due: timedelta | None, send: UUID | None = None) -> None:
    tx.execute(
        """
        update group_playbook_step set state = %(state)s, due_at = case when %(due)s::interval is null then null else %(now)s::timestamptz + %(due)s end,
          begun_at = coalesce(begun_at, case when %(state)s = 'begun' then %(now)s::timestamptz end), mass_send_id = coalesce(%(send)s, mass_send_id)
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": one.id, "state": state, "due": due, "now": tx.now, "send": send},
    )


def _end_playbooks(tx: Tx) -> None:
    tx.execute(
        """
        update group_playbook as p set status = 'ended', finished_at = %(now)s, updated_at = now()
        where p.tenant_id = %(tenant)s and p.status = 'running' and not exists (
          select from group_playbook_step as s where s.tenant_id = %(tenant)s and s.playbook_id = p.id and s.state in ('waiting', 'begun'))
        """,
        {"tenant": tx.tenant_id, "now": tx.now},
    )


# ------------------------------------------------------------------------------------------------------- owners are told


@dataclass(frozen=True, slots=True)
class _Untold:
    step_id: UUID
    group_chat_id: UUID
    member: str
    account_id: UUID
    group: str
    title: str
    body: str


_UNTOLD: Final = """
with due as materialized (
  select m.step_id, m.group_chat_id from group_playbook_mark as m
  where m.tenant_id = %(tenant)s and m.state = 'open' and not m.told order by m.step_id, m.group_chat_id limit 50 for update skip locked
), taken as (
  update group_playbook_mark as m set told = true from due as d
  where m.tenant_id = %(tenant)s and m.step_id = d.step_id and m.group_chat_id = d.group_chat_id
  returning m.step_id, m.group_chat_id, m.member
)
select t.step_id, t.group_chat_id, t.member, p.account_id, g.name as group, s.title, s.body from taken as t
join group_playbook_step as s on s.tenant_id = %(tenant)s and s.id = t.step_id
join group_playbook as p on p.tenant_id = %(tenant)s and p.id = s.playbook_id
join group_chat as g on g.tenant_id = %(tenant)s and g.id = t.group_chat_id
order by p.account_id, t.member
"""


def tell_owners(db: Database, tenant: UUID) -> int:
    """Tell owners of their tasks in the platform's own client, once: a word that gets lost stands on the screen all the same."""
    with db.tx("worker", tenant=tenant) as tx:
        untold = tx.all(_Untold, _UNTOLD, {"tenant": tenant})
    for one in untold:
        try:
            with line_of(db, tenant, one.account_id) as line:
                line.tell_member(one.member, f"【{one.group}】{one.title}\n{one.body}")
        except GatewayFailure as failure:
            log.warning(
                "owner_not_told", tenant=str(tenant), member=one.member, why=failure.why, platform_code=failure.code
            )
    return len(untold)


def playbook_round(db: Database) -> float:
    """Look after the playbooks of every tenant with something due."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from playbook_due_tenants()")]
    _ROUNDS.each(tenants, lambda tenant: bring_on(db, tenant) + tell_owners(db, tenant))
    return ROUND_SECONDS


JOB: Final = Job("contact.playbooks", playbook_round, interval_seconds=ROUND_SECONDS)


def _next_step(tx: Tx) -> datetime | None:
    found: datetime | None = tx.value(
        """
        select min(s.due_at) from group_playbook_step as s join group_playbook as p on p.tenant_id = %(tenant)s and p.id = s.playbook_id
          and p.status = 'running' where s.tenant_id = %(tenant)s and s.state = 'waiting'
        """,
        {"tenant": tx.tenant_id},
    )
    return found


#: A demo's clock that is moved stops where a step is due, so that none is missed.
CLOCK: Final = DemoHook("contact.playbooks", _next_step, lambda tx, _until: _bring_on(tx))


# ---------------------------------------------------------------------------------------------- coupons, in her own turn

_GIVE: Final = """
with due as materialized (
  select d.bucket, d.id from group_drop as d where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.due_at <= %(now)s
  order by d.due_at limit %(limit)s
), given as (
  update group_drop as d set due_at = null from due as n
  where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.bucket = n.bucket and d.id = n.id
  returning d.id, d.bucket, d.customer_id, d.origin_id, d.step_id
)
select g.id, g.bucket, g.customer_id, g.origin_id, s.title as reason, s.coupon_id as coupon_template_id from given as g
join group_playbook_step as s on s.tenant_id = %(tenant)s and s.id = g.step_id
"""


@dataclass(frozen=True, slots=True)
class _Drop:
    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    reason: str
    coupon_template_id: UUID


def drop_coupons(turn: Turn, limit: int) -> int:
    """Give what was dropped for some customers of the turn's buckets; returns how many."""
    rows = turn.tx.all(_Drop, _GIVE, turn.params(limit=limit))
    give(
        turn,
        [
            Gift(
                one.id,
                one.bucket,
                one.customer_id,
                one.origin_id,
                one.reason,
                coupon_template_id=one.coupon_template_id,
            )
            for one in rows
        ],
    )
    return len(rows)


DROPS: Final = TurnStep(
    name="contact.group_drops",
    run=drop_coupons,
    due_sql="""
select min(due_at) from group_drop where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and due_at is not null
""",
)
