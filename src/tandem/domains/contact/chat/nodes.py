"""A question begins a flow, and the material that answers it is found for the messages behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import Field

from tandem.catalog.label import Label
from tandem.domains.contact.chat.events import CHAT_RECEIVED
from tandem.flow.kinds.start import ENTERED
from tandem.flow.node import (
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

MATERIAL_ID: Final = "material_id"
MATERIAL_NAME: Final = "material"


class ChatStartConfig(Config):
    """About what."""

    about: str = Field(
        default="topic",
        pattern=r"^(topic|question|any)$",
        title="什么样的消息 | Which messages",
        json_schema_extra=choices(
            topic="识别出主题的 | about a known topic", question="像是提问的 | questions", any="所有消息 | all of them"
        ),
    )
    topic: str = Field(
        default="",
        max_length=60,
        title="主题（空为任意）| Topic (empty: any)",
        json_schema_extra={"x-ui": {"widget": "chat_topic", "show_if": {"about": "topic"}}},
    )


class ChatStart(NodeKind[ChatStartConfig]):
    kind = "start.chat"
    group = Group.START
    role = Role.START
    label = Label("客户来消息时", "When a customer writes")
    help = Label(
        "客户在微信客服、店铺会话等处发来消息时进入流程；可以只要识别出某个主题的，比如问某款商品的功效。主题在“素材与话术”里维护。",
        "The customer enters when she writes to customer service or a shop's desk; only about a certain topic where one is named, such as what"
        " a product does. Topics are kept under materials and scripts.",
    )
    icon = "message"
    config = ChatStartConfig
    heard: ClassVar[tuple[str, ...]] = (CHAT_RECEIVED,)

    def ports(self, config: ChatStartConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def check(self, config: ChatStartConfig, ctx: CheckContext) -> Iterable[Finding]:
        known = "select 1 from chat_topic where tenant_id = %(tenant)s and name = %(name)s and active"
        params = {"tenant": ctx.tx.tenant_id, "name": config.topic}
        if config.about == "topic" and config.topic and not ctx.tx.value(known, params):
            yield Finding(
                "chat_topic_missing",
                Label(f"没有启用的主题“{config.topic}”", f"There is no active topic {config.topic!r}"),
                Label("请在“素材与话术”里建立或启用它", "Make it, or switch it on, under materials and scripts"),
                "topic",
                "warning",
            )

    def trigger(self, config: ChatStartConfig) -> Trigger:
        def fits(payload: Mapping[str, Any]) -> bool:
            if config.about == "topic":
                return bool(payload.get("topic")) and (not config.topic or payload["topic"] == config.topic)
            return config.about == "any" or bool(payload.get("question"))

        return Trigger(self.heard, test=fits)

    def fragment(self, config: ChatStartConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class MaterialConfig(Config):
    """Which material."""

    material: UUID | None = Field(
        default=None,
        title="素材（空为客户所问主题的素材）| Material (empty: that of the topic she asked about)",
        json_schema_extra={"x-ui": {"widget": "material"}},
    )


class PickMaterial(NodeKind[MaterialConfig]):
    kind = "contact.material"
    group = Group.REACH
    label = Label("选出素材", "Pick a material")
    help = Label(
        "选定一份素材，或客户所问主题的素材；后面的消息用占位符 {{radar.material}} 发出带阅读记录的链接，{{run.material}} 是它的名称。"
        "没有素材、未审核或已过期的走“没有”。",
        "Picks a material, or the one that answers what she asked. Messages behind it say {{radar.material}} for a link that tells who read it,"
        " and {{run.material}} for its name. Without one that is approved and not expired the way is 'none'.",
    )
    icon = "file"
    config = MaterialConfig

    def ports(self, config: MaterialConfig) -> tuple[Port, ...]:
        del config
        return (Port("found", Label("已选出", "Found")), Port("none", Label("没有", "None")))

    def remembers(self, config: MaterialConfig) -> Mapping[str, str]:
        del config
        return {MATERIAL_ID: "text", MATERIAL_NAME: "text"}

    def check(self, config: MaterialConfig, ctx: CheckContext) -> Iterable[Finding]:
        known = "select 1 from material where tenant_id = %(tenant)s and id = %(id)s and status = 'approved'"
        params = {"tenant": ctx.tx.tenant_id, "id": config.material}
        if config.material is not None and not ctx.tx.value(known, params):
            yield Finding(
                "material_missing",
                Label("素材不存在或未审核", "The material is not there, or not approved"),
                Label("请选择一份已审核的素材", "Choose an approved one"),
                "material",
            )

    def fragment(self, config: MaterialConfig, ctx: CompileContext) -> Fragment:
        wanted = "%(material)s::uuid" if config.material else "(r.vars -> 'event' ->> 'material_id')::uuid"
        return Fragment(
            joins=f"""left join material as m on m.tenant_id = %(tenant)s and m.id = {wanted} and m.status = 'approved'
              and (m.expires_on is null or m.expires_on >= (%(now)s::timestamptz at time zone %(zone)s)::date)""",
            columns={"material_id": "m.id", "material_name": "m.name"},
            port="(case when r.material_id is null then 1 else 0 end)::smallint",
            vars="jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{}'::jsonb) || jsonb_strip_nulls(jsonb_build_object("
            f"'{MATERIAL_ID}', r.material_id, '{MATERIAL_NAME}', r.material_name)))",
            facts="jsonb_build_object('material', r.material_name)",
            params={"material": config.material, "zone": ctx.zone} if config.material else {"zone": ctx.zone},
        )


KINDS: Final = (ChatStart(), PickMaterial())
