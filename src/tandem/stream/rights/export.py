"""A copy of everything held of one person: JSON by table for machines, one HTML page for her, in a zip."""

from __future__ import annotations

import html
import io
import json
import zipfile
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table

from tandem.access.audit import plain
from tandem.kernel.db import Tx
from tandem.stream.keys import tenant_keys
from tandem.stream.rights import raw
from tandem.stream.rights.columns import column_title
from tandem.stream.rights.person import Person
from tandem.stream.rights.rules import owned_tables

ROWS_MAX: Final = 200_000
"""Of one table; a person with more is no person. The package says so where it was cut."""
_DROPPED: Final = ("_hash", "key_enc")
_MACHINE: Final = frozenset({"bucket", "tenant_id"})
TITLES: Final = {
    "customer": "基本资料 Basic data",
    "customer_identifier": "联系方式与账号 Contact details and accounts",
    "customer_tag": "标签 Tags",
    "customer_profile": "画像 Profile",
    "consent_log": "同意记录 Consents",
    "sales_order": "订单 Orders",
    "order_line": "订单商品 Order lines",
    "refund": "退款 Refunds",
    "coupon": "优惠券 Coupons",
    "points_entry": "积分流水 Points",
    "outbox_message": "消息 Messages",
    "event": "行为记录 Events",
    "segment_member": "所属分群 Segments",
    "flow_run": "参与的流程 Flows",
    "flow_step_log": "流程经过 Steps in flows",
    "flow_due": "流程到期事项 What falls due in flows",
    "flow_parked": "流程中等待 Waiting in flows",
    "flow_arm": "所在分组 Experiment arms",
    "flow_ticket": "限量名额 Places at gates",
    "flow_mishap": "流程中未做成的 What went wrong in flows",
    "flow_left_out": "流程中未能判断的 What could not be judged in flows",
    "http_call": "对外部系统的调用 Calls to other systems",
    "human_task": "人工任务 Tasks for people",
    "sidebar_hint": "给员工的提示 Hints to staff",
    "backtest_person": "回测样本 Samples of backtests",
    "coupon_request": "待发优惠券 Coupons to be issued",
    "lottery_draw": "抽奖 Draws",
    "points_lot": "积分批次 Lots of points",
    "level_standing": "会员等级 Level",
    "redemption": "核销 Redemptions",
    "redemption_report": "核销回报 Reported redemptions",
    "customer_fact_day": "每日统计 Daily counts",
    "customer_field": "自定义资料 Fields of one's own",
    "displaced_row": "合并时让位的记录 Rows displaced in merging",
    "list_entry": "静态名单 Lists",
    "segment_due": "分群到期事项 What falls due in segments",
    "inbox": "待处理的事件 Events to be applied",
    "inbox_failed": "处理失败的事件 Events that failed",
    "friendship": "企业微信好友 Friends on WeCom",
    "friend_tag": "企业微信标签 Tags on WeCom",
    "tag_conflict": "标签差异 Tags that differ",
    "group_membership": "客户群成员 Group memberships",
    "group_drop": "群内发券 Coupons dropped in groups",
    "hand_over_item": "交接 Hand-overs",
    "mass_send_person": "群发名单 Mass messages",
    "radar_visit": "素材浏览 Visits of materials",
    "archive_talk": "会话存档 Archived chats",
    "archive_message": "会话存档消息 Messages of archived chats",
    "archive_reply": "回复时长 Times of answers",
    "inspection_hit": "会话质检命中 Watched words in chats",
    "score_sample": "会话评分 Scored chats",
    "desk_talk": "客服会话 Talks at service desks",
    "desk_message": "客服会话消息 Messages at service desks",
    "referral_friend": "受邀 Referred",
    "referral_inviter": "邀请 Referring",
    "referral": "推荐人 By whom referred",
    "referral_made": "推荐的客户 Referred customers",
    "page_popup": "网页弹窗 Pop-ups on web pages",
    "simulated_inbox": "模拟收件箱 Simulated inbox",
    "simulated_reaction": "模拟反应 Simulated reactions",
    "webhook_delivery": "对外推送 Webhook deliveries",
    "webhook_attempt": "推送尝试 Attempts of webhooks",
    "lead": "销售线索 Leads",
    "parcel_claim": "包裹卡认领 Claims by parcel card",
    "order_claim": "订单认领 Claims of orders",
    "order_credit": "订单归属 Credit for orders",
    "performance_credit": "业绩归属 Credit for performance",
    "credit_dispute": "归属争议 Disputes about credit",
    "raw_copies": "原始报文 Raw records as received",
}


def gather(tx: Tx, who: Person) -> dict[str, list[dict[str, Any]]]:
    """Every row of hers by table, sealed values opened; tables without any are left out."""
    params = {"tenant": tx.tenant_id, "buckets": who.buckets, "ids": list(who.ids), "limit": ROWS_MAX}
    found = {"customer": _rows(tx, who, "customer", "id", params)}
    for table in owned_tables():
        rows = _rows(tx, who, table.name, "customer_id", params, order=_order(table))
        if rows:
            found[table.name] = rows
    copies = [{"table": one.table, "text": one.text} for one in raw.copies(tx, tenant_keys(tx), who)]
    if copies:
        found["raw_copies"] = copies
    return found


def told_columns(table: Table) -> list[str]:
    """What the copy says of a table's rows: all that is not the machine's own keys."""
    names = [column.name for column in table.columns if column.name not in _MACHINE]
    return [name.removesuffix("_enc") for name in names if not name.endswith(_DROPPED)]


def _rows(
    tx: Tx, who: Person, table: str, owner: str, params: dict[str, Any], *, order: str = "1"
) -> list[dict[str, Any]]:
    rows = tx.dicts(
        f"select * from {table} where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and {owner} = any(%(ids)s::uuid[])"
        f" order by {order} limit %(limit)s",
        params,
    )
    return [_readable(who, row) for row in rows]


def _order(table: Table) -> str:
    return ", ".join(column.name for column in table.primary_key.columns)


def _readable(who: Person, row: dict[str, Any]) -> dict[str, Any]:
    origin = row.get("origin_id") or row.get("customer_id") or row.get("id")
    told: dict[str, Any] = {}
    for name, value in row.items():
        if name in _MACHINE or name.endswith(_DROPPED) or value is None:
            continue
        if name.endswith("_enc"):
            told[name.removesuffix("_enc")] = who.open(origin, value)
        elif not isinstance(value, bytes | memoryview):
            told[name] = plain(value)
    return told


def package(found: dict[str, list[dict[str, Any]]], *, tenant: str, at: datetime) -> bytes:
    """The zip: `data.json` (every table), `index.html` (the same to read), `README.txt`."""
    about = {
        "format": 1,
        "tenant": tenant,
        "made_at": at.isoformat(),
        "tables": {name: len(rows) for name, rows in found.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps({"about": about, **found}, ensure_ascii=False, indent=1))
        archive.writestr("index.html", page(found, tenant=tenant, at=at))
        archive.writestr("README.txt", _README)
    return buffer.getvalue()


_README: Final = """index.html  可以直接阅读 to read
data.json   机器可读，UTF-8 for machines, UTF-8: one list of rows for each table
"""
_STYLE: Final = (
    "body{font:14px/1.6 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#1f2329}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{border:1px solid #d0d4da;padding:4px 8px;text-align:left;"
    "vertical-align:top;word-break:break-word}th{background:#f2f4f7}summary{cursor:pointer;font-size:1.1rem;font-weight:600}"
)


def page(found: dict[str, list[dict[str, Any]]], *, tenant: str, at: datetime) -> str:
    """The readable page; all values are escaped, nothing is loaded from anywhere."""
    parts = [
        "<!doctype html><html lang='zh'><meta charset='utf-8'><title>个人信息副本 A copy of your data</title>",
        f"<style>{_STYLE}</style><h1>个人信息副本 A copy of your data</h1>",
        f"<p>{html.escape(tenant)} · {html.escape(at.isoformat(timespec='minutes'))}</p>",
    ]
    known = [name for name in TITLES if name in found]
    for name in (*known, *(one for one in sorted(found) if one not in TITLES)):
        rows = found[name]
        parts.append(
            f"<details{' open' if name in known[:4] else ''}><summary>{html.escape(TITLES.get(name, name))} ({len(rows)})</summary>"
        )
        parts.append(_table(rows) + "</details>")
    return "\n".join(parts)


def _table(rows: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{html.escape(column_title(name))}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_text(row.get(name)))}</td>" for name in columns) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
