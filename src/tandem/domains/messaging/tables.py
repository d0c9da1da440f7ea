"""Tables of messaging: templates, the outbox with its life cycle (ENGINE_RULES 15), caps, and the simulated channel's inbox."""

from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tandem.domains.messaging.popups import tables as popups
from tandem.kernel.schema import Base, CustomerRow, TenantRow

#: Loaded for the tables that they declare.
ROOMS: Final = (popups,)
STATES = ("planned", "held", "released", "sending", "handed", "sent", "failed", "unknown", "cancelled")
_STATES_SQL = ", ".join(f"'{state}'" for state in STATES)


class MessageTemplate(TenantRow, Base):
    """Text with placeholders (`{{customer.name}}`), checked against the catalog when it is saved."""

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("tenant_id", "name"), {"info": {"kind": "tenant"}})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    channel: Mapped[str]
    message_class: Mapped[str]
    body: Mapped[str]
    placeholders: Mapped[list[str]]
    required: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Those of the placeholders without which nothing is sent: no words stand in for a missing value."""
    repeat_unknown: Mapped[bool] = mapped_column(server_default=text("false"))
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class FrequencyCap(TenantRow, Base):
    """A tenant's limits on marketing messages per customer, over all channels together; null means no limit."""

    __tablename__ = "frequency_cap"
    __table_args__ = (
        CheckConstraint(
            "coalesce(per_day, 0) >= 0 and coalesce(per_week, 0) >= 0 and coalesce(per_month, 0) >= 0",
            name="not_negative",
        ),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    per_day: Mapped[int | None]
    per_week: Mapped[int | None]
    per_month: Mapped[int | None]
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]


class OutboxMessage(CustomerRow, Base):
    """A message on its way out; `handed`: to staff, who decide whether it goes.

    `booked_at` is when it was counted against the caps; null: not counted, or given back.

    Text is rendered at the moment of sending and kept nowhere in plain: the row holds references.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(f"status in ({_STATES_SQL})", name="status"),
        UniqueConstraint("bucket", "run_id", "block", "visit"),
        Index(
            "ix_outbox_message_due",
            "bucket",
            "tenant_id",
            "release_at",
            postgresql_where=text("status in ('planned', 'held')"),
        ),
        Index(
            "ix_outbox_message_sending",
            "bucket",
            "tenant_id",
            "released_at",
            postgresql_where=text("status in ('released', 'sending')"),
        ),
        Index(
            "ix_outbox_message_booked",
            "bucket",
            "customer_id",
            "booked_at",
            postgresql_where=text("booked_at is not null"),
        ),
        Index("ix_outbox_message_planned", "tenant_id", "planned_at", "id"),
        Index("ix_outbox_message_ref", "tenant_id", "provider_ref", postgresql_where=text("provider_ref is not null")),
        {
            "info": {
                "kind": "customer",
                # Never less than the longest cap looks back, and never what may still go out.
                "retention": {
                    "what": "messages",
                    "zh": "已处理的消息",
                    "en": "Messages dealt with",
                    "by": "planned_at",
                    "days": 730,
                    "least": 31,
                    "where": "status in ('sent', 'failed', 'unknown', 'cancelled')",
                },
                # After a merge the caps of both count: what was let through for one is checked again before it is sent.
                "merge": {
                    "reset": {
                        "when": {"status": ["released"]},
                        "to": {"status": "planned", "released_at": None, "booked_at": None},
                    }
                },
            },
            "postgresql_with": {
                "fillfactor": 80,
                "autovacuum_vacuum_scale_factor": 0.02,
                "autovacuum_vacuum_cost_delay": 0,
            },
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID | None]
    flow_id: Mapped[UUID | None]
    block: Mapped[str | None]
    visit: Mapped[int | None]
    channel: Mapped[str]
    template_id: Mapped[UUID]
    message_class: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    when_capped: Mapped[str]
    planned_at: Mapped[datetime]
    release_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    booked_at: Mapped[datetime | None]
    sending_since: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    then_by: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Channels to be tried in turn when the one before refuses."""
    provider_ref: Mapped[str | None]
    reported: Mapped[str | None]
    """What its provider said at last, after it had taken it: `delivered` or `undelivered`, at `reported_at`."""
    reported_reason: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    cause_id: Mapped[UUID | None]
    root_id: Mapped[UUID | None]
    hops: Mapped[int] = mapped_column(server_default="0")
    heard_at: Mapped[datetime | None]
    """When the event behind it was received (machine time, `flow.delays`); null where nothing set the run moving just now."""


class MessageReport(TenantRow, Base):
    """A provider's report that has not found its message yet. `next_at` and `received_at` are machine time."""

    __tablename__ = "message_report"
    __table_args__ = (Index("ix_message_report_next", "tenant_id", "next_at"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    next_at: Mapped[datetime]
    looks: Mapped[int] = mapped_column(server_default="0")


class SimulatedInbox(CustomerRow, Base):
    """What the simulated channel delivered: the phone one can look at. `text_enc` is sealed with the customer's key."""

    __tablename__ = "simulated_inbox"
    __table_args__ = (
        Index("ix_simulated_inbox_delivered", "tenant_id", "delivered_at", "id"),
        {
            "info": {
                "kind": "customer",
                "retention": {
                    "what": "simulated",
                    "zh": "模拟手机上的消息",
                    "en": "Messages on the simulated phone",
                    "by": "delivered_at",
                    "days": 90,
                    "least": 1,
                },
            }
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    template_id: Mapped[UUID | None]
    text_enc: Mapped[bytes]
    delivered_at: Mapped[datetime]


class SimulatedReaction(CustomerRow, Base):
    """What somebody behind a simulated phone will do with a message at a business time: read it, press it, answer."""

    __tablename__ = "simulated_reaction"
    __table_args__ = (
        Index("ix_simulated_reaction_due", "bucket", "tenant_id", "at"),
        {"info": {"kind": "customer"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class ChannelRest(TenantRow, Base):
    """A channel that took nothing of what it was given, and until when it is left alone. Gone with its first good answer. Machine time."""

    __tablename__ = "channel_rest"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    """In a row."""
    reason: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]


class ChannelAccount(TenantRow, Base):
    """Who carries a channel's messages, with the tenant's keys there. Secrets are sealed under a data key of their own."""

    __tablename__ = "channel_account"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    key_enc: Mapped[bytes]
    secret_enc: Mapped[bytes]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None]


class ChannelTemplate(TenantRow, Base):
    """The text that a channel's provider approved for a template: its number there, and which placeholder fills which variable."""

    __tablename__ = "channel_template"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    template_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    params: Mapped[list[list[str]]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))


class SimulatedMode(TenantRow, Base):
    """How the simulated channel behaves, so that failures can be rehearsed: deliver, fail, time_out, throttle."""

    __tablename__ = "simulated_mode"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    mode: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
