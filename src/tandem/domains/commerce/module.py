"""Commerce: stores, products, orders, refunds. Start reading here."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.commerce.api import router
from tandem.domains.commerce.door import DOOR_KINDS
from tandem.domains.commerce.fields import CONTRIBUTION
from tandem.domains.commerce.projections import FACTS, PROJECTIONS
from tandem.domains.commerce.rates_api import router as rates_router
from tandem.flow.module import Module, Permission
from tandem.flow.rehearsal.parts import Tryout

MODULE: Final = Module(
    name="commerce",
    label=Label("商品与订单", "Commerce"),
    permissions=(
        Permission("order.read", Label("查看订单、门店与商品", "See orders, stores and products")),
        Permission("stock.write", Label("设置库存警戒线", "Set the lines below which stock is low")),
    ),
    contribution=CONTRIBUTION,
    door_kinds=DOOR_KINDS,
    projections=PROJECTIONS,
    facts=FACTS,
    # An order that nobody has paid yet is known since it was placed.
    tryouts=(Tryout("commerce", times={"sales_order": "coalesce(t.paid_at, t.placed_at)"}),),
    routers=(router, rates_router),
    tables="tandem.domains.commerce.tables",
)
