"""What happens in commerce, as event types of the catalog. A till sale is one happening: it is paid where it is placed."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import NUMBER, TEXT, TIMESTAMP
from tandem.domains.commerce.words import PIECES, STATUS_OPTIONS, YUAN

ORDER_PLACED: Final = "order.placed"
ORDER_PAID: Final = "order.paid"
ORDER_COMPLETED: Final = "order.completed"
ORDER_CANCELLED: Final = "order.cancelled"
ORDER_CHANGED: Final = "order.changed"
"""The record was corrected without reaching a new status (lines, totals, owner); keeps the tables right, seldom starts a flow."""
ORDER_MOVED: Final = "order.moved"
"""The order turned out to be another customer's: the former owner's bucket lets its rows go."""
ORDER_REVALUED: Final = "order.revalued"
"""An exchange rate came or was corrected, and the order is worth another amount in the tenant's currency; of its kind always history."""
REFUND_CREATED: Final = "refund.created"

STOCK_COUNTED: Final = "stock.counted"
"""A count differs from the one before."""
STOCK_LOW: Final = "stock.low"
"""A count fell below the line that people set for it."""
STOCK_RESTORED: Final = "stock.restored"
"""It reached its line again."""
STOCK_LINE_CHANGED: Final = "stock.line_changed"
"""People set its line anew, or took it away."""
STOCK_EVENTS: Final = (STOCK_COUNTED, STOCK_LOW, STOCK_RESTORED, STOCK_LINE_CHANGED)

ORDER_EVENTS: Final = (ORDER_PLACED, ORDER_PAID, ORDER_COMPLETED, ORDER_CANCELLED, ORDER_CHANGED)
ALL: Final = (*ORDER_EVENTS, ORDER_MOVED, ORDER_REVALUED, REFUND_CREATED, *STOCK_EVENTS)

_ORDER_FIELDS: Final = (
    Field("order_id", TEXT, Label("订单号", "Order number")),
    Field("status", TEXT, Label("订单状态", "Order status"), options=STATUS_OPTIONS),
    Field("total", NUMBER, Label("实付金额", "Total"), unit=YUAN),
    Field("discount", NUMBER, Label("优惠金额", "Discount"), unit=YUAN),
    Field("currency", TEXT, Label("币种", "Currency")),
    Field("store", TEXT, Label("门店编码", "Store code")),
    Field("channel", TEXT, Label("销售渠道", "Sales channel")),
    Field("adviser", TEXT, Label("导购工号", "Adviser's staff number")),
    Field("line_count", NUMBER, Label("商品行数", "Lines"), whole=True),
    Field("placed_at", TIMESTAMP, Label("下单时间", "Placed at")),
    Field("paid_at", TIMESTAMP, Label("付款时间", "Paid at")),
)

_STOCK_FIELDS: Final = (
    Field("product_id", TEXT, Label("商品编号", "Product number")),
    Field("product", TEXT, Label("商品名称", "Product")),
    Field("source", TEXT, Label("来源平台", "Source")),
    Field("place", TEXT, Label("仓库或库位", "Place")),
    Field("quantity", NUMBER, Label("现有数量", "Quantity"), unit=PIECES),
    Field("was", NUMBER, Label("上次数量", "Quantity before"), unit=PIECES),
    Field("low_at", NUMBER, Label("库存警戒线", "Low below"), unit=PIECES),
)

EVENT_TYPES: Final = (
    EventType(STOCK_COUNTED, Label("库存数量变化", "Stock counted anew"), _STOCK_FIELDS),
    EventType(STOCK_LOW, Label("库存低于警戒线", "Stock low"), _STOCK_FIELDS),
    EventType(STOCK_RESTORED, Label("库存恢复到警戒线以上", "Stock restored"), _STOCK_FIELDS),
    EventType(STOCK_LINE_CHANGED, Label("库存警戒线变化", "Stock line changed"), _STOCK_FIELDS),
    EventType(ORDER_PLACED, Label("下单（待付款）", "Order placed"), _ORDER_FIELDS),
    EventType(ORDER_PAID, Label("订单付款", "Order paid"), _ORDER_FIELDS),
    EventType(ORDER_COMPLETED, Label("订单完成", "Order completed"), _ORDER_FIELDS),
    EventType(ORDER_CANCELLED, Label("订单取消", "Order cancelled"), _ORDER_FIELDS),
    EventType(ORDER_CHANGED, Label("订单更正", "Order corrected"), _ORDER_FIELDS),
    EventType(
        ORDER_MOVED, Label("订单换了归属客户", "Order moved to another customer"), _ORDER_FIELDS[:1], history=True
    ),
    EventType(
        ORDER_REVALUED, Label("订单按新汇率折算", "Order revalued at another rate"), _ORDER_FIELDS[:1], history=True
    ),
    EventType(
        REFUND_CREATED,
        Label("退款", "Refund created"),
        (
            Field("refund_id", TEXT, Label("退款单号", "Refund number")),
            Field("order_id", TEXT, Label("订单号", "Order number")),
            Field("amount", NUMBER, Label("退款金额", "Amount refunded"), unit=YUAN),
            Field("at", TIMESTAMP, Label("退款时间", "Refunded at")),
        ),
    ),
)
