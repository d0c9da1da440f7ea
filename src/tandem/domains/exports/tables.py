"""Tables of exports: who asked for what and why, how it stands, and the file in sealed parts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow

STATES = ("waiting", "refused", "filed", "cancelled", "expired")


class ExportFile(TenantRow, Base):
    """One export. `state`: waiting for a second person, refused, filed (its job says how far it is), cancelled, expired."""

    __tablename__ = "export_file"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        Index(None, "expires_at", postgresql_where=text("expires_at is not null")),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    list: Mapped[str]
    format: Mapped[str]
    filters: Mapped[dict[str, Any]]
    plain: Mapped[bool]
    """Personal data whole instead of masked."""
    reason: Mapped[str]
    watermark: Mapped[str]
    scope: Mapped[dict[str, Any]]
    """How far the list's permission reached for whom it was made."""
    state: Mapped[str]
    key_enc: Mapped[bytes]
    job_id: Mapped[UUID | None]
    rows: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    bytes: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    parts: Mapped[int] = mapped_column(server_default="0")
    downloads: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """Machine time; set when the file is made."""


class ExportPart(TenantRow, Base):
    """A stretch of the file, sealed under the export's own key."""

    __tablename__ = "export_part"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    export_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bytes_enc: Mapped[bytes]
