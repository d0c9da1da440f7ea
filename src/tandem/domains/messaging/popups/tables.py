"""The table of pop-ups: what waits for a customer on the company's own pages, and what she did with it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, CustomerRow


class PagePopup(CustomerRow, Base):
    """A message that waits for a page of hers. `text_enc` is sealed with the key of whom it was written to, `origin_id`. Business time."""

    __tablename__ = "page_popup"
    __table_args__ = (
        Index(
            "ix_page_popup_waiting",
            "bucket",
            "tenant_id",
            "customer_id",
            "made_at",
            postgresql_where=text("closed_at is null"),
        ),
        {
            "info": {
                "kind": "customer",
                "retention": {
                    "what": "popups",
                    "zh": "网页弹窗",
                    "en": "Pop-ups on web pages",
                    "by": "made_at",
                    "days": 90,
                    "least": 30,
                },
            },
            "postgresql_with": {"fillfactor": 80},
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The message's."""
    text_enc: Mapped[bytes]
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """It is shown no more."""
