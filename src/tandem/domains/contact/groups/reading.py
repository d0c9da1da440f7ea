"""Reading groups: all of an account in turn every two hours, one at once when the platform tells that it changed.

Who came and who left follows from comparing what is read with what is known; both go on as what the platform told, in the transaction that
writes the group. A platform tells at once and shows late, so a group of which a change was told is read until the change is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from tandem.domains.contact.gateway import GatewayFailure, connectors
from tandem.domains.contact.groups.door import MEMBER, group_uuid, membership_key
from tandem.domains.contact.groups.events import GROUP_REPORTED
from tandem.domains.contact.groups.ports import GroupMember, GroupRead
from tandem.domains.contact.lines import line_of
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.stream.door.pending import take_in
from tandem.stream.door.wire import Item, Parsed
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json

log = structlog.get_logger("tandem.contact")

AGAIN: Final = timedelta(hours=2)
LEASE: Final = timedelta(seconds=120)
AT_ONCE: Final = 20
LOOKS: Final = (1, 2, 5, 15, 60, 300)
"""Seconds until the next look, while a change that was told cannot be seen yet."""
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class _List:
    account_id: UUID
    source: str
    page: str


_TAKE_LIST: Final = """
with due as materialized (
  select account_id from group_account
  where tenant_id = %(tenant)s and due_at <= now() and (leased_until is null or leased_until <= now())
  order by account_id for update skip locked)
update group_account as g set leased_until = now() + %(lease)s, began_at = case when g.page = '' then now() else g.began_at end
from due as d join source_account as a on a.tenant_id = %(tenant)s and a.id = d.account_id
where g.tenant_id = %(tenant)s and g.account_id = d.account_id returning g.account_id, a.source, g.page
"""
_NEW_ACCOUNTS: Final = """
insert into group_account (tenant_id, account_id) select %(tenant)s, id from source_account
where tenant_id = %(tenant)s and connector = any(%(connectors)s::text[]) and status = 'active' on conflict do nothing
"""
_LISTED: Final = """
insert into group_chat (id, tenant_id, account_id, chat_id, listed_at, due_at)
select n.id, %(tenant)s, %(account)s, n.chat_id, now(), now() from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, chat_id text)
order by n.id
on conflict (tenant_id, account_id, chat_id) do update set listed_at = now(), due_at = now()
"""
# Whatever the list no longer names is looked at once more: reading it says whether it ended.
_UNLISTED: Final = """
update group_chat set due_at = now() where tenant_id = %(tenant)s and account_id = %(account)s and status = 'active'
  and (listed_at is null or listed_at < (select began_at from group_account where tenant_id = %(tenant)s and account_id = %(account)s))
"""


def list_due(db: Database, tenant: UUID) -> int:
    """Go one page on in the lists of groups that are due; returns how many accounts were asked."""
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(_NEW_ACCOUNTS, {"tenant": tenant, "connectors": connectors()})
        due = tx.all(_List, _TAKE_LIST, {"tenant": tenant, "lease": LEASE})
    for one in due:
        try:
            with line_of(db, tenant, one.account_id) as line:
                found, following = line.groups(one.page)
        except GatewayFailure as failure:
            with db.tx("worker", tenant=tenant) as tx:
                _put_off(tx, "group_account", "account_id", one.account_id, failure)
        else:
            with db.tx("worker", tenant=tenant) as tx:
                _keep_list(tx, one, found, following)
    return len(due)


def _keep_list(tx: Tx, one: _List, found: Sequence[str], following: str) -> None:
    params = {"tenant": tx.tenant_id, "account": one.account_id, "page": following, "again": AGAIN}
    rows = [{"id": group_uuid(tx, one.source, chat_id), "chat_id": chat_id} for chat_id in found]
    tx.execute(_LISTED, params | {"rows": to_json(rows)})
    if not following:
        tx.execute(_UNLISTED, params)
    tx.execute(
        """
        update group_account set page = %(page)s, leased_until = null, failures = 0, problem = null,
          due_at = now() + case when %(page)s = '' then %(again)s else interval '0' end,
          read_at = case when %(page)s = '' then now() else read_at end
        where tenant_id = %(tenant)s and account_id = %(account)s
        """,
        params,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A group that is to be read."""

    id: UUID
    account_id: UUID
    source: str
    chat_id: str
    name: str
    owner: str
    notice: str
    status: str
    told_at: datetime | None
    looks: int
    people: int
    read_at: datetime | None


_TAKE: Final = """
with due as materialized (
  select id from group_chat where tenant_id = %(tenant)s and due_at <= now() and (leased_until is null or leased_until <= now())
  order by told_at is null, due_at limit %(limit)s for update skip locked)
update group_chat as g set leased_until = now() + %(lease)s, due_at = null
from due as d, source_account as a
where g.tenant_id = %(tenant)s and g.id = d.id and a.tenant_id = %(tenant)s and a.id = g.account_id
returning g.id, g.account_id, a.source, g.chat_id, g.name, g.owner, g.notice, g.status, g.told_at, g.looks, g.people, g.read_at
"""
# A worker that died over a group left neither a moment nor a lease that holds.
_FREE: Final = """
update group_chat set due_at = now(), leased_until = null where tenant_id = %(tenant)s and due_at is null and leased_until <= now()
"""


def read_due(db: Database, tenant: UUID) -> int:
    """Read some due groups; returns how many."""
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(_FREE, {"tenant": tenant})
        held = tx.all(Held, _TAKE, {"tenant": tenant, "limit": AT_ONCE, "lease": LEASE})
    for account in sorted({one.account_id for one in held}):
        mine = [one for one in held if one.account_id == account]
        try:
            with line_of(db, tenant, account) as line:
                while mine:
                    one = mine[0]
                    try:
                        found = line.group(one.chat_id)
                    except GatewayFailure as failure:
                        if failure.why not in {"gone", "refused"}:
                            raise
                        found = None if failure.why == "gone" else failure
                    _keep(db, tenant, one, found)
                    mine.pop(0)
        except GatewayFailure as failure:
            with db.tx("worker", tenant=tenant) as tx:
                for one in mine:
                    _put_off(tx, "group_chat", "id", one.id, failure)
    return len(held)


def _keep(db: Database, tenant: UUID, one: Held, found: GroupRead | GatewayFailure | None) -> None:
    if isinstance(found, GatewayFailure):
        with db.tx("worker", tenant=tenant) as tx:
            _put_off(tx, "group_chat", "id", one.id, found)
        return
    with db.tx("door", tenant=tenant) as tx:
        keep(tx, one, found)


@dataclass(frozen=True, slots=True)
class _Known:
    id: UUID
    bucket: int
    customer_id: UUID
    joined_at: datetime


def keep(tx: Tx, one: Held, found: GroupRead | None) -> None:
    """Write a group as it was read (None: it is gone), and tell who came and who left."""
    known = tx.all(
        _Known,
        """
        select id, bucket, customer_id, joined_at from group_membership
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and group_chat_id = %(group)s and left_at is null
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "group": one.id},
    )
    here = {} if found is None else {_uuid(tx, one, member): member for member in found.members if member.is_customer}
    before = {row.id: row for row in known}
    came = [member for key, member in here.items() if key not in before or member.joined_at > before[key].joined_at]
    gone = [row for row in known if row.id not in here]
    if came:
        take_in(tx, Parsed([_item(one, index, member) for index, member in enumerate(came)], [], {}))
    emit(tx, [_left(tx, one, row) for row in gone])
    moved = bool(came or gone) or _differs(one, found)
    _write(tx, one, found, seen=moved or one.told_at is None or one.looks >= len(LOOKS))


def _uuid(tx: Tx, one: Held, member: GroupMember) -> UUID:
    return derived_id(tx.tenant_id, one.source, MEMBER, membership_key(one.chat_id, member.key))


def _differs(one: Held, found: GroupRead | None) -> bool:
    if found is None:
        return one.status == "active"
    told = (found.name, found.owner, found.notice, len(found.members))
    return told != (one.name, one.owner, one.notice, one.people) or one.read_at is None


def _item(one: Held, index: int, member: GroupMember) -> Item:
    payload = {
        "identifiers": [dict(named) for named in member.identifiers],
        "chat_id": one.chat_id,
        "at": member.joined_at.isoformat(),
        "scene": member.scene,
        "state": member.state,
        "name": member.name[:200],
    }
    # By the moment she joined: told again she is a duplicate at the door, coming back she is not.
    named = derived_id(one.id, member.key, member.joined_at.timestamp())
    return Item(
        index, one.source, f"group:{named}", MEMBER, member.joined_at, 0, to_json(payload).encode(), verified=True
    )


def _left(tx: Tx, one: Held, row: _Known) -> NewEvent:
    return NewEvent(
        type=GROUP_REPORTED,
        bucket=row.bucket,
        customer_id=row.customer_id,
        occurred_at=tx.now,
        payload={
            "membership_id": str(row.id), "group_chat_id": str(one.id), "source": one.source, "change": "left", "scene": "", "state": "",
        },
        event_id=derived_id(row.id, row.joined_at.timestamp(), "left"),
    )  # fmt: skip


_WRITE: Final = """
update group_chat set name = %(name)s, owner = %(owner)s, notice = %(notice)s, opened_at = coalesce(%(opened)s, opened_at), version = %(version)s,
  people = %(people)s, customers = %(customers)s, staff = %(staff)s::text[], status = %(status)s,
  ended_at = case when %(status)s = 'active' then null else coalesce(ended_at, %(now)s) end,
  told_at = case when told_at is distinct from %(told)s or not %(seen)s then told_at end,
  looks = case when %(seen)s then 0 else looks + 1 end,
  due_at = case when %(seen)s then due_at else least(due_at, now() + make_interval(secs => %(pause)s)) end,
  read_at = now(), leased_until = null, failures = 0, problem = null
where tenant_id = %(tenant)s and id = %(id)s
"""


_OPENED: Final = """
insert into group_code_seat (tenant_id, live_code_id, group_chat_id, place, opened)
select %(tenant)s, c.id, %(id)s, coalesce((select max(s.place) from group_code_seat as s where s.tenant_id = %(tenant)s and s.live_code_id = c.id), -1) + 1,
  true
from live_code as c
where c.tenant_id = %(tenant)s and c.account_id = %(account)s and c.kind = 'group' and c.status = 'active' and c.state = any(%(states)s::text[])
on conflict do nothing
"""


def _write(tx: Tx, one: Held, found: GroupRead | None, *, seen: bool) -> None:
    members = [] if found is None else list(found.members)
    params: dict[str, Any] = {
        "tenant": tx.tenant_id, "id": one.id, "now": tx.now, "told": one.told_at, "seen": seen, "pause": LOOKS[min(one.looks, len(LOOKS) - 1)],
        "name": one.name if found is None else found.name, "owner": one.owner if found is None else found.owner,
        "notice": one.notice if found is None else found.notice, "opened": None if found is None else found.created_at,
        "version": "" if found is None else found.version, "people": len(members),
        "customers": sum(member.is_customer for member in members), "staff": [member.key for member in members if not member.is_customer],
        "status": "dismissed" if found is None else "active",
    }  # fmt: skip
    tx.execute(_WRITE, params)
    states = sorted({member.state for member in members if member.state})
    if states:
        # People come by the code into a group that nobody put behind it: the platform opened it when all were full.
        tx.execute(_OPENED, {"tenant": tx.tenant_id, "id": one.id, "account": one.account_id, "states": states})
    # Codes that lead here count anew: a group that filled up gives way to the next.
    tx.execute(
        """
        update live_code as c set due_at = %(now)s from group_code_seat as s
        where c.tenant_id = %(tenant)s and c.status = 'active' and s.tenant_id = %(tenant)s and s.live_code_id = c.id and s.group_chat_id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": one.id, "now": tx.now},
    )


def _put_off(tx: Tx, table: str, key: str, id_: UUID, failure: GatewayFailure) -> None:
    log.warning("group_not_read", tenant=str(tx.tenant_id), table=table, id=str(id_), why=failure.why)
    tx.execute(
        f"""
        update {table} set leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb,
          due_at = now() + coalesce(make_interval(secs => %(after)s), least(interval '1 hour', make_interval(secs => 5 * 2 ^ least(failures, 12))))
        where tenant_id = %(tenant)s and {key} = %(id)s
        """,
        {
            "tenant": tx.tenant_id, "id": id_, "problem": to_json(failure.problem()), "after": failure.retry_after_seconds,
        },
    )  # fmt: skip
