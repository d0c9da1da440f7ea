"""Flows, their versions, and the runs inside them.

Configuration (`flow`, `flow_version`, `flow_stretch`, `flow_schedule`) belongs to the tenant. Everything a run writes is keyed by bucket.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Identity, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tandem.flow import delays, gate_tables, http_calls, reports
from tandem.flow.readiness import register_readiness
from tandem.flow.sealed import tables as sealed_tables
from tandem.flow.sight import OF_RUN, OF_THING
from tandem.flow.stores import tables as store_tables
from tandem.kernel.roles import register_sql
from tandem.kernel.schema import Base, BucketRow, TenantRow

__all__ = ["delays", "gate_tables", "http_calls", "reports", "sealed_tables", "store_tables"]

NOW = text("now()")
TENANT_INFO = {"kind": "tenant"}
SUBJECT_INFO = {"kind": "subject"}
RUN_INFO = {"kind": "subject", "also": OF_RUN}
#: Ids and counts only, found through a run that the reader was allowed to see.
UNSCOPED_INFO = {"kind": "subject", "scope": "tenant"}
#: What runs did is kept together with what went wrong.
KEPT = {
    "retention": {"what": "steps", "zh": "流程步骤记录", "en": "Steps of flows", "by": "at", "days": 400, "least": 30}
}
# A queue turns over quickly: vacuum comes by dead rows, not by share of the table (ENGINE_RULES 3).
QUEUE = {"autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_threshold": 2000, "autovacuum_vacuum_cost_delay": 0}


class Flow(TenantRow, Base):
    """A flow by its name. `draft` is the canvas being edited, `draft_etag` rises with each save so that nobody overwrites unseen work."""

    __tablename__ = "flow"
    __table_args__ = (Index(None, "tenant_id", "updated_at"), {"info": TENANT_INFO})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="draft")
    """draft | running | paused | draining (nobody enters, those inside go on) | stopped | archived"""
    current_version_id: Mapped[UUID | None]
    draft: Mapped[dict[str, Any]]
    draft_etag: Mapped[int] = mapped_column(server_default="1")
    numbers: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    """Block id -> the small number that stands for it in logs and statistics, the same in every version."""
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)


class FlowVersion(TenantRow, Base):
    """A graph as it was published, never changed again."""

    __tablename__ = "flow_version"
    __table_args__ = (Index(None, "tenant_id", "flow_id", "number", unique=True), {"info": TENANT_INFO})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID]
    number: Mapped[int]
    graph: Mapped[dict[str, Any]]
    numbers: Mapped[dict[str, Any]]
    status: Mapped[str]
    """planned (a variant whose time has not come) | published (its runs still move) | retired (no run may be inside any more)"""
    note: Mapped[str] = mapped_column(server_default="")
    """Why it was published, in the words of whoever did."""
    published_by: Mapped[UUID | None]
    published_at: Mapped[datetime] = mapped_column(server_default=NOW)


class FlowStretch(TenantRow, Base):
    """A place where a run can stand between two turns: the small number kept in `flow_run.stretch`."""

    __tablename__ = "flow_stretch"
    __table_args__ = (Index(None, "version_id", "block", "mode", unique=True), {"info": TENANT_INFO})
    id: Mapped[int] = mapped_column(Integer(), Identity(), primary_key=True)
    version_id: Mapped[UUID]
    flow_id: Mapped[UUID]
    block: Mapped[str]
    mode: Mapped[str]
    """enter: the run comes to the block; resume: it waits in it and goes on from there"""


class FlowEpoch(TenantRow, Base):
    """Rises whenever a tenant's running flows change; workers reload their plans when they see it."""

    __tablename__ = "flow_epoch"
    __table_args__ = ({"info": TENANT_INFO},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger())


class FlowSchedule(TenantRow, Base):
    """The next moment at which a version's scheduled start fires, in business time; null when it never will again."""

    __tablename__ = "flow_schedule"
    __table_args__ = (
        Index(None, "tenant_id", "next_at", postgresql_where=text("next_at is not null")),
        {"info": TENANT_INFO},
    )
    version_id: Mapped[UUID] = mapped_column(primary_key=True)
    block: Mapped[str] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID]
    next_at: Mapped[datetime | None]
    fired: Mapped[int] = mapped_column(server_default="0")


class FlowRun(BucketRow, Base):
    """One subject inside one version of a flow. The row is narrow and its position is not indexed, so that moving is a HOT update."""

    __tablename__ = "flow_run"
    __table_args__ = (
        Index(None, "bucket", "customer_id", "flow_id"),
        Index(None, "bucket", "flow_id", "id"),
        Index(
            "ix_flow_run_subject", "bucket", "subject_id", "flow_id", postgresql_where=text("subject_id is not null")
        ),
        Index("ix_flow_run_kin", "bucket", "parent_id", postgresql_where=text("parent_id is not null")),
        {
            "info": SUBJECT_INFO | {"also": OF_THING},
            "postgresql_with": {"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0.1},
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    flow_id: Mapped[UUID]
    stretch: Mapped[int]
    """`flow_stretch.id`: where it stands, or the last one it went through."""
    visit: Mapped[int] = mapped_column(server_default="0")
    """Stretches passed so far: with run and block the key of an effect."""
    status: Mapped[int] = mapped_column(SmallInteger())
    lane: Mapped[int] = mapped_column(SmallInteger())
    signal: Mapped[int | None] = mapped_column(SmallInteger())
    """Port by which an event or a person ended the wait; null when its time came."""
    arm: Mapped[int | None] = mapped_column(SmallInteger())
    hops: Mapped[int] = mapped_column(SmallInteger(), server_default="0")
    entered_at: Mapped[datetime]
    wake_at: Mapped[datetime | None]
    """Mirror of the `flow_due` row; null when nothing but a signal moves it."""
    ended_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    """When the event that set it moving was received (machine time); null once a timer has it (`flow.delays`)."""
    goal_at: Mapped[datetime | None]
    cause_id: Mapped[UUID | None]
    root_id: Mapped[UUID | None]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    """Null when the subject is the customer."""
    vars: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
    parent_id: Mapped[UUID | None]
    """The run that this one belongs to, in the same bucket (`flow.kin`)."""
    parent_visit: Mapped[int | None]
    """The parent's `visit` when it called; it waits at the next one."""
    limb: Mapped[int | None] = mapped_column(SmallInteger())
    """Which branch, or the how-manieth thing."""
    kin: Mapped[int | None] = mapped_column(SmallInteger())
    """`kin.BRANCH` or `kin.CALLED`, null for a run of its own."""


class FlowDue(BucketRow, Base):
    """The timer heap: one row per run that will move by itself. The claim reads nothing else."""

    __tablename__ = "flow_due"
    __table_args__ = ({"info": UNSCOPED_INFO, "postgresql_with": QUEUE},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    lane: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    wake_at: Mapped[datetime] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    stretch: Mapped[int]
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]


class FlowStepLog(BucketRow, Base):
    """What a run did in one stretch: one row for all its blocks. The view `flow_step` shows one row per block."""

    __tablename__ = "flow_step_log"
    __table_args__ = (
        {"info": RUN_INFO | KEPT | {"partition": {"by": "at", "every": "month", "back": 3, "ahead": 15}}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    stretch: Mapped[int]
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    path: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger()))
    """Block number, port, block number, port, ... in the order passed. Ports below zero are ways of leaving (`runs.Leaving`)."""
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
    """Block number -> what it decided from."""


class FlowPathStat(BucketRow, Base):
    """How many runs took a path, by bucket and hour; statistics per block, port and arm follow by unfolding the paths."""

    __tablename__ = "flow_path_stat"
    __table_args__ = ({"info": UNSCOPED_INFO, "postgresql_with": {"fillfactor": 50}},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    stretch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    arm: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    path: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger()), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger())


class FlowConversion(BucketRow, Base):
    """Runs that reached the goal, per arm and per block passed before (block 0: the runs themselves)."""

    __tablename__ = "flow_conversion"
    __table_args__ = ({"info": UNSCOPED_INFO, "postgresql_with": {"fillfactor": 50}},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID] = mapped_column(primary_key=True)
    block: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    arm: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger())


class FlowIgnored(BucketRow, Base):
    """Events that would have started or woken something but came too late or as history: counted, not acted on (ENGINE_RULES 11)."""

    __tablename__ = "flow_ignored"
    __table_args__ = ({"info": UNSCOPED_INFO, "postgresql_with": {"fillfactor": 50}},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    """backfill | late | hops | reentry"""
    n: Mapped[int] = mapped_column(BigInteger())


class FlowParked(BucketRow, Base):
    """A run that stands still for a reason a person must see: it failed, or its flow is paused."""

    __tablename__ = "flow_parked"
    __table_args__ = (Index(None, "bucket", "tenant_id", "flow_id"), {"info": RUN_INFO})
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    kind: Mapped[str]
    """failed | held"""
    stretch: Mapped[int]
    block: Mapped[str | None]
    reason: Mapped[str]
    at: Mapped[datetime]


class FlowMishap(BucketRow, Base):
    """What a block began came to nothing after the run had gone on: a message that the channel refused. `id` is that of the effect."""

    __tablename__ = "flow_mishap"
    __table_args__ = (Index(None, "bucket", "tenant_id", "flow_id", "block"), {"info": RUN_INFO | KEPT})
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID]
    flow_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    block: Mapped[str]
    port: Mapped[str]
    """The port by which the run left: where it said that all was well, the passage does not count."""
    reason: Mapped[str]
    """What a person reads, "中文 | English", as of a run that failed."""
    at: Mapped[datetime]


class FlowLeftOut(BucketRow, Base):
    """Who (or what) was left out, since their own data kept a start's condition from being judged; neither named: nobody could be."""

    __tablename__ = "flow_left_out"
    __table_args__ = (
        Index(None, "bucket", "tenant_id", "flow_id", "at"),
        {"info": SUBJECT_INFO | {"also": OF_THING} | KEPT},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID]
    block: Mapped[str]
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    reason: Mapped[str]
    """What a person reads, "中文 | English" or the database's words."""
    at: Mapped[datetime]


class FlowArm(BucketRow, Base):
    """Which arm of an experiment a subject has, for good: shares may change, the arm does not (ENGINE_RULES 18)."""

    __tablename__ = "flow_arm"
    __table_args__ = ({"info": SUBJECT_INFO},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    experiment: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    port: Mapped[str]


class FlowFanout(BucketRow, Base):
    """Work over many runs or customers of one bucket, done in bounded slices: an audience enters, a flow's runs move or leave."""

    __tablename__ = "flow_fanout"
    __table_args__ = ({"info": UNSCOPED_INFO, "postgresql_with": QUEUE},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """enter_segment | enter_everyone | leave | move | resume | retry | skip"""
    flow_id: Mapped[UUID]
    args: Mapped[dict[str, Any]]
    as_of: Mapped[datetime]
    cursor: Mapped[UUID | None]
    handled: Mapped[int] = mapped_column(server_default="0")


class HumanTask(BucketRow, Base):
    """A question to a person; the run waits for the answer. `ports` are the answers offered: [{name, label: {zh, en}}]."""

    __tablename__ = "human_task"
    __table_args__ = (
        Index(None, "tenant_id", "state", "due_at"),
        Index(None, "bucket", "run_id"),
        {"info": RUN_INFO},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    flow_id: Mapped[UUID]
    run_id: Mapped[UUID]
    block: Mapped[str]
    visit: Mapped[int]
    title: Mapped[str]
    note: Mapped[str]
    role: Mapped[str]
    ports: Mapped[list[Any]]
    state: Mapped[str]
    """open | locked (a level before it is not done) | done | expired | cancelled"""
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    port: Mapped[str | None]
    comment: Mapped[str | None]
    level: Mapped[int | None] = mapped_column(SmallInteger())
    """Place in a row of levels; of an approval: 1 once it was passed on."""
    fields: Mapped[list[Any] | None]
    """What a form asks for: [{name, label, type}]."""


register_sql(
    """
create or replace view flow_step with (security_invoker = true) as
select l.bucket, l.tenant_id, l.run_id, l.customer_id, l.visit, l.at, l.stretch, i as position,
       l.path[2 * i - 1] as block, l.path[2 * i] as port, l.facts -> (l.path[2 * i - 1])::text as facts
from flow_step_log l cross join lateral generate_series(1, cardinality(l.path) / 2) i
""",
)
register_sql("grant select on flow_step to tandem_web, tandem_worker")
register_readiness()
register_sql(
    """
create or replace function flow_tenants() returns table (id uuid)
language sql stable security definer set search_path = public, pg_temp as $$ select t.id from tenant t $$
""",
)
register_sql("revoke all on function flow_tenants() from public")
register_sql("grant execute on function flow_tenants() to tandem_worker")
