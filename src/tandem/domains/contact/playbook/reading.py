"""How far playbooks are, by step and by group, as screens ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step and how far it is."""

    id: UUID
    playbook_id: UUID
    day: int
    at: str
    kind: str
    title: str
    body: str
    attachments: list[Any]
    coupon_id: UUID | None
    coupon: str | None
    state: str
    due_at: datetime | None
    mass_send_id: UUID | None
    groups: int
    groups_done: int
    given: int
    doubles: int


_STEPS: Final = """
select s.id, s.playbook_id, s.day, s.at, s.kind, s.title, s.body, s.attachments, s.coupon_id, c.name as coupon, s.state,
  case when s.state = 'waiting' then s.due_at else s.begun_at end as due_at, s.mass_send_id, cardinality(p.groups) as groups,
  case when s.kind = 'task' then coalesce(k.done, 0) else coalesce(g.sent, 0) end::int as groups_done, coalesce(k.given, 0)::int as given,
  coalesce(k.doubles, 0)::int as doubles
from group_playbook_step as s
join group_playbook as p on p.tenant_id = %(tenant)s and p.id = s.playbook_id
left join coupon_template as c on c.tenant_id = %(tenant)s and c.id = s.coupon_id
left join lateral (
  select count(*) filter (where m.state = 'done') as done, sum(m.given) as given, sum(m.doubles) as doubles from group_playbook_mark as m
  where m.tenant_id = %(tenant)s and m.step_id = s.id) as k on true
left join lateral (
  select count(*) filter (where m.state = 'sent') as sent from mass_send_group as m
  where m.tenant_id = %(tenant)s and m.mass_send_id = s.mass_send_id) as g on true
where s.tenant_id = %(tenant)s and s.playbook_id = any(%(ids)s::uuid[])
order by s.playbook_id, s.day, s.at, s.place
"""


def steps_of(tx: Tx, ids: list[UUID]) -> dict[UUID, list[StepRow]]:
    """The steps of some playbooks, in the order of their days."""
    found: dict[UUID, list[StepRow]] = {one: [] for one in ids}
    for row in tx.all(StepRow, _STEPS, {"tenant": tx.tenant_id, "ids": ids}):
        found[row.playbook_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of a playbook."""

    group_id: UUID
    group: str
    owner: str
    ended: bool


def groups_of(tx: Tx, playbook_id: UUID) -> list[GroupRow]:
    """A playbook's groups by name; at most as many as one may name."""
    return tx.all(
        GroupRow,
        """
        select g.id as group_id, g.name as group, coalesce(a.name, g.owner) as owner, g.status = 'dismissed' as ended
        from group_playbook as p join group_chat as g on g.tenant_id = %(tenant)s and g.id = any(p.groups)
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = g.account_id and a.member = g.owner
        where p.tenant_id = %(tenant)s and p.id = %(id)s order by g.name, g.id limit 500
        """,
        {"tenant": tx.tenant_id, "id": playbook_id},
    )


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Where a group stands with a step."""

    group_id: UUID
    step_id: UUID
    state: str
    reason: str | None
    given: int
    doubles: int
    at: datetime | None


_PLACES: Final = """
select m.group_chat_id as group_id, s.id as step_id, case m.state when 'sent' then 'done' when 'held' then 'held' when 'refused' then 'held'
    when 'cancelled' then 'skipped' else 'open' end as state, m.reason, coalesce(k.given, 0) as given, coalesce(k.doubles, 0) as doubles, m.settled_at as at
from group_playbook_step as s
join mass_send_group as m on m.tenant_id = %(tenant)s and m.mass_send_id = s.mass_send_id
left join group_playbook_mark as k on k.tenant_id = %(tenant)s and k.step_id = s.id and k.group_chat_id = m.group_chat_id
where s.tenant_id = %(tenant)s and s.playbook_id = %(id)s and s.kind <> 'task'
union all
select k.group_chat_id, k.step_id, k.state, null, 0, 0, k.at from group_playbook_step as s
join group_playbook_mark as k on k.tenant_id = %(tenant)s and k.step_id = s.id
where s.tenant_id = %(tenant)s and s.playbook_id = %(id)s and s.kind = 'task'
"""


def places_of(tx: Tx, playbook_id: UUID) -> dict[UUID, list[PlaceRow]]:
    """Where each group stands with every step that has begun."""
    found: dict[UUID, list[PlaceRow]] = {}
    for row in tx.all(PlaceRow, _PLACES, {"tenant": tx.tenant_id, "id": playbook_id}):
        found.setdefault(row.group_id, []).append(row)
    return found
