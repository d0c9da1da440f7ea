"""Where credentials lie."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class FlowSecret(TenantRow, Base):
    """A credential that blocks name, sealed under a data key of its own; it may be sent to its one host and nowhere else."""

    __tablename__ = "flow_secret"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    """As in an address: `erp.example.com`, with its port where it is not the usual one."""
    note: Mapped[str] = mapped_column(server_default="")
    key_enc: Mapped[bytes]
    value_enc: Mapped[bytes]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None]
