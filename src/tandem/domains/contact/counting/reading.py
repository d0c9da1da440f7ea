"""Days as the platform counts them, read four times a day: those not read yet, and the last two again, which it may still correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.counting.ports import GroupCount, WorkCount
from tandem.domains.contact.gateway import GatewayFailure, Line, connectors
from tandem.domains.contact.lines import line_of
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json

AGAIN: Final = timedelta(hours=6)
LEASE: Final = timedelta(minutes=15)
BACK: Final = 30
"""Days looked back the first time: as many as one call may span."""
OWNERS_AT_ONCE: Final = 100
ROUND_SECONDS: Final = 60.0
_DAY: Final = timedelta(days=1)
_ROUNDS: Final = Rounds("contact.counts")

_GROUPS: Final = """
insert into group_day (tenant_id, account_id, owner, day, new_groups, groups, active_groups, new_people, people, active_people, messages, read_at)
select %(tenant)s, %(account)s, n.owner, n.day, n.new_groups, n.groups, n.active_groups, n.new_people, n.people, n.active_people, n.messages, now()
from jsonb_to_recordset(%(rows)s::jsonb) as n(owner text, day date, new_groups int, groups int, active_groups int, new_people int, people int,
  active_people int, messages int)
on conflict (tenant_id, account_id, owner, day) do update set new_groups = excluded.new_groups, groups = excluded.groups,
  active_groups = excluded.active_groups, new_people = excluded.new_people, people = excluded.people, active_people = excluded.active_people,
  messages = excluded.messages, read_at = excluded.read_at
"""
_WORK: Final = """
insert into adviser_day (tenant_id, account_id, member, day, applied, added, chats, messages, replied, reply_minutes, removed_by, read_at)
select %(tenant)s, %(account)s, n.member, n.day, n.applied, n.added, n.chats, n.messages, n.replied, n.reply_minutes, n.removed_by, now()
from jsonb_to_recordset(%(rows)s::jsonb) as n(member text, day date, applied int, added int, chats int, messages int, replied numeric,
  reply_minutes int, removed_by int)
on conflict (tenant_id, account_id, member, day) do update set applied = excluded.applied, added = excluded.added, chats = excluded.chats,
  messages = excluded.messages, replied = excluded.replied, reply_minutes = excluded.reply_minutes, removed_by = excluded.removed_by,
  read_at = excluded.read_at
"""


def read_due(db: Database, tenant: UUID) -> int:
    """Read the days of a tenant's accounts whose time has come; returns how many accounts."""
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            insert into count_account (tenant_id, account_id) select %(tenant)s, id from source_account
            where tenant_id = %(tenant)s and connector = any(%(connectors)s::text[]) and status = 'active' on conflict do nothing
            """,
            {"tenant": tenant, "connectors": connectors()},
        )
        due: list[UUID] = tx.values(
            """
            with due as materialized (
              select c.account_id from count_account as c
              -- Whose days they are is known once groups and advisers were read.
              join group_account as g on g.tenant_id = %(tenant)s and g.account_id = c.account_id and g.read_at is not null
              join contact_account as k on k.tenant_id = %(tenant)s and k.account_id = c.account_id and k.advisers_read_at is not null
              where c.tenant_id = %(tenant)s and c.due_at <= now() and (c.leased_until is null or c.leased_until <= now())
                and not exists (select from group_chat as h where h.tenant_id = %(tenant)s and h.account_id = c.account_id and h.read_at is null)
              order by c.account_id for update of c skip locked)
            update count_account as c set leased_until = now() + %(lease)s from due as d
            where c.tenant_id = %(tenant)s and c.account_id = d.account_id returning c.account_id
            """,
            {"tenant": tenant, "lease": LEASE},
        )
    for account in due:
        try:
            _read(db, tenant, account)
        except GatewayFailure as failure:
            with db.tx("worker", tenant=tenant) as tx:
                _put_off(tx, account, failure)
    return len(due)


def _read(db: Database, tenant: UUID, account: UUID) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        days, shift = _wanted(tx, account), tx.now - tx.machine_now
        owners: list[str] = tx.values(
            "select distinct owner from group_chat where tenant_id = %(tenant)s and account_id = %(account)s and owner <> '' order by 1",
            {"tenant": tenant, "account": account},
        )
        members: list[str] = tx.values(
            "select member from adviser where tenant_id = %(tenant)s and account_id = %(account)s and status = 'active' order by 1",
            {"tenant": tenant, "account": account},
        )
    with line_of(db, tenant, account) as line:
        for day in days if owners else ():
            told = [
                one
                for begin in range(0, len(owners), OWNERS_AT_ONCE)
                for one in line.group_counts(owners[begin : begin + OWNERS_AT_ONCE], day)
            ]
            with db.tx("worker", tenant=tenant) as tx:
                _keep_groups(tx, account, (day + shift).astimezone(day.tzinfo).date(), told)
        for member in members if days else ():
            worked = _worked(line, member, days)
            with db.tx("worker", tenant=tenant) as tx:
                _keep_work(tx, account, member, shift, worked)
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update count_account set until_day = %(until)s, read_at = now(), due_at = now() + %(again)s, leased_until = null, failures = 0, problem = null
            where tenant_id = %(tenant)s and account_id = %(account)s
            """,
            {"tenant": tenant, "account": account, "until": days[-1].date() if days else None, "again": AGAIN},
        )


def _worked(line: Line, member: str, days: Sequence[datetime]) -> Sequence[WorkCount]:
    """One whom the platform will not tell of (no right to customers any more) keeps nobody else's days away."""
    try:
        return line.work_counts(member, days[0], days[-1])
    except GatewayFailure as failure:
        if failure.why not in {"gone", "refused"}:
            raise
        return []


def _hold_on(tx: Tx, account: UUID) -> None:
    """Reading many members takes longer than one lease: whoever still reads keeps it."""
    tx.execute(
        "update count_account set leased_until = now() + %(lease)s where tenant_id = %(tenant)s and account_id = %(account)s",
        {"tenant": tx.tenant_id, "account": account, "lease": LEASE},
    )


def _wanted(tx: Tx, account: UUID) -> list[datetime]:
    """The days to read by their beginnings, the platform's last whole one at the end."""
    zone = ZoneInfo(tx.zone)
    last = tx.machine_now.astimezone(zone).date() - _DAY
    known: date | None = tx.value(
        "select until_day from count_account where tenant_id = %(tenant)s and account_id = %(account)s",
        {"tenant": tx.tenant_id, "account": account},
    )
    first = last - (BACK - 1) * _DAY
    if known is not None:
        first = max(first, min(known, last) - _DAY)
    count = (last - first).days + 1
    return [datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first + n * _DAY for n in range(count))]


def _keep_groups(tx: Tx, account: UUID, day: date, told: Sequence[GroupCount]) -> None:
    rows = [{**asdict(one), "day": day.isoformat()} for one in told]
    _hold_on(tx, account)
    tx.execute(_GROUPS, {"tenant": tx.tenant_id, "account": account, "rows": to_json(rows)})


def _keep_work(tx: Tx, account: UUID, member: str, shift: timedelta, told: Sequence[WorkCount]) -> None:
    zone = ZoneInfo(tx.zone)
    _hold_on(tx, account)
    rows: list[dict[str, Any]] = []
    for one in told:
        row = asdict(one)
        begin: datetime = row.pop("begin")
        rows.append({**row, "member": member, "day": (begin + shift).astimezone(zone).date().isoformat()})
    tx.execute(_WORK, {"tenant": tx.tenant_id, "account": account, "rows": to_json(rows)})


def _put_off(tx: Tx, account: UUID, failure: GatewayFailure) -> None:
    tx.execute(
        """
        update count_account set leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb,
          due_at = now() + least(interval '6 hours', make_interval(secs => 60 * 2 ^ least(failures, 9)))
        where tenant_id = %(tenant)s and account_id = %(account)s
        """,
        {"tenant": tx.tenant_id, "account": account, "problem": to_json(failure.problem())},
    )


def count_round(db: Database) -> float:
    """Read the days of every tenant with some to read."""
    with db.connection("worker") as connection:
        tenants = [
            row[0] for row in connection.execute("select tenant_id from count_due_tenants(%s::text[])", (connectors(),))
        ]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: read_due(db, tenant)) else ROUND_SECONDS


JOB: Final = Job("contact.counts", count_round, interval_seconds=ROUND_SECONDS, during_clock=False)
