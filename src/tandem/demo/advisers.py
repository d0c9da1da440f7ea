"""The demo's advisers: who earns in the stores, by which rules, towards what; one dispute; a batch of parcel cards partly scanned."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.access import staff
from tandem.access.http import Access
from tandem.access.identity import Identity
from tandem.access.service import assign_role, create_user
from tandem.assembly import system
from tandem.demo.words import GIVEN_FEMALE, SURNAMES, till_number
from tandem.demo.year import pick
from tandem.domains.contact import codes
from tandem.domains.contact.ownership import disputes, policy
from tandem.domains.contact.ownership.shapes import NewDispute
from tandem.domains.contact.parcel import batches
from tandem.domains.contact.parcel.shapes import NewBatch
from tandem.domains.contact.shapes import NewLiveCode, Seat
from tandem.kernel.db import Database, Scope, Tx
from tandem.kernel.ids import BUCKETS
from tandem.stream.rows import to_json

STORES: Final = 48
"""The stores that sold most lately have advisers; elsewhere orders are nobody's, as in a chain that has only begun with it."""
PAIRS: Final = 10
"""The busiest of them have two."""
ALL_BUCKETS: Final = list(range(BUCKETS))
CARDS: Final = 200
SCANNED: Final = 46
RULES: Final[list[dict[str, Any]]] = [
    {"kind": "till"},
    {"kind": "parcel", "days": 15},
    {"kind": "friend", "days": 30, "renewed_by": ["added", "order"], "pick": "latest", "shares": [{"to": "found", "bp": 8000}, {"to": "store", "bp": 2000}]},
    {"kind": "store", "rota": "customer"},
]  # fmt: skip
"""What the till says; then a parcel's card; then the friend, who leaves a fifth to the store; then the store's rota."""
_REASON: Final = "这位顾客是我在店里接待并加的会员，收银时录成了同事的工号。"

_BUSIEST: Final = """
select o.id, o.code from org_unit as o join sales_order as s
  on s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.store_id = o.id and s.paid_at > %(since)s and s.source = 'pos'
where o.tenant_id = %(tenant)s and o.kind = 'store' and o.active
group by o.id, o.code order by count(*) desc, o.code limit %(n)s
"""
_POSTS: Final = """
insert into adviser_post (tenant_id, user_id, code, store_id, since)
select %(tenant)s, n.user_id, n.code, n.store_id, %(since)s from jsonb_to_recordset(%(rows)s::jsonb) as n(user_id uuid, code text, store_id uuid)
on conflict do nothing
"""
_COLLEAGUES: Final = """
select m.member, m.user_id, a.org_unit_id from directory_member as m
left join lateral (
  select r.org_unit_id from role_assignment as r where r.tenant_id = %(tenant)s and r.user_id = m.user_id and r.scope = 'store' limit 1) as a on true
where m.tenant_id = %(tenant)s and m.account_id = %(account)s and m.user_id is not null and m.left_at is null order by m.member
"""
_BIND: Final = """
insert into adviser_binding (tenant_id, account_id, member, user_id, bound_at)
select %(tenant)s, %(account)s, n.member, n.user_id, now() from jsonb_to_recordset(%(rows)s::jsonb) as n(member text, user_id uuid)
on conflict do nothing
"""
# A tenth more than last month, in whole hundreds.
_TARGETS: Final = """
insert into credit_target (tenant_id, period, kind, target_id, amount_cents, set_at)
select %(tenant)s, %(period)s, k.kind, k.id, greatest(100000, ceil(sum(e.home_cents) * 1.1 / 10000)::bigint * 10000), %(now)s
from performance_credit as e
cross join lateral (values ('adviser', e.owner_user_id), ('store', e.store_id)) as k(kind, id)
where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.period = %(before)s and k.id is not null
group by k.kind, k.id on conflict do nothing
"""
# An order of a colleague's at the same store, as the till had it.
_DISPUTED: Final = """
select s.external_id, p.user_id from order_credit as c
join sales_order as s on s.bucket = c.bucket and s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.id = c.order_id
join adviser_post as p on p.tenant_id = %(tenant)s and p.store_id = c.store_id and p.user_id <> c.owner_user_id
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.rule = 'till' and s.source = 'pos' and s.total > 100
order by (c.store_id = any(%(stores)s::uuid[])) desc, c.paid_at desc, c.order_id, p.code desc limit 1
"""
_SCAN: Final = """
update parcel_card set scans = 1 + serial %% 3 / 2, first_scanned_at = %(now)s - make_interval(hours => serial * 3),
  last_scanned_at = %(now)s - make_interval(hours => serial * 3 - 1), code_status = 'closed'
where tenant_id = %(tenant)s and batch_id = %(batch)s and serial <= %(n)s
"""
# Every third card brought its buyer.
_CLAIMS: Final = """
with who as (
  select row_number() over (order by reverse(max(s.external_id))) * 3 as serial, s.bucket, s.customer_id, min(s.origin_id::text)::uuid as origin_id
  from sales_order as s where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.customer_id is not null
    and s.source = 'mall' and s.paid_at > %(now)s - interval '60 days' group by s.bucket, s.customer_id),
made as (
  insert into parcel_claim (bucket, id, tenant_id, customer_id, origin_id, batch_id, card_id, member, verdict, claimed_at)
  select w.bucket, gen_random_uuid(), %(tenant)s, w.customer_id, coalesce(w.origin_id, w.customer_id), %(batch)s, k.id,
    (%(members)s::text[])[1 + w.serial %% cardinality(%(members)s::text[])], 'counted', k.first_scanned_at + interval '3 minutes'
  from who as w join parcel_card as k on k.tenant_id = %(tenant)s and k.batch_id = %(batch)s and k.serial = w.serial and k.scans > 0
  returning card_id, id)
insert into parcel_claim_key (tenant_id, card_id, claim_id) select %(tenant)s, card_id, id from made
"""


def engage(db: Database, tenant: UUID, source: str) -> None:
    """Give the stores advisers, and the orders of this month and the last to them. Once for a demo; `db` must know the worker's address."""
    system()  # WeCom's room says which accounts have friends
    with db.tx("web", tenant=tenant) as tx:
        today = tx.now.astimezone(ZoneInfo(tx.zone)).date()
        month = today.replace(day=1)
        before = (month - timedelta(days=1)).replace(day=1)
        account = tx.value(
            "select id from source_account where tenant_id = %(tenant)s and source = %(source)s",
            {"tenant": tenant, "source": source},
        )
        stores, since = _staff(tx), _midnight(tx, before)
        members = [] if account is None else _colleagues(tx, account, since)
        policy.save(tx, RULES, 0, since)
    while policy.catch_up(db, tenant):
        pass
    with db.tx("web", tenant=tenant) as tx:
        tx.execute(
            _TARGETS, {"tenant": tenant, "buckets": ALL_BUCKETS, "period": month, "before": before, "now": tx.now}
        )
        batch = None if account is None or not members else _cards(tx, account, members)
    _dispute(db, tenant, stores)
    if batch is not None:
        with db.tx("worker", tenant=tenant) as tx:
            params = {
                "tenant": tenant,
                "batch": batch,
                "buckets": ALL_BUCKETS,
                "now": tx.now,
                "n": SCANNED,
                "members": members,
            }
            tx.execute(_SCAN, params)
            tx.execute(_CLAIMS, params)


def _midnight(tx: Tx, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(tx.zone))


def _staff(tx: Tx) -> list[UUID]:
    """Advisers for the busiest stores and for those of the managers whom people sign in as, who earn too; returns the managers' stores."""
    params = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "since": tx.now - timedelta(days=60), "n": STORES}
    busiest: list[tuple[UUID, str]] = tx.cursor(_BUSIEST, params).fetchall()
    managers: list[tuple[UUID, UUID, str]] = tx.cursor(
        """
        select r.user_id, r.org_unit_id, o.code from role_assignment as r join org_unit as o on o.tenant_id = %(tenant)s and o.id = r.org_unit_id
        where r.tenant_id = %(tenant)s and r.scope = 'store' and exists (
          select from staff_user as u where u.tenant_id = %(tenant)s and u.id = r.user_id and u.login = 'store')
        """,
        params,
    ).fetchall()
    rows = [{"user_id": user, "code": till_number(code, 0), "store_id": store} for user, store, code in managers]
    stores = dict.fromkeys([*((store, code) for _, store, code in managers), *busiest])
    for rank, (store, code) in enumerate(stores):
        for place in (1, 2) if rank < PAIRS else (1,):
            number = till_number(code, place)
            name = pick(SURNAMES, int(number), "adviser") + pick(GIVEN_FEMALE, int(number), "adviser")
            user = create_user(tx, login=f"{number}@demo.stores", name=name, password=None)
            assign_role(tx, user, "agent", scope="store", org_unit_id=store)
            rows.append({"user_id": user, "code": number, "store_id": store})
    tx.execute(_POSTS, params | {"rows": to_json(rows)})
    return [store for _, store, _ in managers]


def _colleagues(tx: Tx, account: UUID, since: datetime) -> list[str]:
    """Those whom WeCom knows earn by their friends; returns who they are there."""
    found = tx.cursor(_COLLEAGUES, {"tenant": tx.tenant_id, "account": account}).fetchall()
    params = {
        "tenant": tx.tenant_id, "account": account, "since": since,
        "rows": to_json([{"member": member, "user_id": user, "code": f"W{place:03d}", "store_id": store} for place, (member, user, store) in enumerate(found, 1)]),
    }  # fmt: skip
    tx.execute(_BIND, params)
    tx.execute(_POSTS, params)
    return [member for member, _, _ in found]


def _cards(tx: Tx, account: UUID, members: list[str]) -> UUID:
    seats = [Seat(member=member) for member in members]
    code = codes.create_code(tx, NewLiveCode(account_id=account, name="包裹卡", channel="包裹", seats=seats))
    given = NewBatch(
        account_id=account, name="天猫首批包裹卡", source="taobao", words="扫码添加专属顾问，选码、售后都找我", live_code_id=code,
        expires_at=tx.now + timedelta(days=90), count=CARDS,
    )  # fmt: skip
    return batches.create(tx, given)


def _dispute(db: Database, tenant: UUID, stores: list[UUID]) -> None:
    with db.tx("web", tenant=tenant) as tx:
        found = tx.cursor(_DISPUTED, {"tenant": tenant, "buckets": ALL_BUCKETS, "stores": stores}).fetchone()
        if found is None:
            return
        number, user = found
        login, name = tx.cursor(
            "select login, name from staff_user where tenant_id = %(tenant)s and id = %(user)s",
            {"tenant": tenant, "user": user},
        ).fetchone() or ("", "")
        who = Identity(tenant, user, login, name, "zh", tuple(staff.grants_of(tx, user)))
    with db.tx("web", tenant=tenant, user=user) as tx:
        disputes.file(Access(db, who, Scope.all(), None), tx, NewDispute(number=number, reason=_REASON, percent=100))
