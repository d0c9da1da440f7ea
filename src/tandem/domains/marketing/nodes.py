"""The blocks that give something: a coupon, points."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson
from pydantic import Field as ConfigField

from tandem.catalog.label import Label
from tandem.domains.marketing.events import POINTS_EARNED
from tandem.domains.marketing.words import ANSWERS
from tandem.flow.kinds.told import told
from tandem.flow.node import (
    Batch,
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Outcome,
    Port,
    Role,
)
from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit


class IssueCouponConfig(Config):
    """Which coupon to issue."""

    coupon_template: UUID = ConfigField(
        title="优惠券 | Coupon", json_schema_extra={"x-ui": {"widget": "coupon_template"}}
    )


class IssueCoupon(NodeKind[IssueCouponConfig]):
    """Issue a coupon. A run waits here until its bucket holds a piece of the quota, mostly less than a moment (ENGINE_RULES 6)."""

    kind: ClassVar[str] = "marketing.issue_coupon"
    group: ClassVar[Group] = Group.BENEFIT
    role: ClassVar[Role] = Role.WAIT
    label: ClassVar[Label] = Label("发放优惠券", "Issue coupon")
    help: ClassVar[Label] = Label(
        "给客户发一张优惠券。发完后走“已发完”，达到每人限领数走“已达上限”。后面的消息可用 {{coupon.code}} 写出券码。",
        "Gives the customer a coupon; leaves by sold out or limit reached otherwise. Later messages may say {{coupon.code}}.",
    )
    icon: ClassVar[str] = "coupon"
    needs: ClassVar[tuple[str, ...]] = ("coupon.write",)
    config = IssueCouponConfig

    def ports(self, config: IssueCouponConfig) -> tuple[Port, ...]:
        """Issued, sold out, limit reached: in the order of `ANSWERS`."""
        del config
        return (
            Port("issued", Label("已发放", "Issued")),
            Port("sold_out", Label("已发完", "Sold out"), optional=True),
            Port("limit_reached", Label("已达上限", "Limit reached"), optional=True),
        )

    def gives(self, config: IssueCouponConfig) -> Mapping[str, frozenset[str]]:
        """Whoever leaves by "issued" has a coupon to write about."""
        del config
        return {"issued": frozenset({"coupon"})}

    def worth(self, config: IssueCouponConfig, tx: Tx) -> Decimal | None:
        """The most one coupon takes off a bill, as far as the template says: money off, or the gift's worth."""
        found: Decimal | None = tx.value(
            "select value from coupon_template where tenant_id = %(tenant)s and id = %(id)s and kind <> 'percent'",
            {"tenant": tx.tenant_id, "id": config.coupon_template},
        )
        return found

    def check(self, config: IssueCouponConfig, ctx: CheckContext) -> Iterable[Finding]:
        """The coupon exists and has not been withdrawn."""
        found = ctx.tx.value(
            "select 1 from coupon_template where tenant_id = %(tenant)s and id = %(id)s and archived_at is null",
            {"tenant": ctx.tx.tenant_id, "id": config.coupon_template},
        )
        if not found:
            yield Finding(
                "coupon_template_missing",
                Label("优惠券不存在或已下架。", "The coupon does not exist or has been withdrawn."),
                Label("请选择一张现有的优惠券。", "Choose an existing coupon."),
                where="coupon_template",
            )

    def fragment(self, config: IssueCouponConfig, ctx: CompileContext) -> Fragment:
        """On arrival a request is filed; `issue.answer` ends the wait by the port."""
        p = f"b{ctx.block_number}_"
        return Fragment(
            on_arrival={
                "asked": f"""
insert into coupon_request (bucket, id, tenant_id, customer_id, origin_id, template_id, run_id, block, visit, cause_id, root_id, hops, heard_at)
select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), %({p}template)s::uuid, r.id, %({p}block)s,
  r.visit, r.cause_id, r.root_id, r.hops, r.heard_at
from {{rows}} as r where r.customer_id is not null
returning run_id
""",
            },
            joins=f"""
left join lateral (
  select c.id, c.code from coupon as c
  where c.bucket = r.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.run_id = r.id
    and c.block = %({p}block)s
  order by c.id desc limit 1) as {p}c on r.signal = 0
""",
            columns={f"{p}coupon": f"{p}c.id"},
            wake_at="case when r.customer_id is null then %(now)s::timestamptz end",
            port=f"coalesce(r.signal, {ANSWERS.index('sold_out')})::smallint",
            facts=f"jsonb_strip_nulls(jsonb_build_object('answer', (array[{_ANSWERS_SQL}])[coalesce(r.signal, 1) + 1], 'coupon_id', r.{p}coupon))",
            params={f"{p}template": config.coupon_template, f"{p}block": ctx.block},
        )


_ANSWERS_SQL: Final = ", ".join(f"'{answer}'" for answer in ANSWERS)


class AddPointsConfig(Config):
    """How many points, for what, for how long."""

    points: int = ConfigField(100, ge=1, le=1_000_000, title="积分数 | Points")
    reason: str = ConfigField("流程奖励", min_length=1, max_length=100, title="事由 | Reason")
    valid_days: int | None = ConfigField(365, ge=1, le=3650, title="有效天数（空为长期） | Valid for (days)")


class AddPoints(NodeKind[AddPointsConfig]):
    """Give the customer points as a lot with an expiry."""

    kind: ClassVar[str] = "marketing.add_points"
    group: ClassVar[Group] = Group.BENEFIT
    label: ClassVar[Label] = Label("赠送积分", "Add points")
    help: ClassVar[Label] = Label(
        "给客户增加积分，可设有效期；先到期的先用。",
        "Gives the customer points with an expiry; what expires first is spent first.",
    )
    icon: ClassVar[str] = "points"
    needs: ClassVar[tuple[str, ...]] = ("points.write",)
    config = AddPointsConfig

    def ports(self, config: AddPointsConfig) -> tuple[Port, ...]:
        """Done."""
        del config
        return (Port("done", Label("完成", "Done")),)

    def fragment(self, config: AddPointsConfig, ctx: CompileContext) -> Fragment:
        """Lot, ledger entry and event in the fused statement."""
        p = f"b{ctx.block_number}_"
        return Fragment(
            columns={f"{p}lot": "tandem_new_id()"},
            effects={name: text.replace("{p}", p) for name, text in _EFFECTS.items()},
            facts=f"jsonb_build_object('points', %({p}points)s::bigint)",
            params={
                f"{p}points": config.points,
                f"{p}reason": config.reason,
                f"{p}valid_days": config.valid_days,
                f"{p}block": ctx.block,
            },
        )

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        """The same by arrays."""
        config = AddPointsConfig.model_validate(batch.config)
        rows = [_row(batch, index) for index in range(len(batch)) if batch.customers[index] is not None]
        params = turn.params(
            rows=orjson.dumps(rows).decode(),
            points=config.points,
            reason=config.reason,
            valid_days=config.valid_days,
            block=batch.block,
        )
        source = "jsonb_to_recordset(%(rows)s::jsonb) as r(bucket smallint, id uuid, lot uuid, customer_id uuid, origin_id uuid, visit int)"
        for text in (_LOT, _ENTRY):
            turn.tx.execute(text.replace("{p}", "").replace("{rows} as r", source), params)
        lots = {row["id"]: row["lot"] for row in rows}
        emit(
            turn,
            [
                _earned(batch, index, config, turn, lots[run])
                for index, run in enumerate(batch.runs)
                if batch.customers[index] is not None
            ],
        )
        return Outcome(ports=[0] * len(batch), facts=[{"points": config.points}] * len(batch))


_LOT: Final = """
insert into points_lot (bucket, id, tenant_id, customer_id, origin_id, earned, remaining, earned_at, expires_at)
select r.bucket, r.{p}lot, %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), %({p}points)s::bigint, %({p}points)s::bigint,
  %(now)s::timestamptz, %(now)s::timestamptz + make_interval(days => %({p}valid_days)s::int)
from {rows} as r where r.customer_id is not null
"""
_ENTRY: Final = """
insert into points_entry (bucket, id, tenant_id, customer_id, origin_id, from_account, to_account, amount, posted_at, reason, lot_id, run_id,
  block, visit)
select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), 'earned', 'balance', %({p}points)s::bigint,
  %(now)s::timestamptz, %({p}reason)s, r.{p}lot, r.id, %({p}block)s, r.visit
from {rows} as r where r.customer_id is not null
"""
# Both ways the event bears the lot's id.
_TOLD: Final = told(
    event_type=f"'{POINTS_EARNED}'",
    lane="r.lane",
    event_id="r.{p}lot",
    payload="jsonb_build_object('amount', %({p}points)s::bigint, 'reason', %({p}reason)s::text, 'run_id', r.id)",
    cause_id="r.cause_id",
    root_id="coalesce(r.root_id, r.{p}lot)",
)
_EFFECTS: Final = {"lot": _LOT, "entry": _ENTRY, **_TOLD}


def _row(batch: Batch, index: int) -> Mapping[str, Any]:
    return {
        "bucket": batch.buckets[index],
        "id": batch.runs[index],
        "lot": new_id(),
        "customer_id": batch.customers[index],
        "origin_id": batch.origins[index],
        "visit": batch.visits[index],
    }


def _earned(batch: Batch, index: int, config: AddPointsConfig, turn: Turn, lot: UUID) -> NewEvent:
    return NewEvent(
        type=POINTS_EARNED,
        bucket=batch.buckets[index],
        customer_id=batch.customers[index],
        origin_id=batch.origins[index],
        occurred_at=turn.now,
        payload={"amount": config.points, "reason": config.reason, "run_id": str(batch.runs[index])},
        event_id=lot,
        lane=batch.lanes[index],
        cause_id=batch.causes[index],
        root_id=batch.roots[index],
        hops=batch.hops[index] + 1,
    )
