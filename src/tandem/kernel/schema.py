"""Tables, and everything PostgreSQL must know about them: roles, row-level security, partitions, grants.

Every room declares its tables as typed SQLAlchemy models on `Base` and says in `info` what kind of table it is. From that alone this
module derives the policies (ENGINE_RULES 19), so that a new table cannot forget them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar, Literal, NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

#: global: one set for the installation (no tenant). tenant: configuration and logs of one tenant. key: door key tables.
#: customer: rows of one customer. subject: run-like rows whose customer may be missing.
TableKind = Literal["global", "tenant", "key", "customer", "subject"]


class Partition(TypedDict):
    """Range partitions by a `timestamptz` column, made ahead for the stated number of periods on each side of today."""

    by: str
    every: Literal["day", "month"]
    back: int
    ahead: int


class Retention(TypedDict):
    """How long rows are kept: `days` after the `timestamptz` column `by` unless the tenant says otherwise, never less than `least`.

    Tables with the same `what` share a setting; `zh` and `en` name it. `where`: SQL that must hold too, since what is at work is never old.
    """

    what: str
    zh: str
    en: str
    by: str
    days: int
    least: int
    where: NotRequired[str]


class TableInfo(TypedDict):
    """What a table says of itself in `__table_args__`.

    `scope`: how a data scope narrower than "all" reaches it. "columns" compares its own `store_id` and `owner_user_id`; "opened"
    (the default of customer and subject tables) shows customers whose own row is in scope, and those opened in this transaction; "tenant"
    does not narrow.
    `also`: SQL over `$table` for the web: rows that a narrower scope shows beside those of its customers (rows of things without one).
    `grants`: privileges by role where they differ from select, insert, update, delete.
    `merge`: how the row moves in a merge, where copying with the new owner is not enough (read by the identity room).
    `erasure`: what becomes of a customer's rows when she is erased: they go ("delete", the default), or stay without her ("unname").
    """

    kind: TableKind
    scope: NotRequired[Literal["columns", "opened", "tenant"]]
    also: NotRequired[str]
    grants: NotRequired[dict[str, str]]
    partition: NotRequired[Partition]
    retention: NotRequired[Retention]
    merge: NotRequired[dict[str, Any]]
    erasure: NotRequired[Literal["delete", "unname"]]
    privacy: NotRequired[str]


class Base(DeclarativeBase):
    """The one metadata of the house."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: Integer(),
        UUID: Uuid(),
        bytes: LargeBinary(),
        datetime: DateTime(timezone=True),
        timedelta: Interval(),
        Decimal: Numeric(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: ARRAY(Text()),
        list[UUID]: ARRAY(Uuid()),
        list[int]: ARRAY(SmallInteger()),
    }


class TenantRow:
    """A row of one tenant."""

    tenant_id: Mapped[UUID]


class BucketRow(TenantRow):
    """A row that lives in a bucket: the bucket is the first column of its primary key."""

    bucket: Mapped[int] = mapped_column(SmallInteger())


class CustomerRow(BucketRow):
    """A row owned by one customer: `customer_id` owns it now, `origin_id` is whom it was created for (ENGINE_RULES 10).

    `bucket` always equals `tandem_bucket(customer_id)`.
    """

    customer_id: Mapped[UUID]
    origin_id: Mapped[UUID]


class BucketLease(Base):
    """The 256 buckets: who works them (a lease only spreads work) and the row whose lock makes a turn safe."""

    __tablename__ = "bucket_lease"
    __table_args__ = (
        {
            "info": {
                "kind": "global",
                "grants": {
                    "tandem_web": "select, update (epoch)",
                    "tandem_worker": "select, update",
                    "tandem_door": "select, update (epoch)",
                },
            },
            "postgresql_with": {"fillfactor": 50},
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    owner: Mapped[UUID | None]
    epoch: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    leased_until: Mapped[datetime | None]


class WorkerPresence(Base):
    """Which workers are alive, on machine time; only the fair share of buckets depends on it, never correctness."""

    __tablename__ = "worker_presence"
    __table_args__ = (
        {
            "info": {
                "kind": "global",
                "grants": {"tandem_web": "select", "tandem_door": ""},
            },
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    seen_until: Mapped[datetime]


def info_of(table: Any) -> TableInfo:
    """The `info` a table carries; raises TypeError when it does not say its kind."""
    info: TableInfo = table.info
    if "kind" not in info:
        message = f'table {table.name} must say its kind: info={{"kind": "tenant" | "customer" | ...}}'
        raise TypeError(message)
    return info


def partition_bounds(partition: Partition, today: date) -> list[tuple[str, date, date]]:
    """(suffix, from, to) of every partition to have around `today`: half-open ranges without gaps."""
    if partition["every"] == "day":
        days = [today + timedelta(days=offset) for offset in range(-partition["back"], partition["ahead"] + 1)]
        return [(f"{day:%Y%m%d}", day, day + timedelta(days=1)) for day in days]
    first = today.year * 12 + today.month - 1
    months = [_month(first + offset) for offset in range(-partition["back"], partition["ahead"] + 2)]
    return [(f"{start:%Y%m}", start, end) for start, end in pairwise(months)]


def _month(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)
