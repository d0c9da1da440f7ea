"""Flows and the sidebar: a script that an adviser sees beside the chat (F02)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from pydantic import Field

from tandem.catalog.label import Label
from tandem.domains.contact.sidebar.tables import SidebarHint
from tandem.flow.node import DONE, CheckContext, CompileContext, Config, Finding, Fragment, Group, NodeKind, Port
from tandem.flow.rehomed import carry


class ScriptConfig(Config):
    """Which script."""

    script: UUID = Field(title="话术 | Talk script", json_schema_extra={"x-ui": {"widget": "talk_script"}})


class SuggestScript(NodeKind[ScriptConfig]):
    kind = "contact.script"
    group = Group.REACH
    label = Label("侧边栏话术", "Script in the sidebar")
    help = Label(
        "顾问打开与这位客户的会话时，侧边栏最上方出现这条话术，已按客户填好；用过或收起后消失。客户本人不会收到任何消息。",
        "When her adviser opens the chat with her, this script stands at the top of the sidebar, filled in for her, until it is used or put"
        " away. The customer herself gets nothing.",
    )
    icon = "message"
    config = ScriptConfig

    def ports(self, config: ScriptConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: ScriptConfig, ctx: CheckContext) -> Iterable[Finding]:
        known = "select 1 from talk_script where tenant_id = %(tenant)s and id = %(id)s and status = 'approved'"
        if not ctx.tx.value(known, {"tenant": ctx.tx.tenant_id, "id": config.script}):
            yield Finding(
                "talk_script_missing",
                Label("话术不存在或未审核", "The script is not there, or not approved"),
                Label("请选择一条已审核的话术", "Choose an approved one"),
                "script",
            )

    def fragment(self, config: ScriptConfig, ctx: CompileContext) -> Fragment:
        return Fragment(
            effects={
                "hinted": "insert into sidebar_hint (bucket, id, tenant_id, customer_id, origin_id, script_id, flow_id, run_id, block, visit, at)"
                " select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), %(script)s::uuid, r.flow_id,"
                " r.id, %(block)s, r.visit, %(now)s::timestamptz from {rows} r where r.customer_id is not null"
                " on conflict (bucket, run_id, block, visit) do nothing"
            },
            params={"script": config.script, "block": ctx.block},
        )


# About an order that found another owner: what nobody has used yet is shown to the adviser of hers.
carry(SidebarHint, where="t.done_at is null")
KINDS: Final = (SuggestScript(),)
