"""What happens in commerce, as event types of the catalog. A till sale is one happening: it is paid where it is placed."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import NUMBER, TEXT, TIMESTAMP
from tandem.domains.commerce.words import STATUS_OPTIONS, YUAN

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

ORDER_EVENTS: Final = (ORDER_PLACED, ORDER_PAID, ORDER_COMPLETED, ORDER_CANCELLED, ORDER_CHANGED)
ALL: Final = (*ORDER_EVENTS, ORDER_MOVED, ORDER_REVALUED, REFUND_CREATED)

_ORDER_FIELDS: Final = (
    Field("order_id", TEXT, Label("订单号", "Order number")),
    Field("status", TEXT, Label("订单状态", "Order status"), options=STATUS_OPTIONS),
    Field("total", NUMBER, Label("实付金额", "Total"), unit=YUAN),
    Field("discount", NUMBER, Label("优惠金额", "Discount"), unit=YUAN),
    Field("currency", TEXT, Label("币种", "Currency")),
    Field("store", TEXT, Label("门店编码", "Store code")),
    Field("channel", TEXT, Label("销售渠道", "Sales channel")),
    Field("line_count", NUMBER, Label("商品行数", "Lines"), whole=True),
    Field("placed_at", TIMESTAMP, Label("下单时间", "Placed at")),
    Field("paid_at", TIMESTAMP, Label("付款时间", "Paid at")),
)

EVENT_TYPES: Final = (
    EventType(ORDER_PLACED, Label("下单（待付款）", "Order placed"), _ORDER_FIELDS),
    EventType(ORDER_PAID, Label("订单付款", "Order paid"), _ORDER_FIELDS),
    EventType(ORDER_COMPLETED, Label("订单完成", "Order completed"), _ORDER_FIELDS),
    EventType(ORDER_CANCELLED, Label("订单取消", "Order cancelled"), _ORDER_FIELDS),
    EventType(ORDER_CHANGED, Label("订单更正", "Order corrected"), _ORDER_FIELDS),
    EventType(ORDER_MOVED, Label("订单换了归属客户", "Order moved to another customer"), _ORDER_FIELDS[:1]),
    EventType(ORDER_REVALUED, Label("订单按新汇率折算", "Order revalued at another rate"), _ORDER_FIELDS[:1]),
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
