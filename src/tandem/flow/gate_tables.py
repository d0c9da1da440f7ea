"""What runs wait for beside time and events: a place among the first N, an answer from outside; and what bandits have learnt."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tandem.flow.sight import OF_THING
from tandem.kernel.schema import Base, BucketRow, TenantRow

_TENANT = {"kind": "tenant"}
_QUEUE = {
    "autovacuum_vacuum_scale_factor": 0.02,
    "autovacuum_vacuum_threshold": 1000,
    "autovacuum_vacuum_cost_delay": 0,
}


class FlowGate(TenantRow, Base):
    """How many a gate has let through: in all, and in the present minute. Only a gate-keeper's short turn locks it, never waiting."""

    __tablename__ = "flow_gate"
    __table_args__ = ({"info": _TENANT, "postgresql_with": {"fillfactor": 50}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    gate: Mapped[str] = mapped_column(primary_key=True)
    """Flow and block, or a name that several share."""
    given: Mapped[int] = mapped_column(server_default="0")
    window_at: Mapped[datetime | None]
    in_window: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime | None]
    """Not before this are those who wait looked at again, in business time; null: at once."""


class FlowTicket(BucketRow, Base):
    """A run that waits at a gate; `port` is the answer, null until there is one."""

    __tablename__ = "flow_ticket"
    __table_args__ = (
        Index("ix_flow_ticket_waiting", "tenant_id", "gate", "asked_at", "id", postgresql_where=text("port is null")),
        Index("ix_flow_ticket_answered", "bucket", "tenant_id", postgresql_where=text("port is not null")),
        {"info": {"kind": "subject", "scope": "tenant"}, "postgresql_with": _QUEUE},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    gate: Mapped[str]
    most: Mapped[int]
    per: Mapped[str]
    """`ever` (the first N) or `minute`."""
    run_id: Mapped[UUID]
    visit: Mapped[int]
    asked_at: Mapped[datetime]
    port: Mapped[int | None] = mapped_column(SmallInteger())


class FlowAllocation(TenantRow, Base):
    """The shares of a bandit's arms from a moment on; steps name the version they drew by (ENGINE_RULES 18)."""

    __tablename__ = "flow_allocation"
    __table_args__ = ({"info": _TENANT},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    experiment: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shares: Mapped[dict[str, Any]] = mapped_column(JSONB())
    """Arm -> share in hundredths of a per cent; they add up to 10,000."""
    counted: Mapped[dict[str, Any]] = mapped_column(JSONB())
    """Arm -> [entered, converted], what it was computed from."""
    made_at: Mapped[datetime]


class HttpCall(BucketRow, Base):
    """A question to the outside whose run waits for the answer, asked for a customer or a thing.

    What was asked goes with the answer; the row stays as a trace.
    """

    __tablename__ = "http_call"
    __table_args__ = (
        UniqueConstraint("bucket", "run_id", "block", "visit"),
        Index("ix_http_call_due", "tenant_id", "next_at", postgresql_where=text("state in ('pending', 'sending')")),
        {
            "info": {
                "kind": "subject",
                "also": OF_THING,
                "retention": {
                    "what": "http_calls",
                    "zh": "流程的接口调用记录",
                    "en": "HTTP calls of flows",
                    "by": "created_at",
                    "days": 30,
                    "least": 1,
                    "where": "state not in ('pending', 'sending')",
                },
            },
            "postgresql_with": _QUEUE,
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    flow_id: Mapped[UUID]
    run_id: Mapped[UUID]
    block: Mapped[str]
    visit: Mapped[int]
    method: Mapped[str]
    url: Mapped[str]
    host: Mapped[str]
    headers: Mapped[dict[str, Any]]
    secrets: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default="{}")
    """`headers` and `body`: name -> the credential that is put in as the call is sent. Names only; the address holds `{secret.NAME}`."""
    body: Mapped[str | None]
    answers: Mapped[dict[str, Any]]
    """Name -> [path into the answer, type]."""
    state: Mapped[str]
    """pending | sending | answered | failed | late"""
    attempts: Mapped[int] = mapped_column(server_default="0")
    attempts_max: Mapped[int]
    seconds: Mapped[int]
    next_at: Mapped[datetime]
    """Machine time: when it is tried (again), or belongs to a sender that died."""
    valid_until: Mapped[datetime]
    """Business time: after this the run waits no more, and nothing is asked."""
    code: Mapped[int | None]
    problem: Mapped[str | None]
    created_at: Mapped[datetime]
    lane: Mapped[int] = mapped_column(SmallInteger())
    cause_id: Mapped[UUID | None]
    root_id: Mapped[UUID | None]
    hops: Mapped[int] = mapped_column(SmallInteger(), server_default="0")


class HttpCircuit(TenantRow, Base):
    """An address that failed several times in a row rests until `until` (machine time); gone with its first good answer."""

    __tablename__ = "http_circuit"
    __table_args__ = ({"info": _TENANT},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    problem: Mapped[str]
    until: Mapped[datetime | None]
