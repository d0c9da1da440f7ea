"""Leads as people work on them: lists, the card, whose it is, what came of it, the rules, and the funnel by source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.sales.events import LEAD_ASSIGNED, LEAD_CONTACTED, LEAD_LOST, LEAD_REPORTED, LEAD_WON, NEWS
from tandem.domains.sales.keeping import ALL_BUCKETS, COLUMNS, Lead, names_of, rule_of, told
from tandem.domains.sales.rules import OPEN, due_again
from tandem.domains.sales.shapes import LeadRules
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, InvalidInput, NotFound
from tandem.kernel.ids import bucket_of
from tandem.kernel.turn import in_bucket
from tandem.stream.customer import store
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json

_PAGE: Final = f"""
select {COLUMNS} from lead where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
  and (%(state)s::text is null or state = any(string_to_array(%(state)s, ','))) and (%(source)s::text is null or source = %(source)s)
  and (%(owner)s::uuid is null or owner_user_id = %(owner)s)
  and (%(at)s::timestamptz is null or (created_at, id) < (%(at)s::timestamptz, %(after)s::uuid))
order by created_at desc, id desc limit %(limit)s
"""
_ONE: Final = (
    f"select {COLUMNS} from lead where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and id = %(id)s"
)


def page(
    tx: Tx, *, state: str | None, source: str | None, owner: UUID | None, after: Sequence[str | None] | None, limit: int
) -> list[Lead]:
    """Leads that the caller may see, the newest first."""
    params = {"state": state, "source": source, "owner": owner, "limit": limit}
    params |= {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "at": after and after[0], "after": after and after[1]}
    return tx.all(Lead, _PAGE, params)


def one(tx: Tx, lead_id: UUID) -> Lead:
    """A lead. Raises NotFound, for those that the caller may not see too."""
    found = tx.maybe(Lead, _ONE, {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": lead_id})
    if found is None:
        raise NotFound("no_such_lead", "没有这条线索。", "There is no such lead.")
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a lead."""

    type: str
    at: datetime
    owner: str | None
    reason: str | None


def steps(tx: Tx, lead: Lead) -> list[Step]:
    """What happened to a lead, oldest first. Her own row must be in the caller's sight."""
    return tx.all(
        Step,
        """
        select type, occurred_at as at, payload ->> 'owner' as owner, payload ->> 'reason' as reason from event
        where bucket = %(bucket)s and tenant_id = %(tenant)s and owner_id = %(customer)s and type like 'lead.%%'
          and payload ->> 'lead_id' = %(id)s::text
        order by occurred_at, array_position(%(kinds)s::text[], type), event_id limit 200
        """,
        {
            "bucket": lead.bucket,
            "tenant": tx.tenant_id,
            "customer": lead.customer_id,
            "id": str(lead.id),
            "kinds": list(NEWS),
        },
    )


def report(tx: Tx, customer_id: UUID, *, source: str, subject: str, campaign: str) -> None:
    """A person says that a customer asked about something. Raises NotFound for a customer beyond her sight."""
    store.visible(tx, customer_id)
    payload = {"source": source, "subject": subject, "campaign": campaign}
    audit.record(tx, "lead.entered", "customer", customer_id, None, payload)
    event = NewEvent(
        type=LEAD_REPORTED, bucket=bucket_of(customer_id), customer_id=customer_id, occurred_at=tx.now, payload=payload
    )
    emit(tx, [event])


def assign(tx: Tx, lead_id: UUID, user_id: UUID) -> None:
    """Give an open lead to a member of staff. Raises NotFound, InvalidInput, Conflict."""
    if not tx.value(
        "select 1 from staff_user where tenant_id = %(tenant)s and id = %(id)s and active",
        {"tenant": tx.tenant_id, "id": user_id},
    ):
        raise InvalidInput(
            "no_such_user", "没有这位员工，或其账号已停用。", "There is no such person, or she is switched off."
        )
    lead = _open(tx, lead_id)
    state = "assigned" if lead.state == "new" else lead.state
    due = due_again(tx.now, rule_of(tx), 0) if state == "assigned" else None
    _change(tx, lead, LEAD_ASSIGNED, owner_user_id=user_id, state=state, assigned_at=tx.now, due_at=due, reminded=0)


def contacted(tx: Tx, lead_id: UUID) -> None:
    """Somebody spoke with her. Raises NotFound, Conflict."""
    lead = _open(tx, lead_id)
    _change(
        tx, lead, LEAD_CONTACTED, why="hand", state="contacted", contacted_at=lead.contacted_at or tx.now, due_at=None
    )


def won(tx: Tx, lead_id: UUID) -> None:
    """It came to something elsewhere: a sale that no order here tells of. Raises NotFound, Conflict."""
    _change(tx, _open(tx, lead_id), LEAD_WON, why="hand", state="won", closed_at=tx.now, due_at=None)


def lost(tx: Tx, lead_id: UUID, reason: str) -> None:
    """Nothing came of it. Raises NotFound, Conflict."""
    _change(tx, _open(tx, lead_id), LEAD_LOST, why=reason, state="lost", closed_at=tx.now, due_at=None)


def _open(tx: Tx, lead_id: UUID) -> Lead:
    # The customer's bucket first, then the lead as it stands now: a worker may have won it in between.
    in_bucket(tx, one(tx, lead_id).customer_id)
    lead = one(tx, lead_id)
    if lead.state not in OPEN:
        raise Conflict("lead_closed", "这条线索已经关闭。", "This lead is closed.")
    return lead


_CHANGE: Final = """
update lead as l set owner_user_id = %(owner_user_id)s, state = %(state)s, why = %(why)s, assigned_at = %(assigned_at)s,
  contacted_at = %(contacted_at)s, closed_at = %(closed_at)s, due_at = %(due_at)s, reminded = %(reminded)s
where l.tenant_id = %(tenant)s and l.bucket = %(bucket)s and l.id = %(id)s
"""


def _change(tx: Tx, lead: Lead, kind: str, *, why: str = "", **change: Any) -> None:
    after = replace(lead, why=why or lead.why, **change)
    names = ("owner_user_id", "state", "why", "assigned_at", "contacted_at", "closed_at", "due_at", "reminded")
    params = {name: getattr(after, name) for name in names}
    tx.execute(_CHANGE, {"tenant": tx.tenant_id, "bucket": lead.bucket, "id": lead.id, **params})
    before, now = (
        {"state": one_.state, "owner": None if one_.owner_user_id is None else str(one_.owner_user_id), "why": one_.why}
        for one_ in (lead, after)
    )
    audit.record(tx, kind, "lead", lead.id, before, now)
    event = NewEvent(
        type=kind, bucket=lead.bucket, customer_id=lead.customer_id, origin_id=lead.origin_id, occurred_at=tx.now,
        payload=told(after, names_of(tx, [after.owner_user_id]), why),
    )  # fmt: skip
    emit(tx, [event])


# ----------------------------------------------------------------------------------------------------------------- rules


def seats(tx: Tx) -> Sequence[Mapping[str, Any]]:
    """Who gets leads, and how many each has open. The transaction must see every customer."""
    return tx.dicts(
        """
        select s.user_id, u.name, u.active, s.store_id, o.name as store,
          (select count(*) from lead as l where l.tenant_id = %(tenant)s and l.bucket = any(%(buckets)s::smallint[])
             and l.owner_user_id = s.user_id and l.state in ('new', 'assigned', 'contacted'))::int as open
        from lead_seat as s join staff_user as u on u.tenant_id = %(tenant)s and u.id = s.user_id
        left join org_unit as o on o.tenant_id = %(tenant)s and o.id = s.store_id
        where s.tenant_id = %(tenant)s order by u.name, s.user_id
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS},
    )


def keep_rules(tx: Tx, given: LeadRules) -> None:
    """Say how leads are kept and who gets them. Raises InvalidInput for somebody or a store that is not there."""
    rows = [{"user_id": one_.user_id, "store_id": one_.store_id} for one_ in given.seats]
    params: dict[str, Any] = {
        "tenant": tx.tenant_id, "rows": to_json(rows), "assign": given.assign, "same": given.same_days, "remind": given.remind_minutes,
        "win": given.win_days,
    }  # fmt: skip
    unknown = tx.value(
        """
        select count(*) from jsonb_to_recordset(%(rows)s::jsonb) as n(user_id uuid, store_id uuid)
        where not exists (select from staff_user as u where u.tenant_id = %(tenant)s and u.id = n.user_id)
          or (n.store_id is not null and not exists (
            select from org_unit as o where o.tenant_id = %(tenant)s and o.id = n.store_id and o.kind = 'store'))
        """,
        params,
    )
    if unknown or len({one_.user_id for one_ in given.seats}) < len(given.seats):
        raise InvalidInput("bad_lead_seats", "跟进人名单有误。", "The list of who gets leads is not right.")
    before = {"rules": vars_of(tx), "seats": len(seats(tx))}
    tx.execute(
        """
        insert into lead_rule (tenant_id, assign, same_days, remind_minutes, win_days) values (%(tenant)s, %(assign)s, %(same)s, %(remind)s, %(win)s)
        on conflict (tenant_id) do update set assign = excluded.assign, same_days = excluded.same_days, remind_minutes = excluded.remind_minutes,
          win_days = excluded.win_days
        """,
        params,
    )
    tx.execute(
        """
        delete from lead_seat as s where s.tenant_id = %(tenant)s
          and not exists (select from jsonb_to_recordset(%(rows)s::jsonb) as n(user_id uuid) where n.user_id = s.user_id)
        """,
        params,
    )
    tx.execute(
        """
        insert into lead_seat (tenant_id, user_id, store_id)
        select %(tenant)s, n.user_id, n.store_id from jsonb_to_recordset(%(rows)s::jsonb) as n(user_id uuid, store_id uuid)
        on conflict (tenant_id, user_id) do update set store_id = excluded.store_id
        """,
        params,
    )
    audit.record(tx, "lead.rules_set", "lead_rule", tx.tenant_id, before, {"rules": vars_of(tx), "seats": len(rows)})


def vars_of(tx: Tx) -> dict[str, Any]:
    """The rules as values."""
    rule = rule_of(tx)
    return {name: getattr(rule, name) for name in ("assign", "same_days", "remind_minutes", "win_days")}


# ---------------------------------------------------------------------------------------------------------------- funnel


@dataclass(frozen=True, slots=True)
class Funnel:
    """One source's people in a period. `amount`: what they paid, less what was given back; `friend_orders`: orders of friends."""

    source: str
    consulted: int
    leads: int
    contacted: int
    friends: int
    orders: int
    friend_orders: int
    lost: int
    amount: Decimal


def funnel(tx: Tx, first: date, last: date) -> list[Funnel]:
    """Per source: who wrote to a desk in these days, and what became of the leads of these days. One statement, whatever the number."""
    return tx.all(
        Funnel,
        """
        with asked as (
          select coalesce(payload ->> 'source', '') as source, count(distinct customer_id)::int as consulted from event
          where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and type = 'chat.received' and occurred_at >= %(since)s
            and occurred_at < %(until)s
          group by 1
        ), kept as (
          select l.source, count(distinct customer_id)::int as leads,
            (count(distinct customer_id) filter (where contacted_at is not null or friend_at is not null))::int as contacted,
            (count(distinct customer_id) filter (where friend_at is not null))::int as friends,
            (count(distinct customer_id) filter (where state = 'won'))::int as orders,
            (count(distinct customer_id) filter (where state = 'won' and friend_at is not null))::int as friend_orders,
            (count(distinct customer_id) filter (where state = 'lost'))::int as lost, coalesce(sum(amount - coalesce(given.back, 0)), 0) as amount
          from lead as l left join lateral (
            select sum(o.refunded_total) as back from sales_order as o
            where o.tenant_id = %(tenant)s and o.bucket = l.bucket and o.customer_id = l.customer_id and o.external_id = l.order_id) as given on true
          where l.tenant_id = %(tenant)s and l.bucket = any(%(buckets)s::smallint[]) and created_at >= %(since)s and created_at < %(until)s
          group by l.source
        )
        select coalesce(k.source, a.source) as source, coalesce(a.consulted, 0) as consulted, coalesce(k.leads, 0) as leads,
          coalesce(k.contacted, 0) as contacted, coalesce(k.friends, 0) as friends, coalesce(k.orders, 0) as orders,
          coalesce(k.friend_orders, 0) as friend_orders, coalesce(k.lost, 0) as lost, coalesce(k.amount, 0) as amount
        from kept as k full join asked as a on a.source = k.source order by 3 desc, 2 desc, 1 limit 100
        """,
        {
            "tenant": tx.tenant_id,
            "buckets": ALL_BUCKETS,
            **days(tx, first, last),
        },
    )


def days(tx: Tx, first: date, last: date) -> dict[str, datetime]:
    """The moments at which the tenant's days begin and end, both days included."""
    found = tx.dicts(
        "select %(first)s::date::timestamp at time zone %(zone)s as since, (%(last)s::date + 1)::timestamp at time zone %(zone)s as until",
        {"first": first, "last": last, "zone": tx.zone},
    )
    return {"since": found[0]["since"], "until": found[0]["until"]}
