"""The event types of the data-flow engine itself: what happens to customers, tags and segments, and where people were."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import TEXT


def _text(name: str, zh: str, en: str) -> Field:
    return Field(name, TEXT, Label(zh, en))


_SOURCE: Final = _text("source", "来源", "Source")
_SEGMENT: Final = (_text("segment", "分群", "Segment"), _text("segment_id", "分群编号", "Segment id"))
_TAG: Final = (_text("tag", "标签", "Tag"), _SOURCE)
_MERGE: Final = (
    _text("survivor_id", "保留的客户", "Customer who stays"),
    _text("loser_id", "并入的客户", "Customer merged in"),
)

EVENT_TYPES: Final = (
    EventType("customer.created", Label("新客户", "New customer"), (_SOURCE,)),
    EventType("customer.recorded", Label("收到客户资料", "Customer details received"), (_SOURCE,)),
    EventType("customer.updated", Label("客户资料变更", "Customer details changed"), (_SOURCE,)),
    EventType("customer.identified", Label("识别到新的联系方式或账号", "Identifier learnt"), ()),
    EventType("customer.merged", Label("客户合并", "Customers merged"), _MERGE),
    EventType("customer.unmerged", Label("撤销客户合并", "Merge undone"), _MERGE),
    EventType("visit.recorded", Label("到店", "Visit"), (_text("store", "门店编号", "Store code"), _SOURCE)),
    EventType("behaviour.recorded", Label("行为", "Behaviour"), (_text("name", "行为名称", "Behaviour name"), _SOURCE)),
    EventType("segment.entered", Label("进入分群", "Entered a segment"), _SEGMENT),
    EventType("segment.left", Label("离开分群", "Left a segment"), _SEGMENT),
    EventType("segment.listed", Label("加入名单", "Put on a list"), _SEGMENT),
    EventType("segment.unlisted", Label("移出名单", "Taken off a list"), _SEGMENT),
    EventType("tag.added", Label("打上标签", "Tag added"), _TAG),
    EventType("tag.removed", Label("去掉标签", "Tag removed"), _TAG),
)
