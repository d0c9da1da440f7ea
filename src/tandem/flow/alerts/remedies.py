"""What an alert says, and what can be done about it. Pure."""

from __future__ import annotations

from typing import Final, Literal

from tandem.catalog.label import Label
from tandem.flow.alerts.watch import Alert

Action = Literal[
    "pause", "resume", "stop", "retry", "skip", "people", "limits", "failures", "workers", "edit", "send_on", "merges"
]

_LABELS: Final[dict[Action, Label]] = {
    "pause": Label("暂停流程", "Pause the flow"),
    "resume": Label("核实后恢复流程", "Resume after checking"),
    "stop": Label("停止流程", "Stop the flow"),
    "retry": Label("全部重试", "Try all again"),
    "skip": Label("全部跳过这一步", "Let all skip the step"),
    "people": Label("查看是哪些人", "See who they are"),
    "limits": Label("调整上限", "Change the limit"),
    "failures": Label("按原因查看失败", "See failures by cause"),
    "workers": Label("查看后台是否在工作", "See whether workers are at it"),
    "edit": Label("修改这一步", "Change the step"),
    "merges": Label("处理卡住的合并", "Deal with the merge"),
    "send_on": Label("让他们继续走", "Let them all go on"),
}
_OFFERED: Final[dict[str, tuple[Action, ...]]] = {
    "stall": ("people", "send_on", "edit", "pause"),
    "overdue": ("workers", "people", "send_on", "pause"),
    "failures": ("failures", "retry", "edit", "pause"),
    "refusals": ("people", "pause"),
    "runaway": ("people", "resume", "limits", "stop"),
    "surge": ("people", "pause", "limits"),
    "crowded": ("people", "resume", "limits", "stop"),
    "effects": ("resume", "limits", "stop"),
    "cost": ("resume", "limits", "stop"),
    "near_runaway": ("people", "limits", "pause"),
    "near_crowded": ("people", "limits", "pause"),
    "near_effects": ("limits", "pause"),
    "near_cost": ("limits", "pause"),
    "circling": ("failures", "edit", "limits", "pause"),
    "near_circling": ("people", "edit", "limits", "pause"),
    "loop": ("edit", "pause"),
    "held": ("merges", "people"),
    "slow": ("workers", "pause"),
    "left_out": ("edit", "pause"),
    "unjudged": ("edit", "pause"),
}
_SAID: Final[dict[str, Label]] = {
    "stall": Label(
        "{n} 人停在这一步，最久 {hours} 小时没有动", "{n} people stand at this step, the longest for {hours} hours"
    ),
    "overdue": Label(
        "{n} 人早该继续，却还停着：后台可能没有在工作", "{n} people should have gone on by now: workers may be down"
    ),
    "failures": Label("10 分钟内 {n} 人在这一步失败：{reason}", "{n} failed at this step within 10 minutes: {reason}"),
    "refusals": Label("10 分钟内 {n} 条没有送成：{reason}", "{n} came to nothing within 10 minutes: {reason}"),
    "runaway": Label(
        "1 小时内进入 {n} 人，超过上限 {limit}", "{n} entered within an hour, more than the limit of {limit}"
    ),
    "surge": Label("1 小时内进入 {n} 人，平时每小时约 {usual} 人", "{n} entered within an hour; usually about {usual}"),
    "crowded": Label("流程里有 {n} 人，超过上限 {limit}", "{n} people are inside, more than the limit of {limit}"),
    "effects": Label(
        "每分钟触达或发放约 {n} 次，超过上限 {limit}", "About {n} effects a minute, more than the limit of {limit}"
    ),
    "near_runaway": Label(
        "1 小时内进入 {n} 人，接近上限 {limit}；到了上限会自动暂停",
        "{n} entered within an hour, close to the limit of {limit}, at which the flow is paused",
    ),
    "near_crowded": Label(
        "流程里有 {n} 人，接近上限 {limit}；到了上限会自动暂停",
        "{n} people are inside, close to the limit of {limit}, at which the flow is paused",
    ),
    "near_effects": Label(
        "每分钟触达或发放约 {n} 次，接近上限 {limit}；到了上限会自动暂停",
        "About {n} effects a minute, close to the limit of {limit}, at which the flow is paused",
    ),
    "near_cost": Label(
        "今天已发出价值 {n} 的券，接近上限 {limit}；到了上限会自动暂停",
        "Coupons worth {n} were given today, close to the limit of {limit}, at which the flow is paused",
    ),
    "circling": Label(
        "{n} 人在流程里打转，走满 {limit} 段后停下了",
        "{n} went round in circles and were stopped after {limit} stretches",
    ),
    "near_circling": Label(
        "有人已经走了 {n} 段，接近每人最多 {limit} 段的上限：这里可能在打转",
        "Somebody has gone through {n} stretches, close to the limit of {limit}: this may be a circle",
    ),
    "held": Label(
        "{n} 位客户的合并卡住了：流程停在原地，新发生的事都在等；处理合并后会按顺序接着走",
        "A merge of {n} customers is stuck: they stand still and what happens to them waits; once it is dealt with all goes on in order",
    ),
    "loop": Label(
        "有 {n} 次事件连锁超过 {limit} 层，已拦下：流程之间可能在互相触发",
        "{n} events stood at the end of chains of more than {limit} causes and were stopped: flows may be setting each other off",
    ),
    "slow": Label(
        "5 分钟内有 {n} 次从事件到动作超过 {limit} 秒，95% 的用时在 {seconds} 秒内",
        "{n} effects came more than {limit} s after their events within 5 minutes; 95 of 100 came within {seconds} s",
    ),
    "left_out": Label(
        "24 小时内有 {n} 个对象因自身资料无法判断这一步的条件，没有进入：{reason}",
        "Within 24 hours {n} were left out, since their own data keep the condition of this step from being judged: {reason}",
    ),
    "unjudged": Label(
        "这一步的条件无法判断，没有人进入：{reason}",
        "The condition of this step cannot be judged, and nobody enters: {reason}",
    ),
    "cost": Label(
        "今天已发出价值 {n} 的券，超过上限 {limit}",
        "Coupons worth {n} were given today, more than the limit of {limit}",
    ),
}


def remedies(one: Alert) -> tuple[Label, list[tuple[Action, Label]]]:
    """The alert as a sentence, and the actions that make sense as the flow stands now."""
    values = {"n": one.n, "hours": "?", "reason": "", "limit": "?", "usual": "?", "seconds": "?"} | one.detail
    said = _SAID.get(one.kind, Label("{n}", "{n}"))
    offered: list[tuple[Action, Label]] = [
        (action, _LABELS[action]) for action in _OFFERED.get(one.kind, ()) if _fits(action, one)
    ]
    return Label(said.zh.format(**values), said.en.format(**values)), offered


def _fits(action: Action, one: Alert) -> bool:
    if action in ("pause", "send_on"):
        return one.flow_status == "running"
    if action == "resume":
        return one.flow_status == "paused"
    return True
