"""Tables of materials, talk scripts and topics."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow

_LIFE: Final = "status in ('draft', 'approved', 'archived')"


class Material(TenantRow, Base):
    """Something to show a customer: an article or a file of ours, or a page elsewhere. `code` names it in message texts."""

    __tablename__ = "material"
    __table_args__ = (
        CheckConstraint("kind in ('article', 'page', 'pdf', 'image', 'video')", name="kind"),
        CheckConstraint(_LIFE, name="status"),
        CheckConstraint(
            "(kind = 'article') = (url is null and media_id is null) and not (url is not null and media_id is not null)",
            name="url",
        ),
        UniqueConstraint("tenant_id", "code"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    folder: Mapped[str] = mapped_column(server_default="")
    url: Mapped[str | None]
    media_id: Mapped[UUID | None]
    """A file of ours instead of an address."""
    words: Mapped[str] = mapped_column(server_default="")
    """An article's text, in paragraphs; for others a line about it."""
    product: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="draft")
    expires_on: Mapped[date | None]
    written_by: Mapped[UUID | None]
    drafted_by: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    """Who wrote it since somebody approved it last: none of them may."""
    approved_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TalkScript(TenantRow, Base):
    """Words that an adviser may say, with placeholders. `uses` counts how often somebody took them."""

    __tablename__ = "talk_script"
    __table_args__ = (CheckConstraint(_LIFE, name="status"), {"info": {"kind": "tenant"}})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    folder: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str]
    material_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default="draft")
    expires_on: Mapped[date | None]
    uses: Mapped[int] = mapped_column(server_default="0")
    written_by: Mapped[UUID | None]
    drafted_by: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    """Who wrote it since somebody approved it last: none of them may."""
    approved_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ChatTopic(TenantRow, Base):
    """What a customer may ask about. `groups`: lists of words that mean the same, one of each must be there. `but`: words that say no."""

    __tablename__ = "chat_topic"
    __table_args__ = (UniqueConstraint("tenant_id", "name"), {"info": {"kind": "tenant"}})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    groups: Mapped[list[Any]]
    but: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    questions_only: Mapped[bool] = mapped_column(server_default=text("false"))
    product: Mapped[str] = mapped_column(server_default="")
    material_id: Mapped[UUID | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
