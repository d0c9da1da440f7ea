"""What customers write, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field, Option
from tandem.catalog.value_types import BOOL, TEXT

CHAT_REPORTED: Final = "chat.reported"
"""A platform's word that a customer wrote; flows hear the one below, which says what it is about."""
CHAT_RECEIVED: Final = "chat.received"

CHAT_ANSWERED: Final = "chat.answered"
"""The shop's or an adviser's answer in a conversation that a platform tells."""

#: The ways by which a conversation comes. A source that posts may name others: those are shown as they are.
WAYS: Final = (
    Option("kf", Label("微信客服", "WeChat customer service")),
    Option("wecom", Label("企业微信", "WeCom")),
    Option("official_account", Label("公众号", "Official account")),
    Option("youzan", Label("有赞客服", "Youzan desk")),
    Option("ebay", Label("eBay 站内信", "eBay messages")),
    Option("taobao.refund", Label("天猫 / 淘宝退款留言", "Taobao refund notes")),
    Option("tmall", Label("天猫旺旺", "Tmall chat")),
)

_TOLD: Final = (
    Field("text", TEXT, Label("消息内容", "Text"), privacy="sensitive"),
    Field("through", TEXT, Label("来自", "Through"), options=WAYS),
    Field("member", TEXT, Label("员工账号", "Adviser's account")),
    Field("source", TEXT, Label("数据来源", "Source")),
    Field("about", TEXT, Label("所说订单", "Order it is about")),
)

EVENT_TYPES: Final = (
    EventType(CHAT_REPORTED, Label("客户来消息（平台原话）", "Message told by the platform"), _TOLD),
    EventType(CHAT_ANSWERED, Label("客服回复客户", "Customer was answered"), _TOLD),
    EventType(
        CHAT_RECEIVED,
        Label("客户来消息", "Customer wrote"),
        (
            *_TOLD,
            Field("question", BOOL, Label("像是提问", "Sounds like a question")),
            Field("topic", TEXT, Label("识别出的主题", "Topic")),
            Field("topic_id", TEXT, Label("主题编号", "Topic id")),
            Field("product", TEXT, Label("相关商品", "Product")),
            Field("material_id", TEXT, Label("主题的素材编号", "Topic's material")),
        ),
    ),
)
