"""What people do with content, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import NUMBER, TEXT

RADAR_TOLD: Final = "radar.told"
"""A page's word of one opening, before it is known whether it is news; flows hear the others."""
RADAR_OPENED: Final = "radar.opened"
RADAR_READ: Final = "radar.read"
RADAR_FINISHED: Final = "radar.finished"
RADAR_LIKED: Final = "radar.liked"
RADAR_FORWARDED: Final = "radar.forwarded"
RADAR_PASSED_ON: Final = "radar.passed_on"

_FIELDS: Final = (
    Field("material", TEXT, Label("素材", "Material")),
    Field("material_id", TEXT, Label("素材编号", "Material id")),
    Field("product", TEXT, Label("相关商品", "Product")),
    Field("member", TEXT, Label("员工账号", "Adviser's account")),
)
_READ: Final = (
    *_FIELDS,
    Field("seconds", NUMBER, Label("阅读秒数", "Seconds"), whole=True),
    Field("depth", NUMBER, Label("读到（百分比）", "Per cent read"), whole=True),
)

EVENT_TYPES: Final = (
    EventType(RADAR_TOLD, Label("素材被打开（页面原话）", "Told by a page of content"), _READ),
    EventType(RADAR_OPENED, Label("打开素材", "Opened content"), _FIELDS),
    EventType(RADAR_READ, Label("读完离开素材", "Left content after reading"), _READ),
    EventType(RADAR_FINISHED, Label("素材读到末尾", "Read content to its end"), _READ),
    EventType(RADAR_LIKED, Label("点赞素材", "Liked content"), _FIELDS),
    EventType(RADAR_FORWARDED, Label("转发素材", "Forwarded content"), _FIELDS),
    EventType(RADAR_PASSED_ON, Label("转发的素材被别人打开", "Content she passed on was opened"), _FIELDS),
)
