"""Tenants and the people who work for them. Everything else in the house hangs from `tenant`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.access import lookups
from tandem.kernel import jobs
from tandem.kernel.schema import Base, TenantRow

#: What a schema with these tables needs besides: the look-ups over them, and the job queue that the demo clock moves through.
COMPANIONS = (lookups, jobs.JobTable)
TENANT_INFO = {"kind": "tenant"}
NOW = text("now()")


class Tenant(Base):
    """One company. `clock_offset` is business time minus machine time and stays zero outside demo tenants."""

    __tablename__ = "tenant"
    __table_args__ = (
        CheckConstraint("demo or clock_offset = interval '0'", name="only_demo_clock_moves"),
        {
            "info": {
                "kind": "tenant",
                # The clock of a demo tenant is moved by the worker; everything else about a tenant by its settings screen.
                "grants": {
                    "tandem_web": "select, update (name, zone, currency, language)",
                    "tandem_worker": "select, update (clock_offset)",
                    "tandem_door": "select",
                },
            },
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(server_default="Asia/Shanghai")
    currency: Mapped[str] = mapped_column(server_default="CNY")
    language: Mapped[str] = mapped_column(server_default="zh")
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    clock_offset: Mapped[timedelta] = mapped_column(server_default=text("interval '0'"))
    key_enc: Mapped[bytes]
    trial_of: Mapped[UUID | None]
    """The company that opened this one as a trial; None for every company that works. Written by `trial_open` alone."""
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class OrgUnit(Base, TenantRow):
    """One node of the tree brand > region > store. A store's `code` is what orders name it by."""

    __tablename__ = "org_unit"
    __table_args__ = (
        CheckConstraint("kind in ('brand', 'region', 'store')", name="kind"),
        CheckConstraint("(kind = 'brand') = (parent_id is null)", name="brand_is_root"),
        Index("uq_org_unit_code", "tenant_id", "kind", "code", unique=True),
        Index("ix_org_unit_parent", "tenant_id", "parent_id"),
        {"info": TENANT_INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_unit.id"))
    kind: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class StaffUser(Base, TenantRow):
    """A person who signs in. `login` is unique in the installation because nobody names a tenant when signing in."""

    __tablename__ = "staff_user"
    __table_args__ = (
        Index("uq_staff_user_login", text("lower(login)"), unique=True),
        Index("ix_staff_user_tenant", "tenant_id", "name"),
        {"info": TENANT_INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    last_seen_at: Mapped[datetime | None]


class StaffRole(Base, TenantRow):
    """A named set of permissions. `permissions` may hold wildcards: `*` and `customer.*`."""

    __tablename__ = "staff_role"
    __table_args__ = (
        Index("uq_staff_role_code", "tenant_id", "code", unique=True),
        {"info": TENANT_INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    built_in: Mapped[bool] = mapped_column(server_default=text("false"))
    permissions: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class RoleAssignment(Base, TenantRow):
    """A person holds a role within a data scope: everything, a region's stores, one store, or only what is assigned to them."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        CheckConstraint("scope in ('all', 'region', 'store', 'own')", name="scope"),
        CheckConstraint("(scope in ('region', 'store')) = (org_unit_id is not null)", name="scope_has_unit"),
        Index(
            "uq_role_assignment",
            "tenant_id",
            "user_id",
            "role_id",
            "scope",
            "org_unit_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        {"info": TENANT_INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    role_id: Mapped[UUID] = mapped_column(ForeignKey("staff_role.id"))
    scope: Mapped[str]
    org_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("org_unit.id"))


class StaffSession(Base, TenantRow):
    """One signed-in browser. The token itself is only in the cookie; times are machine time."""

    __tablename__ = "staff_session"
    __table_args__ = (
        Index("uq_staff_session_token", "token_hash", unique=True),
        Index("ix_staff_session_user", "tenant_id", "user_id"),
        {
            "info": TENANT_INFO
            | {
                "retention": {
                    "what": "sessions",
                    "zh": "已结束的登录",
                    "en": "Ended sign-ins",
                    "by": "expires_at",
                    "days": 30,
                    "least": 1,
                }
            }
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    token_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    last_seen_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
    address: Mapped[str | None]
    agent: Mapped[str | None]


class ApiKey(Base, TenantRow):
    """A key for programs. It never holds more than its maker holds now, and dies with its maker's account."""

    __tablename__ = "api_key"
    __table_args__ = (
        Index("uq_api_key_hash", "key_hash", unique=True),
        Index("ix_api_key_tenant", "tenant_id", "created_at"),
        {"info": TENANT_INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[bytes]
    permissions: Mapped[list[str]]
    rate_per_minute: Mapped[int] = mapped_column(server_default="1200")
    burst: Mapped[int] = mapped_column(server_default="200")
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiKeyBudget(TenantRow, Base):
    """The token bucket of an API key: what is left as of `at`, machine time. Shared by all processes, made by the key's first request."""

    __tablename__ = "api_key_budget"
    __table_args__ = (
        {
            "info": {"kind": "tenant", "grants": {"tandem_worker": "", "tandem_door": ""}},
            # Rewritten by every request: room on the page keeps that off the index.
            "postgresql_with": {"fillfactor": 30, "autovacuum_vacuum_scale_factor": 0.05},
        },
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[UUID] = mapped_column(primary_key=True)
    tokens: Mapped[float] = mapped_column(Double())
    refused: Mapped[bool] = mapped_column(server_default=text("false"))
    at: Mapped[datetime]


class IdempotencyKey(TenantRow, Base):
    """A writing request that its sender may repeat: what it was, how far it came, what was answered (sealed under a key of its own).

    `running` until the change commits (`committed`, in the change's own transaction) and its answer is kept (`done`). Machine times.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (
        CheckConstraint("state in ('running', 'committed', 'done')", name="state"),
        Index("ix_idempotency_key_age", "tenant_id", "created_at"),
        {"info": TENANT_INFO},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    caller_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The API key, or the signed-in person."""
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    rights_hash: Mapped[bytes]
    """What the caller might do when the request was carried out: its answer is for nobody who may do less, or something else."""
    state: Mapped[str]
    locked_until: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    key_enc: Mapped[bytes | None]
    body_enc: Mapped[bytes | None]
    created_at: Mapped[datetime]


class AuditEntry(Base, TenantRow):
    """Who changed what, from what to what. Written once, never changed: no role may update or delete."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_entity", "tenant_id", "entity", "entity_id", "id"),
        Index("ix_audit_entry_actor", "tenant_id", "user_id", "id"),
        {
            "info": {
                "kind": "tenant",
                "grants": {
                    "tandem_web": "select, insert",
                    "tandem_worker": "select, insert",
                    "tandem_door": "insert",
                },
            },
        },
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    user_id: Mapped[UUID | None]
    api_key_id: Mapped[UUID | None]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    request_id: Mapped[str | None]
    address: Mapped[str | None]


class LoginAttempt(Base):
    """Failures in a row per log-in name and per address. The key is a hash: typed passwords in the name field stay unread."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_age", "last_at"),
        {
            "info": {
                "kind": "global",
                # No tenant is known yet when these are counted, and the hashes say nothing about one.
                "grants": {"tandem_web": "select, insert, update, delete", "tandem_worker": "", "tandem_door": ""},
            },
        },
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
