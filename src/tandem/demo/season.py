"""The demo's last weeks: leads and what came of them, shops that are being opened, disputes that were decided, notices on phones.

All of it is about the demo's own customers, orders and people, and drawn by seed: the same demo has the same season.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.access import staff
from tandem.access.http import Access
from tandem.access.identity import Identity
from tandem.assembly import System, system
from tandem.demo import invites, talks
from tandem.demo.openings import open_shops
from tandem.demo.year import pick
from tandem.domains.contact.ownership import disputes
from tandem.domains.contact.ownership.shapes import DisputeAnswer, NewDispute
from tandem.domains.sales import service as sales
from tandem.domains.sales.events import LEAD_ASSIGNED, LEAD_CONTACTED, LEAD_CREATED, LEAD_LOST, LEAD_WON
from tandem.domains.sales.keeping import COLUMNS, TYPED, Lead, names_of, told
from tandem.domains.sales.rules import Rule, due_again, worth
from tandem.domains.sales.shapes import LeadRules, LeadSeatBody
from tandem.kernel.db import Database, Scope, Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.kernel.turn import in_buckets
from tandem.stream.events import LANE_BULK, NewEvent
from tandem.stream.inbox import emit
from tandem.stream.projection import BACKFILL
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))
LEADS: Final = 64
_SOURCES: Final = ("taobao", "douyin", "taobao", "jd", "douyin", "wechat_shop", "taobao", "douyin", "jd", "shopify")
_SUBJECTS: Final = (
    "奶粉段位怎么选", "纸尿裤尺码", "辅食什么时候加", "会员价怎么算", "门店自提", "企业团购报价", "婴儿湿巾敏感肌可用吗", "羊奶粉和牛奶粉的区别",
)  # fmt: skip
_CAMPAIGNS: Final = ("", "双11 预热直播", "", "亲子节短视频", "")
_LOST: Final = ("price", "elsewhere", "not_meant", "no_answer")
_STATES: Final = (
    "won",
    "contacted",
    "assigned",
    "contacted",
    "lost",
    "won",
    "contacted",
    "assigned",
    "new",
    "contacted",
)
#: Asked for first: those who bought since, so that what was won was won by an order of hers.
_ASKERS: Final = """
select c.bucket, c.id, c.store_id, o.external_id, o.total, o.paid_at, exists (
    select from friendship as f where f.bucket = c.bucket and f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s
      and f.customer_id = c.id and f.added_at is not null) as friend
from customer as c
join lateral (
  select s.external_id, s.total, s.paid_at from sales_order as s
  where s.bucket = c.bucket and s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.customer_id = c.id
    and s.status <> 'cancelled' and s.total > 20 and s.paid_at between %(now)s::timestamptz - interval '28 days' and %(now)s
  order by s.total desc limit 1) as o on true
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.merged_into is null and c.name_enc is not null
order by md5(c.id::text) limit %(n)s
"""
_PUT: Final = f"""
insert into lead (tenant_id, {COLUMNS}) select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n({TYPED})
on conflict do nothing returning id
"""
_DECIDED: Final = """
select distinct on (p.store_id) s.external_id, p.user_id from order_credit as c
join sales_order as s on s.bucket = c.bucket and s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.id = c.order_id
join adviser_post as p on p.tenant_id = %(tenant)s and p.store_id = c.store_id and p.user_id <> c.owner_user_id
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.rule = 'till' and s.source = 'pos' and s.total > 50
  and not exists (select from credit_dispute as d where d.bucket = c.bucket and d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s
    and d.order_id = c.order_id)
order by p.store_id, c.paid_at desc, c.order_id, p.code limit 4
"""
_CASES: Final[tuple[tuple[str, int, bool | None, str], ...]] = (
    ("顾客上周在我这里试用过样品，今天回来直接找的我。", 100, True, "查看了企业微信聊天记录，属实。"),
    ("我和同事一起接待的，应该各算一半。", 50, True, "两位都确认，按一半分。"),
    ("她是我的老会员，平时都由我跟进。", 100, False, "当日由收银台同事独立接待，会员归属不影响这一单。"),
    ("活动当天我负责这个区域。", 30, None, ""),
)


@dataclass(frozen=True, slots=True)
class _Asker:
    bucket: int
    id: UUID
    store_id: UUID | None
    external_id: str
    total: Decimal
    paid_at: datetime
    friend: bool


def live_in(db: Database, tenant: UUID, source: str) -> None:
    """Give the demo its last weeks. Once for a demo; `db` must know the worker's address. `source`: the demo's WeCom."""
    rooms: System = system()
    with db.tx("worker", tenant=tenant) as tx:
        people = _people(tx)
        _leads(tx, people)
        open_shops(tx, rooms.catalog, people)
    _disputes(db, tenant)
    account = _account(db, tenant, source)
    if account is not None:
        talks.remember(db, tenant, account, people)
        invites.invite(db, tenant, account)
    with db.tx("worker", tenant=tenant) as tx:
        invites.notify(tx, people)


def _account(db: Database, tenant: UUID, source: str) -> UUID | None:
    with db.tx("web", tenant=tenant) as tx:
        return tx.value(
            "select id from source_account where tenant_id = %(tenant)s and source = %(source)s",
            {"tenant": tenant, "source": source},
        )


def _people(tx: Tx) -> dict[str, UUID]:
    """The demo's people by their log-in, and its advisers of WeCom by who they are there."""
    rows: list[tuple[str, UUID]] = tx.cursor(
        """
        select login, id from staff_user where tenant_id = %(tenant)s and active and login not like '%%@demo.stores'
        union all select member, user_id from adviser_binding where tenant_id = %(tenant)s order by 1
        """,
        {"tenant": tx.tenant_id},
    ).fetchall()
    return dict(rows)


# --------------------------------------------------------------------------------------------------------------- leads


def _leads(tx: Tx, people: dict[str, UUID]) -> None:
    seats = [people[one] for one in ("marketing", "store", "zhaomin", "sunli") if one in people]
    sales.keep_rules(tx, LeadRules(seats=[LeadSeatBody(user_id=one) for one in dict.fromkeys(seats)]))
    askers = tx.all(_Asker, _ASKERS, {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "now": tx.now, "n": LEADS})
    if not askers or not seats:
        return
    in_buckets(tx.conn, {one.bucket for one in askers})
    leads = [_lead(tx.now, number, one, seats) for number, one in enumerate(askers)]
    # After an interrupted load some are there already, and were told: at another time it would be another story under the same ids.
    fresh = set(tx.values(_PUT, {"tenant": tx.tenant_id, "rows": to_json([asdict(one) for one in leads])}))
    names = names_of(tx, list(dict.fromkeys(seats)))
    emit(tx, [event for lead in leads if lead.id in fresh for event in _happened(lead, names)])


def _lead(now: datetime, number: int, one: _Asker, seats: list[UUID]) -> Lead:
    state: Any = _STATES[number % len(_STATES)]
    source, subject = _SOURCES[number % len(_SOURCES)], pick(_SUBJECTS, number, "lead")
    campaign = _CAMPAIGNS[number % len(_CAMPAIGNS)]
    young = state in {"new", "assigned"}
    created = (
        now - timedelta(hours=2 + number, minutes=7 * number) if young else one.paid_at - timedelta(hours=5 + number)
    )
    owner = None if state == "new" else seats[number % len(seats)]
    times = 1 + (number % 7 == 0)
    score, reasons = worth(subject=subject, campaign=campaign, friend=one.friend, bought=True, times=times)
    assigned = None if owner is None else created + timedelta(minutes=3)
    contacted = created + timedelta(minutes=18 + number % 50) if state in {"contacted", "won", "lost"} else None
    won = state == "won"
    closed = one.paid_at if won else created + timedelta(days=2) if state == "lost" else None
    why = {"won": "order", "lost": _LOST[number // len(_STATES) % len(_LOST)], "contacted": "hand"}.get(state, "")
    return Lead(
        bucket=one.bucket, id=derived_id(one.id, "demo", "lead"), customer_id=one.id, origin_id=one.id, store_id=one.store_id, owner_user_id=owner,
        source=source, subject=subject, campaign=campaign, score=score, reasons=dict(reasons), times=times, state=state, why=why,
        amount=one.total if won else None, order_id=one.external_id if won else None, created_at=created, asked_at=created, assigned_at=assigned,
        contacted_at=contacted, friend_at=contacted if number % 3 == 0 else None, ordered_at=one.paid_at if won else None,
        closed_at=min(closed, now) if closed else None, due_at=due_again(now, Rule(), 0) if young else None, reminded=0,
    )  # fmt: skip


def _happened(lead: Lead, names: dict[UUID, str]) -> list[NewEvent]:
    steps = [
        (LEAD_CREATED, lead.created_at, ""),
        (LEAD_ASSIGNED, lead.assigned_at, ""),
        (LEAD_CONTACTED, lead.contacted_at, "hand"),
        (LEAD_WON if lead.state == "won" else LEAD_LOST, lead.closed_at, lead.why),
    ]
    return [
        NewEvent(
            type=kind, bucket=lead.bucket, customer_id=lead.customer_id, occurred_at=at, payload=told(lead, names, why), lane=LANE_BULK, mode=BACKFILL,
            event_id=derived_id(lead.id, kind),
        )
        for kind, at, why in steps
        if at is not None
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ disputes


def _disputes(db: Database, tenant: UUID) -> None:
    """Four more disputes, three of them decided by the administrator."""
    with db.tx("web", tenant=tenant) as tx:
        found: list[tuple[str, UUID]] = tx.cursor(_DECIDED, {"tenant": tenant, "buckets": ALL_BUCKETS}).fetchall()
        admin = _identity(tx, "admin")
        # A load that was interrupted after this is begun again.
        filed_before: list[str] = tx.values(
            "select reason from credit_dispute where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s",
            {"tenant": tenant, "buckets": ALL_BUCKETS},
        )
    cases = [one for one in _CASES if one[0] not in filed_before]
    for (number, user), (reason, percent, accept, note) in zip(found, cases, strict=False):
        with db.tx("web", tenant=tenant, user=user) as tx:
            who = _access(db, tx, user)
            filed = disputes.file(who, tx, NewDispute(number=number, reason=reason, percent=percent))
        if accept is None or admin is None:
            continue
        with db.tx("web", tenant=tenant, user=admin.user_id) as tx:
            said = DisputeAnswer(accept=accept, note=note)
            disputes.answer(Access(db, admin, Scope.all(), "performance.decide"), tx, filed, said)


def _access(db: Database, tx: Tx, user: UUID) -> Access:
    login, name = tx.cursor(
        "select login, name from staff_user where tenant_id = %(tenant)s and id = %(user)s",
        {"tenant": tx.tenant_id, "user": user},
    ).fetchone() or ("", "")
    return Access(
        db, Identity(tx.tenant_id, user, login, name, "zh", tuple(staff.grants_of(tx, user))), Scope.all(), None
    )


def _identity(tx: Tx, login: str) -> Identity | None:
    row = tx.cursor(
        "select id, name from staff_user where tenant_id = %(tenant)s and login = %(login)s",
        {"tenant": tx.tenant_id, "login": login},
    ).fetchone()
    return (
        None if row is None else Identity(tx.tenant_id, row[0], login, row[1], "zh", tuple(staff.grants_of(tx, row[0])))
    )
