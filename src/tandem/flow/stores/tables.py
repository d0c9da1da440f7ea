"""What stores have set."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class FlowStoreSetting(TenantRow, Base):
    """A store's own values for a flow, by name. They belong to the flow, not to a version: a new version of head office's keeps them."""

    __tablename__ = "flow_store_setting"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID] = mapped_column(primary_key=True)
    store_id: Mapped[UUID] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSONB())
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None]
