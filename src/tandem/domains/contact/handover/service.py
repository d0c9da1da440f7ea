"""Hand-overs as people begin and watch them, and who was lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.handover.gathering import ALL_BUCKETS, plan
from tandem.domains.contact.handover.working import limits_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id

LOOKED_BACK: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AdviserRow:
    """An adviser with her friends now, those lost within the time looked at, and those whose hand-over is under way.

    `held`: so many were missing at the last reading that nobody is called lost before somebody says so; `missing` are they.
    """

    account_id: UUID
    member: str
    name: str
    away: bool
    friends: int
    lost: int
    lost_by_customer: int
    handing_over: int
    held: bool
    missing: int | None


def list_advisers(tx: Tx, days: int) -> list[AdviserRow]:
    """Advisers with what they have and what they lost, those who are away first. The transaction must see every customer."""
    return tx.all(
        AdviserRow,
        """
        with f as (
          select source, member, count(*) filter (where lost_at is null) as friends,
            count(*) filter (where lost_at >= %(since)s and lost_by <> 'handed_over') as lost,
            count(*) filter (where lost_at >= %(since)s and lost_by = 'customer') as lost_by_customer
          from friendship where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and added_at is not null and answered
          group by source, member),
        h as (
          select o.account_id, o.giver, count(*) as n from hand_over as o
          join hand_over_item as i on i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.hand_over_id = o.id
            and i.state in ('planned', 'asking', 'asked')
          where o.tenant_id = %(tenant)s group by 1, 2)
        select a.account_id, a.member, a.name, a.status = 'away' as away, coalesce(f.friends, 0) as friends, coalesce(f.lost, 0) as lost,
          coalesce(f.lost_by_customer, 0) as lost_by_customer, coalesce(h.n, 0) as handing_over, coalesce(w.held, false) as held, w.lost as missing
        from adviser as a
        join source_account as s on s.tenant_id = %(tenant)s and s.id = a.account_id
        left join f on f.source = s.source and f.member = a.member
        left join h on h.account_id = a.account_id and h.giver = a.member
        left join friend_walk as w on w.tenant_id = %(tenant)s and w.account_id = a.account_id and w.member = a.member
        where a.tenant_id = %(tenant)s
        order by (a.status = 'away' and coalesce(f.friends, 0) > 0) desc, coalesce(f.lost, 0) desc, a.name, a.member limit 5000
        """,
        _params(tx, since=tx.now - timedelta(days=days)),
    )


@dataclass(frozen=True, slots=True)
class FriendRow:
    """A friend of an adviser who may be chosen. `times`: handed over within the platform's days; `capped`: no more of it."""

    id: UUID
    customer_id: UUID
    added_at: datetime
    orders: int
    last_order_at: datetime | None
    times: int
    capped: bool
    under_way: bool


def list_friends(
    tx: Tx, account: UUID, member: str, *, cursor: str | None, limit: int
) -> tuple[list[FriendRow], str | None]:
    """A page of an adviser's friends as they are now, the latest first. Raises InvalidInput for a cursor we did not make."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    limits = limits_of(tx, account)
    rows = tx.all(
        FriendRow,
        """
        select f.id, f.customer_id, f.added_at, coalesce(p.order_count, 0)::int as orders, p.last_order_at, h.times, h.times >= %(most)s as capped,
          h.under_way
        from friendship as f
        join source_account as s on s.tenant_id = %(tenant)s and s.id = %(account)s and s.source = f.source
        left join customer_profile as p on p.bucket = f.bucket and p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s
          and p.customer_id = f.customer_id
        cross join lateral (
          select (count(*) filter (where i.state in ('asked', 'done', 'refused') and i.asked_at > now() - %(days)s::interval))::int as times,
            coalesce(bool_or(i.state in ('planned', 'asking', 'asked')), false) as under_way
          from hand_over_item as i where i.bucket = f.bucket and i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s
            and i.customer_id = f.customer_id) as h
        where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.member = %(member)s and f.lost_at is null
          and f.added_at is not null and f.answered
          and (%(at)s::timestamptz is null or (f.added_at, f.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by f.added_at desc, f.id desc limit %(more)s
        """,
        _params(
            tx, account=account, member=member, at=at, last=last, more=limit + 1, most=limits.times, days=timedelta(days=limits.days)
        ),
    )  # fmt: skip
    return page_of(rows, limit, "added_at", "id")


@dataclass(frozen=True, slots=True)
class LostRow:
    """A friendship that ended."""

    id: UUID
    customer_id: UUID
    member: str
    adviser: str
    live_code: str | None
    added_at: datetime | None
    lost_at: datetime
    lost_by: str


def list_lost(tx: Tx, *, member: str | None, cursor: str | None, limit: int) -> tuple[list[LostRow], str | None]:
    """A page of friendships that ended otherwise than by a hand-over, newest first. Raises InvalidInput for a cursor we did not make."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        LostRow,
        """
        select f.id, f.customer_id, f.member, coalesce(a.name, f.member) as adviser, l.name as live_code, f.added_at, f.lost_at, f.lost_by
        from friendship as f
        left join source_account as s on s.tenant_id = %(tenant)s and s.source = f.source
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = s.id and a.member = f.member
        left join live_code as l on l.tenant_id = %(tenant)s and l.id = f.live_code_id
        where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.lost_at is not null and f.lost_by <> 'handed_over'
          and (%(member)s::text is null or f.member = %(member)s)
          and (%(at)s::timestamptz is null or (f.lost_at, f.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by f.lost_at desc, f.id desc limit %(more)s
        """,
        _params(tx, member=member, at=at, last=last, more=limit + 1),
    )
    return page_of(rows, limit, "lost_at", "id")


@dataclass(frozen=True, slots=True)
class NewHandOver:
    """A hand-over to begin. `customers` None: all of hers."""

    account_id: UUID
    giver: str
    taker: str
    customers: list[UUID] | None
    with_groups: bool
    message: str


@dataclass(frozen=True, slots=True)
class _Sides:
    source: str
    giver: str | None
    taker: str | None


def begin(tx: Tx, given: NewHandOver) -> UUID:
    """Begin a hand-over; the platform is asked within seconds. Raises NotFound, InvalidInput, Conflict (one is under way)."""
    sides = tx.maybe(
        _Sides,
        """
        select s.source, g.status as giver, t.status as taker from source_account as s
        left join adviser as g on g.tenant_id = %(tenant)s and g.account_id = s.id and g.member = %(giver)s
        left join adviser as t on t.tenant_id = %(tenant)s and t.account_id = s.id and t.member = %(taker)s
        where s.tenant_id = %(tenant)s and s.id = %(account)s
        """,
        _params(tx, account=given.account_id, giver=given.giver, taker=given.taker),
    )
    if sides is None or sides.giver is None:
        raise NotFound("no_such_adviser", "没有这名员工。", "There is no such adviser.")
    if sides.taker != "active" or given.giver == given.taker:
        detail = Detail("taker", "请选择在职且能添加客户的员工", "choose somebody who is there and may have customers")
        raise InvalidInput(
            "bad_taker", "接替员工不合适。", "Nobody can take the customers over there.", details=(detail,)
        )
    hand_over = new_id()
    made = tx.value(
        """
        insert into hand_over (id, tenant_id, account_id, giver, taker, resigned, chosen, with_groups, message, due_at, created_by, created_at)
        values (%(id)s, %(tenant)s, %(account)s, %(giver)s, %(taker)s, %(resigned)s, %(chosen)s, %(groups)s, %(message)s, now(), %(user)s, now())
        on conflict (tenant_id, account_id, giver) where state in ('gathering', 'running') do nothing returning id
        """,
        _params(
            tx, id=hand_over, account=given.account_id, giver=given.giver, taker=given.taker, resigned=sides.giver == "away",
            chosen=given.customers is not None, groups=given.with_groups, message=given.message, user=tx.user_id,
        ),
    )  # fmt: skip
    if made is None:
        raise Conflict("hand_over_under_way", "这名员工的移交还没有完成。", "A hand-over of this adviser is under way.")
    if given.customers is not None and plan(tx, hand_over, sides.source, given.giver, customers=given.customers) == 0:
        detail = Detail("customers", "都不是这名员工的好友", "none of them is a friend of this adviser")
        raise InvalidInput("no_friends", "没有可移交的客户。", "There is nobody to hand over.", details=(detail,))
    after = {"giver": given.giver, "taker": given.taker, "all": given.customers is None, "groups": given.with_groups}
    audit.record(tx, "hand_over.begun", "hand_over", hand_over, None, after)
    return hand_over


def stop(tx: Tx, hand_over: UUID) -> None:
    """Ask for nobody further; whoever was asked for is with the platform and goes on. Raises NotFound, Conflict when it is over."""
    row = get(tx, hand_over)
    if row.state not in {"gathering", "running"}:
        raise Conflict("hand_over_over", "移交已经结束。", "The hand-over is over.")
    params = _params(tx, id=hand_over)
    tx.execute(
        """
        update hand_over_item set state = 'stopped', finished_at = now() where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
          and hand_over_id = %(id)s and state = 'planned'
        """,
        params,
    )
    tx.execute(
        "update hand_over_group set state = 'stopped' where tenant_id = %(tenant)s and hand_over_id = %(id)s and state = 'planned'",
        params,
    )
    tx.execute(
        "update hand_over set state = 'running', chosen = true, with_groups = false, due_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        params,
    )
    audit.record(tx, "hand_over.stopped", "hand_over", hand_over, {"giver": row.giver, "taker": row.taker}, None)


@dataclass(frozen=True, slots=True)
class HandOverRow:
    """A hand-over with both sides by name."""

    id: UUID
    account_id: UUID
    giver: str
    giver_name: str
    taker: str
    taker_name: str
    resigned: bool
    with_groups: bool
    state: str
    unknown: int
    problem: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None


_ROW: Final = """
select h.id, h.account_id, h.giver, coalesce(g.name, h.giver) as giver_name, h.taker, coalesce(t.name, h.taker) as taker_name, h.resigned,
  h.with_groups, h.state, h.unknown, h.problem, h.created_at, h.finished_at
from hand_over as h
left join adviser as g on g.tenant_id = %(tenant)s and g.account_id = h.account_id and g.member = h.giver
left join adviser as t on t.tenant_id = %(tenant)s and t.account_id = h.account_id and t.member = h.taker
where h.tenant_id = %(tenant)s
"""


def list_all(tx: Tx, *, cursor: str | None, limit: int) -> tuple[list[HandOverRow], str | None]:
    """A page of hand-overs, newest first. Raises InvalidInput for a cursor we did not make."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        HandOverRow,
        f"""{_ROW} and (%(at)s::timestamptz is null or (h.created_at, h.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by h.created_at desc, h.id desc limit %(more)s""",
        _params(tx, at=at, last=last, more=limit + 1),
    )
    return page_of(rows, limit, "created_at", "id")


def get(tx: Tx, hand_over: UUID) -> HandOverRow:
    """One hand-over. Raises NotFound."""
    row = tx.maybe(HandOverRow, f"{_ROW} and h.id = %(id)s", _params(tx, id=hand_over))
    if row is None:
        raise NotFound("no_such_hand_over", "没有这次移交。", "There is no such hand-over.")
    return row


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A customer of a hand-over."""

    id: UUID
    customer_id: UUID
    state: str
    code: str | None
    asked_at: datetime | None
    finished_at: datetime | None


def list_items(tx: Tx, hand_over: UUID, *, cursor: str | None, limit: int) -> tuple[list[ItemRow], str | None]:
    """A page of a hand-over's customers. Raises NotFound, InvalidInput for a cursor we did not make."""
    get(tx, hand_over)
    (last,) = from_cursor(cursor, 1) if cursor else (None,)
    rows = tx.all(
        ItemRow,
        """
        select id, customer_id, state, code, asked_at, finished_at from hand_over_item
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and hand_over_id = %(id)s and (%(last)s::uuid is null or id > %(last)s::uuid)
        order by id limit %(more)s
        """,
        _params(tx, id=hand_over, last=last, more=limit + 1),
    )
    return page_of(rows, limit, "id")


def _params(tx: Tx, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, **more}
