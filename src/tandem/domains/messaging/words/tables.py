"""Words that messages must not say, and where they were found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class GuardedWord(TenantRow, Base):
    """A word. `block` holds a message back, `warn` lets it go and notes it, `allow` is a phrase inside of which nothing is found."""

    __tablename__ = "guarded_word"
    __table_args__ = (
        CheckConstraint("level in ('block', 'warn', 'allow')", name="level"),
        UniqueConstraint("tenant_id", "word"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    word: Mapped[str]
    level: Mapped[str]
    pinyin: Mapped[bool] = mapped_column(server_default=text("true"))
    homophones: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WordHit(TenantRow, Base):
    """A text that said such a word: a message, or a welcome. Never the text itself. Machine time."""

    __tablename__ = "word_hit"
    __table_args__ = (
        CheckConstraint("level in ('block', 'warn')", name="level"),
        Index("ix_word_hit_at", "tenant_id", "at", "id"),
        {
            "info": {
                "kind": "tenant",
                "retention": {
                    "what": "word_hits",
                    "zh": "违禁词命中记录",
                    "en": "Guarded words found",
                    "by": "at",
                    "days": 180,
                    "least": 1,
                },
            }
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    word: Mapped[str]
    found: Mapped[str]
    level: Mapped[str]
    place: Mapped[str]
    """`message` or `welcome`."""
    name: Mapped[str]
    """The template's name, or the welcome's."""
