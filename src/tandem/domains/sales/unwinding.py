"""Leads that are no longer what they were: an order that was given back or is another's, and an owner who left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from tandem.domains.sales.events import LEAD_ASSIGNED, LEAD_LOST, ORDER_CANCELLED, ORDER_MOVED, REFUND_CREATED
from tandem.domains.sales.keeping import (
    ALL_BUCKETS,
    COLUMNS,
    Lead,
    has_leads,
    load,
    names_of,
    rule_of,
    seats_of,
    told,
    write,
)
from tandem.domains.sales.rules import chosen, due_again
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.rounds import Rounds
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json

AT_ONCE: Final = 200
ROUND_SECONDS: Final = 20.0
_ROUNDS: Final = Rounds("sales.leavers")

# By the rows as they stand after the events: several refunds together make a full one, and the order of a moved one is not hers any more.
_STANDING: Final = """
select l.id, count(o.id) > 0 as hers, coalesce(bool_and(o.cancelled_at is not null or (o.total > 0 and o.refunded_total >= o.total)), false) as back
from lead as l left join sales_order as o on o.bucket = l.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s
  and o.customer_id = l.customer_id and o.external_id = l.order_id and o.paid_at is not null
where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.customer_id = any(%(ids)s::uuid[]) and l.state = 'won' and l.why = 'order'
group by l.id
"""


def unwind(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Won leads whose order was given back whole or cancelled are lost; one whose order is another customer's is open again."""
    mine = [event for event in events if event.customer_id is not None]
    batch = load(turn, mine)
    won = {
        lead.id: lead for leads in batch.leads.values() for lead in leads if (lead.state, lead.why) == ("won", "order")
    }
    if not won:
        return
    last = {event.customer_id: event for event in mine}
    for lead_id, hers, back in turn.tx.cursor(_STANDING, turn.params(ids=list(last))).fetchall():
        lead = won.get(lead_id)
        if lead is None or (hers and not back):
            continue
        event = last[lead.customer_id]
        if hers:
            after = replace(lead, state="lost", why="refunded", amount=None, closed_at=event.occurred_at)
            batch.news.append((event, LEAD_LOST, after, "refunded"))
        else:
            after = _open_again(lead)
        batch.keep(after)
    write(turn, batch)


def _open_again(lead: Lead) -> Lead:
    state = "contacted" if lead.contacted_at is not None else "new" if lead.owner_user_id is None else "assigned"
    return replace(lead, state=state, why="", amount=None, order_id=None, ordered_at=None, closed_at=None)


# -------------------------------------------------------------------------------------------------------------- leavers

_LEFT: Final = """
select l.bucket, l.id from lead as l
join staff_user as u on u.tenant_id = %(tenant)s and u.id = l.owner_user_id and not u.active
where l.tenant_id = %(tenant)s and l.bucket = any(%(every)s::smallint[]) and l.state in ('new', 'assigned', 'contacted') limit %(limit)s
"""
_THESE: Final = f"""
select {", ".join("l." + one.strip() for one in COLUMNS.split(","))} from lead as l
join staff_user as u on u.tenant_id = %(tenant)s and u.id = l.owner_user_id and not u.active
where l.tenant_id = %(tenant)s and l.bucket = any(%(buckets)s::smallint[]) and l.id = any(%(ids)s::uuid[])
  and l.state in ('new', 'assigned', 'contacted') order by l.created_at, l.id
"""
_GIVE: Final = """
update lead as l set owner_user_id = n.owner_user_id, state = n.state, assigned_at = n.assigned_at, due_at = n.due_at, reminded = 0
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, owner_user_id uuid, state text, assigned_at timestamptz, due_at timestamptz)
where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = n.bucket and l.id = n.id
"""


def hand_on(tx: Tx) -> int:
    """Give leavers' open leads to whom the rules name, as if they were new; nobody's where they name nobody. Returns how many."""
    found = tx.cursor(_LEFT, {"tenant": tx.tenant_id, "every": ALL_BUCKETS, "limit": AT_ONCE}).fetchall()
    if not found:
        return 0
    # Buckets first, then the leads as they stand: whoever worked on one meanwhile has been waited for.
    buckets = in_buckets(tx.conn, (row[0] for row in found))
    params = {"tenant": tx.tenant_id, "buckets": buckets, "ids": [row[1] for row in found]}
    leads, rule, seats = tx.all(Lead, _THESE, params), rule_of(tx), seats_of(tx)
    given: list[Lead] = []
    for lead in leads:
        owner: UUID | None = chosen(seats, rule, store=lead.store_id, owner=None, at=tx.now)
        state = lead.state if lead.state == "contacted" else "new" if owner is None else "assigned"
        due = None if state == "contacted" and owner is not None else due_again(tx.now, rule, 0)
        given.append(
            replace(
                lead, owner_user_id=owner, state=state, assigned_at=tx.now if owner else None, due_at=due, reminded=0
            )
        )
    names = ("bucket", "id", "owner_user_id", "state", "assigned_at", "due_at")
    tx.execute(_GIVE, {**params, "rows": to_json([{name: getattr(one, name) for name in names} for one in given])})
    called = names_of(tx, [one.owner_user_id for one in given])
    emit(
        tx,
        [
            NewEvent(
                type=LEAD_ASSIGNED, bucket=one.bucket, customer_id=one.customer_id, origin_id=one.origin_id, occurred_at=tx.now,
                payload=told(one, called, "left"),
            )
            for one in given if one.owner_user_id is not None
        ],
    )  # fmt: skip
    return len(given)


def leavers_round(db: Database) -> float:
    """Go round the tenants in which somebody left leads behind."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from lead_left_tenants()")]

    def each(tenant: UUID) -> int:
        with db.tx("worker", tenant=tenant) as tx:
            return hand_on(tx)

    return 0.0 if _ROUNDS.each(tenants, each) >= AT_ONCE else ROUND_SECONDS


JOB: Final = Job("sales.leavers", leavers_round, interval_seconds=ROUND_SECONDS)
PROJECTION: Final = Projection(
    (REFUND_CREATED, ORDER_CANCELLED, ORDER_MOVED), unwind, "sales.unwinding", wanted=has_leads
)
