"""More blocks about benefits: coupons taken back, points deducted, points for an amount."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from tandem.catalog.label import Label
from tandem.domains.marketing.events import COUPON_REVOKED, POINTS_EARNED, POINTS_SPENT
from tandem.flow.kinds.findings import missing
from tandem.flow.kinds.told import told
from tandem.flow.node import (
    DONE,
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Port,
    choices,
    joined,
    reads_sql,
)


class RevokeConfig(Config):
    """Which coupons."""

    coupon_template: UUID = Field(title="优惠券 | Coupon", json_schema_extra={"x-ui": {"widget": "coupon_template"}})
    which: Literal["run", "all"] = Field(
        default="run",
        title="哪些 | Which",
        json_schema_extra=choices(
            run="这次流程发的 | those of this run", all="客户手上全部未用的 | all she has not used"
        ),
    )


class RevokeCoupon(NodeKind[RevokeConfig]):
    kind = "marketing.revoke_coupon"
    group = Group.BENEFIT
    label = Label("作废优惠券", "Revoke a coupon")
    help = Label(
        "作废客户还没用的这种券，例如退款之后；已核销的不变。没有可作废的走“没有”。",
        "Takes back coupons of this kind that she has not used, after a refund for instance; those redeemed stay.",
    )
    icon = "coupon-off"
    needs = ("coupon.write",)
    config = RevokeConfig

    def ports(self, config: RevokeConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("revoked", Label("已作废", "Revoked")),
            Port("none", Label("没有", "None"), optional=True, otherwise="revoked"),
        )

    def check(self, config: RevokeConfig, ctx: CheckContext) -> Iterable[Finding]:
        if not ctx.tx.value(
            "select 1 from coupon_template where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": ctx.tx.tenant_id, "id": config.coupon_template},
        ):
            yield Finding(
                "coupon_template_missing",
                Label("优惠券不存在", "The coupon does not exist"),
                Label("请选择一张现有的优惠券", "Choose an existing coupon"),
                "coupon_template",
            )

    def fragment(self, config: RevokeConfig, ctx: CompileContext) -> Fragment:
        del ctx
        mine = " and c.run_id = r.id" if config.which == "run" else ""
        gone = (
            "select distinct on (v.id) r.bucket, r.customer_id, r.origin_id, r.lane, r.hops, r.cause_id, r.root_id, r.id, r.heard_at, v.id as coupon_id, t.name"
            " from {revoked} v join {rows} r on r.bucket = v.bucket and r.customer_id = v.customer_id"
            " left join coupon_template t on t.tenant_id = %(tenant)s and t.id = %(template)s order by v.id, r.id"
        )
        return Fragment(
            effects={
                "revoked": "update coupon c set status = 'revoked' from {rows} r where c.bucket = r.bucket and c.tenant_id = %(tenant)s"
                f" and c.customer_id = r.customer_id and c.template_id = %(template)s and c.status = 'issued'{mine}"
                " returning c.bucket, c.id, c.customer_id",
                **told(
                    event_type=f"'{COUPON_REVOKED}'",
                    lane="least(r.lane, 1)",
                    event_id="tandem_new_id()",
                    payload="jsonb_build_object('coupon_id', r.coupon_id, 'template_id', %(template)s::uuid, 'template', r.name)",
                    cause_id="r.id",
                    root_id="coalesce(r.root_id, r.id)",
                    rows=f"({gone})",
                ),
            },
            result_joins="left join lateral (select count(*) as n from {revoked} v where v.bucket = r.bucket and v.customer_id = r.customer_id) g on true",
            port="case when g.n > 0 then 0 else 1 end",
            facts="jsonb_build_object('revoked', g.n)",
            params={"template": config.coupon_template},
        )


class DeductConfig(Config):
    """How many points, for what."""

    points: int = Field(default=100, ge=1, le=1_000_000, title="积分数 | Points")
    reason: str = Field(default="流程扣减", min_length=1, max_length=100, title="事由 | Reason")


# Lots leave first by expiry, then by age (ENGINE_RULES 23). Of several runs of a customer in a batch each takes after those before it;
# for whom too little is left takes nothing.
_LOTS = """
cross join lateral (
  select coalesce(sum(l.remaining), 0)::bigint as balance from points_lot l
  where l.bucket = r.bucket and l.tenant_id = %(tenant)s and l.customer_id = r.customer_id and l.remaining > 0
    and (l.expires_at is null or l.expires_at > %(now)s::timestamptz)) b
"""
_TAKEN = """
select d.bucket, d.lot, d.id, d.customer_id, d.origin_id, d.visit, least(d.upto, d.ends) - greatest(d.begins, d.since) as part
from (
  select r.bucket, l.id as lot, r.id, r.customer_id, r.origin_id, r.visit, (r.place - 1) * %(points)s::bigint as since, r.place * %(points)s::bigint as upto,
    sum(l.remaining) over w - l.remaining as begins, sum(l.remaining) over w as ends
  from {rows} r join points_lot l on l.bucket = r.bucket and l.tenant_id = %(tenant)s and l.customer_id = r.customer_id and l.remaining > 0
    and (l.expires_at is null or l.expires_at > %(now)s::timestamptz)
  where r.place * %(points)s <= r.balance
  window w as (partition by r.id order by l.expires_at nulls last, l.earned_at, l.id)) d
where d.ends > d.since and d.begins < d.upto
"""


class DeductPoints(NodeKind[DeductConfig]):
    kind = "marketing.deduct_points"
    group = Group.BENEFIT
    label = Label("扣减积分", "Deduct points")
    help = Label(
        "从客户的积分中扣减，先到期的先扣；不够时一分也不扣，走“积分不足”。",
        "Takes points from the customer, those that expire first; who has too few keeps them all and goes by “too few”.",
    )
    icon = "points-off"
    needs = ("points.write",)
    config = DeductConfig

    def ports(self, config: DeductConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("done", Label("已扣减", "Deducted")),
            Port("too_few", Label("积分不足", "Too few points")),
        )

    def fragment(self, config: DeductConfig, ctx: CompileContext) -> Fragment:
        return Fragment(
            joins=_LOTS,
            columns={
                "balance": "b.balance",
                "place": "row_number() over (partition by r.bucket, r.customer_id order by r.id)",
            },
            effects={
                "taken": _TAKEN,
                "emptied": "update points_lot l set remaining = l.remaining - t.part from (select bucket, lot, sum(part) as part from {taken} group by 1, 2) t"
                " where l.bucket = t.bucket and l.tenant_id = %(tenant)s and l.id = t.lot",
                "entry": "insert into points_entry (bucket, id, tenant_id, customer_id, origin_id, from_account, to_account, amount, posted_at, reason, lot_id,"
                " run_id, block, visit) select t.bucket, tandem_new_id(), %(tenant)s, t.customer_id, coalesce(t.origin_id, t.customer_id), 'balance', 'spent',"
                " t.part, %(now)s::timestamptz, %(reason)s, t.lot, case when t.nth = 1 then t.id end, case when t.nth = 1 then %(block)s end,"
                " case when t.nth = 1 then t.visit end"
                " from (select t.*, row_number() over (partition by t.id order by t.lot) as nth from {taken} t) t",
                **told(
                    event_type=f"'{POINTS_SPENT}'",
                    lane="r.lane",
                    event_id="tandem_new_id()",
                    payload="jsonb_build_object('amount', %(points)s::bigint, 'reason', %(reason)s::text, 'run_id', r.id)",
                    cause_id="r.cause_id",
                    root_id="coalesce(r.root_id, r.id)",
                    rows="(select r.* from {rows} r where r.place * %(points)s <= r.balance)",
                ),
            },
            port="case when r.place * %(points)s <= r.balance then 0 else 1 end",
            facts="jsonb_build_object('points', %(points)s::bigint, 'balance', r.balance)",
            params={"points": config.points, "reason": config.reason, "block": ctx.block},
        )


class PointsForConfig(Config):
    """For what amount, how many for each unit of it, times what."""

    amount: str = Field(
        default="",
        max_length=4000,
        title="按什么计算 | For what amount",
        json_schema_extra={
            "x-ui": {
                "widget": "expression",
                "returns": "number",
                "scope": {"customer": "customer", "event": "@entry"},
                "help": {"zh": "例如 event.total", "en": "For example event.total"},
            }
        },
    )
    each: Decimal = Field(default=Decimal(1), gt=0, le=1000, title="每 1 元多少分 | Points for each unit")
    times: Decimal = Field(default=Decimal(1), gt=0, le=100, title="倍数 | Times")
    most: int = Field(default=100_000, ge=1, le=1_000_000, title="最多 | At most")
    reason: str = Field(default="消费积分", min_length=1, max_length=100, title="事由 | Reason")
    valid_days: int | None = Field(default=365, ge=1, le=3650, title="有效天数（空为长期） | Valid for (days)")


class PointsFor(NodeKind[PointsForConfig]):
    kind = "marketing.points_for"
    group = Group.BENEFIT
    label = Label("按金额积分", "Points for an amount")
    help = Label(
        "按消费金额等数值给积分，可以翻倍，例如会员日双倍积分；不满 1 分的部分舍去。",
        "Gives points for an amount, times a factor: double points on member days, for instance. Fractions are dropped.",
    )
    icon = "points"
    needs = ("points.write",)
    config = PointsForConfig

    def ports(self, config: PointsForConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: PointsForConfig, ctx: CheckContext) -> Iterable[Finding]:
        if not config.amount.strip():
            yield missing(
                Label("还没有填写按什么计算", "No amount is given yet"),
                Label("请填写数值，例如 event.total", "Give an amount, such as event.total"),
                "amount",
            )
        else:
            yield from ctx.expression(config.amount, "amount", returns="number")

    def fragment(self, config: PointsForConfig, ctx: CompileContext) -> Fragment:
        amount = ctx.expression(config.amount, "amount", returns="number")
        some = "(select r.* from {rows} r where r.points > 0)"
        return Fragment(
            joins=joined(amount),
            columns={
                "lot": "tandem_new_id()",
                "points": f"greatest(0, least(%(most)s::bigint, floor(coalesce({amount.sql}, 0) * %(each)s::numeric * %(times)s::numeric)))::bigint",
                "read": reads_sql(amount),
            },
            effects={
                "given": "insert into points_lot (bucket, id, tenant_id, customer_id, origin_id, earned, remaining, earned_at, expires_at)"
                " select r.bucket, r.lot, %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), r.points, r.points, %(now)s::timestamptz,"
                f" %(now)s::timestamptz + make_interval(days => %(valid_days)s::int) from {some} r where r.customer_id is not null",
                "entry": "insert into points_entry (bucket, id, tenant_id, customer_id, origin_id, from_account, to_account, amount, posted_at, reason, lot_id,"
                " run_id, block, visit) select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), 'earned',"
                f" 'balance', r.points, %(now)s::timestamptz, %(reason)s, r.lot, r.id, %(block)s, r.visit from {some} r where r.customer_id is not null",
                **told(
                    event_type=f"'{POINTS_EARNED}'",
                    lane="r.lane",
                    event_id="r.lot",
                    payload="jsonb_build_object('amount', r.points, 'reason', %(reason)s::text, 'run_id', r.id)",
                    cause_id="r.cause_id",
                    root_id="coalesce(r.root_id, r.lot)",
                    rows=some,
                ),
            },
            facts="jsonb_build_object('points', r.points) || coalesce(r.read, '{}'::jsonb)",
            params={
                **amount.params,
                "most": config.most,
                "each": config.each,
                "times": config.times,
                "reason": config.reason,
                "valid_days": config.valid_days,
                "block": ctx.block,
            },
        )


MORE_KINDS = (RevokeCoupon(), DeductPoints(), PointsFor())
