"""Sorts of things that a company defines, and the things themselves. Each lives in the bucket of its own id."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, BucketRow, TenantRow


class ThingType(TenantRow, Base):
    """A sort of things by the name that expressions and events call it; the name never changes, all else may."""

    __tablename__ = "thing_type"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    label_zh: Mapped[str]
    label_en: Mapped[str]
    fields: Mapped[list[Any]]
    """[{name, zh, en, type, retired}]: a type of `types.FieldType`; retired ones were removed and keep their names."""
    stages: Mapped[list[Any]]
    """[{name, zh, en}] in order; the first is where a new one begins. Empty: such things have no stages."""
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    updated_at: Mapped[datetime]


class Thing(BucketRow, Base):
    """One thing. Its id follows from its sort and number, so that whoever tells of it first makes it, and nobody makes it twice."""

    __tablename__ = "thing"
    __table_args__ = (
        Index(None, "tenant_id", "type", "updated_at", "id"),
        # A flow that looks at all of a sort goes through a bucket page by page (`flow.fanout`), past no other sort and no other tenant.
        Index("ix_thing_bucket", "tenant_id", "bucket", "type", "id"),
        {"info": {"kind": "tenant", "scope": "columns"}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str]
    number: Mapped[str]
    title: Mapped[str]
    stage: Mapped[str | None]
    stage_at: Mapped[datetime]
    """Since when it is in its stage, in business time."""
    store_id: Mapped[UUID | None]
    owner_user_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]]
    """Field -> value; numbers as numbers, dates and times as ISO 8601 text."""
    modified_at: Mapped[datetime]
    """As of when it is what it is, in business time: an older record never overwrites a newer one."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
