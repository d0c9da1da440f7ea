"""The block that tells a shop how much is left, in flows about a stock item."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pydantic import Field

from tandem.catalog.label import Label
from tandem.connectors.kit.registry import platforms
from tandem.flow.node import CheckContext, CompileContext, Config, Finding, Fragment, Group, NodeKind, Port, reads_sql

STOCK_ITEM: Final = "stock_item"


class PublishConfig(Config):
    """Which number."""

    quantity: str = Field(
        default="0",
        max_length=4000,
        title="发布的数量 | The number to tell",
        json_schema_extra={
            "x-ui": {
                "widget": "expression",
                "returns": "number",
                "scope": {"stock_item": "stock_item"},
                "help": {
                    "zh": "例如 0（售罄下架），或 stock_item.quantity - 5（留 5 件余量）",
                    "en": "0, or stock_item.quantity - 5",
                },
            }
        },
    )


class PublishStock(NodeKind[PublishConfig]):
    kind = "trade.publish_stock"
    for_customer = False
    group = Group.TRADE
    label = Label("发布库存到店铺", "Tell the shop its stock")
    help = Label(
        "把库存商品的数量发布到它所在的店铺，由系统按平台限流发送；同一商品只发最新的数。不是从已连接平台来的、或平台不允许的，走“不能发布”。",
        "Sets the stock item's count at its shop, within the platform's limits; of several numbers only the latest is told. Where the shop is"
        " not connected, or does not allow it, the way is 'not possible'.",
    )
    icon = "edit"
    needs = ("stock.publish",)
    config = PublishConfig

    def ports(self, config: PublishConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("filed", Label("已提交", "Filed")),
            Port("none", Label("不能发布", "Not possible"), optional=True, otherwise="filed"),
        )

    def check(self, config: PublishConfig, ctx: CheckContext) -> Iterable[Finding]:
        if ctx.subject != STOCK_ITEM:
            yield Finding(
                "stock_item_needed",
                Label("流程的主体不是库存商品", "The flow is not about a stock item"),
                Label(
                    "请删除该环节，或新建以库存商品为主体的流程", "Delete the block, or make a flow about stock items"
                ),
            )
            return
        yield from ctx.expression(config.quantity, "quantity", returns="number")

    def fragment(self, config: PublishConfig, ctx: CompileContext) -> Fragment:
        number = ctx.expression(config.quantity, "quantity", returns="number")
        able = [name for name, one in platforms().items() if one.set_stock is not None]
        return Fragment(
            joins=" ".join(number.joins)
            + " left join stock_level as pushed on pushed.tenant_id = %(tenant)s and pushed.bucket = r.bucket and pushed.id = r.subject_id"
            " left join source_account as shop on shop.tenant_id = %(tenant)s and shop.source = pushed.source and shop.status = 'active'"
            " and shop.connector = any(%(able)s::text[])",
            columns={
                "told_reads": reads_sql(number),
                "told_quantity": f"case when shop.id is not null then greatest(0, least(1000000000, round(({number.sql})::numeric)))::int end",
            },
            effects={
                "pushed": "insert into stock_push (tenant_id, id, item_id, quantity, run_id, block, visit)"
                " select %(tenant)s, tandem_new_id(), r.subject_id, r.told_quantity, r.id, %(block)s, r.visit from {rows} r"
                " where r.told_quantity is not null on conflict (tenant_id, run_id, block, visit) do nothing"
            },
            port="(case when r.told_quantity is null then 1 else 0 end)::smallint",
            facts="jsonb_build_object('quantity', r.told_quantity, 'reads', r.told_reads)",
            params={**number.params, "able": able, "block": ctx.block},
        )


KINDS: Final = (PublishStock(),)
