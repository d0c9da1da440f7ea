"""Leads in flows: a block that makes one, and a start that hears what became of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from tandem.catalog.label import Label
from tandem.domains.sales.events import LEAD_REPORTED, NEWS
from tandem.flow.kinds.start import ENTERED
from tandem.flow.kinds.told import told
from tandem.flow.node import (
    DONE,
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Port,
    Role,
    Trigger,
    choices,
)


class LeadStartConfig(Config):
    """What of which leads."""

    on: Literal["created", "assigned", "overdue", "contacted", "won", "lost"] = Field(
        default="assigned",
        title="时机 | When",
        json_schema_extra=choices(
            created="有新线索时 | a lead is new",
            assigned="线索分配给跟进人时 | it got its owner",
            overdue="超时未跟进时 | nobody followed up in time",
            contacted="已联系时 | she was contacted",
            won="成交时 | it is won",
            lost="流失时 | it is lost",
        ),
    )
    source: str = Field(default="", max_length=100, title="只要这个来源（空为任意）| Only of this source (empty: any)")
    score: int = Field(default=0, ge=0, le=100, title="评分至少 | Score at least")


class LeadStart(NodeKind[LeadStartConfig]):
    kind = "start.lead"
    group = Group.START
    role = Role.START
    label = Label("线索变化时", "When a lead changes")
    help = Label(
        "线索新建、分配、超时、联系、成交或流失时，客户进入流程；可以只要某个来源、或评分较高的。",
        "The customer enters when a lead of hers is new, assigned, overdue, contacted, won or lost; only of a source, or above a score, where"
        " that is said.",
    )
    icon = "friend"
    config = LeadStartConfig
    heard: ClassVar[tuple[str, ...]] = NEWS

    def ports(self, config: LeadStartConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def trigger(self, config: LeadStartConfig) -> Trigger:
        def fits(payload: Mapping[str, Any]) -> bool:
            return (not config.source or payload.get("source") == config.source) and int(
                payload.get("score") or 0
            ) >= config.score

        return Trigger((f"lead.{config.on}",), test=fits)

    def fragment(self, config: LeadStartConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class MakeLeadConfig(Config):
    """About what, from where."""

    subject: str = Field(
        default="",
        max_length=100,
        title="咨询内容（空为识别出的主题或商品）| About (empty: the topic or product she asked about)",
    )
    source: str = Field(
        default="", max_length=100, title="来源（空为消息或事件的来源）| Source (empty: that of the message or event)"
    )
    campaign: str = Field(default="", max_length=100, title="活动（可不填）| Campaign (may be empty)")


class MakeLead(NodeKind[MakeLeadConfig]):
    kind = "sales.lead"
    group = Group.SERVICE
    label = Label("建线索", "Make a lead")
    help = Label(
        "为客户建一条线索，按规则评分并分给跟进人；同一来源、同一内容的咨询在几天内算同一条，只加次数。规则在“线索”页里设。",
        "Makes a lead of the customer, scored and assigned by the rules; asking about the same again from the same source within some days"
        " counts to it. The rules are on the page of leads.",
    )
    icon = "friend"
    config = MakeLeadConfig
    needs = ("lead.write",)

    def ports(self, config: MakeLeadConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: MakeLeadConfig, ctx: CheckContext) -> Iterable[Finding]:
        del config
        seats = ctx.tx.value(
            "select 1 from lead_seat where tenant_id = %(tenant)s limit 1", {"tenant": ctx.tx.tenant_id}
        )
        if not seats:
            yield Finding(
                "lead_seats_missing",
                Label("还没有设置线索跟进人，线索不会自动分配", "Nobody gets leads yet, so they are not assigned"),
                Label("请在“线索”页里添加跟进人", "Add people on the page of leads"),
                "",
                "warning",
            )

    def fragment(self, config: MakeLeadConfig, ctx: CompileContext) -> Fragment:
        del ctx
        event = "r.vars -> 'event'"
        payload = (
            f"jsonb_build_object('source', coalesce(nullif(%(source)s::text, ''), {event} ->> 'source', {event} ->> 'through', 'flow'),"
            f" 'subject', coalesce(nullif(%(subject)s::text, ''), {event} ->> 'product', {event} ->> 'topic', ''),"
            " 'campaign', %(campaign)s::text)"
        )
        return Fragment(
            effects=told(
                event_type=f"'{LEAD_REPORTED}'",
                lane="least(r.lane, 1)",
                event_id="tandem_new_id()",
                payload=payload,
                cause_id="r.cause_id",
                root_id="coalesce(r.root_id, r.id)",
            ),
            params={"source": config.source, "subject": config.subject, "campaign": config.campaign},
        )


KINDS: Final[tuple[NodeKind[Any], ...]] = (LeadStart(), MakeLead())
