"""Tables of the sidebar: who signs in as whom, where its page may stand, tickets for its signatures, what flows suggest to say."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, CustomerRow, TenantRow


class AdviserBinding(TenantRow, Base):
    """A member of the platform's corporation is a colleague here."""

    __tablename__ = "adviser_binding"
    __table_args__ = (UniqueConstraint("tenant_id", "account_id", "user_id"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    bound_at: Mapped[datetime]


class SidebarSetting(TenantRow, Base):
    """Where an account's sidebar may stand: the hosts that its administrator trusted in the platform's console too."""

    __tablename__ = "sidebar_setting"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    trusted_hosts: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))


class JsTicket(TenantRow, Base):
    """A ticket that pages are signed with, good for two hours (D 94313). One process at a time asks for the next. Machine time."""

    __tablename__ = "js_ticket"
    __table_args__ = (CheckConstraint("kind in ('corp', 'agent')", name="kind"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key_enc: Mapped[bytes | None]
    ticket_enc: Mapped[bytes | None]
    expires_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]


class SidebarHint(CustomerRow, Base):
    """A script that a flow wants said to a customer: her adviser sees it beside the chat until somebody took it or put it away."""

    __tablename__ = "sidebar_hint"
    __table_args__ = (
        UniqueConstraint("bucket", "run_id", "block", "visit"),
        Index(
            "ix_sidebar_hint_customer", "tenant_id", "bucket", "customer_id", postgresql_where=text("done_at is null")
        ),
        {"info": {"kind": "customer"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    script_id: Mapped[UUID]
    flow_id: Mapped[UUID]
    run_id: Mapped[UUID]
    block: Mapped[str]
    visit: Mapped[int]
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
