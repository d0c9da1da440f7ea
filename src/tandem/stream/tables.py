"""Customers and their events: the rows the two engines share.

Importing this module also loads the tables of the door, of identity and of imports, which stand in their own rooms.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, BucketRow, CustomerRow
from tandem.stream.door import tables as door
from tandem.stream.identity import tables as identity
from tandem.stream.imports import tables as imports

__all__ = ["Customer", "CustomerIdentifier", "Event", "Inbox", "door", "identity", "imports"]

# Emptied as fast as it fills: vacuum must come by dead rows, not by share of the table (ENGINE_RULES 3).
QUEUE = {"autovacuum_vacuum_scale_factor": 0.01, "autovacuum_vacuum_threshold": 1000, "autovacuum_vacuum_cost_delay": 0}


class Customer(BucketRow, Base):
    """A person as we know them. The row never moves: a merge points `merged_into` at the survivor and re-homes everything else.

    `merged_into` is always the living root, never a customer that was itself merged. `key_enc` is the data key under which this
    customer's personal data is sealed, wrapped by the tenant's key: rows keep being sealed under the key of their `origin_id`.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "store_id", "id"),
        Index(None, "tenant_id", "name_hash", postgresql_where=text("name_hash is not null")),
        Index(None, "tenant_id", "merged_into", postgresql_where=text("merged_into is not null")),
        # Who lives, without her row: every look at a segment asks it of everybody it found. Written once a customer.
        Index("ix_customer_living", "tenant_id", "bucket", "id", postgresql_where=text("merged_into is null")),
        # Asked of every event that is applied: who is not in it is nobody else by now.
        Index("ix_customer_merged", "bucket", "tenant_id", "id", postgresql_where=text("merged_into is not null")),
        # Asked at every turn, and hardly ever anybody is in it.
        Index("ix_customer_held", "bucket", "tenant_id", "id", postgresql_where=text("held")),
        {"info": {"kind": "customer", "scope": "columns"}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    origin_id: Mapped[UUID]
    """Equals `id`; here so that every customer-owned table has it."""
    merged_into: Mapped[UUID | None]
    held: Mapped[bool] = mapped_column(server_default=text("false"))
    """Locked out of flows while a large merge or its undo moves rows in slices."""
    store_id: Mapped[UUID | None]
    owner_user_id: Mapped[UUID | None]
    name_enc: Mapped[bytes | None]
    name_hash: Mapped[bytes | None]
    gender: Mapped[str | None]
    birthday: Mapped[date | None]
    city: Mapped[str | None]
    district: Mapped[str | None]
    division: Mapped[str | None]
    """The GB/T 2260 code of where she lives, as said or from the names of city and district (``profile.division``)."""
    location: Mapped[str | None]
    """Longitude and latitude in degrees, WGS-84, as "121.473701,31.230416"."""
    stage: Mapped[str | None]
    level: Mapped[str | None]
    first_seen_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    key_enc: Mapped[bytes]
    do_not_contact: Mapped[bool] = mapped_column(server_default=text("false"))
    attrs: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    borrowed: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    """Fields this survivor shows for a merged customer because its own were missing: {field: that customer's id}."""


class CustomerIdentifier(CustomerRow, Base):
    """Why we hold an identifier for this customer: which source said so, when, by which rule. `value_enc` is under the origin's key."""

    __tablename__ = "customer_identifier"
    __table_args__ = (
        # The till asks for the last four digits.
        Index(None, "tenant_id", "last4"),
        {"info": {"kind": "customer"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    value_hash: Mapped[bytes] = mapped_column(primary_key=True)
    value_enc: Mapped[bytes]
    last4: Mapped[str]
    source: Mapped[str]
    rule: Mapped[str]
    """`first` made the customer, `joined` came with one already known, `weak` only suggests, `contested` contradicts."""
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class Inbox(BucketRow, Base):
    """An event that waits to be applied: the row is the event until then. Applied in (occurred_at, received_at, event_id) order."""

    __tablename__ = "inbox"
    __table_args__ = ({"info": {"kind": "subject"}, "postgresql_with": QUEUE},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    lane: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    occurred_at: Mapped[datetime] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    mode: Mapped[int] = mapped_column(SmallInteger())
    type: Mapped[str]
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    identifier_hash: Mapped[bytes | None]
    payload: Mapped[dict[str, Any]]
    cause_id: Mapped[UUID | None]
    root_id: Mapped[UUID | None]
    hops: Mapped[int] = mapped_column(SmallInteger(), server_default="0")
    heard_at: Mapped[datetime | None]
    """When its first cause was received, where a turn filed it at once; null: `received_at` (docs/decisions/0204)."""


class Event(BucketRow, Base):
    """What happened, for good. Look a customer's events up by `owner_id` (her id, or the subject's when there is no customer)."""

    __tablename__ = "event"
    __table_args__ = (
        {
            "info": {
                "kind": "subject",
                "partition": {"by": "occurred_at", "every": "month", "back": 36, "ahead": 6},
                "retention": {
                    "what": "events",
                    "zh": "客户事件",
                    "en": "Events",
                    "by": "occurred_at",
                    "days": 1095,
                    "least": 90,
                },
            },
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    owner_id: Mapped[UUID] = mapped_column(
        Computed("coalesce(customer_id, subject_id)", persisted=True), primary_key=True
    )
    occurred_at: Mapped[datetime] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    lane: Mapped[int] = mapped_column(SmallInteger())
    mode: Mapped[int] = mapped_column(SmallInteger())
    type: Mapped[str]
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    identifier_hash: Mapped[bytes | None]
    payload: Mapped[dict[str, Any]]
    cause_id: Mapped[UUID | None]
    root_id: Mapped[UUID | None]
    hops: Mapped[int] = mapped_column(SmallInteger(), server_default="0")
