"""Consents and their proof, requests of people about their data, and whom a re-import must not bring back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, CustomerRow, TenantRow


class ConsentText(TenantRow, Base):
    """What people agreed to, word by word. A changed wording is a new version; a version that was shown is never changed."""

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("tenant_id", "purpose", "channel", "version"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default="*")
    """The channel it was written for, or `*` for every one."""
    version: Mapped[int]
    wording: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class ConsentRule(TenantRow, Base):
    """Whether marketing on a channel needs a consent first (`opt_in`) or goes until one is withdrawn (`opt_out`, where no row says so)."""

    __tablename__ = "consent_rule"
    __table_args__ = (CheckConstraint("mode in ('opt_in', 'opt_out')", name="mode"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    mode: Mapped[str]


class ConsentLog(CustomerRow, Base):
    """Every consent given and taken back; the latest of a purpose and channel holds, and of two at once the withdrawal.

    The state is never stored beside it, so that merges and their undoing need no rule of their own. `proof_enc` is sealed under the
    origin's key: who signed, which form, which recording.
    """

    __tablename__ = "consent_log"
    __table_args__ = (
        CheckConstraint("state in ('granted', 'withdrawn')", name="state"),
        Index("ix_consent_log_latest", "bucket", "customer_id", "purpose", text("at desc")),
        {"info": {"kind": "customer"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    """A channel's name, or `*` for every one."""
    purpose: Mapped[str]
    state: Mapped[str]
    text_id: Mapped[UUID | None]
    source: Mapped[str]
    guardian: Mapped[bool] = mapped_column(server_default=text("false"))
    proof_enc: Mapped[bytes | None]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]


class RightsRequest(TenantRow, Base):
    """Somebody asked for a copy or for erasure: two people agree, a job does it, a receipt stays. Times are business time."""

    __tablename__ = "rights_request"
    __table_args__ = (
        CheckConstraint("kind in ('export', 'erase')", name="kind"),
        CheckConstraint("status in ('open', 'approved', 'done', 'refused', 'failed')", name="status"),
        Index(None, "tenant_id", "due_at"),
        Index(None, "tenant_id", "asked_at", "id"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    customer_id: Mapped[UUID]
    """An id that names nobody any more once the erasure is done."""
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="open")
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    """None: a platform asked. Then two approve."""
    first_approved_by: Mapped[UUID | None]
    """Who approved first what nobody here filed."""
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]
    job_id: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
    receipt: Mapped[dict[str, Any] | None]
    receipt_hash: Mapped[str | None]
    signature: Mapped[str | None]


class RightsFile(TenantRow, Base):
    """The package of an export, sealed under a key of its own, until it expires (machine time)."""

    __tablename__ = "rights_file"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_enc: Mapped[bytes]
    data_enc: Mapped[bytes]
    expires_at: Mapped[datetime]


class Suppression(TenantRow, Base):
    """An identifier of an erased person, as a salted hash that nothing else uses: what came before `since` is not taken in again."""

    __tablename__ = "suppression"
    __table_args__ = ({"info": {"kind": "key"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    since: Mapped[datetime]
