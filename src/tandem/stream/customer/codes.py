"""Words for the short codes that events carry and no catalog field lists: where something came from, and why it did not go out.

A code we do not know is somebody's own name for a system of theirs and stays as they wrote it.
"""

from typing import Final

from tandem.catalog.label import Label

CODES: Final = {
    "pos": Label("门店收银", "Till"),
    "mall": Label("线上商城", "Online shop"),
    "crm": Label("会员系统", "Member system"),
    "import": Label("文件导入", "File import"),
    "api": Label("接口", "API"),
    "webhook": Label("接口推送", "Webhook"),
    "manual": Label("人工", "By hand"),
    "staff": Label("人工", "By hand"),
    "computed": Label("按规则计算", "Computed by a rule"),
    "retired": Label("规则已停用", "Rule retired"),
    "flow": Label("流程", "Flow"),
    "system": Label("系统", "System"),
    "simulated": Label("模拟通道", "Simulated channel"),
    "offline": Label("门店", "Store"),
    "store": Label("门店", "Store"),
    "online": Label("线上", "Online"),
    "female": Label("女", "Female"),
    "male": Label("男", "Male"),
    "other": Label("其他", "Other"),
    "unknown": Label("未知", "Unknown"),
    "capped": Label("超过频次上限", "Over the frequency cap"),
    "quiet_hours": Label("静默时段", "Quiet hours"),
    "do_not_contact": Label("客户勿扰", "Do not contact"),
    "no_customer": Label("客户已不存在", "Customer is gone"),
    "template_archived": Label("模板已停用", "Template is retired"),
    "run_left": Label("客户已离开流程", "Customer left the flow"),
    "goal_reached": Label("客户已达成目标", "Goal was reached"),
    "timed_out": Label("通道超时，不确定是否送达", "Channel timed out, delivery unknown"),
    "sender_lost": Label("发送进程中断，不确定是否送达", "Sender was lost, delivery unknown"),
    "expired": Label("超过有效期仍未能发送", "Could not be sent in time"),
    "missing_value": Label("模板需要的信息缺失", "A value the template needs is missing"),
    "throttled": Label("通道限速", "Channel throttled"),
    "rejected": Label("通道拒绝", "Rejected by the channel"),
}


def in_words(code: str) -> Label:
    """What a code means, with what it is about: `missing_value:coupon.code`; anything else as it is."""
    head, colon, about = code.partition(":")
    known = CODES.get(head)
    if known is None:
        return Label(code, code)
    return Label(f"{known.zh}（{about}）", f"{known.en} ({about})") if colon and about else known
