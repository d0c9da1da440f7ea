"""What ownership tells, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import NUMBER, TEXT

ORDER_CREDITED: Final = "order.credited"
"""An order found its adviser, or another one than before."""

EVENT_TYPES: Final = (
    EventType(
        ORDER_CREDITED,
        Label("订单归属导购", "Order credited to an adviser"),
        (
            Field("order_id", TEXT, Label("订单号", "Order number")),
            Field("adviser", TEXT, Label("导购", "Adviser")),
            Field("rule", TEXT, Label("归属规则", "Rule")),
            Field("total", NUMBER, Label("实付金额", "Total")),
            Field("advisers", NUMBER, Label("分享人数", "Advisers who share"), whole=True),
        ),
    ),
)
