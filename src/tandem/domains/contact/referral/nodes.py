"""A flow lets a customer invite friends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.node import CheckContext, CompileContext, Config, Finding, Fragment, Group, NodeKind, Port


class InviteConfig(Config):
    """To which campaign."""

    campaign: UUID = Field(
        title="裂变活动 | Referral campaign", json_schema_extra={"x-ui": {"widget": "referral_campaign"}}
    )


class InviteFriends(NodeKind[InviteConfig]):
    kind = "contact.invite"
    group = Group.BENEFIT
    label = Label("邀请好友", "Invite friends")
    help = Label(
        "让客户参加裂变活动，得到自己的专属二维码；后面的消息用占位符 {{referral.link}} 发出她的海报链接。活动没有进行时走“活动未进行”。",
        "Lets the customer join a referral campaign with a code of her own; messages behind it say {{referral.link}} for her poster. While the"
        " campaign is not running the way is 'not running'.",
    )
    icon = "friend"
    config = InviteConfig
    needs = ("contact.write",)

    def ports(self, config: InviteConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("joined", Label("已参加", "Joined")),
            Port("closed", Label("活动未进行", "Not running"), optional=True),
        )

    def remembers(self, config: InviteConfig) -> Mapping[str, str]:
        del config
        return {"campaign_id": "text"}

    def check(self, config: InviteConfig, ctx: CheckContext) -> Iterable[Finding]:
        status = ctx.tx.value(
            "select status from referral_campaign where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": ctx.tx.tenant_id, "id": config.campaign},
        )
        if status is None or status == "ended":
            yield Finding(
                "referral_campaign_missing",
                Label("裂变活动不存在或已结束", "The referral campaign is not there, or is over"),
                Label("请选择一个进行中的活动", "Choose one that is running"),
                "campaign",
            )

    def fragment(self, config: InviteConfig, ctx: CompileContext) -> Fragment:
        del ctx
        return Fragment(
            joins="left join referral_campaign as c on c.tenant_id = %(tenant)s and c.id = %(campaign)s::uuid and c.status = 'running'"
            " and (c.ends_at is null or c.ends_at > %(now)s::timestamptz)",
            columns={"campaign_code": "c.code"},
            effects={
                "invited": "insert into referral_inviter (bucket, id, tenant_id, customer_id, origin_id, campaign_id, state, began_at)"
                " select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.customer_id, %(campaign)s::uuid, 'f' || r.campaign_code ||"
                " rtrim(translate(encode(uuid_send(r.customer_id), 'base64'), '+/', '-_'), '='), %(now)s::timestamptz"
                " from {rows} r where r.campaign_code is not null and r.customer_id is not null"
                " on conflict (bucket, campaign_id, origin_id) do nothing"
            },
            port="(case when r.campaign_code is null then 1 else 0 end)::smallint",
            vars="jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{}'::jsonb) || jsonb_build_object('campaign_id', %(campaign)s::uuid))",
            params={"campaign": config.campaign},
        )


KINDS: Final = (InviteFriends(),)
