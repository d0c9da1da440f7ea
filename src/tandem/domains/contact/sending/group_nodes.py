"""A block of a flow posts to customer groups: whoever passes has the groups she is in put into the next task, which their owners confirm.

Customers by the hundred pass for the same group, and it is written to once: a group is in a block's task of a window once, and not again
until `rest` is over, whatever version of the flow is running by then. Each window with somebody in it is a mass message of its own, made as
every other is (`driving`): asked again for its group's standing and the platform's quota, divided by owner, read back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import Field

from tandem.catalog.label import Label
from tandem.domains.contact.gateway import connectors
from tandem.domains.contact.sending.nodes import TEXT_BYTES, words_found
from tandem.domains.contact.sending.ruling import QUOTA_MOST, QUOTA_SINCE
from tandem.flow.node import CheckContext, CompileContext, Config, Finding, Fragment, Group, NodeKind, Port


class GroupSendConfig(Config):
    """What owners are to post, to which groups, how long groups are gathered for one task, how long a group is left alone afterwards."""

    to: Literal["hers", "chosen"] = Field(
        "hers",
        title="发到 | Post to",
        json_schema_extra={
            "x-ui": {
                "options": [
                    {"value": "hers", "label": {"zh": "客户所在的群", "en": "The groups she is in"}},
                    {"value": "chosen", "label": {"zh": "指定的群", "en": "Chosen groups"}},
                ]
            }
        },
    )
    groups: list[UUID] = Field(
        default_factory=list[UUID],
        max_length=200,
        title="客户群 | Groups",
        json_schema_extra={
            "x-ui": {
                "widget": "group_chats",
                "help": {
                    "zh": "发到“客户所在的群”时，留空表示她在的任何客户群都可以。",
                    "en": "For the groups she is in: none named means any of them.",
                },
            }
        },
    )
    title: str = Field(min_length=1, max_length=100, title="任务名称 | Name of the task")
    body: str = Field(
        min_length=1,
        max_length=TEXT_BYTES,
        title="群发内容 | Words",
        json_schema_extra={
            "x-ui": {
                "widget": "text_area",
                "help": {
                    "zh": "群里的人看到同样的文字，不支持占位符；最多 4000 字节。",
                    "en": "Everybody in the group reads the same words, without placeholders; 4000 bytes at most.",
                },
            }
        },
    )
    window: int = Field(
        5,
        ge=1,
        le=24 * 60,
        title="攒批时间（分钟）| Gather for (minutes)",
        json_schema_extra={
            "x-ui": {
                "help": {
                    "zh": "这段时间里列入的群合成一次任务，每位群主只确认一次。",
                    "en": "Groups put in within this time make one task, which an owner confirms once.",
                }
            }
        },
    )
    rest: int = Field(
        20,
        ge=1,
        le=24 * 31,
        title="同一个群间隔（小时）| Leave a group alone for (hours)",
        json_schema_extra={
            "x-ui": {
                "help": {
                    "zh": "这一步发过的群，在这段时间里不会再列入，不管又有多少客户经过。",
                    "en": "A group that this step posted to is not put in again within this time, however many customers pass.",
                }
            }
        },
    )


# One row: the groups that may be put in, and how many may not, and why. `told`: this block's post is on its way or was there lately.
_HERS: Final = """from group_membership as m
    join group_chat as g on g.tenant_id = %(tenant)s and g.id = m.group_chat_id and g.status = 'active'
      and (cardinality(%(groups)s::uuid[]) = 0 or g.id = any(%(groups)s::uuid[]))"""
_OF_HER: Final = """where m.bucket = r.bucket and m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s
      and m.customer_id = r.customer_id and m.left_at is null"""
_CHOSEN: Final = "from group_chat as g"
_OF_CHOSEN: Final = "where g.tenant_id = %(tenant)s and g.id = any(%(groups)s::uuid[]) and g.status = 'active'"


def _found(source: str, which: str) -> str:
    return f"""
left join lateral (
  select array_agg(g.id order by g.id) filter (where g.why is null) as open, count(*) as n, count(*) filter (where g.why = 'told') as told,
    bool_or(g.why = 'platform_quota') as spent
  from (
    select distinct g.id, case
      when exists (
        select from mass_send_group as o join mass_send as os on os.tenant_id = %(tenant)s and os.id = o.mass_send_id
        where o.tenant_id = %(tenant)s and o.group_chat_id = g.id and os.flow_id = %(flow)s::uuid and os.block = %(block)s
          and o.put_at > %(now)s::timestamptz - make_interval(hours => %(rest)s::int) and o.state in ('waiting', 'ready', 'booked', 'asked', 'sent'))
        then 'told'
      when coalesce(ad.status, 'away') = 'away' then 'adviser_away'
      when (select count(*) from mass_send_group as o where o.tenant_id = %(tenant)s and o.group_chat_id = g.id
        and o.booked_at >= {QUOTA_SINCE}) >= {QUOTA_MOST} then 'platform_quota' end as why
    {source}
    join source_account as sa on sa.tenant_id = %(tenant)s and sa.id = g.account_id and sa.status = 'active'
    left join adviser as ad on ad.tenant_id = %(tenant)s and ad.account_id = g.account_id and ad.member = g.owner
    left join mass_account as q on q.tenant_id = %(tenant)s and q.account_id = g.account_id
    {which}
  ) as g) as gs on true
"""


_COLUMNS: Final = {
    "gs_open": "coalesce(gs.open, '{}'::uuid[])",
    "gs_n": "coalesce(gs.n, 0)",
    "gs_told": "coalesce(gs.told, 0)",
    "gs_spent": "coalesce(gs.spent, false)",
}
_REASON: Final = """(case when cardinality(r.gs_open) > 0 or r.gs_told > 0 then null when r.gs_n = 0 then 'no_group'
  when r.gs_spent then 'platform_quota' else 'adviser_away' end)"""
# The window is the tenant's: all who pass in it, in whatever turn, name the same mass message.
_BEGUN: Final = (
    "to_timestamp(floor(extract(epoch from %(now)s::timestamptz) / (%(window)s::int * 60)) * %(window)s::int * 60)"
)
_ID: Final = f"md5(%(send)s::text || g.account_id || extract(epoch from {_BEGUN})::bigint)::uuid"
_PICKED: Final = """
(select distinct u.id from {rows} r cross join lateral unnest(r.gs_open) as u(id)) as picked
join group_chat as g on g.tenant_id = %(tenant)s and g.id = picked.id"""
_FILED: Final = f"""
insert into mass_send (id, tenant_id, account_id, name, kind, body, status, flow_id, block, rest_hours, started_at, due_at, created_at, updated_at)
select distinct {_ID}, %(tenant)s, g.account_id, %(name)s::text, 'groups', %(body)s::text, 'booking', %(flow)s::uuid, %(block)s::text, %(rest)s::int,
  %(now)s::timestamptz, now() + ({_BEGUN} + make_interval(mins => %(window)s::int) - %(now)s::timestamptz), now(), now()
from {_PICKED} order by g.account_id on conflict do nothing
"""
# A window that somebody stopped, or that is over before a slow turn comes to it, takes nobody more: the next one does.
_GROUPS: Final = f"""
insert into mass_send_group (tenant_id, mass_send_id, group_chat_id, member, state, put_at)
select %(tenant)s, {_ID}, g.id, g.owner, case when over.id is null then 'waiting' else 'cancelled' end, %(now)s::timestamptz from {_PICKED}
left join mass_send as over on over.tenant_id = %(tenant)s and over.id = {_ID} and over.status in ('cancelled', 'done')
order by g.id on conflict do nothing
"""


class PostToGroups(NodeKind[GroupSendConfig]):
    kind = "contact.group_send"
    group = Group.REACH
    label = Label("企微客户群发", "Post to customer groups")
    help = Label(
        "向客户所在的（或指定的）企业微信客户群发一条消息：攒批时间一到，每位群主得到一个任务，在企业微信里确认后才发出。同一个群不管有多少客户经过，只发一次；"
        "企业微信给每个群的次数先问过。没有可发的群时走“未列入”，附原因。发到了哪些群，在“群发与朋友圈”里看。",
        "Posts to the customer groups she is in, or to chosen ones: when the gathering time is over each owner gets one task, and nothing goes out"
        " before she confirms it. However many customers pass, a group is written to once, within WeCom's quota for each group. Without a group"
        " that may be written to she leaves by 'held', with the reason. Which groups were written to stands under mass messages and posts.",
    )
    icon = "group-send"
    needs = ("contact.send",)
    config = GroupSendConfig

    def ports(self, config: GroupSendConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("prepared", Label("群已列入任务", "Prepared")),
            Port("held", Label("未列入", "Held"), optional=True),
        )

    def check(self, config: GroupSendConfig, ctx: CheckContext) -> Iterable[Finding]:
        """Chosen groups are there, and the words are such that WeCom takes them and nothing of ours holds them back."""
        if config.to == "chosen" and not config.groups:
            yield Finding(
                "groups_missing",
                Label("没有选择客户群", "No group is chosen"),
                Label("请选择客户群，或改为“客户所在的群”", "Choose groups, or post to the groups she is in"),
                "groups",
            )
        known: int = ctx.tx.value(
            """
            select count(*) from group_chat as g join source_account as a on a.tenant_id = %(tenant)s and a.id = g.account_id
            where g.tenant_id = %(tenant)s and g.id = any(%(ids)s::uuid[]) and g.status = 'active' and a.connector = any(%(connectors)s::text[])
            """,
            {"tenant": ctx.tx.tenant_id, "ids": config.groups, "connectors": connectors()},
        )
        if known < len(set(config.groups)):
            yield Finding(
                "group_gone",
                Label("有的客户群已不存在或已解散", "One of the groups is gone"),
                Label("请重新选择客户群", "Choose the groups anew"),
                "groups",
            )
        yield from words_found(ctx, config.body)

    def fragment(self, config: GroupSendConfig, ctx: CompileContext) -> Fragment:
        params: dict[str, Any] = {
            "send": ctx.version_id, "groups": config.groups, "name": config.title, "body": config.body,
            "window": config.window, "rest": config.rest, "flow": ctx.flow_id, "block": ctx.block, "zone": ctx.zone,
        }  # fmt: skip
        return Fragment(
            columns=_COLUMNS,
            joins=_found(_HERS, _OF_HER) if config.to == "hers" else _found(_CHOSEN, _OF_CHOSEN),
            effects={"filed": _FILED, "groups": _GROUPS},
            port=f"(case when {_REASON} is null then 0 else 1 end)::smallint",
            facts=f"jsonb_strip_nulls(jsonb_build_object('reason', {_REASON}, 'groups', cardinality(r.gs_open) + r.gs_told))",
            params=params,
        )
