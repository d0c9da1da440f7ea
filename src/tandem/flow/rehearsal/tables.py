"""The people behind a backtest's numbers: an even sample of its runs, each with the numbers it counts under."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from tandem.flow.sight import OF_THING
from tandem.kernel.schema import Base, BucketRow


class BacktestPerson(BucketRow, Base):
    """One run of a backtest. `marks`: `entered`, `block:<id>`, `port:<id>.<port>`, `message:<block>:<outcome>` ..."""

    __tablename__ = "backtest_person"
    __table_args__ = (
        Index(None, "tenant_id", "job_id", "run_id"),
        {
            "info": {
                "kind": "subject",
                "also": OF_THING,
                "retention": {
                    "what": "backtests",
                    "zh": "回测名单",
                    "en": "People of backtests",
                    "by": "made_at",
                    "days": 30,
                    "least": 1,
                },
            }
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    """The thing the run was about; null where that is the customer."""
    entered_at: Mapped[datetime]
    made_at: Mapped[datetime]
    marks: Mapped[list[str]]
