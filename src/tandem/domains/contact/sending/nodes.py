"""A block of a flow prepares mass messages: whoever passes is put, with her adviser, into the next task that the adviser confirms.

A block has one mass message for as long as its version of the flow lasts. Passing customers are ruled on and booked by the rules of every
mass message (`ruling`); once a window those booked are divided into tasks (`driving`), so that an adviser gets one task a window, however
many customers passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from pydantic import Field

from tandem.catalog.label import Label
from tandem.domains.contact.gateway import connectors
from tandem.domains.contact.sending.ruling import ASKED, CHANNEL, QUOTA_MOST, QUOTA_SINCE
from tandem.domains.messaging.words import service as words
from tandem.flow.node import CheckContext, CompileContext, Config, Finding, Fragment, Group, NodeKind, Port
from tandem.kernel.ids import derived_id

TEXT_BYTES: Final = 4000


class MassSendConfig(Config):
    """What advisers are to send, by which account, and how long customers are gathered for one task."""

    account: UUID = Field(title="企业微信 | WeCom", json_schema_extra={"x-ui": {"widget": "mass_account"}})
    title: str = Field(min_length=1, max_length=100, title="任务名称 | Name of the task")
    body: str = Field(
        min_length=1,
        max_length=TEXT_BYTES,
        title="群发内容 | Words",
        json_schema_extra={
            "x-ui": {
                "widget": "text_area",
                "help": {
                    "zh": "同一任务里的客户收到同样的文字，不支持占位符；最多 4000 字节。",
                    "en": "All customers of a task read the same words, without placeholders; 4000 bytes at most.",
                },
            }
        },
    )
    window: int = Field(
        60,
        ge=5,
        le=24 * 60,
        title="攒批时间（分钟）| Gather for (minutes)",
        json_schema_extra={
            "x-ui": {
                "help": {
                    "zh": "这段时间里到达的客户合成一次任务，每位员工只确认一次。",
                    "en": "Customers who come within this time make one task, which an adviser confirms once.",
                }
            }
        },
    )


# Whoever was put in and waits for the next task is not put in twice: two runs at once, or two in one batch.
_TWICE: Final = """row_number() over (partition by r.customer_id order by r.id) > 1 or exists (
  select from mass_send_person as o where o.bucket = r.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s
    and o.customer_id = r.customer_id and o.mass_send_id = %(send)s::uuid and o.task_id is null and o.state in ('booking', 'booked'))"""
_SPENT: Final = f"""(
  select count(*) from mass_send_person as o join mass_send as os on os.tenant_id = %(tenant)s and os.id = o.mass_send_id
  where o.bucket = r.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = r.customer_id
    and os.account_id = %(account)s::uuid and o.booked_at >= {QUOTA_SINCE}) >= {QUOTA_MOST}"""
_JOINS: Final = f"""
left join mass_send as ms on ms.tenant_id = %(tenant)s and ms.id = %(send)s::uuid
left join mass_account as q on q.tenant_id = %(tenant)s and q.account_id = %(account)s::uuid
left join lateral (
  select f.id, f.member from friendship as f
  join source_account as sa on sa.tenant_id = %(tenant)s and sa.id = %(account)s::uuid and sa.source = f.source
  where f.bucket = r.bucket and f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.customer_id = r.customer_id
    and f.lost_at is null and f.added_at is not null and f.answered
  order by f.added_at desc, f.id limit 1) as fr on true
left join adviser as ad on ad.tenant_id = %(tenant)s and ad.account_id = %(account)s::uuid and ad.member = fr.member
{ASKED.joins}
"""
_COLUMNS: Final = {
    **ASKED.columns,
    "ms_known": "ms.id is not null",
    "ms_stopped": "coalesce(ms.status = 'cancelled', false)",
    "ms_friendship": "fr.id",
    "ms_member": "fr.member",
    "ms_away": "coalesce(ad.status, 'away') = 'away'",
    "ms_twice": _TWICE,
    "ms_spent": _SPENT,
    "ms_id": "md5(r.id::text || %(block)s::text || r.visit)::uuid",
}
_REASON: Final = """(case when r.customer_id is null then 'no_customer' when r.ms_stopped then 'cancelled' when r.ms_member is null then 'no_adviser'
  when r.m_refusal is not null then r.m_refusal when r.ms_away then 'adviser_away' when r.ms_twice then 'in_task'
  when r.m_free is not null then 'capped' when r.ms_spent then 'platform_quota' end)"""
# Both are there from the first customer on. The outbox tells what was sent by a template; this one is nobody's to choose.
_FILED: Final = """
insert into mass_send (id, tenant_id, account_id, name, kind, body, status, flow_id, window_minutes, started_at, due_at, created_at, updated_at)
select %(send)s::uuid, %(tenant)s, %(account)s::uuid, %(name)s::text, 'customers', %(body)s::text, 'running', %(flow)s::uuid, %(window)s::int,
  %(now)s::timestamptz, now() + make_interval(mins => %(window)s::int), now(), now()
where exists (select from {rows} r where not r.ms_known) on conflict do nothing
"""
_WORDED: Final = f"""
insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, archived_at, created_at, updated_at)
select %(send)s::uuid, %(tenant)s, %(called)s::text, '{CHANNEL}', 'marketing', %(body)s::text, '{{}}', now(), now(), now()
where exists (select from {{rows}} r where not r.ms_known) on conflict do nothing
"""
_PEOPLE: Final = f"""
insert into mass_send_person (bucket, id, tenant_id, customer_id, origin_id, mass_send_id, friendship_id, member, state, reason, until, due_at, booked_at)
select r.bucket, r.ms_id, %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), %(send)s::uuid, r.ms_friendship, r.ms_member,
  case when {_REASON} is not null then 'held' when r.m_quiet is not null then 'booking' else 'booked' end,
  coalesce({_REASON}, case when r.m_quiet is not null then 'quiet_hours' end),
  case when {_REASON} = 'capped' then r.m_free when {_REASON} is null then r.m_quiet end,
  case when {_REASON} is null then r.m_quiet end,
  case when {_REASON} is null and r.m_quiet is null then %(now)s::timestamptz end
from {{rows}} r where r.customer_id is not null
on conflict (bucket, id) do nothing
"""
_COUNTED: Final = f"""
insert into outbox_message (bucket, id, tenant_id, customer_id, origin_id, channel, template_id, message_class, status, when_capped, planned_at,
  release_at, booked_at)
select r.bucket, r.ms_id, %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), '{CHANNEL}', %(send)s::uuid, 'marketing', 'handed',
  'skip', %(now)s::timestamptz, %(now)s::timestamptz, %(now)s::timestamptz
from {{rows}} r where {_REASON} is null and r.m_quiet is null
on conflict (bucket, id) do nothing
"""


def words_found(ctx: CheckContext, body: str) -> Iterable[Finding]:
    """What keeps words from going out: too long for WeCom, or forbidden here."""
    if len(body.encode()) > TEXT_BYTES:
        yield Finding(
            "mass_send_too_long",
            Label("群发内容超过 4000 字节", "The words are longer than 4000 bytes"),
            Label("请写短一些", "Make them shorter"),
            "body",
        )
    for word in dict.fromkeys(one.word for one in words.screen(ctx.tx, body) if one.level == "block"):
        yield Finding(
            "forbidden_words",
            Label(f"群发内容里有违禁词“{word}”", f"The words say “{word}”, which is forbidden"),
            Label("请换一种说法", "Say it in another way"),
            "body",
        )


class PrepareMassSend(NodeKind[MassSendConfig]):
    kind = "contact.mass_send"
    group = Group.REACH
    label = Label("企微群发任务", "WeCom mass message")
    help = Label(
        "为客户的企业微信好友（员工）准备一条群发：攒批时间一到，每位员工得到一个任务，在企业微信里确认后才发出。频次上限、同意、免打扰和企业微信自己的次数"
        "都先问过；不能发的走“未列入”，附原因。是否发出、发给了谁，在“群发与朋友圈”里看。",
        "Prepares a message that the customer's adviser sends on WeCom: when the gathering time is over each adviser gets one task, and nothing"
        " goes out before she confirms it. Caps, consent, quiet hours and WeCom's own quota are asked first; who may not be written to leaves by"
        " 'held', with the reason. What became of everybody stands under mass messages and posts.",
    )
    icon = "mass-send"
    needs = ("contact.send",)
    config = MassSendConfig

    def ports(self, config: MassSendConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("prepared", Label("已列入任务", "Prepared")),
            Port("held", Label("未列入", "Held"), optional=True),
        )

    def check(self, config: MassSendConfig, ctx: CheckContext) -> Iterable[Finding]:
        """The account is connected, and the words are such that WeCom takes them and nothing of ours holds them back."""
        known = "select 1 from source_account where tenant_id = %(tenant)s and id = %(id)s and connector = any(%(connectors)s::text[]) and status = 'active'"
        params: dict[str, Any] = {"tenant": ctx.tx.tenant_id, "id": config.account, "connectors": connectors()}
        if not ctx.tx.value(known, params):
            yield Finding(
                "mass_account_missing",
                Label("企业微信账号不存在或未连接", "The WeCom account is not there, or not connected"),
                Label("请选择一个已连接的企业微信账号", "Choose one that is connected"),
                "account",
            )
        yield from words_found(ctx, config.body)

    def fragment(self, config: MassSendConfig, ctx: CompileContext) -> Fragment:
        send = derived_id(ctx.version_id, "mass_send", ctx.block)
        return Fragment(
            columns=_COLUMNS,
            joins=_JOINS,
            effects={"filed": _FILED, "worded": _WORDED, "people": _PEOPLE, "counted": _COUNTED},
            port=f"(case when {_REASON} is null then 0 else 1 end)::smallint",
            facts=f"jsonb_strip_nulls(jsonb_build_object('reason', {_REASON}, 'until', case when {_REASON} = 'capped' then r.m_free"
            f" when {_REASON} is null then r.m_quiet end))",
            params={
                "send": send, "account": config.account, "name": config.title, "called": f"{config.title} #{str(send)[-6:]}", "body": config.body,
                "window": config.window, "flow": ctx.flow_id, "block": ctx.block, "zone": ctx.zone,
            },
        )  # fmt: skip
