"""Segments: what they mean (versions of an expression), who is inside, and when time alone may next move somebody."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow


class Segment(TenantRow, Base):
    """A named set of customers. ``live`` follows every event and the clock; ``static`` is as of its last fill.

    A segment with a ``tag`` is the hidden engine of a computed tag: who enters gets the tag, who leaves loses it.
    """

    __tablename__ = "segment"
    __table_args__ = (
        Index(None, "tenant_id", "name", unique=True, postgresql_where=text("archived_at is null")),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str]
    """``live``, ``static``, or ``list``: a live one that means who has an entry on it."""
    tag: Mapped[str | None]
    version: Mapped[int]
    problem: Mapped[str | None]
    """Why the segment stands still (its expression no longer compiles, its audit differed); shown wherever the segment is."""
    audited_at: Mapped[datetime | None]
    """When live membership was last compared with a full recompute, in business time."""
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class SegmentVersion(TenantRow, Base):
    """One meaning of a segment: its expression as text and as the checked tree, and what it reads."""

    __tablename__ = "segment_version"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]
    tree: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class SegmentMember(CustomerRow, Base):
    """A customer inside a segment since a business time, judged by a version.

    The key leads to all of a customer's segments at once: a turn asks for those of the customers it touched. Lists of a segment's members
    follow the other index.
    """

    __tablename__ = "segment_member"
    __table_args__ = (
        Index(None, "tenant_id", "segment_id", "bucket", "customer_id"),
        {"info": {"kind": "customer", "merge": {"how": "derived"}}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    version: Mapped[int]


class SegmentDue(CustomerRow, Base):
    """The business time at which a customer's answer to a segment may next change though nothing happens to her."""

    __tablename__ = "segment_due"
    __table_args__ = (
        Index(None, "bucket", "tenant_id", "due_at"),
        {
            "info": {"kind": "customer", "merge": {"how": "derived"}},
            "postgresql_with": {"autovacuum_vacuum_scale_factor": 0.01, "autovacuum_vacuum_threshold": 1000},
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]


class SegmentDay(TenantRow, Base):
    """How many entered and left a segment on a local day: a turn writes rows of its own buckets only, one a segment.

    Only the sum over all buckets says something.

    ``refilled`` is the net change by a fill (a new version, a new list): nobody came or went, they were judged anew. ``merged``, never
    above zero, counts members who are nobody of their own any more: merged into another customer, or erased.
    """

    __tablename__ = "segment_day"
    __table_args__ = (
        Index(None, "tenant_id", "segment_id", "day"),
        {"info": {"kind": "tenant"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    entered: Mapped[int] = mapped_column(server_default="0")
    left: Mapped[int] = mapped_column("left_n", server_default="0")
    refilled: Mapped[int] = mapped_column(server_default="0")
    merged: Mapped[int] = mapped_column(server_default="0")


class ListEntry(CustomerRow, Base):
    """A customer whom somebody put on a list: a segment of kind ``list`` means those who have an entry."""

    __tablename__ = "list_entry"
    __table_args__ = (
        Index(None, "tenant_id", "segment_id", "bucket", "customer_id"),
        {"info": {"kind": "customer"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(primary_key=True)
    added_at: Mapped[datetime]
    """Business time."""
    added_by: Mapped[UUID | None]


class StreamFanout(TenantRow, Base):
    """Work over all customers of one bucket, taken in bounded slices: ``cursor`` is the last customer done (ENGINE_RULES 7).

    A finished row stays: progress and "as of when" are read from the rows of all buckets, so no turn writes a row they share.
    ``task`` is ``segment`` (judge everybody by ``version`` of segment ``subject_id``), ``rfm`` (score by cut points ``version``) or
    ``clear`` (empty the segment ``subject_id`` and take the tag ``tag`` off everybody, where they are named).
    """

    __tablename__ = "stream_fanout"
    __table_args__ = (
        Index(None, "bucket", "tenant_id", postgresql_where=text("done_at is null")),
        # Which comes next, without sorting all that waits.
        Index(
            "ix_stream_fanout_next",
            "tenant_id",
            "made_at",
            "task",
            "subject_id",
            "bucket",
            postgresql_where=text("done_at is null"),
        ),
        Index(None, "tenant_id", "subject_id"),
        {"info": {"kind": "tenant"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    tag: Mapped[str | None]
    cursor: Mapped[UUID | None]
    seen: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


register_sql(
    """
create or replace function stream_unaudited_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct s.tenant_id from segment s join tenant t on t.id = s.tenant_id
  where s.kind <> 'static' and s.archived_at is null
    and coalesce(s.audited_at, s.created_at) < now() + t.clock_offset - interval '1 day'
$$
""",
)
register_sql("revoke all on function stream_unaudited_tenants() from public")
register_sql("grant execute on function stream_unaudited_tenants() to tandem_worker")
