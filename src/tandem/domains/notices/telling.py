"""Who is told, when, and in how few messages: pure rules, and the rows they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.access.permissions import Grant, reach_of
from tandem.catalog.label import Label
from tandem.domains.directory import service as directory
from tandem.domains.notices.finding import KINDS, SOURCES, Found
from tandem.flow.ids import EVERY_BUCKET
from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.stream.rows import to_json

SETTLE: Final = timedelta(seconds=10)
"""What is not urgent waits so long for more of its like: one message for a burst."""
APART: Final = timedelta(minutes=5)
"""Between two messages to one person; what is urgent, and what waits for her word, does not wait for this."""
RECIPIENTS_MAX: Final = 50
SHOWN_MAX: Final = 5
LINE_MAX: Final = 300
QUIET: Final = (time(22), time(8))


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be told: her rights, her roles by whatever they are called, and how she wants it."""

    user_id: UUID
    account_id: UUID
    address: str
    language: str
    grants: tuple[Grant, ...]
    roles: frozenset[str]
    kinds_off: frozenset[str] = frozenset()
    quiet: tuple[time, time] | None = QUIET


def may_hear(one: Found, who: Colleague) -> bool:
    """Whether a thing is for somebody: hers to decide by right, by role and by reach, and not her own request."""
    if who.user_id in one.not_for or one.kind in who.kinds_off:
        return False
    if one.user_id is not None:
        return one.user_id == who.user_id
    reach = reach_of(who.grants, one.permission)
    if reach is None or (one.role and one.role not in who.roles):
        return False
    if one.managers:
        return (
            reach.kind in {"store", "region"} and one.store_id in reach.store_ids
            if one.store_id
            else reach.kind == "all"
        )
    if not one.about_customer or reach.kind == "all":
        return True
    return one.owner_id == who.user_id or one.store_id in reach.store_ids


def send_after(now: datetime, zone: str, quiet: tuple[time, time] | None, *, urgent: bool) -> datetime:
    """When somebody may be told at the earliest: after her quiet hours, unless it is urgent. Quiet hours may cross midnight."""
    if urgent:
        return now
    if quiet is None or quiet[0] == quiet[1]:
        return now + SETTLE
    here = now.astimezone(ZoneInfo(zone))
    begin, end = quiet
    at = here.time().replace(tzinfo=None)
    is_quiet = begin <= at < end if begin < end else at >= begin or at < end
    if not is_quiet:
        return now + SETTLE
    wakes = here.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return wakes if wakes > here else wakes + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that no message carries yet."""

    id: UUID
    user_id: UUID
    kind: str
    title: dict[str, str]
    lines: list[dict[str, str]]
    urgent: bool


@dataclass(frozen=True, slots=True)
class Message:
    """What one message says. `notice_id` None: it leads to the list."""

    title: str
    lines: list[str] = field(default_factory=list[str])
    notice_id: UUID | None = None


def message_of(notices: Sequence[Waiting], language: str) -> Message:
    """One message for all that somebody is to be told now: itself where it is one thing, else how much of what, and the first few."""
    if len(notices) == 1:
        (one,) = notices
        return Message(_said(one.title, language), [_cut(_said(line, language)) for line in one.lines], one.id)
    counts: dict[str, int] = {}
    for one in notices:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    joined = "、".join if language == "zh" else ", ".join
    parts = [f"{_said(_label(kind), language)} {n}" for kind, n in counts.items()]
    lines = [_said(one.title, language) for one in notices[:SHOWN_MAX]]
    left = len(notices) - SHOWN_MAX
    if left > 0:
        lines.append(f"还有 {left} 条" if language == "zh" else f"{left} more")
    return Message(joined(parts), lines)


def _said(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words["zh"]


def _cut(line: str) -> str:
    """What a phone shows of a line; the page behind it has the whole."""
    return line if len(line) <= LINE_MAX else f"{line[: LINE_MAX - 1]}…"


def _label(kind: str) -> dict[str, str]:
    return stored(KINDS.get(kind, Label(kind, kind)))


def stored(words: Label) -> dict[str, str]:
    """A text in both languages, as rows keep it."""
    return {"zh": words.zh, "en": words.en}


# ------------------------------------------------------------------------------------------------------------------ rows

_RIGHTS: Final = """
with recursive below as (
  select a.id as assignment, o.id, o.kind from role_assignment as a
  join org_unit as o on o.tenant_id = %(tenant)s and o.id = a.org_unit_id where a.tenant_id = %(tenant)s and a.user_id = any(%(users)s)
  union
  select b.assignment, o.id, o.kind from org_unit as o join below as b on o.parent_id = b.id where o.tenant_id = %(tenant)s)
select a.user_id, array[r.code, r.id::text, r.name], r.permissions, a.scope, array(select b.id from below as b where b.assignment = a.id and b.kind = 'store')
from role_assignment as a join staff_role as r on r.tenant_id = %(tenant)s and r.id = a.role_id
where a.tenant_id = %(tenant)s and a.user_id = any(%(users)s)
"""
_CHOICES: Final = """
select u.id, coalesce(u.language, t.language), c.kinds_off, c.quiet_from, c.quiet_until, c.user_id is not null from staff_user as u
join tenant as t on t.id = %(tenant)s left join notice_choice as c on c.tenant_id = %(tenant)s and c.user_id = u.id
where u.tenant_id = %(tenant)s and u.id = any(%(users)s)
"""


def colleagues(tx: Tx) -> list[Colleague]:
    """Everybody who can be told something on a phone, with rights and choices, in three statements."""
    reached = directory.reached(tx)
    params = {"tenant": tx.tenant_id, "users": [one.user_id for one in reached]}
    grants: dict[UUID, list[Grant]] = {}
    roles: dict[UUID, set[str]] = {}
    for user, called, permissions, scope, stores in tx.cursor(_RIGHTS, params).fetchall():
        grants.setdefault(user, []).append(Grant(frozenset(permissions), scope, tuple(stores)))
        roles.setdefault(user, set()).update(called)
    chosen = {row[0]: row[1:] for row in tx.cursor(_CHOICES, params).fetchall()}
    found: list[Colleague] = []
    for one in reached:
        language, off, begin, end, has_chosen = chosen[one.user_id]
        quiet = QUIET if not has_chosen else (begin, end) if begin is not None and end is not None else None
        found.append(
            Colleague(
                one.user_id, one.account_id, one.address, language, tuple(grants.get(one.user_id, ())), frozenset(roles.get(one.user_id, ())),
                frozenset(off or ()), quiet,
            )
        )  # fmt: skip
    return found


_NOTE: Final = """
insert into staff_notice (id, tenant_id, user_id, kind, thing, title, lines, urgent, made_at, send_after)
select n.id, %(tenant)s, n.user_id, n.kind, n.thing, n.title, n.lines, n.urgent, now(), n.send_after
from jsonb_to_recordset(%(rows)s::jsonb)
  as n(id uuid, user_id uuid, kind text, thing text, title jsonb, lines jsonb, urgent boolean, send_after timestamptz)
on conflict (tenant_id, user_id, thing) do nothing
"""


def note(tx: Tx, people: Sequence[Colleague]) -> int:
    """Write down what is new for whom; returns how many. What was told once is not told again."""
    rows: list[dict[str, Any]] = []
    for found in _everything(tx):
        hearing = [who for who in people if may_hear(found, who)][:RECIPIENTS_MAX]
        for who in hearing:
            at = send_after(tx.machine_now, str(tx.zone), who.quiet, urgent=found.urgent)
            rows.append(
                {
                    "id": str(new_id()), "user_id": str(who.user_id), "kind": found.kind, "thing": found.thing, "title": stored(found.title),
                    "lines": [stored(line) for line in found.lines], "urgent": found.urgent, "send_after": at.isoformat(),
                }
            )  # fmt: skip
    return tx.execute(_NOTE, {"tenant": tx.tenant_id, "rows": to_json(rows)}) if rows else 0


def _everything(tx: Tx) -> Iterable[Found]:
    for source in SOURCES:
        yield from source.find(tx)


def close_over(tx: Tx) -> None:
    """What needs nobody any more is told to nobody more, and leaves the lists."""
    for source in SOURCES:
        tx.execute(
            f"update staff_notice as n set state = 'over' where n.tenant_id = %(tenant)s and n.state <> 'over' and n.thing like %(like)s"
            f" and not ({source.open_sql})",
            {"tenant": tx.tenant_id, "like": f"{source.prefix}:%", "buckets": EVERY_BUCKET},
        )


_DUE: Final = """
select n.id, n.user_id, n.kind, n.title, n.lines, n.urgent from staff_notice as n
where n.tenant_id = %(tenant)s and n.state = 'waiting' and exists (
  select from staff_notice as d where d.tenant_id = %(tenant)s and d.user_id = n.user_id and d.state = 'waiting' and d.send_after <= now()
    and (d.urgent or d.kind = 'approval' or not exists (
      select from staff_push as p where p.tenant_id = %(tenant)s and p.user_id = n.user_id and p.made_at > now() - %(apart)s)))
  and (n.send_after <= now() + %(settle)s)
order by n.user_id, n.urgent desc, n.kind <> 'approval', n.made_at, n.id limit 5000 for update of n skip locked
"""


def gather(tx: Tx, people: Sequence[Colleague]) -> int:
    """Make one message for each person who is to be told something now; returns how many."""
    known = {one.user_id: one for one in people}
    waiting: dict[UUID, list[Waiting]] = {}
    for one in tx.all(Waiting, _DUE, {"tenant": tx.tenant_id, "apart": APART, "settle": SETTLE}):
        waiting.setdefault(one.user_id, []).append(one)
    for user, notices in waiting.items():
        who = known.get(user)
        push = None if who is None else _push(tx, who, message_of(notices, who.language))
        tx.execute(
            "update staff_notice set state = 'told', push_id = %(push)s where tenant_id = %(tenant)s and id = any(%(ids)s)",
            {"tenant": tx.tenant_id, "push": push, "ids": [one.id for one in notices]},
        )
    return len(waiting)


def _push(tx: Tx, who: Colleague, said: Message) -> UUID:
    push = new_id()
    tx.execute(
        """
        insert into staff_push (id, tenant_id, user_id, account_id, address, title, lines, notice_id, due_at, made_at)
        values (%(id)s, %(tenant)s, %(user)s, %(account)s, %(address)s, %(title)s, %(lines)s, %(notice)s, now(), now())
        """,
        {
            "id": push, "tenant": tx.tenant_id, "user": who.user_id, "account": who.account_id, "address": who.address, "title": said.title,
            "lines": said.lines, "notice": said.notice_id,
        },
    )  # fmt: skip
    return push
