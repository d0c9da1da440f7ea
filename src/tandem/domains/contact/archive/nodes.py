"""Flows that begin when a talk says a watched word, or when a customer is left without an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import Field

from tandem.catalog.label import Label
from tandem.domains.contact.archive.events import KEYWORD_HIT, UNANSWERED
from tandem.flow.kinds.start import ENTERED
from tandem.flow.node import CompileContext, Config, Fragment, Group, NodeKind, Port, Role, Trigger, choices


class KeywordConfig(Config):
    """Of which side, and which list."""

    said_by: str = Field(
        default="any",
        pattern=r"^(any|customer|staff)$",
        title="由谁说出 | Said by",
        json_schema_extra=choices(any="双方任一 | either", customer="客户 | the customer", staff="员工 | the adviser"),
    )
    list: str = Field(default="", max_length=60, title="词表（空为任意）| List of words (empty: any)")


class KeywordStart(NodeKind[KeywordConfig]):
    kind = "start.chat_keyword"
    group = Group.START
    role = Role.START
    label = Label("会话命中关键词时", "When a chat says a watched word")
    help = Label(
        "会话存档里的客户或导购说出“会话质检”词表中的词（告警级）时进入流程；后面可以接待办、通知或给客户的关怀。",
        "The customer enters when she or her adviser says a word of a list that is an alarm, in chats that are archived with her consent.",
    )
    icon = "message"
    config = KeywordConfig
    heard: ClassVar[tuple[str, ...]] = (KEYWORD_HIT,)

    def ports(self, config: KeywordConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def trigger(self, config: KeywordConfig) -> Trigger:
        def fits(payload: Mapping[str, Any]) -> bool:
            by = config.said_by in {"any", payload.get("said_by")}
            return by and (not config.list or payload.get("list") == config.list)

        return Trigger(self.heard, test=fits)

    def fragment(self, config: KeywordConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class UnansweredConfig(Config):
    """Where."""

    through: str = Field(
        default="any",
        pattern=r"^(any|adviser|kf)$",
        title="哪里的消息 | Where",
        json_schema_extra=choices(
            any="全部 | anywhere", adviser="导购会话 | a chat with an adviser", kf="微信客服 | customer service"
        ),
    )


class UnansweredStart(NodeKind[UnansweredConfig]):
    kind = "start.unanswered"
    group = Group.START
    role = Role.START
    label = Label("客户消息超时未回复时", "When a customer is left without an answer")
    help = Label(
        "客户在导购会话或微信客服里发了消息，超过规定的服务时间还没有人回复时进入流程；后面可以接待办或转给同事。",
        "The customer enters when what she wrote, to an adviser or to customer service, has no answer after the minutes of service that were set.",
    )
    icon = "clock"
    config = UnansweredConfig
    heard: ClassVar[tuple[str, ...]] = (UNANSWERED,)

    def ports(self, config: UnansweredConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def trigger(self, config: UnansweredConfig) -> Trigger:
        return Trigger(self.heard, test=lambda payload: config.through in {"any", payload.get("through")})

    def fragment(self, config: UnansweredConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


KINDS: Final = (KeywordStart(), UnansweredStart())
