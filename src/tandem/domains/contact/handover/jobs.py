"""The work of hand-overs: one worker at a time on each, going on where the one before stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.handover import gathering, working
from tandem.domains.contact.handover.gathering import Held
from tandem.domains.contact.lines import line_of
from tandem.flow.module import Job
from tandem.kernel.db import Database
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json

ROUND_SECONDS: Final = 5.0
LEASE: Final = timedelta(minutes=5)
LOOK_AGAIN: Final = timedelta(minutes=10)
"""Between two looks at what customers said; they have 24 hours."""
_ROUNDS: Final = Rounds("contact.hand_over")

_TAKE: Final = """
with due as materialized (
  select h.id from hand_over as h where h.tenant_id = %(tenant)s and h.due_at <= now() and (h.leased_until is null or h.leased_until <= now())
  order by h.due_at limit 5 for update skip locked)
update hand_over as h set leased_until = now() + %(lease)s from due as d, source_account as s
where h.tenant_id = %(tenant)s and h.id = d.id and s.tenant_id = %(tenant)s and s.id = h.account_id
returning h.id, h.account_id, s.source, h.giver, h.taker, h.resigned, h.chosen, h.with_groups, h.message, h.state, h.failures, h.created_at
"""


def hand_over_round(db: Database) -> float:
    """Look after the hand-overs of every tenant that has some."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from contact_hand_over_tenants()")]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: look_after(db, tenant)) else ROUND_SECONDS


def look_after(db: Database, tenant: UUID) -> int:
    """One step of each of a tenant's due hand-overs; returns how many."""
    with db.tx("worker", tenant=tenant) as tx:
        held = tx.all(Held, _TAKE, {"tenant": tenant, "lease": LEASE})
    for one in held:
        try:
            with line_of(db, tenant, one.account_id) as line:
                if one.state == "gathering":
                    gathering.gather(db, tenant, one, line)
                asked = working.ask_next(db, tenant, one, line)
                working.look(db, tenant, one, line)
                asked += working.hand_groups(db, tenant, one, line)
        except GatewayFailure as failure:
            _put_off(db, tenant, one, failure)
        else:
            _go_on(db, tenant, one, more=asked > 0)
    return len(held)


def _go_on(db: Database, tenant: UUID, one: Held, *, more: bool) -> None:
    """When it is looked at next: at once while there is more, never again when all have their answer."""
    with db.tx("worker", tenant=tenant) as tx:
        left = working.counts(tx, [one.id]).get(one.id, {})
        open_ = sum(left.get(state, 0) for state in ("planned", "asking", "asked", "group_planned"))
        tx.execute(
            """
            update hand_over set leased_until = null, failures = 0, problem = null,
              state = case when state = 'running' and %(open)s = 0 then 'done' else state end,
              finished_at = case when state = 'running' and %(open)s = 0 then now() end,
              due_at = case when %(open)s = 0 then null when %(more)s then now() else now() + %(again)s end
            where tenant_id = %(tenant)s and id = %(id)s
            """,
            {"tenant": tenant, "id": one.id, "open": open_, "more": more, "again": LOOK_AGAIN},
        )


def _put_off(db: Database, tenant: UUID, one: Held, failure: GatewayFailure) -> None:
    params: dict[str, Any] = {
        "tenant": tenant, "id": one.id, "problem": to_json(failure.problem()), "pause": failure.retry_after_seconds or 0.0,
    }  # fmt: skip
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update hand_over set leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb,
              due_at = now() + least(interval '1 hour', make_interval(secs => greatest(%(pause)s, 5 * 2 ^ least(failures, 10))))
            where tenant_id = %(tenant)s and id = %(id)s
            """,
            params,
        )


JOBS: Final = (Job("contact.hand_over", hand_over_round, interval_seconds=ROUND_SECONDS, during_clock=False),)
