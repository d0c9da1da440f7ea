"""The block that sends a message: it decides, books the cap and writes the outbox; nothing leaves the database here (ENGINE_RULES 16)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

import orjson
from pydantic import Field as ConfigField

from tandem.catalog.label import Label
from tandem.catalog.model import Catalog
from tandem.domains.messaging.allowance import Allowance, allowance_of_batch
from tandem.domains.messaging.events import MESSAGE_FAILED
from tandem.domains.messaging.policy import MISSING, Limits, Verdict, rule
from tandem.domains.messaging.values import kept_names, missing_sql, offered_findings, offered_names
from tandem.flow.kinds.told import told
from tandem.flow.node import (
    Batch,
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Outcome,
    Port,
    choices,
)
from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

SENT, HELD, SKIPPED, FAILED = 0, 1, 2, 3
_PORT_OF: Final = {"send": SENT, "hold": HELD, "skip": SKIPPED, "fail": FAILED}
_STATUS_OF: Final = {"send": "released", "hold": "held", "skip": "cancelled", "fail": "failed"}


class SendConfig(Config):
    """What to send, by which channel, and what to do when the customer has had enough messages or it is night."""

    template: UUID = ConfigField(
        title="消息模板 | Template", json_schema_extra={"x-ui": {"widget": "message_template"}}
    )
    channel: Literal["simulated"] = ConfigField(
        "simulated", title="触达渠道 | Channel", json_schema_extra=choices(simulated="模拟渠道 | Simulated channel")
    )
    message_class: Literal["marketing", "transactional"] = ConfigField(
        "marketing",
        title="消息类别 | Class",
        json_schema_extra=choices(marketing="营销消息 | Marketing", transactional="服务通知 | Service notice"),
    )
    when_capped: Literal["hold", "skip"] = ConfigField(
        "hold",
        title="超出频次或免打扰时段 | When capped or in quiet hours",
        json_schema_extra=choices(hold="先留着，允许时再发 | hold until allowed", skip="跳过这条 | skip this message"),
    )
    valid_hours: int = ConfigField(72, ge=1, le=24 * 90, title="最多等待（小时） | Valid for (hours)")


@dataclass(frozen=True, slots=True)
class _Known:
    """What decides a customer's message, as the database knows it."""

    customer_id: UUID
    do_not_contact: bool
    booked: list[datetime]


class SendMessage(NodeKind[SendConfig]):
    """Send a message, within caps and quiet hours."""

    kind: ClassVar[str] = "messaging.send"
    group: ClassVar[Group] = Group.REACH
    label: ClassVar[Label] = Label("发送消息", "Send message")
    help: ClassVar[Label] = Label(
        "按模板给客户发一条消息。超出频次上限或处于免打扰时段时，可选择暂缓到允许时再发，或跳过；两者都会计数并说明原因。"
        "缺少内容而写不出的消息走“未能发出”；这个出口没有连线时与“已跳过”去向相同。"
        "走过“已发出”之后才被渠道拒收的消息，客户已继续往前，消息不再算已发出，而是计入本环节的失败，附原因与名单；"
        "需要据此分流时，请在后面等待“消息发送失败”事件。",
        "Sends the customer a message. When caps or quiet hours forbid it, it is held until allowed or skipped, and counted with its reason. "
        "One that cannot be written for want of a value leaves by 'not sent', which without an arrow leads where 'skipped' does. "
        "When the channel refuses a message after the customer went on by 'sent', it no longer counts as sent but as a failure of this "
        "block, with its reason and the people behind it; wait for the event 'message failed' to act on that.",
    )
    icon: ClassVar[str] = "message"
    needs: ClassVar[tuple[str, ...]] = ("message.write",)
    config = SendConfig

    def __init__(self, catalog: Callable[[], Catalog]) -> None:
        self._catalog = catalog

    def ports(self, config: SendConfig) -> tuple[Port, ...]:
        """Sent, held (the message waits, the person moves on), skipped, failed (it could not be written)."""
        del config
        return (
            Port("sent", Label("已发出", "Sent")),
            Port("held", Label("已暂缓", "Held"), optional=True),
            Port("skipped", Label("已跳过", "Skipped"), optional=True),
            Port("failed", Label("未能发出", "Not sent"), optional=True, otherwise="skipped"),
        )

    def asks(self, config: SendConfig, ctx: CheckContext) -> Mapping[str, str]:
        """Objects that the template cannot do without, each with the placeholder that says so."""
        found: list[str] | None = ctx.tx.value(
            "select required from message_template where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": ctx.tx.tenant_id, "id": config.template},
        )
        asked = {name.partition(".")[0]: name for name in reversed(found or [])}
        return {
            entity: f"{{{{{name}}}}}"
            for entity, name in asked.items()
            if entity not in {"customer", "run"} and not offered_names([name])
        }

    def check(self, config: SendConfig, ctx: CheckContext) -> Iterable[Finding]:
        """The template exists and is of the stated class."""
        found = ctx.tx.cursor(
            "select message_class, archived_at, placeholders from message_template where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": ctx.tx.tenant_id, "id": config.template},
        ).fetchone()
        if found is None or found[1] is not None:
            yield Finding(
                "message_template_missing",
                Label("消息模板不存在或已归档。", "The message template does not exist or is archived."),
                Label("请选择一个现有模板。", "Choose an existing template."),
                where="template",
            )
        elif found[0] == "marketing" and config.message_class == "transactional":
            yield Finding(
                "message_class_mismatch",
                Label(
                    "营销模板不能作为服务通知发送。", "A marketing template cannot be sent as a transactional message."
                ),
                Label("请改为营销类别，或换用服务通知模板。", "Use the marketing class, or a transactional template."),
                where="message_class",
            )
        for name in kept_names(found[2] if found is not None else ()):
            yield from ctx.expression(name, "template", returns="any")
        yield from offered_findings(found[2] if found is not None else (), ctx)
        if config.message_class == "marketing" and not _is_quiet_at_night(ctx.tx):
            yield Finding(
                "quiet_hours_missing",
                Label(
                    "没有设免打扰时段，这条营销消息夜里也会发出。",
                    "No quiet hours are set: this marketing message goes out at night too.",
                ),
                Label(
                    "请在“消息 - 发送规则”里设好免打扰时段，消息会留到早上再发；或在前面加“等到时间窗口”。",
                    "Set quiet hours under the rules for sending, and it is kept until morning; or put a wait for a time of day before it.",
                ),
                "message_class",
                "warning",
            )

    def fragment(self, config: SendConfig, ctx: CompileContext) -> Fragment:
        """Cap check, booking and outbox row in the fused statement."""
        return self.written(config, ctx)

    def written(self, config: SendConfig, ctx: CompileContext, *, by: str | None = None, joins: str = "") -> Fragment:
        """The fragment; `by`: SQL (that needs these joins) for the channel, null where there is none by which she can be reached."""
        p = f"b{ctx.block_number}_"
        missing = missing_sql(self._catalog(), customer=f"{p}c", template=f"{p}s", row="r")
        asked = allowance_of_batch(
            p,
            template=f"%({p}template)s::uuid",
            channel=f"%({p}channel)s::text",
            marketing=config.message_class == "marketing",
            zone=f"%({p}zone)s::text",
            joins=joins,
            more={
                f"{p}missing": missing if by is None else f"case when {by} is null then 'channel' else {missing} end"
            },
        )
        ruling, reason = _written(p, asked, f"%({p}when_capped)s::text")
        said = f"jsonb_build_object('ruling', r.{p}ruling, 'reason', r.{p}reason, 'until', r.{p}until)"
        return Fragment(
            columns={
                f"{p}ruling": ruling,
                f"{p}reason": reason,
                f"{p}until": asked.until(f"{p}x"),
                f"{p}message": _MESSAGE_ID,
                f"{p}called": f"{p}s.name",
            },
            joins=asked.joins,
            effects={"outbox": _insert_from_rows(p), **_told(p)},
            port=f"case r.{p}ruling when 'send' then {SENT} when 'hold' then {HELD} when 'fail' then {FAILED} else {SKIPPED} end",
            facts=f"(case when r.{p}ruling = 'send' then '{{\"ruling\": \"send\"}}'::jsonb else jsonb_strip_nulls({said}) end)",
            params={
                f"{p}template": config.template,
                f"{p}zone": ctx.zone,
                f"{p}when_capped": config.when_capped,
                f"{p}channel": config.channel,
                f"{p}then": [],
                f"{p}class": config.message_class,
                f"{p}valid_hours": config.valid_hours,
                f"{p}block": ctx.block,
            },
        )

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        """The same decision in Python: facts by two statements, one insert for the batch."""
        config = SendConfig.model_validate(batch.config)
        limits, archived = _settings(turn, config.template)
        known = {one.customer_id: one for one in _known(turn, batch)}
        missing = _missing(turn, self._catalog(), batch, config.template)
        ahead = _ahead(batch)
        verdicts: list[Verdict] = []
        for index, customer_id in enumerate(batch.customers):
            one = known.get(customer_id) if customer_id is not None else None
            verdicts.append(
                rule(
                    now=turn.now,
                    zone=turn.zone,
                    limits=limits,
                    message_class=config.message_class,
                    when_capped=config.when_capped,
                    refusal=_refusal(one, config, archived=archived),
                    booked=one.booked if one else (),
                    ahead=ahead[index],
                    missing=missing.get(batch.runs[index]),
                ),
            )
        _insert(turn, batch, config, verdicts)
        return Outcome(
            ports=[_PORT_OF[one.ruling] for one in verdicts],
            facts=[_facts(one) for one in verdicts],
        )


def _is_quiet_at_night(tx: Tx) -> bool:
    """Has the tenant set quiet hours?"""
    return bool(
        tx.value(
            "select quiet_from is not null and quiet_until is not null and quiet_from <> quiet_until from frequency_cap"
            " where tenant_id = %(tenant)s",
            {"tenant": tx.tenant_id},
        )
    )


_COLUMNS: Final = (
    "bucket, id, tenant_id, customer_id, origin_id, run_id, flow_id, block, visit, channel, template_id, message_class, status, reason, "
    "when_capped, planned_at, release_at, valid_until, released_at, booked_at, finished_at, cause_id, root_id, hops"
)


#: As `tandem_new_id()` makes them, ordered by time: the time and its fractions are taken once for the batch, the rest is the run's own. The
#: operating system is not asked for chance for each row (2 µs).
_MESSAGE_ID: Final = "((select left(tandem_new_id()::text, 18)) || right(r.id::text, 18))::uuid"


def _written(p: str, asked: Allowance, when_capped: str) -> tuple[str, str]:
    """Ruling and reason as SQL, when what may go now may yet turn out impossible to write."""
    allowed = asked.ruling(when_capped, f"{p}x")
    fails = f"{allowed} = 'send' and {p}x.{p}missing is not null"
    ruling = f"case when {fails} then 'fail' else {allowed} end"
    return ruling, f"case when {fails} then '{MISSING}' || {p}x.{p}missing else {asked.reason(f'{p}x')} end"


def _told(p: str) -> dict[str, str]:
    """A message that could not be written is told as one that the channel refused is."""
    payload = (
        f"jsonb_build_object('message_id', r.{p}message, 'template_id', %({p}template)s::uuid, 'template', r.{p}called,"
        f" 'channel', %({p}channel)s::text, 'message_class', %({p}class)s::text, 'flow_id', r.flow_id, 'run_id', r.id,"
        f" 'block', %({p}block)s::text, 'port', 'failed', 'reason', r.{p}reason)"
    )
    return told(
        event_type=f"'{MESSAGE_FAILED}'",
        lane="r.lane",
        event_id="tandem_new_id()",
        payload=payload,
        cause_id="r.cause_id",
        root_id=f"coalesce(r.root_id, r.{p}message)",
        rows=f"(select r.* from {{rows}} r where r.{p}ruling = 'fail')",
    )


def _insert_from_rows(p: str) -> str:
    return f"""
insert into outbox_message ({_COLUMNS}, then_by, heard_at)
select r.bucket, r.{p}message, %(tenant)s, r.customer_id, coalesce(r.origin_id, r.customer_id), r.id, r.flow_id, %({p}block)s, r.visit,
  %({p}channel)s, %({p}template)s::uuid, %({p}class)s,
  case r.{p}ruling when 'send' then 'released' when 'hold' then 'held' when 'fail' then 'failed' else 'cancelled' end,
  r.{p}reason, %({p}when_capped)s, %(now)s::timestamptz, coalesce(r.{p}until, %(now)s::timestamptz),
  %(now)s::timestamptz + make_interval(hours => %({p}valid_hours)s::int),
  case when r.{p}ruling = 'send' then %(now)s::timestamptz end,
  case when r.{p}ruling = 'send' and %({p}class)s = 'marketing' then %(now)s::timestamptz end,
  case when r.{p}ruling in ('skip', 'fail') then %(now)s::timestamptz end, r.cause_id, r.root_id, r.hops, %({p}then)s::text[], r.heard_at
from {{rows}} as r where r.customer_id is not null
returning run_id
"""


_INSERT: Final = f"""
insert into outbox_message ({_COLUMNS})
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, n.run_id, %(flow)s, %(block)s, n.visit, %(channel)s, %(template)s, %(class)s,
  n.status, n.reason, %(when_capped)s, %(now)s, n.release_at, %(now)s::timestamptz + make_interval(hours => %(valid_hours)s::int),
  n.released_at, n.booked_at, n.finished_at, n.cause_id, n.root_id, n.hops
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, run_id uuid, visit int, status text,
  reason text, release_at timestamptz, released_at timestamptz, booked_at timestamptz, finished_at timestamptz, cause_id uuid, root_id uuid,
  hops int)
"""


def _insert(turn: Turn, batch: Batch, config: SendConfig, verdicts: Sequence[Verdict]) -> None:
    rows = [
        _row(turn, batch, config, index, verdict)
        for index, verdict in enumerate(verdicts)
        if batch.customers[index] is not None
    ]
    _tell(turn, batch, config, rows)
    if rows:
        turn.tx.execute(
            _INSERT,
            turn.params(
                flow=batch.flow_id,
                block=batch.block,
                channel=config.channel,
                template=config.template,
                when_capped=config.when_capped,
                valid_hours=config.valid_hours,
                rows=orjson.dumps(rows).decode(),
            )
            | {"class": config.message_class},
        )


def _row(turn: Turn, batch: Batch, config: SendConfig, index: int, verdict: Verdict) -> dict[str, Any]:
    sent = verdict.ruling == "send"
    return {
        "bucket": batch.buckets[index],
        "id": new_id(),
        "customer_id": batch.customers[index],
        "origin_id": batch.origins[index] or batch.customers[index],
        "run_id": batch.runs[index],
        "visit": batch.visits[index],
        "status": _STATUS_OF[verdict.ruling],
        "reason": verdict.reason,
        "release_at": verdict.until or turn.now,
        "released_at": turn.now if sent else None,
        "booked_at": turn.now if sent and config.message_class == "marketing" else None,
        "finished_at": turn.now if verdict.ruling in ("skip", "fail") else None,
        "cause_id": batch.causes[index],
        "root_id": batch.roots[index],
        "hops": batch.hops[index],
    }


def _tell(turn: Turn, batch: Batch, config: SendConfig, rows: Sequence[dict[str, Any]]) -> None:
    failed = {row["run_id"]: row for row in rows if row["status"] == "failed"}
    if not failed:
        return
    name = turn.tx.value(
        "select name from message_template where tenant_id = %(tenant)s and id = %(template)s",
        turn.params(template=config.template),
    )
    emit(
        turn,
        [
            NewEvent(
                type=MESSAGE_FAILED,
                bucket=batch.buckets[index],
                customer_id=batch.customers[index],
                origin_id=batch.origins[index],
                occurred_at=turn.now,
                payload={
                    "message_id": str(failed[run]["id"]),
                    "template_id": str(config.template),
                    "template": name,
                    "channel": config.channel,
                    "message_class": config.message_class,
                    "flow_id": str(batch.flow_id),
                    "run_id": str(run),
                    "block": batch.block,
                    "port": "failed",
                    "reason": failed[run]["reason"],
                },
                lane=batch.lanes[index],
                cause_id=batch.causes[index],
                root_id=batch.roots[index],
                hops=batch.hops[index] + 1,
            )
            for index, run in enumerate(batch.runs)
            if run in failed
        ],
    )


def _missing(turn: Turn, catalog: Catalog, batch: Batch, template: UUID) -> dict[UUID, str]:
    """Run -> the first placeholder that it has no value for, where there is one."""
    missing = missing_sql(catalog, customer="c", template="t", row="r")
    rows = turn.tx.cursor(
        f"""
        select r.id, {missing}
        from unnest(%(b)s::smallint[], %(runs)s::uuid[], %(customers)s::uuid[]) as r(bucket, id, customer_id)
        join message_template as t on t.tenant_id = %(tenant)s and t.id = %(template)s
        join customer as c on c.bucket = r.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
          and c.id = r.customer_id
        """,
        turn.params(b=batch.buckets, runs=batch.runs, customers=batch.customers, template=template),
    ).fetchall()
    return {run: name for run, name in rows if name is not None}


@dataclass(frozen=True, slots=True)
class _Settings:
    per_day: int | None
    per_week: int | None
    per_month: int | None
    quiet_from: time | None
    quiet_until: time | None
    archived: bool


def _settings(turn: Turn, template: UUID) -> tuple[Limits, bool]:
    found = turn.tx.one(
        _Settings,
        """
        select f.per_day, f.per_week, f.per_month, f.quiet_from, f.quiet_until, t.id is null or t.archived_at is not null as archived
        from (select 1) as one
        left join frequency_cap as f on f.tenant_id = %(tenant)s
        left join message_template as t on t.tenant_id = %(tenant)s and t.id = %(template)s
        """,
        {"tenant": turn.tenant_id, "template": template},
    )
    limits = Limits(found.per_day, found.per_week, found.per_month, found.quiet_from, found.quiet_until)
    return limits, found.archived


def _known(turn: Turn, batch: Batch) -> list[_Known]:
    return turn.tx.all(
        _Known,
        """
        select c.id as customer_id, c.do_not_contact, coalesce(b.times, '{}') as booked
        from customer as c
        left join lateral (
          select array_agg(o.booked_at order by o.booked_at desc) as times from outbox_message as o
          where o.bucket = c.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = c.id
            and o.booked_at > %(now)s::timestamptz - interval '30 days') as b on true
        where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = any(%(customers)s::uuid[])
        """,
        turn.params(customers=[one for one in batch.customers if one is not None]),
    )


def _ahead(batch: Batch) -> list[int]:
    """For each run, how many runs of the same customer come before it in the batch, by run id."""
    ahead = [0] * len(batch)
    seen: dict[UUID | None, int] = {}
    for index in sorted(range(len(batch)), key=lambda one: batch.runs[one]):
        customer_id = batch.customers[index]
        ahead[index] = seen.get(customer_id, 0)
        seen[customer_id] = ahead[index] + 1
    return ahead


def _refusal(one: _Known | None, config: SendConfig, *, archived: bool) -> str | None:
    if one is None:
        return "no_customer"
    if archived:
        return "template_archived"
    return "do_not_contact" if one.do_not_contact and config.message_class == "marketing" else None


def _facts(verdict: Verdict) -> dict[str, Any]:
    facts = {
        "ruling": verdict.ruling,
        "reason": verdict.reason,
        "until": verdict.until.isoformat() if verdict.until else None,
    }
    return {name: value for name, value in facts.items() if value is not None}
