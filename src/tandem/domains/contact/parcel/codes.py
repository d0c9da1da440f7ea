"""WeCom codes of cards: made when one is first scanned, given back when it is spent or over: each counts against the platform's limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.gateway import CodeSpec, GatewayFailure, Line
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.parcel.state import state_of
from tandem.flow.module import Job
from tandem.kernel.db import Database
from tandem.kernel.ids import new_id
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json

LEASE: Final = timedelta(seconds=60)
SLACK: Final = timedelta(minutes=5)
LOOK_AGAIN: Final = timedelta(hours=6)
KEPT: Final = timedelta(days=30)
"""A code that nobody used goes back so long after its card was last scanned; another scan has a new one made."""
AT_ONCE: Final = 20
_ROUNDS: Final = Rounds("contact.parcels")


@dataclass(frozen=True, slots=True)
class _Due:
    id: UUID
    code_status: str
    due_at: datetime
    config_id: str | None
    member: str | None
    failures: int
    account_id: UUID
    name: str
    over: bool


_TAKE: Final = """
with due as materialized (
  select id, code_status, due_at from parcel_card
  where tenant_id = %(tenant)s and code_status in ('wanted', 'making', 'made') and due_at <= now()
  order by (code_status = 'made'), due_at limit %(limit)s for update skip locked)
update parcel_card as c set code_status = case when d.code_status = 'made' then 'made' else 'making' end, due_at = now() + %(lease)s,
  holder = %(holder)s
from due as d, parcel_batch as b
where c.tenant_id = %(tenant)s and c.id = d.id and b.tenant_id = %(tenant)s and b.id = c.batch_id
returning c.id, d.code_status, d.due_at, c.config_id, c.member, c.failures, b.account_id, b.name,
  (b.status <> 'active' or b.expires_at <= %(now)s or c.last_scanned_at < %(now)s - %(kept)s::interval
   or exists (select from parcel_claim_key as k where k.tenant_id = %(tenant)s and k.card_id = c.id)) is true as over
"""
# Others may have been slow before it: whoever took the card meanwhile makes its code, and one alone.
_STILL: Final = """
update parcel_card set due_at = now() + %(lease)s where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
"""


def look_after(db: Database, tenant: UUID) -> int:
    """Make and give back some codes; returns how many were looked after."""
    holder = new_id()
    with db.tx("worker", tenant=tenant) as tx:
        params = {"tenant": tenant, "limit": AT_ONCE, "lease": LEASE, "now": tx.now, "kept": KEPT, "holder": holder}
        due = tx.all(_Due, _TAKE, params)
    for account in sorted({one.account_id for one in due}):
        mine = [one for one in due if one.account_id == account]
        try:
            with line_of(db, tenant, account) as line:
                for one in mine:
                    _do(db, tenant, holder, line, one)
        except GatewayFailure as failure:
            for one in mine:
                _put_off(db, tenant, holder, one, failure)
    return len(due)


def _do(db: Database, tenant: UUID, holder: UUID, line: Line, one: _Due) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        if not tx.execute(_STILL, {"tenant": tenant, "id": one.id, "holder": holder, "lease": LEASE}):
            return
    try:
        if one.code_status == "made":
            _give_back(db, tenant, holder, line, one)
            return
        if one.over or one.member is None:
            _write(db, tenant, holder, one, "closed" if one.over else "stuck")
            return
        # Taken up again: whoever asked before may have got a code and died with it.
        state = state_of(one.id)
        placed = line.find_code(state, one.due_at - LEASE - SLACK) if one.code_status == "making" else None
        if placed is None:
            placed = line.put_code(None, CodeSpec(True, state, one.name[:30], True, [one.member]))
        _write(db, tenant, holder, one, "made", config=placed.config_id, qr=placed.qr_url)
    except GatewayFailure as failure:
        _put_off(db, tenant, holder, one, failure)


def _give_back(db: Database, tenant: UUID, holder: UUID, line: Line, one: _Due) -> None:
    if one.over and one.config_id is not None:
        try:
            line.drop_code(one.config_id)
        except GatewayFailure as failure:
            if failure.why != "gone":
                raise
    _write(db, tenant, holder, one, "closed" if one.over else "made")


def _put_off(db: Database, tenant: UUID, holder: UUID, one: _Due, failure: GatewayFailure) -> None:
    if one.code_status == "made":
        _write(db, tenant, holder, one, "made", problem=failure.problem())
        return
    # One that was perhaps made stays "making", so that it is looked for before another is asked for.
    status = "stuck" if failure.why in {"refused", "full"} else "making" if failure.why == "lost" else "wanted"
    _write(db, tenant, holder, one, status, problem=failure.problem(), pause=failure.pause(one.failures))


def _write(db: Database, tenant: UUID, holder: UUID, one: _Due, status: str, *, config: str | None = None, qr: str | None = None, problem: dict[str, Any] | None = None, pause: timedelta = LOOK_AGAIN) -> None:  # fmt: skip
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update parcel_card set code_status = %(status)s, due_at = now() + %(pause)s, holder = null, problem = %(problem)s::jsonb,
              config_id = case when %(status)s = 'closed' then null else coalesce(%(config)s, config_id) end,
              qr_url = case when %(status)s = 'closed' then null else coalesce(%(qr)s, qr_url) end,
              visitors = case when %(status)s = 'closed' then '{}' else visitors end,
              failures = case when %(problem)s::text is null then 0 else failures + 1 end
            where tenant_id = %(tenant)s and id = %(id)s and holder = %(holder)s
            """,
            {
                "tenant": tenant, "id": one.id, "holder": holder, "status": status, "config": config, "qr": qr, "pause": pause,
                "problem": None if problem is None else to_json(problem),
            },
        )  # fmt: skip


def round_(db: Database) -> float:
    """Look after every tenant with something due."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from parcel_wanted_tenants()")]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: look_after(db, tenant)) else 1.0


JOB: Final = Job("contact.parcels", round_, interval_seconds=1.0)
