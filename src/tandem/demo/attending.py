"""The demo's service desk and chat archive: switched on, with words to watch for and questions it knows the answers to."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.domains.contact.archive import accounts, inspecting
from tandem.domains.contact.archive.shapes import ArchiveChange, NewInspectionList
from tandem.domains.contact.attending import desks, knowledge
from tandem.domains.contact.attending.ports import DeskThere
from tandem.domains.contact.attending.shapes import DeskChange, NewKnowledgeArticle, ServiceHours
from tandem.kernel.db import Tx

_DAILY: Final = [1, 2, 3, 4, 5, 6, 7]
_LISTS: Final = (
    NewInspectionList(name="私下交易", said_by="staff", words=["转账", "私人微信", "加我微信", "不走店里"]),
    NewInspectionList(name="承诺与绝对化", said_by="staff", level="note", words=["保证治好", "百分百", "最便宜"]),
    NewInspectionList(name="投诉与退款", said_by="customer", words=["投诉", "退款", "12315", "差评"]),
)
_ARTICLES: Final = (
    (
        "几点开门关门",
        "营业",
        "门店每天 9:00 到 21:00 营业，节假日不休息。",
        ["今天几点关门", "营业时间是什么时候", "周末上班吗"],
    ),
    (
        "怎么退换货",
        "售后",
        "7 天内凭小票或订单号到任意门店退换，吊牌要保留。",
        ["退货怎么操作", "买错了可以退吗", "尺码不合适能换吗"],
    ),
    ("积分怎么换礼品", "会员", "小程序“我的 - 积分兑换”里可以换礼品和优惠券。", ["积分可以换什么", "积分在哪里兑换"]),
    (
        "线上订单多久发货",
        "物流",
        "线上订单 48 小时内发货，发货后会发短信通知您单号。",
        ["什么时候发货", "下单了怎么还没发货"],
    ),
    (
        "宝宝穿多大码",
        "选购",
        "一般按身高选：73 选 80 码，80 选 90 码；偏胖建议大一码。",
        ["尺码怎么选", "八个月穿多大码"],
    ),
)


def open_desk(tx: Tx, account: UUID, there: DeskThere) -> None:
    """Switch the archive and one desk on. In the demo the desk answers at any hour, so that it can be seen."""
    hours = [ServiceHours.model_validate({"days": _DAILY, "from": "09:00", "until": "21:00"})]
    accounts.change(tx, account, ArchiveChange(active=True, hours=hours, alarm_minutes=30, sample_n=3))
    for one in _LISTS:
        inspecting.put_list(tx, one)
    for title, category, answer, questions in _ARTICLES:
        given = NewKnowledgeArticle(title=title, category=category, answer=answer, questions=questions)
        knowledge.rule(tx, knowledge.put_article(tx, given), "approved")
    desks.learn(tx, account, [there])
    for desk in desks.list_desks(tx):
        desks.change_desk(tx, desk.id, DeskChange(active=True, answers="always", hours=hours))
