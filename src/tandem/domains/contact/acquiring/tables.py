"""Tables of acquisition links: each account's balance as the platform last told it, and how often links were opened on a day."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow

_QUEUE: Final = {"fillfactor": 70}


class LinkAccount(TenantRow, Base):
    """What an account's links may still bring. There is a row once it has a link. Machine time.

    `warn_below`: with fewer left colleagues are told; `low_since`: since when it is so.
    """

    __tablename__ = "link_account"
    __table_args__ = (
        CheckConstraint("warn_below >= 0", name="warn_below"),
        Index("ix_link_account_due", "due_at"),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    total: Mapped[int | None]
    left: Mapped[int | None]
    expiring: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    warn_below: Mapped[int] = mapped_column(server_default="50")
    low_since: Mapped[datetime | None]
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    read_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class LinkDay(TenantRow, Base):
    """How many opened a link on a local day, and how many became friends by it, as the platform counts."""

    __tablename__ = "link_day"
    __table_args__ = (
        {
            "info": {
                "kind": "tenant",
                "retention": {
                    "what": "link_day",
                    "zh": "获客链接每日点击",
                    "en": "Clicks on acquisition links by day",
                    "by": "read_at",
                    "days": 730,
                    "least": 31,
                },
            },
            "postgresql_with": _QUEUE,
        },
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    live_code_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    clicked: Mapped[int]
    added: Mapped[int]
    read_at: Mapped[datetime]
