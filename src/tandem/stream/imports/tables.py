"""Tables of file imports: the file in sealed pieces, how far it is, and the rows that were refused."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class ImportFile(TenantRow, Base):
    """One uploaded file and its life: uploaded -> running -> done | cancelled | failed."""

    __tablename__ = "import_file"
    __table_args__ = (
        Index("ix_import_file_running", "tenant_id", "id", postgresql_where=text("status = 'running'")),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    encoding: Mapped[str]
    delimiter: Mapped[str]
    header: Mapped[list[str]]
    mapping: Mapped[dict[str, Any]]
    source: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="uploaded")
    key_day: Mapped[date]
    pieces: Mapped[int]
    pieces_done: Mapped[int] = mapped_column(server_default="0")
    rows_total: Mapped[int]
    rows_done: Mapped[int] = mapped_column(server_default="0")
    accepted: Mapped[int] = mapped_column(server_default="0")
    duplicates: Mapped[int] = mapped_column(server_default="0")
    updates: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[str | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportPiece(TenantRow, Base):
    """A piece of the file, whole records only, sealed under the day's key. Deleted when done."""

    __tablename__ = "import_piece"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_row: Mapped[int]
    rows: Mapped[int]
    rows_enc: Mapped[bytes]


class ImportRefusal(TenantRow, Base):
    """A row that was refused, with every reason; the row itself is sealed under the day's key."""

    __tablename__ = "import_refusal"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row_enc: Mapped[bytes]
    problems: Mapped[list[Any]] = mapped_column(JSONB())
