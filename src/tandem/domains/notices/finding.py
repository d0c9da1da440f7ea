"""What colleagues are to be told: each kind with what is there now, who may do something about it, and what is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.flow.alerts.remedies import remedies
from tandem.flow.alerts.watch import alerts
from tandem.flow.ids import EVERY_BUCKET
from tandem.kernel.db import Tx

EACH_MAX: Final = 200
"""Of one kind in one round; the rest come in the next ones."""
FRESH: Final = timedelta(days=1)
"""What is older than this was there before anybody was told of anything."""
LOST_FRESH: Final = timedelta(hours=6)
LEADS_FRESH: Final = timedelta(days=7)

KINDS: Final[dict[str, Label]] = {
    "approval": Label("待您复核", "Waits for your word"),
    "task": Label("人工任务", "Human tasks"),
    "alert": Label("流程预警", "Early warnings of flows"),
    "lost": Label("客户流失", "Lost customers"),
    "chat": Label("客户久等未回复", "Unanswered chats"),
    "lead": Label("线索超时未跟进", "Overdue leads"),
    "handover": Label("待移交的客户", "Customers to hand over"),
    "directory": Label("通讯录", "Company directory"),
    "links": Label("获客助手余额", "Balance of acquisition links"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing to tell. `permission` (and `role`, where one is named) says whom; `user_id` names one person; `not_for` may not decide it.

    `store_id`, `owner_id`: of the customer whom it is about, for whoever sees only some.
    """

    kind: str
    thing: str
    title: Label
    lines: Sequence[Label] = ()
    permission: str = ""
    role: str = ""
    user_id: UUID | None = None
    not_for: frozenset[UUID] = frozenset()
    urgent: bool = False
    about_customer: bool = False
    store_id: UUID | None = None
    owner_id: UUID | None = None
    managers: bool = False
    """Only for whoever looks after the store (or, where there is none, the company): not for everybody who sees it all."""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of thing: what there is to tell, and SQL over `n` (a notice's row) that says whether it still needs somebody."""

    prefix: str
    find: Callable[[Tx], Iterable[Found]]
    open_sql: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])


def _fresh(tx: Tx) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "since": tx.machine_now - FRESH, "limit": EACH_MAX, "buckets": EVERY_BUCKET}


_OF: Final = "nullif(split_part(n.thing, ':', 2), '')::uuid"


def _people(ids: Iterable[UUID | None]) -> frozenset[UUID]:
    return frozenset(one for one in ids if one is not None)


def _publishings(tx: Tx) -> Iterable[Found]:
    rows = tx.cursor(
        """
        select a.id, f.name, a.requested_by, u.name, a.weight from flow_approval as a
        join flow as f on f.id = a.flow_id and f.tenant_id = %(tenant)s
        left join staff_user as u on u.id = a.requested_by and u.tenant_id = %(tenant)s
        where a.tenant_id = %(tenant)s and a.state = 'open' and a.requested_at > %(since)s order by a.requested_at limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for one, flow, asker, name, weight in rows:
        people = int(weight.get("people") or 0)
        yield Found(
            "approval",
            f"publish:{one}",
            Label(f"请复核：发布流程“{flow}”", f"Please agree: publish the flow “{flow}”"),
            (
                Label(f"提出人：{name or '已离开的同事'}", f"Asked by {name or 'a colleague who left'}"),
                Label(f"发布后约有 {people} 人进入", f"About {people} people will enter"),
            ),
            permission="flow.approve",
            not_for=_people([asker]),
        )


def _exports(tx: Tx) -> Iterable[Found]:
    rows = tx.cursor(
        """
        select e.id, e.reason, e.created_by, u.name from export_file as e
        left join staff_user as u on u.id = e.created_by and u.tenant_id = %(tenant)s
        where e.tenant_id = %(tenant)s and e.state = 'waiting' and e.created_at > %(since)s order by e.created_at limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for one, reason, asker, name in rows:
        yield Found(
            "approval",
            f"export:{one}",
            Label("请审批：导出明文个人信息", "Please decide: an export of personal data in the clear"),
            (
                Label(f"提出人：{name or '已离开的同事'}", f"Asked by {name or 'a colleague who left'}"),
                Label(f"用途：{reason}", f"For: {reason}"),
            ),
            permission="export.approve",
            not_for=_people([asker]),
        )


def _rights(tx: Tx) -> Iterable[Found]:
    rows = tx.cursor(
        """
        select id, kind, created_by, first_approved_by from rights_request
        where tenant_id = %(tenant)s and status = 'open' order by asked_at limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for one, kind, asker, first in rows:
        what = (
            Label("删除个人信息", "erasure of personal data")
            if kind == "erase"
            else Label("提供个人信息副本", "a copy of personal data")
        )
        yield Found(
            "approval",
            f"rights:{one}:{'second' if first else 'first'}",
            Label(f"请审批：{what.zh}的请求", f"Please decide: a request for {what.en}"),
            permission="rights.approve",
            not_for=_people([asker, first]),
        )


def _rules(tx: Tx) -> Iterable[Found]:
    rows = tx.cursor(
        """
        select r.id, o.name, r.made_by, u.name from directory_rule as r
        join staff_role as o on o.tenant_id = %(tenant)s and o.id = r.role_id
        left join staff_user as u on u.tenant_id = %(tenant)s and u.id = r.made_by
        where r.tenant_id = %(tenant)s and r.state = 'waiting' order by r.made_at limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for one, role, maker, name in rows:
        yield Found(
            "approval",
            f"rule:{one}",
            Label(f"请确认：通讯录规则将授予“{role}”", f"Please confirm: a rule of the directory gives “{role}”"),
            (Label(f"设定人：{name}", f"Made by {name}"),),
            permission="user.write",
            not_for=_people([maker]),
        )


_FILE: Final = "(select m.name from media_file as m where m.tenant_id = %(tenant)s and m.id = w.media_id)"
_MATERIAL: Final = "(select m.name from material as m where m.tenant_id = %(tenant)s and m.id = w.material_id)"
_WRITTEN: Final = {
    "material": ("material", "name", Label("素材", "material"), f"nullif(w.words, ''), w.url, {_FILE}"),
    "script": ("talk_script", "title", Label("话术", "talk script"), f"w.body, {_MATERIAL}"),
    "article": (
        "knowledge_article",
        "title",
        Label("知识", "knowledge article"),
        f"array_to_string(w.questions, ' / '), w.answer, {_MATERIAL}",
    ),
}
_VERSION: Final = "extract(epoch from {}.updated_at)::numeric::text"


def _written(prefix: str) -> Source:
    """What somebody wrote and another has to approve, word for word. A change is told anew: what was agreed to is what was read."""
    table, name, what, said = _WRITTEN[prefix]

    def find(tx: Tx) -> Iterable[Found]:
        rows = tx.cursor(
            f"""
            select w.id, w.{name}, w.drafted_by, u.name, {_VERSION.format("w")}, concat_ws(chr(10), {said}) from {table} as w
            left join staff_user as u on u.tenant_id = %(tenant)s and u.id = w.written_by
            where w.tenant_id = %(tenant)s and w.status = 'draft' and w.updated_at > %(since)s order by w.updated_at limit %(limit)s
            """,
            _fresh(tx),
        ).fetchall()
        for one, title, writers, writer, version, words in rows:
            yield Found(
                "approval",
                f"{prefix}:{one}:{version}",
                Label(f"请审核{what.zh}：{title}", f"Please approve a {what.en}: {title}"),
                (
                    Label(f"作者：{writer or '已离开的同事'}", f"Written by {writer or 'a colleague who left'}"),
                    Label(words, words),
                ),
                permission="material.approve",
                not_for=_people(writers),
            )

    still = f"exists (select from {table} w where w.tenant_id = %(tenant)s and w.id = {_OF} and w.status = 'draft'"
    return Source(prefix, find, f"{still} and {_VERSION.format('w')} = split_part(n.thing, ':', 3))")


def _tasks(tx: Tx) -> Iterable[Found]:
    rows = tx.cursor(
        """
        select h.id, h.title, h.role, f.name, h.level, h.customer_id is not null, c.store_id, c.owner_user_id from human_task as h
        join flow as f on f.id = h.flow_id and f.tenant_id = %(tenant)s
        left join customer as c on c.bucket = h.bucket and c.tenant_id = %(tenant)s and c.id = h.customer_id
        where h.tenant_id = %(tenant)s and h.bucket = any(%(buckets)s::smallint[]) and h.state = 'open'
          and not exists (select from staff_notice as n where n.tenant_id = %(tenant)s and n.thing = 'task:' || h.id || ':' || coalesce(h.level, 0))
        order by h.due_at nulls last, h.id limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for one, title, role, flow, level, of_customer, store, owner in rows:
        yield Found(
            "task",
            f"task:{one}:{level or 0}",
            Label(f"任务：{title}", f"Task: {title}"),
            (Label(f"流程：{flow}", f"Flow: {flow}"),),
            permission="task.decide",
            role=role,
            about_customer=of_customer,
            store_id=store,
            owner_id=owner,
        )


def _alerts(tx: Tx) -> Iterable[Found]:
    for one in alerts(tx, flow_id=None, is_open=True, before=None, limit=EACH_MAX):
        said, _offered = remedies(one)
        lines = [said] + ([Label("流程已自动暂停", "The flow was paused by itself")] if one.paused else [])
        yield Found(
            "alert",
            f"alert:{one.id}",
            Label(f"流程预警：{one.flow_name}", f"Early warning: {one.flow_name}"),
            lines,
            permission="flow.write",
            urgent=one.paused,
        )


def _lost(tx: Tx) -> Iterable[Found]:
    """Friends who removed their adviser, told to that adviser."""
    rows = tx.cursor(
        """
        select f.id, m.user_id from friendship as f
        join source_account as s on s.tenant_id = %(tenant)s and s.source = f.source
        join directory_member as m on m.tenant_id = %(tenant)s and m.account_id = s.id and m.member = f.member and m.user_id is not null
        where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.lost_at > %(lost)s and f.lost_by = 'customer'
        order by f.lost_at desc limit %(limit)s
        """,
        _fresh(tx) | {"lost": tx.now - LOST_FRESH},
    ).fetchall()
    for one, user in rows:
        yield Found("lost", f"lost:{one}", Label("有一位客户删除了您", "A customer removed you"), user_id=user)


def _leads(tx: Tx) -> Iterable[Found]:
    """Leads that nobody followed up in time: told to their owner; when they are nobody's, or overdue again, to the store's managers."""
    rows = tx.cursor(
        """
        select l.id, l.reminded, a.name, l.owner_user_id, l.store_id, u.name from lead as l
        left join source_account as a on a.tenant_id = %(tenant)s and a.source = l.source
        left join staff_user as u on u.tenant_id = %(tenant)s and u.id = l.owner_user_id
        where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.state in ('new', 'assigned') and l.reminded > 0
          and l.asked_at > %(asked)s
          and not exists (select from staff_notice as n where n.tenant_id = %(tenant)s and n.thing = 'lead:' || l.id || ':' || l.reminded)
        order by l.asked_at desc limit %(limit)s
        """,
        _fresh(tx) | {"asked": tx.now - LEADS_FRESH},
    ).fetchall()
    for one, times, source, owner, store, name in rows:
        # What somebody outside wrote stays here: the message goes through another company's servers, the screen behind it does not.
        title = (
            Label(f"线索超时未跟进（{source}）", f"A lead is overdue ({source})")
            if source
            else Label("线索超时未跟进", "A lead is overdue")
        )
        whose = Label(f"跟进人：{name or '未分配'}", f"Owner: {name or 'nobody yet'}")
        lines, thing = (whose, Label(f"第 {times} 次提醒", f"Reminder {times}")), f"lead:{one}:{times}"
        if owner is not None:
            yield Found("lead", thing, title, lines, user_id=owner)
        if owner is None or times > 1:
            yield Found(
                "lead", thing, title, lines, permission="lead.write", not_for=_people([owner]), about_customer=True, store_id=store, managers=True
            )  # fmt: skip


def _chats(tx: Tx) -> Iterable[Found]:
    """Customers who wait for an answer past the desk's minutes: told to who attends to her, else to whoever looks after the desks."""
    rows = tx.cursor(
        """
        select t.id, t.alarmed_at, d.name, m.user_id from desk_talk as t
        join service_desk as d on d.tenant_id = %(tenant)s and d.id = t.desk_id
        left join directory_member as m on m.tenant_id = %(tenant)s and m.account_id = d.account_id and m.member = t.member
          and m.state = 'active' and m.user_id is not null
        where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.alarmed_at is not null and t.waiting_since is not null
        order by t.alarmed_at desc limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for one, at, desk, user in rows:
        yield Found(
            "chat",
            f"chat:{one}:{at:%Y%m%d%H%M%S}",
            Label(f"有一位客户在“{desk}”久等未回复", f"A customer waits for an answer at “{desk}”"),
            user_id=user,
            permission="contact.write",
        )


def _hand_overs(tx: Tx) -> Iterable[Found]:
    """Advisers who are away while customers are still theirs, and nobody is handing them over."""
    rows = tx.cursor(
        """
        select a.account_id, a.member, a.name, count(*) from adviser as a
        join source_account as s on s.tenant_id = %(tenant)s and s.id = a.account_id
        join directory_account as d on d.tenant_id = %(tenant)s and d.account_id = a.account_id
        join friendship as f on f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.source = s.source
          and f.member = a.member and f.lost_at is null and f.added_at is not null
        where a.tenant_id = %(tenant)s and a.status = 'away' and not exists (
          select from hand_over as h where h.tenant_id = %(tenant)s and h.account_id = a.account_id and h.giver = a.member
            and h.state in ('gathering', 'running'))
        group by 1, 2, 3 order by 4 desc limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for account, member, name, count in rows:
        yield Found(
            "handover",
            f"handover:{account}:{member}",
            Label(
                f"{name}已离开，{count} 位客户等待移交", f"{name} has left; {count} customers wait to be handed over"
            ),
            permission="contact.write",
        )


def _links(tx: Tx) -> Iterable[Found]:
    """Accounts whose acquisition links can bring few friends more."""
    rows = tx.cursor(
        """
        select l.account_id, a.name, l."left", l.low_since from link_account as l
        join source_account as a on a.tenant_id = %(tenant)s and a.id = l.account_id and a.status = 'active'
        where l.tenant_id = %(tenant)s and l.low_since is not null limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for account, name, left, since in rows:
        yield Found(
            "links",
            f"links:{account}:{since:%Y%m%d%H%M%S}",
            Label(f"“{name}”获客助手余额只剩 {left}", f"“{name}”: acquisition links can bring {left} more friends"),
            (Label("用完后获客链接将无法添加好友", "At zero the links bring nobody any more"),),
            permission="contact.write",
            urgent=left == 0,
        )


def _stops(tx: Tx) -> Iterable[Found]:
    rows = tx.cursor(
        """
        select a.account_id, s.name, a.stopped_at, (select count(*) from directory_change as c
          where c.tenant_id = %(tenant)s and c.account_id = a.account_id and c.state = 'held')
        from directory_account as a join source_account as s on s.tenant_id = %(tenant)s and s.id = a.account_id
        where a.tenant_id = %(tenant)s and a.stopped_at is not null limit %(limit)s
        """,
        _fresh(tx),
    ).fetchall()
    for account, name, since, held in rows:
        yield Found(
            "directory",
            f"stop:{account}:{since:%Y%m%d%H%M%S}",
            Label(
                f"通讯录“{name}”：{held} 人同时离开，已暂停", f"Directory “{name}”: {held} people left at once; stopped"
            ),
            (Label("没有人被停用，请核实后确认", "Nobody was shut out; look and confirm"),),
            permission="user.write",
            urgent=True,
        )


SOURCES: Final[tuple[Source, ...]] = (
    Source("publish", _publishings, f"exists (select from flow_approval a where a.tenant_id = %(tenant)s and a.id = {_OF} and a.state = 'open')"),
    Source("export", _exports, f"exists (select from export_file e where e.tenant_id = %(tenant)s and e.id = {_OF} and e.state = 'waiting')"),
    Source(
        "rights",
        _rights,
        f"exists (select from rights_request q where q.tenant_id = %(tenant)s and q.id = {_OF} and q.status = 'open'"
        " and (q.first_approved_by is not null) = (split_part(n.thing, ':', 3) = 'second'))",
    ),
    *(_written(prefix) for prefix in _WRITTEN),
    Source("rule", _rules, f"exists (select from directory_rule r where r.tenant_id = %(tenant)s and r.id = {_OF} and r.state = 'waiting')"),
    Source(
        "task",
        _tasks,
        f"exists (select from human_task h where h.tenant_id = %(tenant)s and h.bucket = any(%(buckets)s::smallint[]) and h.id = {_OF}"
        " and h.state = 'open' and coalesce(h.level, 0)::text = split_part(n.thing, ':', 3))",
    ),
    Source("alert", _alerts, f"exists (select from flow_alert a where a.tenant_id = %(tenant)s and a.id = {_OF} and a.closed_at is null)"),
    Source(
        "lead",
        _leads,
        f"exists (select from lead l where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.id = {_OF}"
        " and l.state in ('new', 'assigned') and l.reminded::text = split_part(n.thing, ':', 3))",
    ),
    Source("lost", _lost, "n.made_at > now() - interval '1 day'"),
    Source(
        "chat",
        _chats,
        f"exists (select from desk_talk t where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.id = {_OF}"
        " and t.waiting_since is not null)",
    ),
    Source(
        "links",
        _links,
        f"exists (select from link_account l where l.tenant_id = %(tenant)s and l.account_id = {_OF} and l.low_since is not null)",
    ),
    Source(
        "handover",
        _hand_overs,
        "not exists (select from hand_over h where h.tenant_id = %(tenant)s and h.account_id::text = split_part(n.thing, ':', 2)"
        " and h.giver = split_part(n.thing, ':', 3)) and n.made_at > now() - interval '30 days'",
    ),
    Source("stop", _stops, f"exists (select from directory_account a where a.tenant_id = %(tenant)s and a.account_id = {_OF} and a.stopped_at is not null)"),
)  # fmt: skip
