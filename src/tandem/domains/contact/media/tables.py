"""Tables of files: what they are, their bytes in stretches, and which of them a platform has for how long."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, TenantRow

_QUEUE: Final = {"fillfactor": 70}


class MediaFile(TenantRow, Base):
    """A picture, a video or a file. `type` (as a browser names it) is what the bytes say, not what the file was called."""

    __tablename__ = "media_file"
    __table_args__ = (
        CheckConstraint("kind in ('image', 'video', 'file')", name="kind"),
        Index("ix_media_file_created", "tenant_id", "created_at", "id"),
        UniqueConstraint("tenant_id", "digest", "name"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    type: Mapped[str]
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    digest: Mapped[str]
    archived: Mapped[bool] = mapped_column(server_default=text("false"))
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class MediaPart(TenantRow, Base):
    """A stretch of a file's bytes."""

    __tablename__ = "media_part"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    media_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bytes: Mapped[bytes]


class MediaLent(TenantRow, Base):
    """A file as a platform has it. `use`: the platform hands out an id for messages, another for posts, an address for covers.

    One process at a time hands a file over (`holder`, until `leased_until`); the others wait for what it gets. Machine time.
    """

    __tablename__ = "media_lent"
    __table_args__ = (
        CheckConstraint("use in ('message', 'post', 'cover')", name="use"),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    media_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    use: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str | None]
    ends_at: Mapped[datetime | None]
    """Until then the platform keeps it; None: for good."""
    holder: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


# Ids and nothing else: which tenants have a welcome with files, since a welcome has no time to wait for one.
register_sql("""
create or replace function media_wanted_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct w.tenant_id from welcome_message w where w.active and w.attachments <> '[]'::jsonb
$$
""")
register_sql("revoke all on function media_wanted_tenants() from public")
register_sql(f"grant execute on function media_wanted_tenants() to {WORKER}")
