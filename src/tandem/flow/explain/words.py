"""The sentences that say why somebody entered a flow or did not."""

from __future__ import annotations

from typing import Final

from tandem.catalog.label import Label
from tandem.flow.graph import Reentry

SENTENCES: Final[dict[str, Label]] = {
    "entered": Label("因此进入了流程", "She entered by this"),
    "held_out": Label("被分入对照组：只观察，不触达", "She was drawn for the control group: watched, never contacted"),
    "not_published": Label("那时流程还没有发布", "The flow was not published yet"),
    "backfill": Label("这是补录的历史，不会启动流程", "This is history filed later; it starts nothing"),
    "hops": Label("连锁触发层数过多，已被拦下", "Too many causes deep: parked as a loop"),
    "late": Label(
        "数据晚到超过 {hours} 小时，不再启动流程", "It arrived more than {hours} hours late and starts nothing"
    ),
    "other_event": Label(
        "是同类事件，但内容不是流程等的那一个", "The same type of event, but not the one this start listens to"
    ),
    "condition": Label("进入条件不成立", "The condition of entry did not hold"),
    "hidden": Label(
        "进入条件用到你无权查看的资料，结果不显示",
        "The condition of entry asks about data that you may not see; its answer is not shown",
    ),
    "reentry": Label("再次进入规则不允许：{rule}", "The rule of re-entry forbade it: {rule}"),
    "unclear": Label(
        "条件都满足，但没有进入：可能当时流程暂停、版本不同，或资料后来有变化",
        "Everything fits, yet she did not enter: the flow was paused or another version then, or her record has changed since",
    ),
    "no_event": Label("近 {days} 天没有发生过“{event}”", "No {event!r} happened within {days} days"),
    "no_segment": Label("流程所用的分群已不存在", "The segment of this start does not exist any more"),
    "not_member": Label("客户不在分群“{segment}”中", "She is not in the segment {segment!r}"),
    "due": Label("条件现在成立，到时会进入", "The condition holds now; she enters at its next moment"),
    "scheduled": Label(
        "客户在分群“{segment}”中，到时会进入", "She is in the segment {segment!r} and enters at its next moment"
    ),
    "member_unmoved": Label(
        "客户在分群“{segment}”中，但流程只接收发布后新进入的人，或再次进入规则不允许",
        "She is in the segment {segment!r}, but only who joins after publishing enters, or the rule of re-entry forbids it",
    ),
    "merged": Label("这位客户已合并到别人名下", "This customer was merged into another"),
    "held": Label(
        "这位客户的资料正在合并，暂不参加流程", "Her record is just being merged; no flow moves her meanwhile"
    ),
    "do_not_contact": Label(
        "客户要求勿扰：营销消息会被跳过", "She is not to be contacted: marketing messages are skipped"
    ),
}

STATUS: Final[dict[str, Label]] = {
    "draft": Label("流程还没有发布，没有人会进入", "The flow is not published; nobody enters"),
    "paused": Label("流程已暂停，现在没有人会进入", "The flow is paused; nobody enters now"),
    "stopped": Label("流程已停止，没有人会再进入", "The flow is stopped; nobody enters any more"),
    "archived": Label("流程已删除", "The flow is deleted"),
}


def said(code: str, **more: object) -> Label:
    """A sentence with its values; a value that is a Label is said in each language."""
    found = SENTENCES[code]
    zh = {name: value.zh if isinstance(value, Label) else value for name, value in more.items()}
    en = {name: value.en if isinstance(value, Label) else value for name, value in more.items()}
    return Label(found.zh.format(**zh), found.en.format(**en))


def rule(reentry: Reentry) -> Label:
    """The rule of re-entry in words."""
    match reentry.rule:
        case "never":
            return Label("每人只进入一次", "once per person")
        case "after_days":
            return Label(f"{reentry.days} 天内不再进入", f"not again within {reentry.days} days")
        case "at_most":
            return Label(f"最多进入 {reentry.times} 次", f"at most {reentry.times} times")
        case _:
            return Label("还在流程中，离开后才能再进入", "still inside; again only after leaving")
