"""Connectors: every platform's door, and the work of asking. Start reading here."""

from __future__ import annotations

from typing import Final

from tandem.catalog.label import Label
from tandem.connectors.aliyun_sms import carrier as aliyun_sms
from tandem.connectors.aliyun_sms import reports as aliyun_reports
from tandem.connectors.dingtalk import carrier as dingtalk
from tandem.connectors.dingtalk.staff import GATEWAY as DINGTALK_STAFF
from tandem.connectors.feishu import carrier as feishu
from tandem.connectors.feishu.staff import GATEWAY as FEISHU_STAFF
from tandem.connectors.kit import api, doorway, privacy, receivers_api, rounds, stock_api, stock_block, stock_out, wants
from tandem.connectors.kit.registry import platforms
from tandem.connectors.smtp import carrier as smtp
from tandem.connectors.tencent_sms import carrier as tencent_sms
from tandem.connectors.tencent_sms import reports as tencent_reports
from tandem.connectors.wechat_oa import carrier as wechat_oa
from tandem.connectors.wecom.archive.source import WeComArchives
from tandem.connectors.wecom.connector import PLATFORM as WECOM
from tandem.connectors.wecom.gateway import WeComGateway
from tandem.connectors.wecom.staff import GATEWAY as WECOM_STAFF
from tandem.domains.contact.archive.ports import register_archive
from tandem.domains.contact.gateway import register_gateway
from tandem.domains.directory.gateway import register_staff
from tandem.flow.module import Job, Module, Permission
from tandem.flow.rehearsal.parts import Tryout

register_gateway(WECOM.manifest.name, WeComGateway())
for _name, _staff in (("wecom", WECOM_STAFF), ("dingtalk", DINGTALK_STAFF), ("feishu", FEISHU_STAFF)):
    register_staff(_name, _staff)
register_archive(WECOM.manifest.name, WeComArchives())
for _platform in platforms().values():
    doorway.register(_platform)

#: Registered by being loaded: who carries messages to people.
CARRIERS: Final = (aliyun_sms, tencent_sms, wechat_oa, smtp, dingtalk, feishu)

#: Registered likewise: where providers report what became of messages.
REPORTS: Final = (aliyun_reports, tencent_reports)

MODULE: Final = Module(
    name="connectors",
    label=Label("平台连接", "Connectors"),
    door_kinds=(*wants.DOOR_KINDS, *privacy.DOOR_KINDS),
    jobs=(
        Job("connectors.rounds", rounds.job(), during_clock=False),
        Job("connectors.stock_out", stock_out.job(), during_clock=False),
    ),
    permissions=(
        Permission("order.receiver", Label("查看平台订单的收件信息", "Open receivers of platforms' orders")),
        Permission("stock.publish", Label("把库存发布到店铺", "Set stock at shops")),
    ),
    kinds=stock_block.KINDS,
    routers=(api.router, receivers_api.router, stock_api.router),
    tryouts=(Tryout("connectors", tables={"stock_push": ""}),),
    tables="tandem.connectors.kit.tables",
)
