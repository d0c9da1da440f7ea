"""Who may have customers, read from the platform every hour: whoever is not there any more gets no friends from live codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.gateway import GatewayFailure, Member, connectors
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.sidebar.binding import sign_out_away
from tandem.kernel.db import Database, Tx
from tandem.stream.rows import to_json

AGAIN: Final = timedelta(hours=1)
LEASE: Final = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class AdviserRow:
    """An adviser of an account."""

    account_id: UUID
    member: str
    name: str
    away: bool


def list_advisers(tx: Tx, account_id: UUID | None) -> list[AdviserRow]:
    """Advisers, those who are there first, by name."""
    return tx.all(
        AdviserRow,
        """
        select account_id, member, name, status = 'away' as away from adviser
        where tenant_id = %(tenant)s and (%(account)s::uuid is null or account_id = %(account)s)
        order by status = 'away', name, account_id, member limit 5000
        """,
        {"tenant": tx.tenant_id, "account": account_id},
    )


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A connected account whose platform knows friends."""

    id: UUID
    name: str
    config: dict[str, Any]
    codes_used: int
    codes_max: int
    advisers_read_at: datetime | None
    problem: dict[str, Any] | None


def list_accounts(tx: Tx) -> list[AccountRow]:
    """Accounts with friends, by name."""
    return tx.all(
        AccountRow,
        """
        select a.id, a.name, a.config, coalesce(c.codes_max, 500000) as codes_max, c.advisers_read_at, c.problem,
          (select count(*) from live_code as l
           where l.tenant_id = %(tenant)s and l.account_id = a.id and l.kind <> 'link' and (l.status = 'active' or l.config_id is not null)) as codes_used
        from source_account as a left join contact_account as c on c.tenant_id = %(tenant)s and c.account_id = a.id
        where a.tenant_id = %(tenant)s and a.connector = any(%(connectors)s::text[]) and a.status = 'active' order by a.name, a.id
        """,
        {"tenant": tx.tenant_id, "connectors": connectors()},
    )


def ask_again(tx: Tx) -> None:
    """Let the advisers of every account be read now."""
    tx.execute(
        "update contact_account set advisers_due_at = now() where tenant_id = %(tenant)s", {"tenant": tx.tenant_id}
    )


def read_due(db: Database, tenant: UUID) -> int:
    """Read the advisers of a tenant's accounts whose time has come; returns how many accounts."""
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            insert into contact_account (tenant_id, account_id) select %(tenant)s, id from source_account
            where tenant_id = %(tenant)s and connector = any(%(connectors)s::text[]) and status = 'active' on conflict do nothing
            """,
            {"tenant": tenant, "connectors": connectors()},
        )
        due: list[UUID] = tx.values(
            """
            with due as materialized (
              select account_id from contact_account
              where tenant_id = %(tenant)s and advisers_due_at <= now() and (leased_until is null or leased_until <= now())
              order by account_id for update skip locked)
            update contact_account as c set leased_until = now() + %(lease)s from due as d
            where c.tenant_id = %(tenant)s and c.account_id = d.account_id returning c.account_id
            """,
            {"tenant": tenant, "lease": LEASE},
        )
    for account in due:
        try:
            with line_of(db, tenant, account) as line:
                found = line.members()
        except GatewayFailure as failure:
            _put_off(db, tenant, account, failure)
        else:
            with db.tx("worker", tenant=tenant) as tx:
                keep(tx, account, found)
    return len(due)


def keep(tx: Tx, account: UUID, found: list[Member]) -> None:
    """Write who is there and who is not any more, who is signed out; codes with somebody who came or went are looked at again."""
    params = {"tenant": tx.tenant_id, "account": account, "now": tx.now, "again": AGAIN}
    rows = to_json([{"member": one.member, "name": one.name} for one in found])
    changed = tx.values(
        """
        with said as (select * from jsonb_to_recordset(%(rows)s::jsonb) as n(member text, name text)),
        away as (
          update adviser as a set status = 'away' where a.tenant_id = %(tenant)s and a.account_id = %(account)s and a.status = 'active'
            and not exists (select from said as s where s.member = a.member)
          returning a.member),
        back as (
          select a.member from adviser as a join said as s on s.member = a.member
          where a.tenant_id = %(tenant)s and a.account_id = %(account)s and a.status = 'away'),
        put as (
          insert into adviser (tenant_id, account_id, member, name, status, seen_at)
          select %(tenant)s, %(account)s, s.member, s.name, 'active', now() from said as s
          on conflict (tenant_id, account_id, member) do update set name = excluded.name, status = 'active', seen_at = excluded.seen_at)
        select member from away union select member from back
        """,
        params | {"rows": rows},
    )
    sign_out_away(tx, account, changed)
    tx.execute(
        """
        update live_code as c set due_at = %(now)s from live_code_seat as s
        where c.tenant_id = %(tenant)s and c.account_id = %(account)s and c.status = 'active' and s.tenant_id = %(tenant)s
          and s.live_code_id = c.id and s.member = any(%(changed)s::text[])
        """,
        params | {"changed": changed},
    )
    tx.execute(
        """
        update contact_account set advisers_read_at = now(), advisers_due_at = now() + %(again)s, leased_until = null, failures = 0, problem = null
        where tenant_id = %(tenant)s and account_id = %(account)s
        """,
        params,
    )


def _put_off(db: Database, tenant: UUID, account: UUID, failure: GatewayFailure) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update contact_account set leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb,
              advisers_due_at = now() + least(interval '1 hour', make_interval(secs => 5 * 2 ^ least(failures, 12)))
            where tenant_id = %(tenant)s and account_id = %(account)s
            """,
            {"tenant": tenant, "account": account, "problem": to_json(failure.problem())},
        )
