"""Drawing lots: every draw is on record with the odds that held and the number drawn, which anybody can compute again.

The number follows from run, block and visit, whose ids nobody chooses. A prize that is a coupon is drawn from the coupon's stock, lent in
lots like any other: once it is gone, its winners go by "nothing" and the record says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import Field, model_validator

from tandem.access.paging import from_cursor, page_of
from tandem.catalog.label import Label
from tandem.domains.marketing.events import LOTTERY_DRAWN
from tandem.domains.marketing.words import ANSWERS
from tandem.flow.kinds.decide import PortName
from tandem.flow.kinds.told import told
from tandem.flow.node import CheckContext, CompileContext, Config, Finding, Fragment, Group, NodeKind, Port, Role
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS

_ALL_BUCKETS: Final = list(range(BUCKETS))
#: Numbers are drawn from 0 up to this; odds are per cent with three decimals.
WHOLE: Final = 100_000
PRIZES_MAX: Final = 12

ROLL: Final = (
    "mod(('x' || left(md5(r.id::text || ':' || %(block)s || ':' || r.visit), 8))::bit(32)::bigint, 100000)::int"
)


class Prize(Config):
    """One prize and how likely it is."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    odds: Decimal = Field(default=Decimal(10), gt=0, le=100, decimal_places=3, title="中奖率 % | Odds %")
    coupon_template: UUID | None = Field(
        default=None,
        title="奖品券（空：只走这条路）| Coupon (empty: this way, no coupon)",
        json_schema_extra={"x-ui": {"widget": "coupon_template"}},
    )


class LotteryConfig(Config):
    """The prizes; what is left of a hundred wins nothing."""

    prizes: tuple[Prize, ...] = Field(title="奖项 | Prizes", min_length=1, max_length=PRIZES_MAX)

    @model_validator(mode="after")
    def _sound(self) -> LotteryConfig:
        names = [one.name for one in self.prizes]
        if len(set(names)) != len(names) or "none" in names:
            raise ValueError("two prizes have the same key, or one is called none")
        if sum(one.odds for one in self.prizes) > 100:
            raise ValueError("the odds add up to more than 100")
        return self


class LotteryKind(NodeKind[LotteryConfig]):
    """A draw. A winner waits for the coupon as in "issue a coupon"; everybody else goes on at once."""

    kind = "marketing.lottery"
    group = Group.BENEFIT
    role = Role.WAIT
    label = Label("抽奖", "Lottery")
    help = Label(
        "按设定的中奖率抽一次奖，走抽中的奖项；奖品券从库存里扣，抽中但已发完或已达个人上限的走“未中奖”。"
        "每次抽奖都留有记录：当时的中奖率、抽到的数和结果，可以复核。",
        "Draws once at the stated odds and leaves by the prize won. Coupons come out of their stock: who wins one that is gone, or may have no "
        "more of it, goes by 'nothing'. Every draw is on record with the odds of the time, the number drawn and what came of it.",
    )
    icon = "gift"
    needs = ("coupon.write",)
    config = LotteryConfig

    def ports(self, config: LotteryConfig) -> tuple[Port, ...]:
        return (
            *(Port(one.name, Label(one.label, one.label)) for one in config.prizes),
            Port("none", Label("未中奖", "Nothing")),
        )

    def gives(self, config: LotteryConfig) -> Mapping[str, frozenset[str]]:
        return {one.name: frozenset({"coupon"}) for one in config.prizes if one.coupon_template is not None}

    def worth(self, config: LotteryConfig, tx: Tx) -> Decimal | None:
        """What a draw costs on average, as far as the coupons say."""
        found = dict(_templates(tx, config))
        return sum((one.odds / 100 * (found.get(one.coupon_template) or 0) for one in config.prizes), Decimal(0))

    def check(self, config: LotteryConfig, ctx: CheckContext) -> Iterable[Finding]:
        known = dict(_templates(ctx.tx, config))
        for index, one in enumerate(config.prizes):
            if one.coupon_template is not None and one.coupon_template not in known:
                yield Finding(
                    "coupon_template_missing",
                    Label("优惠券不存在或已下架。", "The coupon does not exist or has been withdrawn."),
                    Label("请选择一张现有的优惠券。", "Choose an existing coupon."),
                    f"prizes[{index}].coupon_template",
                )

    def fragment(self, config: LotteryConfig, ctx: CompileContext) -> Fragment:
        edges = [
            int(sum(one.odds for one in config.prizes[: index + 1]) * WHOLE / 100)
            for index in range(len(config.prizes))
        ]
        drawn = (
            "(case "
            + " ".join(f"when h.roll < {edge} then {index}" for index, edge in enumerate(edges))
            + f" else {len(edges)} end)"
        )
        prize = f"(%(templates)s::uuid[])[{drawn} + 1]"
        return Fragment(
            arrival_joins=f"cross join lateral (select {ROLL} as roll) h",
            arrival_columns={
                "roll": "h.roll",
                "prize": f"{drawn}::smallint",
                "coupon": prize,
                "draw": "tandem_new_id()",
            },
            wake_at=f"case when r.customer_id is null or {prize} is null then %(now)s::timestamptz end",
            on_arrival={
                "drawn": _DRAWN,
                "asked": _ASKED,
                **told(
                    event_type=f"'{LOTTERY_DRAWN}'",
                    lane="r.lane",
                    event_id="r.draw",
                    payload="jsonb_build_object('flow_id', r.flow_id, 'run_id', r.id, 'block', %(block)s::text,"
                    " 'prize', (%(labels)s::text[])[r.prize + 1], 'won', r.prize < %(prizes)s::int)",
                    cause_id="r.cause_id",
                    root_id="coalesce(r.root_id, r.draw)",
                ),
            },
            joins="left join lateral (select d.id, d.roll, d.prize, d.template_id from lottery_draw d where d.bucket = r.bucket"
            " and d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.run_id = r.id and d.block = %(block)s"
            " order by d.id desc limit 1) w on true",
            columns={
                "came": f"case when w.id is null or coalesce(r.signal, 0) > 0 then {len(edges)} else w.prize end::smallint",
                "roll": "w.roll",
                "answer": f"(array[{', '.join(repr(one) for one in ANSWERS)}])[r.signal + 1]",
            },
            effects={
                # Who won what was gone by then won nothing, and the record says so.
                "settled": "update lottery_draw d set outcome = r.answer from {rows} r where r.answer is not null and d.bucket = r.bucket"
                " and d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.run_id = r.id and d.block = %(block)s"
                " and d.outcome is null"
            },
            port="r.came",
            facts="jsonb_strip_nulls(jsonb_build_object('roll', r.roll, 'answer', r.answer))",
            params={
                "block": ctx.block,
                "prizes": len(edges),
                "templates": [one.coupon_template for one in config.prizes],
                "labels": [*(one.label for one in config.prizes), None],
                "odds": Jsonb([{"name": one.name, "label": one.label, "odds": str(one.odds)} for one in config.prizes]),
            },
        )


_DRAWN: Final = (
    "insert into lottery_draw (bucket, id, tenant_id, customer_id, origin_id, flow_id, run_id, block, visit, roll, odds, prize, template_id, drawn_at)"
    " select r.bucket, r.draw, %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), r.flow_id, r.id, %(block)s, r.visit, r.roll, %(odds)s,"
    " r.prize, r.coupon, %(now)s::timestamptz from {rows} r where r.customer_id is not null"
)
_ASKED: Final = (
    "insert into coupon_request (bucket, id, tenant_id, customer_id, origin_id, template_id, run_id, block, visit, cause_id, root_id, hops)"
    " select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), r.coupon, r.id, %(block)s, r.visit, r.cause_id,"
    " r.root_id, r.hops from {rows} r where r.customer_id is not null and r.coupon is not null"
)


def _templates(tx: Tx, config: LotteryConfig) -> list[tuple[Any, Any]]:
    """(id, worth) of the prizes' coupons that can be given."""
    return tx.cursor(
        "select id, case when kind <> 'percent' then value end from coupon_template where tenant_id = %(tenant)s and archived_at is null"
        " and id = any(%(ids)s::uuid[])",
        {"tenant": tx.tenant_id, "ids": [one.coupon_template for one in config.prizes if one.coupon_template]},
    ).fetchall()


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw on record. `prize`: its place among the odds, their number for nothing. `outcome`: what came of a coupon won."""

    id: UUID
    customer_id: UUID
    flow_id: UUID
    run_id: UUID
    block: str
    visit: int
    roll: int
    odds: list[dict[str, str]]
    prize: int
    outcome: str | None
    drawn_at: datetime


def draws(tx: Tx, *, flow_id: UUID, cursor: str | None, limit: int) -> tuple[list[DrawRow], str | None]:
    """A page of a flow's draws, newest first. Raises InvalidInput for a cursor we did not make."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        DrawRow,
        """
        select id, customer_id, flow_id, run_id, block, visit, roll, odds, prize, outcome, drawn_at from lottery_draw
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and flow_id = %(flow)s
          and (%(at)s::timestamptz is null or (drawn_at, id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by drawn_at desc, id desc limit %(more)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "flow": flow_id, "at": at, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "drawn_at", "id")
