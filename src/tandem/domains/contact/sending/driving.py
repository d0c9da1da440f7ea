"""Bringing mass messages on: gather, wait for the rulings, make the platform's tasks, end. Each step is found again after a death."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.sending import audience
from tandem.domains.contact.sending.ruling import ASKED, QUOTA_MOST, QUOTA_SINCE
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.kernel.wake import wake
from tandem.stream.rows import to_json

LEASE: Final = timedelta(seconds=120)
PAUSE: Final = timedelta(seconds=2)
PAUSE_RUNNING: Final = timedelta(seconds=60)
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Held:
    """A mass message that is to be brought on."""

    id: UUID
    account_id: UUID
    kind: str
    status: str
    window: int | None
    gathers: bool
    """A block puts groups into it."""


_TAKE: Final = """
with due as materialized (
  select id from mass_send where tenant_id = %(tenant)s and due_at <= now() and (leased_until is null or leased_until <= now())
  order by due_at limit 10 for update skip locked)
update mass_send as s set leased_until = now() + %(lease)s from due as d where s.tenant_id = %(tenant)s and s.id = d.id
returning s.id, s.account_id, s.kind, s.status, s.window_minutes as window, s.block is not null as gathers
"""


def bring_on(db: Database, tenant: UUID) -> int:
    """Bring a tenant's due mass messages on by a step; returns how many."""
    with db.tx("worker", tenant=tenant) as tx:
        held = tx.all(Held, _TAKE, {"tenant": tenant, "lease": LEASE})
    for one in held:
        if one.status == "gathering" and one.kind == "customers":
            audience.gather(db, tenant, one.id)
        with db.tx("worker", tenant=tenant) as tx:
            _step(tx, one)
    return len(held)


def _step(tx: Tx, one: Held) -> None:
    status: str | None = tx.value(
        "select status from mass_send where tenant_id = %(tenant)s and id = %(id)s for update",
        {"tenant": tx.tenant_id, "id": one.id},
    )
    following: str | None = None
    left = 0
    if status == "gathering":
        _check_groups(tx, one)
        following = "checked"
    elif status == "checking" and not _count(tx, one.id, "waiting"):
        following = "checked"
    elif status == "booking" and not _count(tx, one.id, "booking"):
        following = _make_tasks(tx, one)
    elif status == "making" and not _tasks(tx, one.id, "waiting", "making"):
        following = "running"
    elif status == "running" and one.window is not None:
        # Of a flow: those who came within the window, each adviser's in one task.
        _make_tasks(tx, one)
    elif status == "running" and one.gathers and _late_groups(tx, one.id):
        # Put in by a turn that ended after the window.
        following = None if _make_tasks(tx, one) == "done" else "making"
    elif status == "running" and not _tasks(tx, one.id, "waiting", "making", "made"):
        following = "done"
    elif status == "cancelled":
        left = _stop_people(tx, one.id)
    waits = status in {"checking", "booking", "making", "running"} or left > 0
    pause = PAUSE if status != "running" else PAUSE_RUNNING if one.window is None else timedelta(minutes=one.window)
    _go(tx, one.id, following, waits=waits, pause=pause)


def _go(tx: Tx, send: UUID, following: str | None, *, waits: bool, pause: timedelta) -> None:
    rests = following in {"checked", "done"} or (following is None and not waits)
    tx.execute(
        """
        update mass_send set status = coalesce(%(status)s, status), leased_until = null, updated_at = now(),
          finished_at = case when %(status)s = 'done' then %(now)s::timestamptz else finished_at end,
          due_at = case when %(rests)s then null when %(status)s::text is null then now() + %(pause)s else now() end
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        {
            "tenant": tx.tenant_id,
            "id": send,
            "status": following,
            "rests": rests,
            "pause": pause,
            "now": tx.now,
        },
    )


def _stop_people(tx: Tx, send: UUID) -> int:
    """Let the turns give back whoever is in no task; returns how many. A turn that books just now is seen the next time."""
    tx.execute(
        """
        update mass_send_group set state = 'cancelled', reason = 'cancelled' where tenant_id = %(tenant)s and mass_send_id = %(id)s
          and task_id is null and state in ('waiting', 'ready')
        """,
        {"tenant": tx.tenant_id, "id": send},
    )
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": send, "now": tx.now}
    left = tx.execute(
        """
        update mass_send_person set due_at = %(now)s where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
          and mass_send_id = %(id)s and task_id is null and state in ('waiting', 'ready', 'booking', 'booked')
        """,
        params,
    )
    if left:
        wake(tx, _ALL_BUCKETS)
    return left


def _count(tx: Tx, send: UUID, state: str) -> int:
    return tx.value(
        """
        select count(*) from mass_send_person
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and mass_send_id = %(id)s and state = %(state)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": send, "state": state},
    )


def _late_groups(tx: Tx, send: UUID) -> bool:
    return tx.value(
        "select exists (select from mass_send_group where tenant_id = %(tenant)s and mass_send_id = %(id)s and state = 'waiting')",
        {"tenant": tx.tenant_id, "id": send},
    )


def _tasks(tx: Tx, send: UUID, *states: str) -> int:
    return tx.value(
        "select count(*) from mass_send_task where tenant_id = %(tenant)s and mass_send_id = %(id)s and state = any(%(states)s::text[])",
        {"tenant": tx.tenant_id, "id": send, "states": list(states)},
    )


# ------------------------------------------------------------------------------------------------------------ groups

# Groups have no consent of their own; what the platform allows counts for them as for customers. One of an adviser who left is held back.
# Of a flow's block: two turns on either side of a window's end do not see one another, and both put a group in; here one of them is posted.
_GROUPS: Final = f"""
insert into mass_send_group (tenant_id, mass_send_id, group_chat_id, member, state, reason)
select %(tenant)s, s.id, g.id, g.owner, case when r.reason is null then 'ready' else 'held' end, r.reason
from mass_send as s join group_chat as g on g.tenant_id = %(tenant)s and (g.id = any(s.groups) or exists (
  select from mass_send_group as w where w.tenant_id = %(tenant)s and w.mass_send_id = s.id and w.group_chat_id = g.id and w.state = 'waiting'))
left join mass_send_group as p on p.tenant_id = %(tenant)s and p.mass_send_id = s.id and p.group_chat_id = g.id
left join mass_account as q on q.tenant_id = %(tenant)s and q.account_id = s.account_id
left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = g.account_id and a.member = g.owner
cross join lateral (select case when g.status <> 'active' then 'group_ended' when coalesce(a.status, 'away') = 'away' then 'adviser_away'
  when exists (
    select from mass_send_group as o join mass_send as os on os.tenant_id = %(tenant)s and os.id = o.mass_send_id
    where o.tenant_id = %(tenant)s and o.group_chat_id = g.id and o.mass_send_id <> s.id and o.booked_at is not null and os.flow_id = s.flow_id
      and os.block = s.block and o.put_at > p.put_at - make_interval(hours => s.rest_hours)
      and o.put_at < p.put_at + make_interval(hours => s.rest_hours)) then 'posted_lately'
  when (select count(*) from mass_send_group as o where o.tenant_id = %(tenant)s and o.group_chat_id = g.id and o.mass_send_id <> s.id
        and o.booked_at >= {QUOTA_SINCE}) >= {QUOTA_MOST} then 'platform_quota' end as reason) as r
where s.tenant_id = %(tenant)s and s.id = %(id)s
on conflict (tenant_id, mass_send_id, group_chat_id) do update set state = excluded.state, reason = excluded.reason
where mass_send_group.task_id is null
"""


def _check_groups(tx: Tx, one: Held) -> None:
    if one.kind == "groups":
        tx.execute(_GROUPS, {"tenant": tx.tenant_id, "id": one.id, "now": tx.now, "zone": str(tx.zone)})


# ------------------------------------------------------------------------------------------------------------- tasks

# Booked before a night of quiet hours: who asked not to be written to meanwhile has her cap back.
_ASK_AGAIN: Final = f"""
with r as materialized (
  select bucket, id, customer_id from mass_send_person where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
    and mass_send_id = %(id)s and state = 'booked' and task_id is null and booked_at < %(now)s::timestamptz - interval '1 minute'
), held as (
  select r.bucket, r.id, {ASKED.columns["m_refusal"]} as reason from r {ASKED.joins}
), moved as (
  update mass_send_person as p set state = 'held', reason = h.reason, booked_at = null from held as h
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.bucket = h.bucket and p.id = h.id and h.reason is not null
    and p.state = 'booked'
  returning p.bucket, p.id, p.reason
)
update outbox_message as o set status = 'cancelled', reason = m.reason, booked_at = null, finished_at = %(now)s from moved as m
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = m.bucket and o.id = m.id and o.status = 'handed'
"""
_PARTS: Final = """
with begun as (
  select member, max(number) + 1 as n from mass_send_task where tenant_id = %(tenant)s and mass_send_id = %(id)s group by member
), numbered as (
  select p.bucket, p.id, p.member, (row_number() over (partition by p.member order by p.id) - 1) / %(most)s + coalesce(b.n, 0) as number
  from mass_send_person as p left join begun as b on b.member = p.member
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.mass_send_id = %(id)s and p.state = 'booked' and p.task_id is null)
update mass_send_person as p set task_id = md5(%(id)s::text || n.member || n.number)::uuid from numbered as n
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.bucket = n.bucket and p.id = n.id
returning n.member, n.number, p.task_id
"""
_GROUP_PARTS: Final = """
with begun as (
  select member, max(number) + 1 as n from mass_send_task where tenant_id = %(tenant)s and mass_send_id = %(id)s group by member
), numbered as (
  select g.group_chat_id, g.member, (row_number() over (partition by g.member order by g.group_chat_id) - 1) / %(most)s + coalesce(b.n, 0) as number
  from mass_send_group as g left join begun as b on b.member = g.member
  where g.tenant_id = %(tenant)s and g.mass_send_id = %(id)s and g.state = 'ready' and g.task_id is null)
update mass_send_group as p set task_id = md5(%(id)s::text || n.member || n.number)::uuid, state = 'booked', booked_at = %(now)s from numbered as n
where p.tenant_id = %(tenant)s and p.mass_send_id = %(id)s and p.group_chat_id = n.group_chat_id
returning n.member, n.number, p.task_id
"""


def _make_tasks(tx: Tx, one: Held) -> str:
    """Divide those booked by adviser, and hers into as many as the platform takes at a time."""
    if one.kind == "groups":
        # Two started together: whoever comes second sees what the first one took.
        tx.execute(
            "select pg_advisory_xact_lock(hashtext('mass_send.groups'), hashtext(%(key)s))",
            {"key": str(one.account_id)},
        )
        _check_groups(tx, one)
    elif one.kind == "customers":
        tx.execute(
            _ASK_AGAIN,
            {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": one.id, "now": tx.now, "zone": str(tx.zone)},
        )
    most = tx.value(
        "select coalesce((select task_max from mass_account where tenant_id = %(tenant)s and account_id = %(account)s), 10000)",
        {"tenant": tx.tenant_id, "account": one.account_id},
    )
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "buckets": _ALL_BUCKETS,
        "id": one.id,
        "most": most,
        "now": tx.now,
    }
    sizes: dict[tuple[str, int, UUID], int] = {}
    if one.kind == "moments":
        sizes[("", 0, derived_id(one.id, "post"))] = 0
    else:
        for member, number, task in tx.cursor(_PARTS if one.kind == "customers" else _GROUP_PARTS, params).fetchall():
            sizes[(member, number, task)] = sizes.get((member, number, task), 0) + 1
    rows = [{"id": task, "member": member, "number": number, "size": n} for (member, number, task), n in sizes.items()]
    tx.execute(
        """
        insert into mass_send_task (id, tenant_id, mass_send_id, account_id, member, number, size, due_at)
        select n.id, %(tenant)s, %(id)s, %(account)s, n.member, n.number, n.size, now()
        from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, member text, number int, size int) on conflict do nothing
        """,
        params | {"account": one.account_id, "rows": to_json(rows)},
    )
    return "making" if rows else "done"
