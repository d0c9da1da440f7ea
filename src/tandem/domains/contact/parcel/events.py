"""What parcel cards tell, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import TEXT

PARCEL_CARD_SCANNED: Final = "parcel_card.scanned"
"""Somebody opened the card or link of a known buyer's order."""
ORDER_CLAIMED: Final = "order.claimed"
"""Somebody became a friend by a card or link: told of the friend."""
ORDER_CARD_CLAIMED: Final = "order.card_claimed"
"""The same, told of the order and its buyer."""

_CARD: Final = (
    Field("batch", TEXT, Label("卡片批次", "Batch of cards")),
    Field("source", TEXT, Label("来源平台", "Source")),
    Field("order_id", TEXT, Label("订单号", "Order number")),
)
_CLAIM: Final = (
    *_CARD,
    Field("adviser", TEXT, Label("导购", "Adviser")),
    Field("binding", TEXT, Label("身份关联", "How she was bound")),
)

EVENT_TYPES: Final = (
    EventType(PARCEL_CARD_SCANNED, Label("包裹卡被扫", "Parcel card scanned"), _CARD),
    EventType(ORDER_CLAIMED, Label("凭包裹卡加为好友", "Friend by a parcel card"), _CLAIM),
    EventType(ORDER_CARD_CLAIMED, Label("订单的包裹卡带来好友", "Order's parcel card brought a friend"), _CLAIM),
)
